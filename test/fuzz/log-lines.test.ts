/**
 * Whatever stands in a log line, a statement, a plan, an audit record or an error's text: anybody who can send a request
 * writes into these. Readers give something, and take time in proportion to what they read.
 */
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { accessEventFrom, changeFrom } from '../../src/aws/facts/trail-event.ts';
import { cleanText } from '../../src/capture/clean.ts';
import type { LogLine, LogSearch } from '../../src/cloud/facts.ts';
import { quoted, toldBy } from '../../src/diagnosis/database/log-text.ts';
import { indexCandidate } from '../../src/diagnosis/index-candidate.ts';
import { countLines, countTimeoutsOf } from '../../src/diagnosis/log-patterns.ts';
import { withoutSecrets } from '../../src/diagnosis/secrets.ts';
import { slowStatements, slowTimes } from '../../src/diagnosis/slow-log.ts';
import { statementShape } from '../../src/diagnosis/statement-shape.ts';
import { lineFaults } from '../../src/logs/line-faults.ts';
import { tellingOf } from '../../src/logs/line.ts';
import { patternsOf } from '../../src/logs/patterns.ts';
import { readPlan } from '../../src/outside/inspect/plan.ts';
import { plain } from '../../src/terminal/text.ts';
import { tracedName, tracedPath, tracedUrl } from '../../src/use-cases/traced-text.ts';
import { nasty } from '../terminal/nasty.ts';
import { deepJson, expectCleanPrototypes, garbled, mutated, pollution, runs } from './hostile.ts';

afterEach(expectCleanPrototypes);

const window = { from: 0, to: 60_000 };
const lineOf = (message: string): LogLine => ({ at: 1_000, stream: 'task/1', message });

const source = { operation: 'logs:FilterLogEvents', region: 'us-west-2', detail: 'lines' };
const searchOf = (message: string): LogSearch => ({ lines: [lineOf(message)], truncated: false, source });

/** Every reader of such texts, by its name. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  accessEventFrom,
  changeFrom,
  cleanText,
  countLines: (text) => countLines(searchOf(text), 'timeout', window, window),
  countTimeoutsOf: (text) => countTimeoutsOf(searchOf(text), 'nano-db', window, window),
  indexCandidate: (text) => indexCandidate(statementShape(text)),
  patternsOf: (text) => patternsOf({ lines: [lineOf(text), lineOf(`${text} 7`)], lookedMs: 60_000 }, undefined),
  plain,
  quoted,
  readPlan,
  slowStatements: (text) => slowStatements([lineOf(text)]),
  slowTimes: (text) => slowTimes([lineOf(text)]),
  statementShape,
  tellingOf,
  toldBy,
  tracedName,
  tracedPath,
  tracedUrl,
  withoutSecrets,
};

const structured = {
  timestamp: '2026-11-23T11:58:01.123Z',
  level: 'ERROR',
  service: 'nano-api',
  trace_id: '1-6afe0000-000000000000000000000000',
  action: 'nano.read',
  error: { type: 'PoolTimeout', message: 'QueuePool limit of size 20 overflow 10 reached', stack: ['a', 'b'] },
  message: 'could not read nano 4711: password=hunter2',
};

const slow = `# Time: 2026-11-23T11:58:01.123456Z
# User@Host: nano_app[nano_app] @  [10.0.1.17]  Id:  4711
# Query_time: 2.504312  Lock_time: 0.000004 Rows_sent: 20  Rows_examined: 420000
SET timestamp=1795435081;
SELECT id, 'a''b' FROM nanos WHERE status = "x" AND /* why */ rating > 4.5e3 ORDER BY rating DESC LIMIT 20;`;

const audit = {
  eventTime: '2026-11-23T11:58:01Z',
  eventName: 'ConsoleLogin',
  eventSource: 'signin.amazonaws.com',
  awsRegion: 'us-east-1',
  sourceIPAddress: '203.0.113.7',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/ana', userName: 'ana' },
  responseElements: { ConsoleLogin: 'Failure' },
  additionalEventData: { MFAUsed: 'No' },
  requestParameters: { dBClusterIdentifier: 'nano-db' },
};

const plan = {
  query_block: {
    select_id: 1,
    cost_info: { query_cost: '85132.40' },
    ordering_operation: {
      using_filesort: true,
      table: { table_name: 'nanos', access_type: 'ALL', rows_examined_per_scan: 420_000 },
    },
  },
};

const asJson = (document: unknown) => mutated(document).map((each) => JSON.stringify(each) ?? '');

const foreign = fc.oneof(
  nasty,
  asJson(structured),
  asJson(structured).map((json) => `2026-11-23T11:58:01Z ERROR ${json}`),
  garbled(JSON.stringify(structured), ['\\', 'SELECT ', ' FROM ', 'password=']),
  garbled(slow, ['--', '/*', '*/', '\\', '`', '(', ')', ';', '# Time: ']),
  garbled('https://ana:hunter2@nano.example:99999/a/../%zz/nanos?token=abc#x', ['%', '//', '@', '[', ':']),
  asJson(audit),
  asJson(plan),
);

