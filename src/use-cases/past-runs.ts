/** The journals of past drills, failovers and failbacks, and what they let expect of the next. */
import type { Clock } from '../engine/clock.ts';
import type { RunHistory } from '../engine/history.ts';
import { StateError, type JournalStore } from '../engine/journal-store.ts';
import { kindOfRunId } from '../drills/history.ts';
import { predictionsFrom, type Predictions, type PredictionsWanted } from '../drills/predictions.ts';
import { gather, readHistory, type Gathered, type StateStore, type Stores } from './stores.ts';

/** So many journals are read at a time: a folder or a table of years must not be asked for all of them at once. */
const atOnce = 8;

/** A run whose journal cannot be read. */
export interface UnreadableRun {
  readonly runId: string;
  readonly store: string;
  readonly error: StateError;
}

export interface RecoveryRuns {
  readonly found: readonly { readonly history: RunHistory; readonly store: string }[];
  readonly unreadable: readonly UnreadableRun[];
  /** The stores that could not be read. */
  readonly unread: Gathered<unknown>['unread'];
}

/** Every run of a recovery runbook, in no order. Other runs' journals are not read. @throws StateError where no store answers. */
export async function readRecoveryRuns(stores: Stores): Promise<RecoveryRuns> {
  const { found: read, unread } = await gather(stores, async (store) => {
    const ids = (await store.journals.list()).filter((id) => kindOfRunId(id) !== undefined);
    const runs: (RecoveryRuns['found'][number] | UnreadableRun)[] = [];
    for (let from = 0; from < ids.length; from += atOnce) {
      runs.push(...(await Promise.all(ids.slice(from, from + atOnce).map((id) => readOne(store, id)))));
    }
    return runs;
  });
  return {
    found: read.filter((run) => 'history' in run),
    unreadable: read.filter((run) => 'error' in run),
    unread,
  };
}

async function readOne(store: StateStore, runId: string): Promise<RecoveryRuns['found'][number] | UnreadableRun> {
  try {
    const { history } = await readHistory(store, runId);
    return { history, store: store.name };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { runId, store: store.name, error };
  }
}

export interface PastRunsWanted {
  /** Where to look: a run that is in two of them is read once. */
  readonly journals: readonly JournalStore[];
  readonly clock: Clock;
  /** Milliseconds; 2 s when absent. */
  readonly limitMs?: number;
  /** 50 when absent. */
  readonly mostRuns?: number;
  /** Ends the reading early; what has been read by then is given. */
  readonly signal?: AbortSignal;
}

export interface PastRuns {
  /** Newest first. */
  readonly histories: readonly RunHistory[];
  /** Why this may not be all there is, a line each; empty where it is. */
  readonly gaps: readonly string[];
}

/**
 * The newest runs of the recovery runbooks, as many as can be read within a limit. Never rejects for what a store says: a
 * recovery must not fail, nor wait, for want of what earlier ones took.
 */
export async function loadRecoveryHistories(wanted: PastRunsWanted): Promise<PastRuns> {
  const { clock, limitMs = 2000, signal } = wanted;
  const reader = new Reader(wanted);
  const stop = new AbortController();
  const limit = clock
    .sleep(limitMs, AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]))
    // Whatever ends the sleep ends the reading.
    .catch(() => undefined)
    .then(() => reader.stop());
  const reading = clock.busy(async () => {
    try {
      await reader.read();
    } finally {
      // Within the work, so that a virtual clock does not jump to the limit once the work is over.
      stop.abort();
    }
  });
  await Promise.race([reading, limit.then(() => (stop.signal.aborted ? reading : undefined))]);
  return reader.result();
}

class Reader {
  private readonly journals: readonly JournalStore[];
  private readonly mostRuns: number;
  private readonly histories = new Map<string, RunHistory>();
  private readonly gaps = new Set<string>();
  private isStopped = false;
  private isDone = false;

  constructor({ journals, mostRuns = 50 }: PastRunsWanted) {
    this.journals = journals;
    this.mostRuns = mostRuns;
  }

  stop(): void {
    this.isStopped = true;
  }

  async read(): Promise<void> {
    const listed = await Promise.all(
      this.journals.map(async (store) => {
        const ids = await this.tolerant(() => store.list());
        return (ids ?? []).map((runId) => ({ runId, store }));
      }),
    );
    const wanted = new Map(
      listed
        .flat()
        .filter(({ runId }) => kindOfRunId(runId) !== undefined)
        .toSorted((a, b) => (a.runId < b.runId ? 1 : -1))
        .map((run) => [run.runId, run]),
    );
    const runs = [...wanted.values()].slice(0, this.mostRuns);
    for (let from = 0; from < runs.length && !this.isStopped; from += atOnce) {
      await Promise.all(runs.slice(from, from + atOnce).map((run) => this.readOne(run)));
    }
    this.isDone = !this.isStopped;
  }

  private async readOne({ runId, store }: { runId: string; store: JournalStore }): Promise<void> {
    const read = await this.tolerant(() => readHistory({ journals: store, name: store.name }, runId));
    const history = read?.history;
    // What comes in after the limit is too late: whoever asked has gone on.
    if (history !== undefined && !this.isStopped) this.histories.set(runId, history);
  }

  private async tolerant<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.gaps.add(error.message);
      return undefined;
    }
  }

  result(): PastRuns {
    return {
      histories: [...this.histories.values()].toSorted((a, b) => (a.runId < b.runId ? 1 : -1)),
      gaps: [...this.gaps, ...(this.isDone ? [] : ['not all past runs could be read in time'])],
    };
  }
}

/** What past runs let expect of a runbook's steps and phases. Never rejects for what a store says. */
export async function loadPredictions(
  past: PastRunsWanted,
  wanted: PredictionsWanted,
): Promise<Predictions & { readonly gaps: readonly string[] }> {
  const { histories, gaps } = await loadRecoveryHistories(past);
  return { ...predictionsFrom(histories, wanted), gaps };
}
