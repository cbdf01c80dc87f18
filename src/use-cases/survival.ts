/**
 * Proves that a runbook survives bad luck: runs it on the simulated AWS, kills it at every moment, loses answers,
 * throttles, takes credentials and leases away; goes on each time; and compares how the run ended and how it left the
 * world with an undisturbed run. Everything is in memory, and time is virtual.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Change, Digest } from '../engine/change.ts';
import type { RunEvent, Verdict } from '../engine/events.ts';
import { historyOf } from '../engine/history.ts';
import { faultsOf } from '../engine/journal.ts';
import type { RunDocument, SurvivalDocument } from '../report/schemas.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';
import type { Standing } from '../sandbox/standing.ts';
import { moveOfRunbook } from './moves.ts';
import { resumeRun, runRunbook } from './run-runbook.ts';
import type { Session } from './session.ts';

/** A moment of an undisturbed run, from which everything can be taken up as a killed process would have left it. */
export interface Moment {
  /** What it is, for a person: `before "change.intended" of scale-out was written`. */
  readonly label: string;
  readonly kind: MomentKind;
}

export type MomentKind = 'before-record' | 'after-record' | 'before-call' | 'after-call';

/** What goes wrong in one whole run. */
export type Mishap =
  | { readonly kind: 'lost-answer'; readonly call: number }
  | { readonly kind: 'throttled-for-a-minute' }
  | { readonly kind: 'credentials-expired'; readonly call: number }
  /** SIGINT as soon as the record of that number is written. */
  | { readonly kind: 'interrupted'; readonly record: number }
  /** Somebody takes the lease away just before the call, as after a long sleep. */
  | { readonly kind: 'lease-lost'; readonly call: number };

/** One process on one simulated world: what the use case needs of it. */
export interface Stage {
  readonly session: Session;
  readonly standing: () => Standing;
  /** Aborts as a signal would. */
  readonly interrupt: () => void;
  readonly leasesHeld: () => Promise<number>;
  readonly readJournal: (runId: string) => ReturnType<NonNullable<Session['acting']>['journals']['read']>;
  readonly runIds: () => Promise<readonly string[]>;
  close(): void;
}

export interface Recording {
  readonly stage: Stage;
  /** The moments so far, in order. */
  readonly moments: readonly Moment[];
}

/** Makes stages; composed where the simulated AWS and the clients are. */
export interface Theatre {
  /** A fresh world in which every moment is kept. */
  record(scenario: string): Recording;
  /** The world and the stores as they were at a moment of a recording, and a new process. */
  resumeAt(recording: Recording, moment: number): Stage;
  /** A fresh world in which something goes wrong. */
  disturbed(scenario: string, mishap: Mishap): Stage;
  /** The same world and stores, some time after the process ended, a new process, and nothing more goes wrong. */
  again(stage: Stage, afterMs?: number): Stage;
}

export interface SurvivalRequest {
  readonly runbook: AnyRunbook;
  readonly scenarios: readonly string[];
  readonly digest: Digest;
  readonly signal: AbortSignal;
  /**
   * Of the moments around records, and of the interruptions, only every so-manieth is tried; all of them when absent. What
   * happens around changes is always tried in full.
   */
  readonly everyRecord?: number;
  /** Told of each row as it is done. */
  readonly progress?: (row: SurvivalRow) => void;
}

export type SurvivalRow = SurvivalDocument['rows'][number];

/** How a run ended, as far as two of them must agree. */
interface End {
  readonly verdict: Verdict;
  readonly standing: Standing;
  readonly statuses: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
  /** True where something that is never begun twice was begun and cannot be seen to be done: then somebody is told to look. */
  readonly isLeftToSomebody: boolean;
}

const mostResumptions = 4;

export async function survive(theatre: Theatre, request: SurvivalRequest): Promise<SurvivalDocument> {
  const { runbook, scenarios, signal, progress } = request;
  const rows: SurvivalRow[] = [];
  for (const scenario of scenarios) {
    for await (const row of rowsOf(theatre, scenario, request)) {
      signal.throwIfAborted();
      rows.push(row);
      progress?.(row);
    }
  }
  const moments = rows.reduce((sum, row) => sum + row.moments, 0);
  const survived = rows.reduce((sum, row) => sum + row.survived, 0);
  return {
    schema: 'nanoops/survival@1',
    runbook: runbook.id,
    rows,
    moments,
    survived,
    // A runbook that changed nothing has proved nothing.
    verdict: survived < moments ? 'failed' : rows.some(isOfChange) ? 'ok' : 'unknown',
  };
}

const killed: Readonly<Record<MomentKind, string>> = {
  'before-record': 'killed before a record was written',
  'after-record': 'killed after a record was written',
  'before-call': 'killed before a change reached AWS',
  'after-call': 'killed after a change, before its answer',
};