/** The readers that fail for it, and with what. */
function failing(text: string): readonly string[] {
  return Object.entries(readers).flatMap(([name, read]) => {
    try {
      read(text);
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.stack : String(error)}`];
    }
  });
}

test('no line, statement, plan or record makes a reader fail', () => {
  fc.assert(
    fc.property(foreign, (each) => {
      expect(failing(each)).toEqual([]);
    }),
    runs(60, 30_000),
  );
});

test.each([
  ['nested without end', deepJson()],
  ['objects without end', `${'{"error":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ['objects without end behind a level', `ERROR ${'{"message":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ['keys of the language', pollution],
])('nor does one that is %s', (_name, text) => {
  expect(failing(text)).toEqual([]);
});

test('whether lines are as they should be is told of all of them, whatever they are', () => {
  const lines = [...fc.sample(foreign, runs(20, 1_000).numRuns), deepJson(), pollution, '[]', '7', ''].map(lineOf);
  const right = JSON.stringify({ ...structured, action: 'NANO_READ' });
  const all = lineFaults([...lines, lineOf(right)]);
  const alone = lines.map((each) => lineFaults([each]));
  const told = new Map<string, number>();
  for (const { faults } of alone) {
    for (const { fault, lines: times } of faults) told.set(fault, (told.get(fault) ?? 0) + times);
  }
  const sum = (name: 'bad' | 'unstructured') => alone.reduce((total, each) => total + each[name], 0);
  expect(all).toMatchObject({ lines: lines.length + 1, bad: sum('bad'), unstructured: sum('unstructured') });
  expect(Object.fromEntries(all.faults.map(({ fault, lines: times }) => [fault, times]))).toEqual(
    Object.fromEntries(told),
  );
  const counts = all.faults.map(({ lines: times }) => times);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  for (const { bad, example } of [all, ...alone]) expect(example === undefined).toBe(bad === 0);
  // What is no object has no fields.
  expect(alone.slice(-5).map(({ unstructured }) => unstructured)).toEqual([1, 0, 1, 1, 1]);
  const pumped = (length: number) => pumps.map((piece) => lineOf(piece.repeat(length / piece.length)));
  expect(isInProportion((length) => lineFaults(pumped(length)))).toBe(true);
});

test.each(Object.entries(readers))('%s takes time in proportion to what it reads', (_, read) => {
  for (const piece of pumps) {
    expect([piece, isInProportion((length) => read(piece.repeat(length / piece.length)))]).toEqual([piece, true]);
  }
});

function isInProportion(work: (length: number) => unknown): boolean {
  // Another try where it took long: others use the machine, too.
  return [1, 2, 3].some(() => {
    const long = cost(() => work(20_000));
    // Ten times as long takes a hundred times the time at the least, where it grows with the square.
    return long < 50 || long < 50 * cost(() => work(2_000));
  });
}

/** What patterns that backtrack choke on. */
const pumps = [
  ' ',
  '\t',
  '\n',
  'a',
  '0',
  '"',
  "'",
  '(',
  '{',
  '[',
  '<',
  '\\',
  '/',
  '%',
  '@',
  '.',
  '-',
  '=',
  ':',
  ';',
  '`',
  ',',
  'a ',
  'a.',
  'a@',
  'a=',
  '0.',
  '//',
  '/*',
  '--',
  '{"',
  '":',
  'a:',
  '((',
  '()',
  '\r\n',
  'a\n',
  'A1',
  '::',
  'f:',
  '#\n',
  '\\"',
  ' @',
  'or ',
  'select ',
  'a from ',
  'password',
  'timeout ',
  'get ',
  'token=',
  'Bearer ',
  '-----BEGIN ',
  'x@x.',
  'update ',
  'with a as(',
  'in(1,1)',
  'http://',
  '# Time: ',
];

function cost(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}
