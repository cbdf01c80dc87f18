/** What the journals of earlier runs say. Nothing of AWS is contacted but a table that keeps them. */
import type { Digest } from '../engine/change.ts';
import type { RunHistory } from '../engine/history.ts';
import { nextStepOf } from '../engine/open-steps.ts';
import { Chain } from '../engine/journal.ts';
import type { RunEvent } from '../engine/events.ts';
import { scanJournal, StateError } from '../engine/journal-store.ts';
import type { ListDocument, RunDocument } from '../report/schemas.ts';
import { conclusionIn } from './event-shapes.ts';
import { runDocumentOf } from './run-document.ts';
import { builtInRunbook } from './runbooks.ts';
import { gather, readHistory, readRun, type Gathered, type StateStore, type Stores } from './stores.ts';

/** How a run stands, in a word. */
function standingOf({ phase, suspended, verdict, aborted }: RunHistory): string {
  if (phase === 'ended') return aborted ? 'aborted' : (verdict ?? 'unknown');
  if (suspended !== undefined) return verdict ?? 'suspended';
  return 'unfinished';
}

/** So many journals are read at a time: of each a piece is held. */
const atOnce = 16;

/** A list, and 3 where a part of it could not be read. */
export interface Listed {
  readonly document: ListDocument;
  readonly exitCode: 0 | 3;
}

/** The runs of all stores, newest first. A run or a store that cannot be read is listed as that. */
export async function listRuns(stores: Stores): Promise<Listed> {
  const { found, unread } = await gather(stores, async (store) => {
    const ids = await store.journals.list();
    const items: ListDocument['items'][number][] = [];
    for (let from = 0; from < ids.length; from += atOnce) {
      items.push(...(await Promise.all(ids.slice(from, from + atOnce).map((id) => listed(store, id)))));
    }
    return items;
  });
  return listedOf(
    found.toSorted((a, b) => (a.id < b.id ? 1 : -1)),
    unread,
  );
}

async function listed(store: StateStore, id: string): Promise<ListDocument['items'][number]> {
  try {
    const { history, torn } = await readHistory(store, id);
    return { ...itemOf(history), id, torn, store: store.name };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { id, status: 'unreadable', summary: error.message, store: store.name };
  }
}

/** What was found, after the stores that could not be read. */
export function listedOf(items: ListDocument['items'], unread: Gathered<unknown>['unread']): Listed {
  const missing = unread.map(({ name, error }) => ({
    id: name,
    status: 'unreadable',
    summary: error.message,
    nextStep: error.details.nextStep,
    store: name,
  }));
  return {
    document: { schema: 'nanoops/list@1', items: [...missing, ...items] },
    exitCode: missing.length > 0 ? 3 : 0,
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
    summary:
      history.phase === 'ended'
        ? ''
        : (waitingFor?.question ?? suspended?.reason ?? history.undoingFor ?? waitingStep(history) ?? ''),
  };
}

function waitingStep(history: RunHistory): string | undefined {
  const next = nextStepOf(history);
  return next === undefined || history.open.length > 0 ? undefined : `its next step, "${next.id}"`;
}

export interface EarlierRun {
  readonly document: RunDocument;
  readonly history: RunHistory;
  /** Without those that say how far something had come, unless they are wanted: they are the most by far. */
  readonly events: readonly RunEvent[];
}

/** One run, as its journal has it. @throws NanoopsError `UnknownRun` */
export async function showRun(
  stores: Stores,
  runId: string,
  { progress = false }: { readonly progress?: boolean } = {},
): Promise<EarlierRun> {
  const { history, events } = await readRun(stores, runId, async (store) => {
    const told: RunEvent[] = [];
    const read = await readHistory(store, runId, (event) => {
      if (progress || event.type !== 'step.progressed') told.push(event);
    });
    return { history: read.history, events: told };
  });
  const steps = builtInRunbook(history.runbook)?.steps ?? history.summaries;
  const outcome = conclusionIn(history);
  const document = runDocumentOf({
    history,
    ...(outcome === undefined ? {} : { outcome }),
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
  const { records, torn, store, faults, head } = await readRun(stores, runId, async (each) => {
    const chain = new Chain(digest);
    try {
      const scanned = await scanJournal(each.journals, runId, (record) => chain.take(record));
      const found = scanned.records === 0 ? ['it holds no whole record'] : chain.faults;
      return { ...scanned, store: each, faults: found, head: chain.head ?? null };
    } catch (error) {
      if (!(error instanceof StateError && error.kind === 'corrupt')) throw error;
      return { records: 0, torn: false, store: each, faults: [error.message], head: null };
    }
  });
  const isSound = faults.length === 0;
  return {
    schema: 'nanoops/journal@1',
    runId,
    store: store.name,
    records,
    torn,
    faults,
    verdict: isSound ? 'ok' : 'attention',
    exitCode: isSound ? 0 : 1,
    head,
  };
}
