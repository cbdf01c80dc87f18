/**
 * Journals in the table, for the runs of a team. An append is one item (`journal#<run id>`, its first `seq`), written
 * together with the run's line in the list of runs (`runs`, the run id), which holds the last `seq`: it rises only from
 * what the writer saw, so of two who go on with a run one gets through. What does not fit into an item lies in parts
 * (`parts#<run id>`), written before; parts that no item names count for nothing. Incidents are kept in the same way, in
 * partitions of their own.
 */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { RunEvent } from '../../engine/events.ts';
import { StateError, type JournalStore, type KeptEvent } from '../../engine/journal-store.ts';
import { runJournals, type JournalKind } from '../../state/journal-kind.ts';
import { conflict, corrupt, firstSeqOf, linesOf, parseLines, type Batch } from '../../state/journal-lines.ts';
import { isRunId, notFound } from '../../state/state-folder.ts';
import { keyOf, type Item, type StateTable } from './dynamodb-table.ts';
import { ConditionFailed } from './state-errors.ts';

const zipped = promisify(gzip);
const unzipped = promisify(gunzip);

/** An item holds 400 KB with the names of its attributes (DynamoDB Developer Guide, "Quotas"). */
const mostBytes = 350 * 1024;
/** Of a batch, many times what a run ever wrote: some kilobytes can be packed so that they stand for gigabytes. */
const mostUnpackedBytes = 16 * 1024 * 1024;
const seqDigits = 10;

export function dynamoJournalStore<Event extends KeptEvent = RunEvent>(
  open: () => Promise<StateTable>,
  name: string,
  kind: JournalKind = runJournals,
): JournalStore<Event> {
  return {
    name,
    async append(runId, [head, ...rest]) {
      if (head === undefined) return;
      checkRunId(runId, name, kind);
      await append({ table: await open(), runId, kind }, [head, ...rest]);
    },
    async read(runId) {
      checkRunId(runId, name, kind);
      const table = await open();
      const line = await table.get({ pk: kind.plural, sk: runId });
      if (line === undefined) throw notFound(runId, name, kind);
      const title = `the journal of ${kind.noun} ${runId} in the ${name}`;
      const items = await table.query(journalKey(runId, kind));
      const bodies: Buffer[] = [];
      for (const item of items) bodies.push(await bodyOf({ table, runId, kind }, item, title));
      const { records, torn } = parseLines<Event>(Buffer.concat(bodies), title, kind);
      const last = Number(line['last']?.N);
      if (torn || !(records.length >= last)) {
        throw corrupt(title, `record ${records.length + 1}`, `it is missing; ${line['last']?.N} were written`, kind);
      }
      return { records, torn: false };
    },
    async list() {
      const table = await open();
      return (await table.query(kind.plural, { newestFirst: true })).flatMap(({ sk }) =>
        sk?.S === undefined ? [] : [sk.S],
      );
    },
  };
}

function checkRunId(runId: string, name: string, kind: JournalKind): void {
  if (!isRunId(runId)) throw notFound(runId, name, kind);
}

function journalKey(runId: string, { partitions }: JournalKind): string {
  return `${partitions.records}${runId}`;
}

function padded(seq: number): string {
  return String(seq).padStart(seqDigits, '0');
}

/** One journal in the table. */
interface Kept {
  readonly table: StateTable;
  readonly runId: string;
  readonly kind: JournalKind;
}

async function append(kept: Kept, records: Batch<KeptEvent>): Promise<void> {
  const { table, runId, kind } = kept;
  const first = firstSeqOf(records);
  /** Names this one attempt of this one writer: by it, a write whose answer was lost is known again. */
  const writer = randomUUID();
  const key = { pk: journalKey(runId, kind), sk: padded(first) };
  const item: Item = { ...keyOf(key), writer: { S: writer }, ...(await packed(kept, first, writer, records)) };
  const line = {
    TableName: table.table,
    Key: keyOf({ pk: kind.plural, sk: runId }),
    UpdateExpression: 'SET #last = :last',
    ExpressionAttributeNames: { '#last': 'last' },
  };
  const last = { ':last': { N: String(first + records.length - 1) } };
  try {
    await table.transact(
      [
        {
          Update:
            first === 1
              ? { ...line, ConditionExpression: 'attribute_not_exists(#last)', ExpressionAttributeValues: last }
              : {
                  ...line,
                  ConditionExpression: '#last = :before',
                  ExpressionAttributeValues: { ...last, ':before': { N: String(first - 1) } },
                },
        },
        { Put: { TableName: table.table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' } },
      ],
      writer,
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const written = await table.get(key);
    if (written?.['writer']?.S === writer) return;
    const found = await table.get({ pk: kind.plural, sk: runId });
    throw conflict(runId, `the ${table.name}`, first, Number(found?.['last']?.N ?? 0), kind);
  }
}

/** The attributes that hold a batch: its text, its text made small, or in how many parts that lies. */
async function packed(
  { table, runId, kind }: Kept,
  first: number,
  writer: string,
  records: Batch<KeptEvent>,
): Promise<Item> {
  const text = linesOf(records);
  if (Buffer.byteLength(text) <= mostBytes) return { lines: { S: text } };
  const bytes = await zipped(text);
  if (bytes.length <= mostBytes) return { zipped: { B: bytes } };
  const parts = Math.ceil(bytes.length / mostBytes);
  for (let part = 0; part < parts; part += 1) {
    const key = { pk: partsKey(runId, kind), sk: `${partsPrefix(first, writer)}${padded(part)}` };
    const content = bytes.subarray(part * mostBytes, (part + 1) * mostBytes);
    await table.put({ ...keyOf(key), zipped: { B: content } });
  }
  return { parts: { N: String(parts) } };
}

function partsKey(runId: string, { partitions }: JournalKind): string {
  return `${partitions.parts}${runId}`;
}

function partsPrefix(first: number, writer: string): string {
  return `${padded(first)}#${writer}#`;
}

async function bodyOf({ table, runId, kind }: Kept, item: Item, title: string): Promise<Buffer> {
  const first = Number(item['sk']?.S);
  if (item['lines']?.S !== undefined) return Buffer.from(item['lines'].S);
  if (item['zipped']?.B !== undefined) return unpacked(item['zipped'].B, first, title, kind);
  const parts = await table.query(partsKey(runId, kind), { prefix: partsPrefix(first, item['writer']?.S ?? '') });
  const bytes = parts.flatMap((part) => (part['zipped']?.B === undefined ? [] : [part['zipped'].B]));
  if (bytes.length === 0 || bytes.length !== Number(item['parts']?.N)) {
    throw corrupt(title, `record ${first}`, 'a part of it is missing', kind);
  }
  return unpacked(Buffer.concat(bytes), first, title, kind);
}

async function unpacked(bytes: Uint8Array, first: number, title: string, kind: JournalKind): Promise<Buffer> {
  try {
    return await unzipped(bytes, { maxOutputLength: mostUnpackedBytes });
  } catch (error) {
    const told = corrupt(title, `record ${first}`, 'it cannot be unpacked', kind);
    throw new StateError(told.kind, told.message, told.details.nextStep, { cause: error });
  }
}
