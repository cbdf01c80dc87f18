/** `nanoops capacity forecast` on the simulated AWS. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentSchemas } from '../../src/config/json-schema.ts';
import { forecastDocument } from '../../src/report/schemas.ts';
import { violations } from '../config/schema-check.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';

const seeds = inTier({ all: [1, 2, 3, 4, 5, 6], some: [1] });

/** The same words give the same forecast: it is made once. */
const made = new Map<string, ReturnType<typeof makeForecast>>();

async function makeForecast(words: readonly string[]) {
  const ended = await runMain(['capacity', 'forecast', '--sandbox', ...words, '-o', 'json']);
  return { ...ended, document: forecastDocument.parse(JSON.parse(ended.stdout)) };
}

function forecast(...words: readonly string[]): ReturnType<typeof makeForecast> {
  const known = made.get(words.join(' ')) ?? makeForecast(words);
  made.set(words.join(' '), known);
  return known;
}

/** Five weeks are simulated, in about a second. */
const timeout = 90_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-forecast-'));
});
afterAll(() => rm(folder, { recursive: true }));

const day = 86_400_000;

describe.each(seeds)('with seed %i', { timeout }, (seed) => {
  test('nothing is reached where nothing grows', async () => {
    const { exitCode, stderr, document } = await forecast('healthy', '--seed', `${seed}`);
    expect(stderr).toBe('');
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 0, verdict: 'ok' });
    expect(document.resources.map(({ id, status }) => [id, status])).toEqual(
      ['ecs-cpu', 'ecs-memory', 'task-count', 'database-cpu', 'database-connections', 'database-storage']
        .concat(['cache-memory', 'cache-cpu'])
        .map((id) => [id, 'ok']),
    );
    expect(document.users).toMatchObject({ status: 'ok', within: 10_000 });
    expect(document.users.history).toHaveLength(35);
    expect(document.api.mutations).toBe(0);
  });

  test('steep growth fills the tier within weeks, and the tasks’ CPU within the horizon', async () => {
    const { exitCode, document } = await forecast('growth-steep', '--seed', `${seed}`);
    expect(exitCode).toBe(1);
    const tier = document.users.tiers.find(({ users }) => users === 10_000);
    expect(tier?.outlook).toBe('approaching');
    const ahead = Date.parse(tier?.at ?? '') - Date.parse(document.asOf);
    expect(ahead).toBeLessThan(21 * day);
    expect(Date.parse(tier?.earliest ?? '')).toBeLessThanOrEqual(Date.parse(tier?.at ?? ''));
    expect(Date.parse(tier?.latest ?? '')).toBeGreaterThanOrEqual(Date.parse(tier?.at ?? ''));
    const cpu = document.resources.find(({ id }) => id === 'ecs-cpu');
    expect(cpu).toMatchObject({ status: 'warning', outlook: 'approaching' });
    const memory = document.resources.find(({ id }) => id === 'ecs-memory');
    expect(memory).toMatchObject({ status: 'ok', at: null });
  });

  test('what is used sustainedly already needs attention whatever grows, also where only a breach does', async () => {
    const { exitCode, document } = await forecast('load-sustained', '--seed', `${seed}`, '--fail-on', 'breach');
    expect(exitCode).toBe(1);
    const cpu = document.resources.find(({ id }) => id === 'ecs-cpu');
    expect(cpu).toMatchObject({ status: 'breach', outlook: 'reached', at: null });
    expect(cpu?.hoursAbove).toBeGreaterThan(0.5);
  });
});

test('where metrics stopped arriving nobody can tell how it is now', { timeout }, async () => {
  const { exitCode, document } = await forecast('metrics-stopped');
  expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 3, verdict: 'unknown' });
  expect(new Set(document.resources.map(({ status }) => status))).toEqual(new Set(['unknown']));
});

test('half an hour without metrics is no gap in five weeks by the hour', { timeout }, async () => {
  const { exitCode, document } = await forecast('metrics-missing');
  expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 0, verdict: 'ok' });
});

test('a shorter horizon needs no attention for what comes later, and the two agree on when', { timeout }, async () => {
  const [near, far] = [
    await forecast('growth-steep', '--seed', '1', '--horizon', '30d'),
    await forecast('growth-steep', '--seed', '1'),
  ];
  const cpuOf = ({ document }: typeof near) => document.resources.find(({ id }) => id === 'ecs-cpu');
  expect(cpuOf(near)).toMatchObject({ status: 'ok', at: cpuOf(far)?.at });
  expect(cpuOf(far)?.status).toBe('warning');
});

test('every format tells of the same forecast', { timeout }, async () => {
  const file = join(folder, 'forecast.html');
  const words = ['capacity', 'forecast', '--sandbox', 'growth-steep', '--seed', '1'];
  const { document } = await forecast('growth-steep', '--seed', '1');
  expect(violations(documentSchemas['forecast']?.() ?? {}, document)).toEqual([]);

  const human = await runMain([...words, '--report', file], { columns: 100 });
  expect(human.exitCode).toBe(1);
  expect(human.stdout).toMatch(/^! CPU of the tasks: .+70 % around \d{4}-\d\d-\d\d/);
  expect(human.stdout).toContain('10,000 │┄┄');
  for (const line of human.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect(await readFile(file, 'utf8')).toContain('<desc id="chart-text">From ');

  const markdown = await runMain([...words, '-o', 'markdown']);
  expect(markdown.stdout).toMatch(/\| 10,000 \| 5–8 tasks, db\.r6g\.large \| \d{4}-/);
  const lines = (await runMain([...words, '-o', 'ndjson'])).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual([
    ...document.users.tiers.map(({ users }) => `users-${users}`),
    ...document.resources.map(({ id }) => id),
  ]);
  const junit = await runMain([...words, '-o', 'junit']);
  expect(junit.stdout).toContain('tests="9"');
  expect((await runMain([...words, '-q'])).stdout.trim().split('\n')).toHaveLength(1);
});

test.each([
  [['--horizon', '0d'], 'InvalidHorizon'],
  [['--horizon', '3y'], 'InvalidDuration'],
  [['--horizon', '900d'], 'InvalidHorizon'],
  [['--since', '2d'], 'FlagWithoutMeaning'],
])('%j is refused', { timeout }, async (words, code) => {
  const ended = await runMain(['capacity', 'forecast', '--sandbox', ...words, '--json']);
  expect(ended.exitCode).toBe(2);
  expect(JSON.parse(ended.stdout).error.code).toBe(code);
});

test('the weekly check breaches where tasks are used sustainedly', { timeout }, async () => {
  const ended = await runMain(['checks', 'run', 'weekly-capacity', '--sandbox', 'load-sustained', '--json']);
  expect(JSON.parse(ended.stdout).checks).toMatchObject([{ id: 'weekly-capacity', status: 'breach' }]);
});
