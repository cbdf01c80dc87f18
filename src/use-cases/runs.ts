/** What the journals of earlier runs say. Nothing of AWS is contacted but a table that keeps them. */
import type { Digest } from '../engine/change.ts';
import { historyOf, type RunHistory } from '../engine/history.ts';
import { faultsOf } from '../engine/journal.ts';
import type { RunEvent } from '../engine/events.ts';
import { StateError } from '../engine/journal-store.ts';
import type { ListDocument, RunDocument } from '../report/schemas.ts';
import type { DiagnosisConclusion } from '../runbooks/kit.ts';
import { runDocumentOf } from './run-document.ts';
import { builtInRunbook } from './runbooks.ts';
import { findRun, type Stores } from './stores.ts';

/** How a run stands, in a word. */
function standingOf({ phase, suspended, verdict }: RunHistory): string {
  if (phase === 'ended') return verdict ?? 'unknown';
  if (suspended !== undefined) return verdict ?? 'suspended';
  return 'unfinished';
}

/** The runs of all stores, newest first. One that cannot be read is listed as that. */
export async function listRuns({ all }: Stores): Promise<ListDocument> {
  const listed = await Promise.all(
    all.map(async ({ name, journals }) =>
      Promise.all(
        (await journals.list()).map(async (id) => {
          try {
            const { records, torn } = await journals.read(id);
            return { ...itemOf(historyOf(records.map(({ event }) => event))), id, torn, store: name };
          } catch (error) {
            if (!(error instanceof StateError || error instanceof TypeError)) throw error;
            return { id, status: 'unreadable', summary: error.message, store: name };
          }
        }),
      ),
    ),
  );
  return {
    schema: 'nanoops/list@1',
    items: listed.flat().toSorted((a, b) => (a.id < b.id ? 1 : -1)),
  };
}

function itemOf(history: RunHistory) {
  const { runbook, environment, mode, startedAt, lastAt, waitingFor, changes, suspended } = history;
  return {
    runbook,
    environment,
    mode,
    status: standingOf(history),
    startedAt: new Date(startedAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
    changes: changes.length,
    summary: waitingFor?.question ?? suspended?.reason ?? history.undoingFor ?? '',
  };
}

export interface EarlierRun {
  readonly document: RunDocument;
  readonly history: RunHistory;
  readonly events: readonly RunEvent[];
}

/** One run, as its journal has it. @throws NanoopsError `UnknownRun` */
export async function showRun(stores: Stores, runId: string): Promise<EarlierRun> {
  const { records } = await findRun(stores, runId);
  const events = records.map(({ event }) => event);
  const history = historyOf(events);
  const steps = builtInRunbook(history.runbook)?.steps ?? history.summaries;
  const document = runDocumentOf({
    history,
    // What the conclusion's own step wrote.
    ...(history.outcome === undefined ? {} : { outcome: history.outcome as DiagnosisConclusion }),
    order: steps.map((step) => step.id),
  });
  return { document, history, events };
}

export interface JournalDocument {
  readonly schema: 'nanoops/journal@1';
  readonly runId: string;
  readonly store: string;
  readonly records: number;
  /** True where the last record was cut off in the writing; nothing was done on its strength. */
  readonly torn: boolean;
  readonly faults: readonly string[];
  readonly verdict: 'ok' | 'attention';
  readonly exitCode: 0 | 1;
  /** The newest hash: whoever kept it elsewhere can tell whether the whole was rewritten. */
  readonly head: string | null;
}

/** Checks a journal's chain of hashes. */
export async function verifyRun(stores: Stores, runId: string, digest: Digest): Promise<JournalDocument> {
  const { records, torn, store } = await findRun(stores, runId);
  const faults = faultsOf(records, digest);
  const isSound = faults.length === 0;
  return {
    schema: 'nanoops/journal@1',
    runId,
    store: store.name,
    records: records.length,
    torn,
    faults,
    verdict: isSound ? 'ok' : 'attention',
    exitCode: isSound ? 0 : 1,
    head: records.at(-1)?.hash ?? null,
  };
}
