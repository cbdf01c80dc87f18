/** Whatever stands in a journal, a lease, an incident or what checks keep: a disk failed, or somebody wrote into it. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { dynamoJournalStore } from '../../src/aws/state/dynamodb-journal.ts';
import type { StateTable } from '../../src/aws/state/dynamodb-table.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { faultsOf, recordOf } from '../../src/engine/journal.ts';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import { parseSummaries } from '../../src/logs/summary.ts';
import { waitingIn, waitingText } from '../../src/notify/waiting-text.ts';
import { fileJournalStore } from '../../src/state/file-journal.ts';
import { lastSeqOf, linesOf, parseLines } from '../../src/state/journal-lines.ts';
import { runJournals } from '../../src/state/journal-kind.ts';
import { leaseText, parseLease } from '../../src/state/lease-register.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { sha256 } from '../../src/use-cases/sha256.ts';
import { runMain } from '../support/run-main.ts';
import { nasty } from '../terminal/nasty.ts';
import {
  deepJson,
  expectCleanPrototypes,
  garbled,
  hostileValue,
  mutated,
  pollution,
  readingOf,
  runs,
} from './hostile.ts';

let folder: string;
/** The folder of a run that changed something, and of an incident; what their journals hold. */
let good: Readonly<Record<'runs' | 'incidents', { readonly id: string; readonly text: string }>>;

const env = () => ({ XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, USER: 'ana' });
const nanoops = (...words: readonly string[]) => runMain(words, { cwd: folder, env: env() });
const stateOf = (kind: 'runs' | 'incidents') =>
  join(folder, 'nanoops', ...(kind === 'runs' ? ['runs'] : ['sandbox', 'incidents']));
const pathOf = (kind: 'runs' | 'incidents') => join(stateOf(kind), good[kind].id, 'journal.ndjson');

async function journalIn(kind: 'runs' | 'incidents') {
  const [id = ''] = await readdir(stateOf(kind));
  return { id, text: await readFile(join(stateOf(kind), id, 'journal.ndjson'), 'utf8') };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-fuzz-'));
  await nanoops('diagnose', 'crash-loop', '--sandbox', '--fix', '--yes');
  await nanoops('incident', 'open', '--title', 'Slow', '--severity', 'SEV-2', '--no-look', '--sandbox');
  good = { runs: await journalIn('runs'), incidents: await journalIn('incidents') };
});

afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(expectCleanPrototypes);

const name = 'the journal';
/** Where it is damaged, or why it is not read. */
const says =
  /^the journal (?:is damaged or was altered at (?:line \d+|the last line): .|was written by a newer nanoops)/;

/** What is wrong with what is read of them, where others were written. */
function wrongWith(bytes: Buffer, written: readonly JournalRecord[]): readonly string[] {
  const reading = readingOf(() => parseLines(bytes, name));
  const last = readingOf(() => lastSeqOf(bytes, true, name, runJournals));
  const errors = [reading, last].flatMap((each) =>
    'error' in each && !says.test(each.error.message) ? [each.error] : [],
  );
  const silent = errors.map(({ message }) => `an error that says too little: ${message}`);
  if (!('value' in reading)) return silent;
  const { records, torn } = reading.value;
  const isWritten = JSON.stringify(records) === JSON.stringify(written.slice(0, records.length));
  const end = torn ? undefined : records.length;
  return [
    ...silent,
    ...(isWritten || faultsOf(records, sha256).length > 0 ? [] : ['other records, whose chain holds']),
    ...('value' in last && last.value === end ? [] : [`${JSON.stringify(last)} in the place of the end, ${end}`]),
  ];
}

function recordsOf(text: string): readonly JournalRecord[] {
  return parseLines(Buffer.from(text), name).records;
}