async function* rowsOf(
  theatre: Theatre,
  scenario: string,
  { runbook, digest, signal, everyRecord = 1 }: SurvivalRequest,
): AsyncGenerator<SurvivalRow> {
  const recording = theatre.record(scenario);
  const document = await begin(recording.stage, runbook);
  const expected = await endOf(recording.stage, document, runbook, digest);
  const events = await eventsOf(recording.stage, document.runId);
  recording.stage.close();
  if (expected.faults.length > 0) {
    yield rowOf(scenario, 'undisturbed', [{ moment: 'the whole run', reason: expected.faults.join('; ') }], 1);
    return;
  }

  for (const kind of ['before-record', 'after-record', 'before-call', 'after-call'] as const) {
    const alike = [...recording.moments.entries()].filter(([, moment]) => moment.kind === kind);
    const chosen = kind === 'before-record' || kind === 'after-record' ? sampled(alike, everyRecord) : alike;
    const failures: SurvivalRow['failures'][number][] = [];
    for (const [index, { label }] of chosen) {
      signal.throwIfAborted();
      const stage = theatre.resumeAt(recording, index);
      const reason = await tried(() => finish(theatre, stage, runbook, expected, digest));
      if (reason !== undefined) failures.push({ moment: label, reason });
    }
    yield rowOf(scenario, killed[kind], failures, chosen.length);
  }

  const calls = recording.moments.filter(({ kind }) => kind === 'before-call').length;
  const each = Array.from({ length: calls }, (_item, index) => index + 1);
  const mishaps: readonly (readonly [string, readonly Mishap[]])[] = [
    ['an answer was lost', each.map((call) => ({ kind: 'lost-answer', call }))],
    ['throttled for a minute', calls === 0 ? [] : [{ kind: 'throttled-for-a-minute' }]],
    ['credentials expired in mid-run', each.map((call) => ({ kind: 'credentials-expired', call }))],
    ['interrupted', sampled(interruptionsOf(events), everyRecord).map((record) => ({ kind: 'interrupted', record }))],
    ['slept, and the lease was taken over', each.map((call) => ({ kind: 'lease-lost', call }))],
  ];
  for (const [fault, cases] of mishaps) {
    const failures: SurvivalRow['failures'][number][] = [];
    for (const mishap of cases) {
      signal.throwIfAborted();
      const reason = await tried(() => endure(theatre, scenario, mishap, runbook, expected, digest));
      if (reason !== undefined) failures.push({ moment: momentOf(mishap, events), reason });
    }
    yield rowOf(scenario, fault, failures, cases.length);
  }
}

/** The first, and every so-manieth after it. */
function sampled<T>(all: readonly T[], every: number): readonly T[] {
  return all.filter((_each, index) => index % every === 0);
}

function isOfChange({ fault, moments }: SurvivalRow): boolean {
  return fault === killed['before-call'] && moments > 0;
}

function rowOf(scenario: string, fault: string, failures: SurvivalRow['failures'], moments: number): SurvivalRow {
  return { scenario, fault, moments, survived: moments - failures.length, failures };
}

/** Records after which an interruption finds the run in the midst of something. */
function interruptionsOf(events: readonly RunEvent[]): readonly number[] {
  const telling = new Set<RunEvent['type']>([
    'approval.given',
    'run.checkpointed',
    'change.intended',
    'change.answered',
    'run.undoing',
  ]);
  return events.flatMap(({ type, seq }) => (telling.has(type) ? [seq] : []));
}

function momentOf(mishap: Mishap, events: readonly RunEvent[]): string {
  switch (mishap.kind) {
    case 'throttled-for-a-minute':
      return 'from the first change on';
    case 'interrupted':
      return `after record ${mishap.record} (${events[mishap.record - 1]?.type ?? 'none'})`;
    case 'lost-answer':
    case 'credentials-expired':
    case 'lease-lost':
      return `change ${mishap.call}`;
  }
}

