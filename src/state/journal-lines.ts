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
  type ScannedJournal,
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
  const lines = new JournalLines<Event>(name, kind, (record) => records.push(record));
  lines.take(bytes);
  const { torn } = lines.end();
  return { records, torn, wholeBytes: lines.wholeBytes };
}

/**
 * Reads the lines of a journal as its bytes come in, and shows each record once its batch is whole. What it holds is a batch, and
 * a line that has begun.
 */
export class JournalLines<Event extends KeptEvent = RunEvent> {
  /** Up to where the bytes are whole batches. */
  wholeBytes = 0;
  private readonly name: string;
  private readonly kind: JournalKind;
  private readonly show: (record: JournalRecord<Event>) => void;
  /** Of a batch that is not whole yet. */
  private waiting: JournalRecord<Event>[] = [];
  private more = 0;
  private shown = 0;
  /** What has come of the line that is not ended yet. */
  private begun: Buffer[] = [];
  private bytes = 0;
  /** A line that is no JSON: cut off in the writing, if it is the last. */
  private isCutOff = false;

  /** `name` is how the journal is called in messages. */
  constructor(name: string, kind: JournalKind, show: (record: JournalRecord<Event>) => void) {
    this.name = name;
    this.kind = kind;
    this.show = show;
  }

  /** The next bytes, which are the caller's again afterwards. @throws StateError `corrupt`, with the number of the line; `newer-version`. */
  take(bytes: Buffer): void {
    let start = 0;
    while (start < bytes.length) {
      if (this.isCutOff) throw corrupt(this.name, this.number, 'it is not JSON', this.kind);
      const end = bytes.indexOf(newline, start);
      if (end === -1) break;
      const own = bytes.subarray(start, end);
      const line = this.begun.length === 0 ? own : Buffer.concat([...this.begun, own]);
      this.begun = [];
      start = end + 1;
      this.bytes += line.length + 1;
      this.line(line.toString('utf8'));
    }
    if (start < bytes.length) this.begun.push(Buffer.from(bytes.subarray(start)));
  }

  /** After the last bytes. */
  end(): ScannedJournal {
    const left = this.begun.reduce((sum, { length }) => sum + length, 0);
    const all = this.bytes + left;
    return { records: this.shown, torn: this.wholeBytes < all || all === 0 };
  }

  private get number(): number {
    return this.shown + this.waiting.length + 1;
  }

  private line(text: string): void {
    const { name, kind, number } = this;
    const line = parseLine<Event>(text, number, name, kind);
    if (line === undefined) {
      this.isCutOff = true;
      return;
    }
    if (this.more > 0 && line.more !== this.more - 1)
      throw corrupt(name, number, 'it is not what the lines before it announce', kind);
    if (line.record.event.seq !== number) {
      throw corrupt(name, number, `it says that it is record ${line.record.event.seq}`, kind);
    }
    this.waiting.push(line.record);
    this.more = line.more;
    if (this.more > 0) return;
    this.wholeBytes = this.bytes;
    for (const record of this.waiting) this.show(record);
    this.shown += this.waiting.length;
    this.waiting = [];
  }
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
  // Its members are read by their names alone, whatever else it is.
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};
}

/** What every event has. Whether its other members are as they were written is what the chain of hashes tells. */
function isEvent(value: unknown): value is KeptEvent {
  const { type, seq, at } = membersOf(value);
  return typeof type === 'string' && Number.isSafeInteger(seq) && typeof at === 'number' && !isDeeper(value);
}

/** Far beyond what any step yields; what is deeper ends the process of whoever hashes it. */
const mostLevels = 500;

function isDeeper(value: unknown, levels = mostLevels): boolean {
  if (levels < 0) return true;
  if (typeof value !== 'object' || value === null) return false;
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && isDeeper(member, levels - 1)) return true;
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