describe('the lines of a journal', () => {
  test('that were damaged are what was written, or an error that says where', () => {
    fc.assert(
      fc.property(fc.constantFrom('runs' as const, 'incidents' as const), fc.gen(), (kind, draw) => {
        const written = good[kind].text;
        // Where a line ends, too: a batch may not have ended there.
        const lines = written.slice(0, written.indexOf('\n', draw(fc.nat, written.length - 1)) + 1);
        const altered = garbled(written, ['"seq":1', '"more":1', '\n\n']);
        const bytes = Buffer.from(draw(() => fc.oneof(fc.constant(lines), altered)));
        expect(wrongWith(bytes, recordsOf(written))).toEqual([]);
      }),
      runs(60, 20_000),
    );
  });

  test('that are cut off anywhere hold the batches before, and nothing else', () => {
    const { text } = good.runs;
    const whole = recordsOf(text);
    fc.assert(
      fc.property(fc.nat(Buffer.byteLength(text)), (end) => {
        const { records, wholeBytes } = parseLines(Buffer.from(text).subarray(0, end), name);
        expect(records).toEqual(whole.slice(0, records.length));
        expect(wholeBytes).toBeLessThanOrEqual(end);
      }),
      runs(40, 3_000),
    );
  });

  test('of which one was altered never pass for what was written, whatever was put there', () => {
    const records = recordsOf(good.runs.text);
    const event = fc.nat(records.length - 1).chain((at) => fc.tuple(fc.constant(at), mutated(records[at]?.event)));
    fc.assert(
      fc.property(event, ([at, altered]) => {
        const lines = records.map((record, index) =>
          JSON.stringify(index === at ? { ...record, event: altered } : record),
        );
        fc.pre(JSON.stringify(altered) !== JSON.stringify(records[at]?.event));
        const reading = readingOf(() => parseLines(Buffer.from(`${lines.join('\n')}\n`), name));
        if (!('value' in reading)) return;
        const read = reading.value.records[at];
        const isOther = JSON.stringify(read?.event) !== JSON.stringify(records[at]?.event);
        expect(faultsOf(reading.value.records, sha256).length > 0).toBe(isOther);
      }),
      runs(100, 20_000),
    );
  });

  test.each([
    ['a member that a prototype hides', '{"type":"run.started","seq":1,"at":1,"__proto__":{"title":"other"}}'],
    ['a member of a member', '{"type":"run.started","seq":1,"at":1,"context":{"__proto__":{"title":"other"}}}'],
  ])('of which one got %s were altered', (_, text) => {
    const event = { type: 'run.started', seq: 1, at: 1, context: {} } as const;
    const record = recordOf(event, undefined, sha256);
    const altered = { ...record, event: JSON.parse(text) };
    const plain = { ...record, event: JSON.parse(text.replace(/,?"__proto__":\{"title":"other"\}/, '')) };
    const hashed = recordOf(plain.event, undefined, sha256);
    expect(faultsOf([hashed], sha256)).toEqual([]);
    expect(faultsOf([{ ...altered, hash: hashed.hash }], sha256)).toEqual(['record 1 (run.started) was altered']);
  });

  test.each([
    ['nested without end', deepJson()],
    [
      'a member that is nested without end',
      `{"version":1,"previous":"","hash":"","event":{"type":"a","seq":1,"at":1,"x":${deepJson()}}}`,
    ],
    ['keys of the language', pollution],
    ['nothing', ''],
    ['null', 'null'],
    ['a newer form', '{"version":99}'],
  ])('of which one is %s are refused', (_, line) => {
    expect(readingOf(() => parseLines(Buffer.from(`${line}\n{}\n`), name))).toHaveProperty('error');
  });
});