/** One line of what went wrong; undefined where nothing did. */
async function tried(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Goes on with whatever the stage's stores hold until it ends, and says how that differs from what was expected. */
async function finish(
  theatre: Theatre,
  first: Stage,
  runbook: AnyRunbook,
  expected: End,
  digest: Digest,
): Promise<string | undefined> {
  let stage = first;
  for (let attempt = 1; ; attempt += 1) {
    const document = await goOn(stage, runbook);
    if (isEnded(document) || attempt > mostResumptions) {
      const end = await endOf(stage, document, runbook, digest);
      stage.close();
      return differenceOf(expected, end);
    }
    const next = theatre.again(stage);
    stage.close();
    stage = next;
  }
}

async function endure(
  theatre: Theatre,
  scenario: string,
  mishap: Mishap,
  runbook: AnyRunbook,
  expected: End,
  digest: Digest,
): Promise<string | undefined> {
  const stage = theatre.disturbed(scenario, mishap);
  const document = await begin(stage, runbook);
  if (isEnded(document)) {
    const end = await endOf(stage, document, runbook, digest);
    stage.close();
    return differenceOf(expected, end);
  }
  const next = theatre.again(stage);
  stage.close();
  return finish(theatre, next, runbook, expected, digest);
}

function isEnded({ suspended }: RunDocument): boolean {
  return suspended === undefined;
}

function begin({ session }: Stage, runbook: AnyRunbook): Promise<RunDocument> {
  const move = moveOfRunbook(runbook.id);
  return runRunbook(session, { runbook, mode: 'execute', ...(move === undefined ? {} : { move }) });
}

/** Resumes the run that the stores hold; begins one where it died before its first record; tells one that has ended. */
async function goOn(stage: Stage, runbook: AnyRunbook): Promise<RunDocument> {
  const [runId] = await stage.runIds();
  const records = runId === undefined ? [] : (await stage.readJournal(runId)).records;
  if (runId === undefined || records.length === 0) return begin(stage, runbook);
  const history = historyOf(records.map(({ event }) => event));
  if (history.phase !== 'ended') return resumeRun(stage.session, { runbook, records, purpose: 'continue' });
  const { runDocumentOf } = await import('./run-document.ts');
  return runDocumentOf({ history });
}

async function eventsOf(stage: Stage, runId: string): Promise<readonly RunEvent[]> {
  return (await stage.readJournal(runId)).records.map(({ event }) => event);
}

/** How a run ended, with everything that is wrong in itself, whatever was expected. */
async function endOf(stage: Stage, document: RunDocument, runbook: AnyRunbook, digest: Digest): Promise<End> {
  const faults: string[] = [];
  const { records } = await stage.readJournal(document.runId);
  faults.push(...faultsOf(records, digest).map((fault) => `the journal: ${fault}`));
  const isFenced = records.every(({ event }) => event.type !== 'change.intended' || hasTokens(event));
  if (!isFenced) faults.push('a change was made without a lease on anything');
  const held = await stage.leasesHeld();
  if (held > 0) faults.push(`${held} leases were left behind`);
  for (const note of document.notes ?? []) if (note.startsWith('a defect of nanoops')) faults.push(note);
  const told = document.mutations.filter(({ status }) => status === 'unknown').length;
  const history = historyOf(records.map(({ event }) => event));
  const isLeftToSomebody = history.changes.some(
    ({ stepId, change, status }) => (status === 'unknown' || status === 'intended') && isOnce(runbook, stepId, change),
  );
  if (told > 0 && !isLeftToSomebody) faults.push(`${told} changes are told as unknown`);
  return {
    verdict: document.verdict,
    standing: stage.standing(),
    statuses: Object.fromEntries(
      document.steps.filter(({ kind }) => kind !== 'observe').map(({ id, status }) => [id, status]),
    ),
    faults,
    isLeftToSomebody,
  };
}

function isOnce({ steps }: AnyRunbook, stepId: string, change: Change): boolean {
  const body = steps.find(({ id }) => id === stepId)?.body;
  return body?.form === 'change' && body.isOnce(change);
}

function hasTokens({ tokens }: { readonly tokens: Readonly<Record<string, number>> }): boolean {
  return Object.keys(tokens).length > 0;
}

function differenceOf(expected: End, end: End): string | undefined {
  const faults = [...end.faults];
  const { calls: made } = end.standing;
  // Nobody can do better: to begin it again might do it twice, and to say that it is done might be wrong.
  const isRightlyLeft = end.isLeftToSomebody && end.verdict === 'unknown' && isStartOf(made, expected.standing.calls);
  if (isRightlyLeft) return faults.length === 0 ? undefined : faults.join('; ');
  if (end.verdict !== expected.verdict) faults.push(`it ended ${end.verdict} instead of ${expected.verdict}`);
  const { calls } = expected.standing;
  if (!isDeepStrictEqual(end.standing.calls, calls)) {
    faults.push(`changes made: ${listed(end.standing.calls)}; expected: ${listed(calls)}`);
  }
  if (!isDeepStrictEqual(end.standing.regions, expected.standing.regions)) {
    faults.push(
      `the world is ${JSON.stringify(end.standing.regions)} instead of ${JSON.stringify(expected.standing.regions)}`,
    );
  }
  for (const [id, status] of Object.entries(expected.statuses)) {
    if (end.statuses[id] !== status)
      faults.push(`step "${id}" is ${end.statuses[id] ?? 'missing'} instead of ${status}`);
  }
  return faults.length === 0 ? undefined : faults.join('; ');
}

function isStartOf(some: readonly string[], all: readonly string[]): boolean {
  return some.every((each, at) => each === all[at]);
}

function listed(calls: readonly string[]): string {
  return calls.length === 0 ? 'none' : calls.join(', ');
}
