/** What became of one command over many services. */
import type { ApiUsage } from '../cloud/cloud.ts';
import type { FleetDocument } from '../report/schemas.ts';

export type FleetEntry = FleetDocument['services'][number];

/** Where several hold, the first wins (the exit codes of a fleet are those of its services). */
const gravest = [2, 6, 130, 5, 4, 1, 3, 0] as const;

const verdictOf = { 0: 'ok', 1: 'attention', 3: 'unknown' } as const;

/** `command`: what was asked of each; `usages`: of the clouds that were shared. */
export function fleetDocument(
  command: string,
  entries: readonly FleetEntry[],
  usages: readonly ApiUsage[],
): FleetDocument {
  const exitCode = gravest.find((code) => entries.some((entry) => entry.exitCode === code)) ?? 0;
  const verdict = exitCode === 0 || exitCode === 1 || exitCode === 3 ? verdictOf[exitCode] : 'failed';
  return {
    schema: 'nanoops/fleet@1',
    command,
    verdict,
    exitCode,
    services: entries,
    api: together([...usages, ...entries.flatMap(({ api }) => api ?? [])]),
  };
}

function together(usages: readonly ApiUsage[]): FleetDocument['api'] {
  const byOperation: Record<string, number> = {};
  for (const usage of usages) {
    for (const [operation, count] of Object.entries(usage.byOperation)) {
      byOperation[operation] = (byOperation[operation] ?? 0) + count;
    }
  }
  const sum = (of: (usage: ApiUsage) => number): number => usages.reduce((all, usage) => all + of(usage), 0);
  return { calls: sum(({ calls }) => calls), mutations: sum(({ mutations }) => mutations), byOperation };
}
