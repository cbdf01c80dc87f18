/**
 * Journal records as lines of JSON, a record a line, and lines as records. The form is the same wherever a journal is
 * kept. A record whose batch goes on says in `more` how many records of it are to follow: a batch counts whole or not at
 * all, however its writing ended.
 */
import type { RunEvent } from '../engine/events.ts';
import {
  journalVersion,
  StateError,
  type JournalRecord,
  type KeptEvent,
  type StoredJournal,
} from '../engine/journal-store.ts';
import { runJournals, type JournalKind } from './journal-kind.ts';

const newline = 0x0a;

/** What is appended at once. */
export type Batch<Event extends KeptEvent> = readonly [JournalRecord<Event>, ...JournalRecord<Event>[]];

/** A batch as lines, each ended by a newline. */
export function linesOf(records: readonly JournalRecord<KeptEvent>[]): string {
  return records
    .map((record, index) => {
      const more = records.length - 1 - index;
      return `${JSON.stringify(more === 0 ? record : { ...record, more })}\n`;
    })
    .join('');
}

/**
 * What an append takes for granted of its records.
 *
 * @returns the `seq` of the first of them.
 */
export function firstSeqOf(records: Batch<KeptEvent>): number {
  const first = records[0].event.seq;
  for (const [index, { event }] of records.entries()) {
    if (event.seq !== first + index) throw new RangeError(`record ${event.seq} does not follow ${first + index - 1}`);
  }
  return first;
}

/** For a journal that does not end where the writer believes. `last` is the `seq` of its last record, 0 without any. */
export function conflict(
  runId: string,
  store: string,
  first: number,
  last: number,
  { noun, show }: JournalKind = runJournals,
): StateError {
  return new StateError(
    'conflict',
    last < first
      ? `record ${first} of ${noun} ${runId} was to follow record ${first - 1}, but its journal in ${store} ends with record ${last}. Nothing was written.`
      : `record ${first} of ${noun} ${runId} is already in its journal in ${store}: somebody else goes on with the ${noun}. Nothing was written.`,
    show(runId),
  );
}

export interface ReadJournal<Event extends KeptEvent> extends StoredJournal<Event> {
  /** Up to where the bytes are whole batches: what follows is torn. */
  readonly wholeBytes: number;
}

interface Line<Event extends KeptEvent> {
  readonly record: JournalRecord<Event>;
  readonly more: number;
}

/**
 * Reads the lines of a journal; a last line that was cut off is left out, with the rest of its batch. `name` is how the
 * journal is called in messages.
 *
 * @throws StateError `corrupt`, with the number of the line; `newer-version`.
 */
export function parseLines<Event extends KeptEvent = RunEvent>(
  bytes: Buffer,
  name: string,
  kind: JournalKind = runJournals,
): ReadJournal<Event> {
  const records: JournalRecord<Event>[] = [];
  let start = 0;
  let whole = { records: 0, bytes: 0 };
  let more = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) break;
    const number = records.length + 1;
    const line = parseLine<Event>(bytes.toString('utf8', start, end), number, name, kind);
    if (line === undefined) {
      if (end + 1 < bytes.length) throw corrupt(name, number, 'it is not JSON', kind);
      break;
    }
    if (more > 0 && line.more !== more - 1)
      throw corrupt(name, number, 'it is not what the lines before it announce', kind);
    if (line.record.event.seq !== number) {
      throw corrupt(name, number, `it says that it is record ${line.record.event.seq}`, kind);
    }
    records.push(line.record);
    start = end + 1;
    more = line.more;
    if (more === 0) whole = { records: records.length, bytes: start };
  }
  const torn = whole.bytes < bytes.length || bytes.length === 0;
  return { records: records.slice(0, whole.records), torn, wholeBytes: whole.bytes };
}

/**
 * The `seq` of the last record, where the last line alone tells it: undefined where it is cut off, belongs to a batch
 * that is not complete, or where `bytes` do not hold it from its beginning.
 *
 * @throws StateError `corrupt`, `newer-version`
 */
export function lastSeqOf(bytes: Buffer, holdsAll: boolean, name: string, kind: JournalKind): number | undefined {
  if (bytes.length === 0 || bytes[bytes.length - 1] !== newline) return undefined;
  const before = bytes.lastIndexOf(newline, bytes.length - 2);
  if (before === -1 && !holdsAll) return undefined;
  const line = parseLine(bytes.toString('utf8', before + 1, bytes.length - 1), 'the last line', name, kind);
  return line === undefined || line.more > 0 ? undefined : line.record.event.seq;
}

/** Undefined for what is no JSON: the cut-off form of a line never is. */
function parseLine<Event extends KeptEvent>(
  text: string,
  place: number | string,
  name: string,
  kind: JournalKind,
): Line<Event> | undefined {
  const parsed = parsedJson(text);
  if (parsed === undefined) return undefined;
  const { version, previous, hash, event, more = 0 } = membersOf(parsed.value);
  if (typeof version === 'number' && version > journalVersion) {
    throw new StateError(
      'newer-version',
      `${name} was written by a newer nanoops (form ${version}; this one knows ${journalVersion}), so it is not read`,
      'update nanoops: npm install --global nanoops',
    );
  }
  const known =
    typeof version === 'number' &&
    typeof previous === 'string' &&
    typeof hash === 'string' &&
    typeof more === 'number' &&
    isEvent(event);
  if (!known)
    throw corrupt(name, place, `it is not a record of ${kind.noun === 'run' ? 'a run' : 'an incident'}`, kind);
  // Of the sort that the store was made for, as its writer had it.
  return { record: { version, previous, hash, event: event as Event }, more };
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // The caller knows what a line that is no JSON means where it stands.
  }
}

function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** What every event has. Whether its other members are as they were written is what the chain of hashes tells. */
function isEvent(value: unknown): value is KeptEvent {
  const { type, seq, at } = membersOf(value);
  return typeof type === 'string' && Number.isSafeInteger(seq) && typeof at === 'number' && !isDeeper(value);
}

/** Far beyond what any step yields; what is deeper ends the process of whoever hashes it. */
const mostLevels = 500;

function isDeeper(value: unknown): boolean {
  let layer = [value];
  for (let level = 0; layer.length > 0; level += 1) {
    if (level > mostLevels) return true;
    layer = layer.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}

/** `place`: the number of the line, or what to call it. */
export function corrupt(
  name: string,
  place: number | string,
  problem: string,
  { noun, elsewhere }: JournalKind = runJournals,
): StateError {
  const where = typeof place === 'number' ? `line ${place}` : place;
  return new StateError(
    'corrupt',
    `${name} is damaged or was altered at ${where}: ${problem}. The ${noun} is not read from it.`,
    `restore it from a backup, ${elsewhere}`,
  );
}
