/** `logs` as it is typed, on the simulated AWS: what is found, the exit codes, the formats, flags without a meaning. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { logPatternsDocument, reportDocument, slowQueriesDocument } from '../../src/report/schemas.ts';
import { newFolder, operator } from './operator.ts';

const errorsOf = async (words: string) => {
  const ana = await operator();
  const { exitCode, stdout } = await ana.type(`logs errors --sandbox ${words} --json`);
  const document = logPatternsDocument.parse(JSON.parse(stdout));
  expect(document.exitCode).toBe(exitCode);
  return document;
};

describe('logs errors', { timeout: 180_000 }, () => {
  test('on a calm day there is nothing new, and what there is stands there with its share', async () => {
    const { exitCode, patterns, window, before, api } = await errorsOf('healthy');
    expect(exitCode).toBe(0);
    expect(patterns.length).toBeGreaterThan(3);
    expect(patterns.every(({ anomaly }) => !anomaly)).toBe(true);
    expect(patterns.reduce((sum, { count }) => sum + count, 0)).toBe(window.lines);
    expect([window.searched, before.searched]).toEqual([1, 1]);
    expect(api).toMatchObject({ mutations: 0 });
    expect(Object.keys(api.byOperation)).toEqual(['logs:FilterLogEvents']);
  });

  test.each([
    ['bad-deploy', "object has no attribute 'entitlements'", 'error'],
    ['connection-pool-exhausted', 'QueuePool limit of size 20', 'error'],
    ['crash-loop', 'No module named', 'critical'],
  ])('%s: the pattern that came with it is new', async (scenario, words, level) => {
    const { exitCode, patterns } = await errorsOf(scenario);
    expect(exitCode).toBe(1);
    const found = patterns.find(({ example }) => example.includes(words));
    expect(found).toMatchObject({ change: 'new', anomaly: true, before: 0, level });
  });

  test('where logs stopped arriving nobody can tell', async () => {
    const { exitCode, verdict, summary } = await errorsOf('metrics-missing');
    expect([exitCode, verdict]).toEqual([3, 'unknown']);
    expect(summary).toContain('nothing at all was logged after');
  });

  test('a group that is not there is told with what to do, and is no error of the program', async () => {
    const { exitCode, summary, nextSteps } = await errorsOf('healthy --group /aws/ecs/other');
    expect(exitCode).toBe(3);
    expect(summary).toContain('/aws/ecs/other');
    expect(nextSteps.length).toBeGreaterThan(0);
  });

  test('a span that is over is compared with the one before it', async () => {
    const { window, before } = await errorsOf('bad-deploy --since 30m --until 10m');
    const minutes = (span: { from: string; to: string }) => (Date.parse(span.to) - Date.parse(span.from)) / 60_000;
    expect([minutes(window), minutes(before)]).toEqual([20, 20]);
    expect(before.to).toBe(window.from);
  });

  test('for people: the answer, the table, an example of what is new; no wider than the screen', async () => {
    const ana = await operator();
    const { stdout, exitCode } = await ana.type('logs errors --sandbox bad-deploy --no-color', { columns: 80 });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^! 1 new: [\d,]+ error lines in \d+ patterns\n/);
    expect(stdout).toContain('! new');
    expect(stdout).toMatch(/\nnew: [\d,]+ lines, 2026-11-23 /);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('with -q the answer alone, as ndjson a pattern a line', async () => {
    const ana = await operator();
    expect((await ana.type('logs errors --sandbox -q')).stdout.split('\n')).toHaveLength(2);
    const { stdout } = await ana.type('logs errors --sandbox -o ndjson');
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('template');
  });

  test('Markdown, and a page as a report', async () => {
    const ana = await operator();
    const file = join(await newFolder(), 'errors.html');
    const { stdout } = await ana.type(`logs errors --sandbox bad-deploy -o markdown --report ${file}`);
    expect(stdout).toContain('# nanoops logs errors: prod');
    expect(stdout).toContain('| lines | share | before |');
    const page = await readFile(file, 'utf8');
    expect(page).toContain('AttributeError');
    expect(page).not.toMatch(/<script|https?:\/\/|undefined/);
  });

  test.each([
    ['--region us-east-1', 'no log group of the application is configured in us-east-1'],
    ['--region eu-west-1', 'this stack has no part there'],
    ['--since 1h --until 2h', '--since is not before the end'],
    ['--yes', '--yes cannot be given here'],
    ['--approve x', '--approve cannot be given here'],
  ])('%s is refused', async (words, said) => {
    const ana = await operator();
    const { exitCode, stderr } = await ana.type(`logs errors --sandbox ${words}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('logs slow-queries', { timeout: 180_000 }, () => {
  test.each([
    ['slow-query', 1],
    ['healthy', 0],
  ])('%s', async (scenario, code) => {
    const ana = await operator();
    const { exitCode, stdout } = await ana.type(`logs slow-queries --sandbox ${scenario} --json`);
    const { statements, logging, exitCode: told } = slowQueriesDocument.parse(JSON.parse(stdout));
    expect([exitCode, told]).toEqual([code, code]);
    expect(logging).toEqual({ exported: true, slowQueryLog: true, toFile: true, longQuerySeconds: 0.5 });
    expect(statements.some(({ anomaly }) => anomaly)).toBe(code === 1);
    const totals = statements.map(({ totalSeconds }) => totalSeconds);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
  });

  test('where the export is off nobody can tell, and it is said what turns it on', async () => {
    const ana = await operator();
    const { exitCode, stdout } = await ana.type('logs slow-queries --sandbox logging-neglected --json');
    const { summary, nextSteps } = slowQueriesDocument.parse(JSON.parse(stdout));
    expect(exitCode).toBe(3);
    expect(summary).toContain('the export of the slow query log to CloudWatch is off');
    expect(nextSteps.join()).toContain('--db-cluster-identifier nano-db --cloudwatch-logs-export-configuration');
  });
});

describe('logs conformance', { timeout: 180_000 }, () => {
  test.each([
    ['healthy', 0, { breach: 0, warning: 0, unknown: 0 }],
    ['logging-neglected', 1, { breach: 3, warning: 3, unknown: 0 }],
    ['logging-half-done', 1, { breach: 0, warning: 9, unknown: 0 }],
    ['logs-lost', 1, { breach: 4, warning: 0, unknown: 1 }],
  ])('%s', async (scenario, code, counts) => {
    const ana = await operator();
    const { exitCode, stdout } = await ana.type(`logs conformance --sandbox ${scenario} --json`);
    const { checks } = reportDocument.parse(JSON.parse(stdout));
    expect(exitCode).toBe(code);
    for (const [status, count] of Object.entries(counts)) {
      expect([status, checks.filter((check) => check.status === status).length]).toEqual([status, count]);
    }
  });
});

test.each([
  ['healthy', 'ok', 0],
  ['bad-deploy', 'warning', 1],
  ['crash-loop', 'breach', 1],
])('the week on %s is %s', { timeout: 180_000 }, async (scenario, status, code) => {
  const ana = await operator();
  const { exitCode, stdout } = await ana.type(`checks run weekly-error-logs --sandbox ${scenario} --json`);
  expect(exitCode).toBe(code);
  expect(JSON.parse(stdout).checks).toMatchObject([{ id: 'weekly-error-logs', status }]);
});
