/** What checks keep between runs: files on this machine, or on the simulated AWS a week that the world would have had. */
import { homedir } from 'node:os';
import type { Stack } from '../cloud/stack.ts';
import type { Clock } from '../engine/clock.ts';
import type { ExtraNames } from '../sandbox/world/names.ts';
import type { KeptStore } from '../use-cases/session.ts';
import type { Io } from './io.ts';

/** One for each stack, environment and region, and endpoint where another than AWS's is asked. */
export function keptOnDisk(io: Io, stack: Stack, endpointUrl: string | undefined): KeptStore {
  const open = async () => {
    const [{ keptFiles }, { stateFolder }] = await Promise.all([
      import('../state/kept-files.ts'),
      import('../state/state-folder.ts'),
    ]);
    return keptFiles(stateFolder(io.env, homedir));
  };
  const { account = '', environment, service, primary } = stack;
  const name = [service, environment, primary.region, account, endpointUrl ?? ''].join('/');
  return {
    load: async () => (await open()).load(name),
    save: async (kept) => (await open()).save(name, kept),
  };
}

interface Simulated {
  readonly stack: Stack;
  readonly seed: number;
  readonly extraNames: ExtraNames;
  readonly clock: Pick<Clock, 'now' | 'busy'>;
}

const weekMs = 7 * 86_400_000;

/** The week before, as the same world has it without any fault. Nothing is kept of a simulated run. */
export function keptOfSimulation({ stack, seed, extraNames, clock }: Simulated): KeptStore {
  return {
    load: () =>
      clock.busy(async () => {
        const group = stack.primary.logs?.application;
        if (group === undefined) return {};
        const [{ openSandbox }, { linesBetween, logSources }, { earlierSpans, summaryOfWeek }, { isErrorLine }] =
          await Promise.all([
            import('../sandbox/sandbox.ts'),
            import('../sandbox/world/logs/sources.ts'),
            import('../checks/weekly/error-logs.ts'),
            import('../aws/facts/logs.ts'),
          ]);
        const until = Math.floor((clock.now() - weekMs) / 60_000) * 60_000;
        const { world } = openSandbox({ scenario: 'healthy', seed, stack, extraNames, startMs: until + 120_000 });
        const region = world.region(group.region);
        const source = region && logSources(world, region).find((each) => each.group === group.logGroup);
        if (region === undefined || source === undefined) return {};
        const covered = earlierSpans(until);
        const lines = covered.flatMap(({ from, to }) => [...linesBetween(world, region, source, from, to)]);
        const portion = {
          lines: lines.filter(isErrorLine),
          covered,
          source: { operation: 'logs:FilterLogEvents', region: group.region, detail: group.logGroup },
        };
        return { 'weekly-error-logs': [summaryOfWeek(portion, group.logGroup, until)] };
      }),
    save: () => Promise.resolve(),
  };
}
