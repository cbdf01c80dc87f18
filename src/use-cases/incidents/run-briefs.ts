/** What runs came to, as an incident keeps it: those that were linked, and those whose journals say that they happened meanwhile. */
import { formatDuration } from '../../config/durations.ts';
import { timeOfRunId } from '../../drills/history.ts';
import { stackOfRun } from '../../drills/outcome.ts';
import { historyOf } from '../../engine/history.ts';
import { StateError } from '../../engine/journal-store.ts';
import type { Incident } from '../../incident/incident.ts';
import type { RunBrief } from '../../incident/runs.ts';
import type { RunDocument } from '../../report/schemas.ts';
import { conclusionIn } from '../event-shapes.ts';
import { runDocumentOf } from '../run-document.ts';
import { eventsOf, type FoundRun, type StateStore, type Stores } from '../stores.ts';

/** So many journals are read at a time. */
const atOnce = 8;

export function briefOf(run: RunDocument): RunBrief {
  const { runId, runbook, mode, verdict, symptom, causes, outcome, objectives, recovery, suspended } = run;
  const startedAt = Date.parse(run.startedAt);
  const begun = new Map(run.steps.map((step) => [step.id, step.startedAt]));
  const onset = symptom?.state === 'none' || typeof symptom?.onset !== 'string' ? undefined : Date.parse(symptom.onset);
  return {
    runId,
    runbook,
    mode,
    verdict,
    startedAt,
    endedAt: Date.parse(run.endedAt),
    hasEnded: suspended === undefined,
    summary: summaryOf(run),
    onset,
    causes: causes.map(({ component, cause, confidence, summary }) => ({ component, cause, confidence, summary })),
    changes: run.mutations.map(({ stepId, operation, region, resource, status, summary }) => ({
      operation,
      region,
      resource,
      status,
      summary: summary ?? `${operation} ${resource}`,
      at: Date.parse(begun.get(stepId) ?? run.startedAt),
    })),
    helped: outcome?.helped,
    ...(objectives === undefined
      ? {}
      : {
          recovery: {
            rtoMs: objectives.rto.measuredMs,
            rpoMs: objectives.rpo.measuredMs,
            stores: objectives.rpo.stores.map(({ store, lossMs, basis }) => ({ store, lossMs, basis })),
            lessons: [...(recovery?.lessons ?? []), ...(run.failback?.recovery.lessons ?? [])],
          },
        }),
  };
}

function summaryOf({ outcome, causes, symptom, objectives, suspended, notes = [], verdict }: RunDocument): string {
  if (suspended !== undefined) return suspended.reason;
  if (outcome !== undefined) return outcome.summary;
  const measured = (ms: number | null): string =>
    ms === null ? 'not measured' : formatDuration(Math.round(ms / 1000) * 1000);
  if (objectives !== undefined) {
    return `RTO ${measured(objectives.rto.measuredMs)}, RPO ${measured(objectives.rpo.measuredMs)}`;
  }
  return causes[0]?.summary ?? symptom?.summary ?? notes[0] ?? verdict;
}

/** A run as its journal has it. @throws StateError for a journal that does not hold its beginning. */
export function briefOfJournal(found: Pick<FoundRun, 'records' | 'store'>, runId: string): RunBrief {
  const history = historyOf(eventsOf(found, runId));
  const outcome = conclusionIn(history);
  return briefOf(runDocumentOf({ history, ...(outcome === undefined ? {} : { outcome }) }));
}

export interface RunsMeanwhile {
  readonly runs: readonly RunBrief[];
  /** Stores and runs that could not be read, a line each. */
  readonly gaps: readonly string[];
}

/**
 * The runs that acted on the incident's stack while it lasted, from its beginning on. Runs in a simulated world are of an
 * incident in the same world, by the wall's time. Never rejects for what a store says.
 */
export async function runsMeanwhile({ all }: Pick<Stores, 'all'>, incident: Incident): Promise<RunsMeanwhile> {
  const gaps: string[] = [];
  const isSimulated = incident.simulated !== undefined;
  const from = isSimulated
    ? incident.openedWallAt
    : Math.min(incident.beganAt ?? incident.detectedAt, incident.detectedAt);
  const to = (isSimulated ? incident.resolvedWallAt : incident.resolvedAt) ?? Number.POSITIVE_INFINITY;
  const lists = await Promise.all(
    all.map(async (store) => {
      const ids = await tolerant(gaps, () => store.journals.list());
      return (ids ?? []).flatMap((runId) => {
        const at = timeOfRunId(runId);
        // Ids tell whole seconds.
        return at !== undefined && at >= from - 1000 && at <= to ? [{ runId, store }] : [];
      });
    }),
  );
  const wanted = lists.flat();
  const runs: RunBrief[] = [];
  for (let first = 0; first < wanted.length; first += atOnce) {
    const read = await Promise.all(
      wanted
        .slice(first, first + atOnce)
        .map(({ runId, store }) => tolerant(gaps, () => ofIncident(store, runId, incident))),
    );
    runs.push(...read.filter((run) => run !== undefined));
  }
  return { runs, gaps };
}

async function ofIncident(store: StateStore, runId: string, incident: Incident): Promise<RunBrief | undefined> {
  const { records } = await store.journals.read(runId);
  const [first] = records;
  if (first?.event.type !== 'run.started' || first.event.mode === 'dry-run') return undefined;
  const { environment, context } = first.event;
  const { service, isSimulated } = stackOfRun(context);
  if (environment !== incident.environment || (service !== undefined && service !== incident.service)) return undefined;
  if (incident.simulated !== undefined) {
    if (worldOf(context) !== incident.simulated.scenario) return undefined;
  } else if (isSimulated) return undefined;
  return briefOfJournal({ records, store }, runId);
}

/** The scenario of the simulated AWS in this process that a run was on. */
function worldOf(context: unknown): string | undefined {
  const reopen: unknown = typeof context === 'object' && context !== null ? Reflect.get(context, 'reopen') : undefined;
  const world: unknown = typeof reopen === 'object' && reopen !== null ? Reflect.get(reopen, 'sandbox') : undefined;
  return typeof world === 'string' ? world : undefined;
}

async function tolerant<T>(gaps: string[], ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    if (error.kind !== 'missing') gaps.push(error.message);
    return undefined;
  }
}