describe('what is written is read back', () => {
  const event = fc
    .record({ type: nasty, detail: nasty, output: hostileValue })
    .map((members) => ({ ...members, seq: 1, at: 1_795_000_000_000 }));

  test('by the file and by memory, to the byte, and its chain holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 4 }), fc.uuid(), async (drawn, id) => {
        const records: JournalRecord[] = [];
        for (const [index, each] of drawn.entries()) {
          // What a journal is given is plain data of some type; which types there are is not its business.
          const kept = { ...each, seq: index + 1 } as unknown as RunEvent;
          records.push(recordOf(kept, records.at(-1)?.hash, sha256));
        }
        for (const store of [fileJournalStore(join(folder, 'written')), memoryState().journals]) {
          await store.append(id, records);
          const read = await store.read(id);
          expect(JSON.stringify(read)).toBe(JSON.stringify({ records, torn: false }));
          expect(faultsOf(read.records, sha256)).toEqual([]);
        }
      }),
      runs(15, 1_000),
    );
  });

  test('a lease, and nothing else for one', () => {
    const lease = {
      resource: 'aurora:nano-global',
      token: 7,
      holder: {
        runId: 'r',
        runbook: 'latency',
        environment: 'prod',
        who: 'ana',
        host: 'laptop',
        pid: 1,
        since: 1,
        step: 'promote',
      },
      expiresAt: 2,
      released: false,
    };
    expect(parseLease(leaseText(lease), 'the lease')).toEqual(lease);
    fc.assert(
      fc.property(
        fc.oneof(
          garbled(leaseText(lease)),
          mutated({ form: 1, lease }).map((each) => JSON.stringify(each) ?? ''),
          fc.constant(deepJson()),
        ),
        (text) => {
          const reading = readingOf(() => parseLease(text, 'the lease'));
          expect('value' in reading ? reading.value : lease).toMatchObject({
            resource: expect.any(String),
            holder: {},
          });
        },
      ),
      runs(60, 20_000),
    );
  });
});

describe('a command', () => {
  const showing = {
    runs: [
      (id: string) => ['runs', 'show', id],
      () => ['runs', 'list'],
      (id: string) => ['runs', 'verify', id],
      (id: string) => ['runs', 'report', id],
      () => ['dr', 'history'],
    ],
    incidents: [(id: string) => ['incident', 'show', id, '--sandbox'], () => ['incident', 'list', '--sandbox']],
  } as const;

  /** The commands that fail themselves for a journal, or send a terminal what steers it. */
  async function failing(kind: 'runs' | 'incidents', text: string): Promise<readonly string[]> {
    await mkdir(join(stateOf(kind), good[kind].id), { recursive: true });
    await writeFile(pathOf(kind), text);
    const failed: string[] = [];
    for (const words of showing[kind]) {
      const typed = words(good[kind].id);
      const { exitCode, stdout, stderr } = await nanoops(...typed);
      const isUnfit =
        /defect|\bat .*\.[jt]s:|TypeError|RangeError/.test(stderr) || /(?!\n)\p{Cc}/u.test(stdout + stderr);
      if (exitCode === 5 || isUnfit) failed.push([...typed, exitCode, stdout, stderr].join(' '));
    }
    return failed;
  }

  test.each(['runs', 'incidents'] as const)('tells of damaged %s, and never fails itself', async (kind) => {
    await fc.assert(
      fc.asyncProperty(garbled(good[kind].text, ['"seq":1', '\n']), async (text) => {
        expect(await failing(kind, text)).toEqual([]);
      }),
      runs(5, 1_000),
    );
  });

  test.each(['runs', 'incidents'] as const)(
    'tells of %s whose journal somebody wrote anew, hashes and all, and never fails itself',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(fc.gen(), async (draw) => {
          const records = recordsOf(good[kind].text);
          const at = draw(fc.nat, records.length - 1);
          const rewritten: JournalRecord[] = [];
          for (const [index, { event }] of records.entries()) {
            // As whatever it is taken for: that it is none is what is to be told.
            const put = (index === at ? draw(mutated, event) : event) as RunEvent;
            rewritten.push(recordOf(put, rewritten.at(-1)?.hash, sha256));
          }
          expect(await failing(kind, linesOf(rewritten))).toEqual([]);
        }),
        runs(6, 1_000),
      );
    },
  );

  test('shows nothing of a run whose journal was altered, and says how to see where', async () => {
    await writeFile(pathOf('runs'), good.runs.text.replace('"title":"', '"title":"Not '));
    const { id } = good.runs;
    const [show, list, verify] = await Promise.all([
      nanoops('runs', 'show', id),
      nanoops('runs', 'list', '--json'),
      nanoops('runs', 'verify', id),
    ]);
    expect(show).toMatchObject({ exitCode: 3, stdout: '' });
    expect(show.stderr.replaceAll(/\s+/g, ' ')).toContain('was altered: record 1 (run.started) was altered');
    expect(show.stderr).toContain(`nanoops runs verify ${id}`);
    expect(JSON.parse(list.stdout).items).toMatchObject([{ id, status: 'unreadable' }]);
    expect(verify.exitCode).toBe(1);
  });
});

