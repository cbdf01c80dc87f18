/** The built-in runbooks, and what can be told of any without running it. */
import { summarise } from '../engine/runbook.ts';
import type { StepSummary } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { NanoopsError } from '../errors.ts';
import type { ListDocument } from '../report/schemas.ts';
import type { ExportedStep } from '../report/state-machine.ts';
import { crashLoop } from '../runbooks/crash-loop.ts';
import { databaseUnavailable } from '../runbooks/database-unavailable.ts';
import { errors } from '../runbooks/errors.ts';
import { latency } from '../runbooks/latency.ts';
import { regionDrill } from '../runbooks/region-drill.ts';
import { regionFailback } from '../runbooks/region-failback.ts';
import { regionFailover } from '../runbooks/region-failover.ts';
import type { AnyRunbook, RunbookSettings } from '../runbooks/kit.ts';
import { isMonitoringRunbook, monitoringRunbook } from '../runbooks/monitoring.ts';
import { nearest } from '../config/nearest.ts';
import { listScenarios, loadScenario } from '../sandbox/scenarios/index.ts';

const runbooks: readonly AnyRunbook[] = [
  latency,
  databaseUnavailable,
  errors,
  crashLoop,
  regionFailover,
  regionFailback,
  regionDrill,
];

/** The built-in ones, then those of the team with the file that each is from. */
export function listRunbooks(own: readonly (AnyRunbook & { readonly file: string })[] = []): ListDocument {
  const itemOf = ({ id, title, summary, steps }: AnyRunbook) => ({ id, title, summary, steps: steps.length });
  return {
    schema: 'nanoops/list@1',
    items: [...runbooks.map(itemOf), ...own.map((each) => ({ ...itemOf(each), file: each.file }))],
  };
}

/** A runbook as plain data. */
export interface RunbookDocument {
  readonly schema: 'nanoops/runbook-graph@1';
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly steps: readonly StepSummary[];
}

/** Undefined for an id that is none of the built-in ones. */
export function builtInRunbook(id: string): AnyRunbook | undefined {
  return runbooks.find((runbook) => runbook.id === id);
}

/** True of ids that no file of a team may have. */
export function isBuiltInId(id: string): boolean {
  return builtInRunbook(id) !== undefined || isMonitoringRunbook(id);
}

/**
 * The runbook of a run that stopped: a built-in one, or the one that was built from the plan in its journal.
 *
 * @throws NanoopsError `UnknownRunbook`
 */
export function runbookOf({ runbook: id, context }: Pick<RunHistory, 'runbook' | 'context'>): AnyRunbook {
  if (!isMonitoringRunbook(id)) return findRunbook(id);
  const kept = typeof context === 'object' && context !== null && 'settings' in context ? context.settings : undefined;
  // As `run-runbook.ts` wrote it.
  const { monitoring } = (kept ?? {}) as unknown as Pick<RunbookSettings, 'monitoring'>;
  if (monitoring !== undefined) return monitoringRunbook(id, monitoring);
  throw new NanoopsError(`the journal does not say what the run of "${id}" was about`, {
    code: 'UnknownRunbook',
    exitCode: 2,
    nextStep: `begin a new run: nanoops ${id.replace('-', ' ')}`,
  });
}

/** A built-in one. @throws NanoopsError `UnknownRunbook` */
export function findRunbook(id: string): AnyRunbook {
  const found = builtInRunbook(id);
  if (found === undefined) throw unknownRunbook(id);
  return found;
}

/** `own`: ids of the team's own runbooks. */
export function unknownRunbook(id: string, own: readonly string[] = [], where: WhereOwnAre = {}): NanoopsError {
  const known = [...runbooks.map((runbook) => runbook.id), ...own];
  const typed = nearest(id, known);
  // Or a part of the id was taken for it: `database` for `database-unavailable`.
  const meant = typed === undefined ? known.filter((each) => each.split('-').includes(id.toLowerCase())) : [typed];
  return new NanoopsError(`there is no runbook "${id}"`, {
    code: 'UnknownRunbook',
    exitCode: 2,
    // Whoever wrote it has it somewhere else; whoever mistyped it has not.
    details: [
      meant.length === 0 ? whereOwnAre(where) : `did you mean ${meant.map((each) => `"${each}"`).join(' or ')}?`,
    ],
    nextStep: 'nanoops runbook list',
  });
}

export interface WhereOwnAre {
  /** As somebody would name it from the current folder. Absent where there is no configuration that they could lie beside. */
  readonly folder?: string;
  /** A pattern that names the files of many services, beside which nothing is loaded. */
  readonly pattern?: string;
}

/** Where something of a team's own was looked for in vain. */
export function whereOwnAre({ folder, pattern }: WhereOwnAre): string {
  if (folder !== undefined) return `there is no file for it in ${folder}`;
  return pattern === undefined
    ? 'there is no nanoops.yaml here or in a folder above, and what is a team\u2019s own lies beside it'
    : `what is a team\u2019s own lies beside one configuration, and "${pattern}" may name many: name one of them with -c`;
}

export function showRunbook({ id, title, summary, steps }: AnyRunbook): RunbookDocument {
  return { schema: 'nanoops/runbook-graph@1', id, title, summary, steps: summarise(steps) };
}

/** A runbook with what another engine needs of it. */
export function exportedRunbook(runbook: AnyRunbook): {
  readonly document: RunbookDocument;
  readonly steps: readonly ExportedStep[];
} {
  return {
    document: showRunbook(runbook),
    steps: runbook.steps.map(({ id, title, kind, timeoutMs, retry }) => ({
      ...{ id, title, kind, timeoutMs },
      attempts: Math.max(1, ...Object.values(retry.attempts)),
    })),
  };
}

type Tried = Pick<AnyRunbook, 'id' | 'scenarios'>;

/** The scenario that the sandbox simulates for a runbook where nobody names one: the first of its own. */
export function firstScenario({ id, scenarios }: Tried): string {
  return id === 'latency' ? 'cpu-saturated' : ((scenarios ?? ownScenarios(id))[0] ?? 'healthy');
}

/** The scenarios in which a runbook is tried, or those of them that are wanted. @throws NanoopsError `UnknownScenario` */
export function scenariosOf(runbook: Tried, wanted?: readonly string[]): readonly string[] {
  if (wanted === undefined) {
    const own = runbook.scenarios ?? ownScenarios(runbook.id);
    return own.length > 0 ? own : [firstScenario(runbook)];
  }
  for (const scenario of wanted) loadScenario(scenario);
  return wanted;
}

function ownScenarios(runbook: string): readonly string[] {
  return listScenarios().flatMap((scenario) => (scenario.runbook === runbook ? [scenario.id] : []));
}
