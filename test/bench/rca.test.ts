/** The benchmark of the root-cause engine as a command: a folder laid out like PetShop, of the made-up shop, in; predictions out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaNode } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BadInput, numberOf, parseCsv } from '../../bench/rca/csv.js';
import type { Readings } from '../../src/diagnosis/root-cause/input.ts';
import { runMain } from '../support/run-main.ts';
import { incidentOf, type Fault } from '../diagnosis/root-cause/made-up.ts';

const script = join(import.meta.dirname, '../../bench/rca.js');
const capturing = join(import.meta.dirname, '../../bench/rca-captures.js');
const folder = mkdtempSync(join(tmpdir(), 'nanoops-rca-test-'));
const scenario = join(folder, 'calm_shop');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  return execaNode(script, args, { reject: false });
}

/** Columns of PetShop, availability in percent, empty where nothing was measured. */
function csvOf(components: readonly { readonly id: string; readonly readings: Readings }[]): string {
  const columns = components.flatMap(
    ({ id, readings: { requests = [], faults = [], meanSeconds = [], percentiles = {} } }) => [
      [id, 'requests', 'Sum', ...requests],
      [id, 'latency', 'Average', ...meanSeconds],
      [id, 'latency', 'p99', ...(percentiles['p99'] ?? [])],
      [id, 'availability', 'Average', ...requests.map((count, index) => 100 * (1 - (faults[index] ?? 0) / count))],
    ],
  );
  const at = components[0]?.readings.at ?? [];
  const head = ['microservice', 'metric', 'statistic', ...at.map((time) => time / 1000)];
  const rows = head.map((first, row) =>
    [first, ...columns.map((column) => (Number.isNaN(column[row]) ? '' : column[row]))].join(','),
  );
  return [...rows.slice(0, 3), `unix_timestamp${','.repeat(columns.length)}`, ...rows.slice(3), ''].join('\n');
}

function write(issue: string, kind: 'latency' | 'availability', fault: Fault, cause?: string): void {
  const { components, calls } = incidentOf(kind, fault);
  const ids = components.map(({ id }) => id);
  const isCalled = (from: string, to: string): number =>
    calls.some((call) => call.from === from && call.to === to) ? 1 : 0;
  const graph = ids.map((from) => [from, ...ids.map((to) => isCalled(from, to))].join(','));
  mkdirSync(join(scenario, 'noissue'), { recursive: true });
  mkdirSync(join(scenario, 'test', issue), { recursive: true });
  writeFileSync(join(scenario, 'graph.csv'), [['', ...ids].join(','), ...graph, ''].join('\n'));
  writeFileSync(
    join(scenario, 'noissue/metrics.csv'),
    csvOf(components.map(({ id, normal }) => ({ id, readings: normal }))),
  );
  const metrics = csvOf(components.map(({ id, incident }) => ({ id, readings: incident })));
  writeFileSync(join(scenario, 'test', issue, 'metrics.csv'), metrics);
  const target = {
    target: { node: 'site', metric: kind, agg: 'Average' },
    ...(cause === undefined ? {} : { root_cause: { node: cause } }),
  };
  writeFileSync(join(scenario, 'test', issue, 'target.json'), JSON.stringify(target));
}

beforeAll(() => {
  write('issue_0', 'latency', { component: 'payments_remote', slower: 1 });
  write('issue_1', 'availability', { component: 'items_AWS::DynamoDB::Table', failing: 0.05 });
  write('issue_2', 'latency', { component: 'site', load: 1 });
});

test('predictions have a row for every incident, empty where nothing was found, without a cause to compare with', async () => {
  const file = join(folder, 'predictions.json');
  const { exitCode, stdout, stderr } = await run(folder, '--predictions', file, '--step', '60');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'calm_shop has no incidents in train.' });
  const rows: { ranked: string[] }[] = JSON.parse(readFileSync(file, 'utf8'));
  expect(rows.map(({ ranked, ...row }) => ({ ...row, first: ranked[0] }))).toEqual([
    { scenario: 'calm_shop', split: 'test', issue: 'issue_0', first: 'payments_remote' },
    { scenario: 'calm_shop', split: 'test', issue: 'issue_1', first: 'items_AWS::DynamoDB::Table' },
    { scenario: 'calm_shop', split: 'test', issue: 'issue_2', first: undefined },
  ]);
  expect(stdout).toMatch(/^calm_shop latency +2 +– +– +1\.000 +1\.000 +1\.000 \| –$/mu);
});

test('an incident becomes a capture, of which the diagnosis says the same without contacting anything', async () => {
  const to = join(folder, 'captures');
  const { exitCode, stdout, stderr } = await execaNode(capturing, [folder, '--to', to], { reject: false });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'calm_shop-test-issue_0  latency  payments',
    'calm_shop-test-issue_1  availability  items',
    expect.stringMatching(/^calm_shop-test-issue_2 {2}latency {2}/),
  ]);
  const slow = await runMain(['diagnose', 'latency', '--replay', join(to, 'calm_shop-test-issue_0.json'), '--json']);
  expect(JSON.parse(slow.stdout)).toMatchObject({
    api: { calls: 0 },
    causes: [{ component: 'payments' }],
  });
  const failing = await runMain(['diagnose', 'errors', '--replay', join(to, 'calm_shop-test-issue_1.json'), '--json']);
  expect(JSON.parse(failing.stdout)).toMatchObject({
    api: { calls: 0 },
    causes: [{ component: 'items' }],
  });
});

test('wrong arguments and files end with 2, and say what is wrong', async () => {
  const bad = join(folder, 'bad', 'torn');
  mkdirSync(bad, { recursive: true });
  writeFileSync(join(bad, 'graph.csv'), ',a\na\n');
  const answers = await Promise.all([
    run(),
    run(join(folder, 'nowhere')),
    run(folder, '--split', 'half'),
    run(folder, '--synthetic', '--seeds', '0'),
    run(folder, '--wrong'),
    run(scenario),
    run(join(folder, 'bad')),
  ]);
  expect(answers.map(({ exitCode }) => exitCode)).toEqual(answers.map(() => 2));
  const said = answers.map(({ stderr }) => stderr.replaceAll(folder, '…'));
  expect(said).toEqual([
    'One folder is wanted: npm run bench:rca -- <folder>',
    '…/nowhere does not exist.',
    '--split half: it is "train" or "test".',
    '--seeds 0: a whole number from 1 on is wanted.',
    expect.stringContaining("Unknown option '--wrong'"),
    '…/calm_shop holds no scenario: no sub-folder has a graph.csv.',
    '…/bad/torn/graph.csv:2 has 1 fields where the first line has 2.',
  ]);
});

test('CSV is read strictly', () => {
  expect(parseCsv('a,"b ""c"", d",\n1,2,3\r\n', 'f')).toEqual([
    ['a', 'b "c", d', ''],
    ['1', '2', '3'],
  ]);
  expect(() => parseCsv('"a\n', 'f')).toThrow(
    new BadInput('f:1 has a quote that is not closed, or text after one that is.'),
  );
  expect(() => parseCsv('', 'f')).toThrow('f is empty.');
  expect(numberOf(' ', 'f')).toBeNaN();
  expect(() => numberOf('1.5s', 'f:3')).toThrow('f:3: "1.5s" is no number.');
});