/** As a schema says it: what is none of these is no summary, and no message that waits. */
const count = z.number().nonnegative();
const summaries = z.array(
  z.object({
    logGroup: z.string(),
    from: count,
    to: count,
    lookedMs: count,
    lines: count,
    patterns: z.array(z.object({ template: z.string(), level: z.enum(['error', 'critical']), count })),
  }),
);
const waiting = z.object({
  version: z.literal(1),
  receiver: z.string(),
  notification: z.object({
    key: z.string(),
    severity: z.enum(['critical', 'warning', 'info']),
    title: z.string(),
    text: z.string(),
    service: z.string(),
    environment: z.string(),
    at: z.number(),
    // Of these the message is one without them.
    runId: z.string().optional().catch(undefined),
    runbook: z.string().optional().catch(undefined),
    incident: z
      .object({
        id: z.string(),
        severity: z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4']),
        change: z.enum(['opened', 'acknowledged', 'updated', 'resolved']),
        publicText: z.string().optional().catch(undefined),
      })
      .optional(),
  }),
});

const jsonOf = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

describe('what is kept beside journals is read as it stands there, or counts as nothing:', () => {
  test('what checks keep', () => {
    const patterns = [{ template: 'a', level: 'error', count: 1 }];
    const kept = [1, 2].map((to) => ({ logGroup: '/a', from: 1, to, lookedMs: 1, lines: 1, patterns }));
    expect(parseSummaries(kept)).toEqual(kept);
    fc.assert(
      fc.property(mutated(kept), (value) => {
        const { data } = summaries.safeParse(value);
        expect(jsonOf(parseSummaries(value))).toEqual(jsonOf(data?.toSorted((a, b) => a.to - b.to)));
      }),
      runs(60, 20_000),
    );
    expect(parseSummaries(JSON.parse(deepJson()))).toBeUndefined();
  });

  test('what notifiers keep', () => {
    const incident = {
      id: '1123-badger',
      severity: 'SEV-2',
      change: 'opened',
      publicText: 'We look into it.',
    } as const;
    const named = { service: 'nano-api', environment: 'prod', runId: 'r', runbook: 'latency', incident };
    const message = {
      key: 'k',
      severity: 'critical',
      title: 'Slow',
      text: 'p99 2 s',
      at: 1_795_000_000_000,
      ...named,
    } as const;
    const kept = waitingText('slack', message);
    expect(waitingIn(kept)).toEqual({ receiver: 'slack', notification: message });
    const text = fc.oneof(
      garbled(kept),
      mutated(JSON.parse(kept)).map((each) => JSON.stringify(each) ?? ''),
      fc.constant(deepJson()),
    );
    const expectRead = (each: string): void => {
      const { data } = waiting.safeParse(jsonIn(each));
      const read = data === undefined ? undefined : { receiver: data.receiver, notification: data.notification };
      expect(jsonOf(waitingIn(each))).toEqual(jsonOf(read));
    };
    fc.assert(fc.property(text, expectRead), runs(60, 20_000));
    for (const key of Object.keys(message)) {
      for (const other of [undefined, null, 7, 'x', {}])
        expectRead(JSON.stringify({ ...JSON.parse(kept), notification: { ...message, [key]: other } }));
    }
  });
});

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test('a journal in a team’s table that was packed to stand for gigabytes is damaged, and takes no memory', async () => {
  const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024, ' '));
  const table: StateTable = {
    name: 'the table',
    table: 'nanoops',
    get: async () => ({ last: { N: '1' } }),
    query: async () => [{ sk: { S: '0000000001' }, zipped: { B: bomb } }],
    put: () => Promise.reject(new TypeError('nothing is written')),
    transact: () => Promise.reject(new TypeError('nothing is written')),
    describe: () => Promise.reject(new TypeError('nobody asks')),
    create: () => Promise.reject(new TypeError('nobody asks')),
    close: () => undefined,
  };
  const store = dynamoJournalStore(async () => table, 'DynamoDB table nanoops');
  await expect(store.read('20261123T100000Z-latency-aaaaaa')).rejects.toMatchObject({
    kind: 'corrupt',
    message: expect.stringContaining('it cannot be unpacked'),
  });
});
