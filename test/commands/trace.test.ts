/** `trace` as it is typed, on the simulated AWS: what is found, that it agrees, the exit codes, the formats, what is refused. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { traceDocument, traceMapDocument, tracesDocument } from '../../src/report/schemas.ts';
import { errorOf, newFolder, operator } from './operator.ts';

const listOf = async (words: string) => {
  const ana = await operator();
  const { exitCode, stdout } = await ana.type(`trace list --sandbox ${words} --json`);
  const document = tracesDocument.parse(JSON.parse(stdout));
  expect(document.exitCode).toBe(exitCode);
  return document;
};
const mapOf = async (words: string) => {
  const ana = await operator();
  const { exitCode, stdout } = await ana.type(`trace map --sandbox ${words} --json`);
  const document = traceMapDocument.parse(JSON.parse(stdout));
  expect(document.exitCode).toBe(exitCode);
  return document;
};

describe('trace list', { timeout: 180_000 }, () => {
  test('the slowest first, with where their time went and what shows one of them', async () => {
    const { traces, nextSteps, api, found } = await listOf('slow-query --limit 5');
    expect(traces).toHaveLength(5);
    expect(found).toBeGreaterThan(1_000);
    expect(traces.map(({ durationMs }) => durationMs)).toEqual(
      traces.map(({ durationMs }) => durationMs).toSorted((a, b) => b - a),
    );
    expect(traces[0]).toMatchObject({ method: 'GET', most: { component: { kind: 'database', name: 'nano-db' } } });
    expect(nextSteps).toEqual([`nanoops trace show ${traces[0]?.id} --sandbox slow-query`]);
    expect(api.mutations).toBe(0);
  });

  test('only those that failed, or took longer', async () => {
    const failed = await listOf('bad-deploy --errors --since 5m --limit 40');
    const order = failed.traces.map(({ outcome }) => outcome);
    expect(order).toContain('fault');
    expect(order).not.toContain('ok');
    expect(order.lastIndexOf('fault')).toBeLessThan(order.includes('error') ? order.indexOf('error') : order.length);
    const slow = await listOf('slow-query --slower-than 4s --since 5m');
    expect(slow.traces.every(({ durationMs }) => durationMs > 4_000)).toBe(true);
  });

  test('that none is slow is an answer where there are others; that there are none at all is not', async () => {
    const none = await listOf('healthy --slower-than 1m --since 2m');
    expect(none).toMatchObject({
      verdict: 'ok',
      traces: [],
      summary: 'No trace slower than 60 s among those of this window',
    });
    const unseen = await listOf('metrics-missing --since 2m');
    expect(unseen).toMatchObject({ exitCode: 3, verdict: 'unknown', traces: [] });
    expect(unseen.summary).toContain('sends no traces');
    expect((await listOf('metrics-missing --since 2m --errors')).exitCode).toBe(3);
  });

  test('for people it fits the screen, as ndjson it is a trace a line', async () => {
    const ana = await operator();
    const { stdout } = await ana.type('trace list --sandbox slow-query --since 2m --no-color', { columns: 80 });
    expect(stdout).toMatch(/^20 of \d+ traces, the slowest first/);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('next'))).toEqual([]);
    const lines = (await ana.type('trace list --sandbox --since 2m --limit 3 -o ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['id', 'id', 'id']);
  });

  test.each([
    ['--limit 0', 'whole number from 1 to 100'],
    ['--limit many', 'has to be a whole number'],
    ['--slower-than soon', '--slower-than: "soon" is no duration'],
    ['--since 1h --until 2h', '--since is not before the end'],
    ['--since 40d', 'before what X-Ray keeps'],
    ['--yes', '--yes cannot be given here'],
    ['--region eu-west-1', 'this stack has no part there'],
  ])('%s is refused', async (words, said) => {
    const ana = await operator();
    const { exitCode, stderr } = await ana.type(`trace list --sandbox ${words}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('trace show', { timeout: 180_000 }, () => {
  test('parts, whose time adds up, with what the whole waited for', async () => {
    const ana = await operator();
    const id = (await listOf('s3-slow --limit 1 --since 3m')).traces[0]?.id ?? '';
    const { exitCode, stdout } = await ana.type(`trace show ${id} --sandbox s3-slow --json`);
    expect(exitCode).toBe(0);
    const { spans, components, durationMs, summary } = traceDocument.parse(JSON.parse(stdout));
    expect(components[0]).toMatchObject({ kind: 'storage', name: 'nano-zips' });
    expect(summary).toContain('in nano-zips');
    const whole = spans.reduce((sum, { selfMs }) => sum + (selfMs ?? 0), 0);
    const critical = spans.reduce((sum, { criticalMs }) => sum + criticalMs, 0);
    expect([Math.round(whole), Math.round(critical)]).toEqual([Math.round(durationMs), Math.round(durationMs)]);
    // W3C’s form of the id is the same trace, in capitals too.
    const other = await ana.type(`trace show ${id.slice(2).replace('-', '').toUpperCase()} --sandbox s3-slow --json`);
    expect(JSON.parse(other.stdout)).toMatchObject({ id });
  });

  test.each([50, 80, 120])('on %i columns no line is longer', async (columns) => {
    const ana = await operator();
    const id = (await listOf('slow-query --limit 1 --since 3m')).traces[0]?.id ?? '';
    const { stdout } = await ana.type(`trace show ${id} --sandbox slow-query --no-color -v`, { columns });
    expect(stdout).toContain('what the whole waited for');
    expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
  });

  test.each([
    ['1-6b041bb9-000000000000000000000000', 3, 'UnknownTrace', 'was not sampled'],
    ['1-00000001-000000000000000000000000', 3, 'UnknownTrace', 'more than 30 days ago'],
    // Nothing was asked.
    ['nonsense', 2, 'NoTraceId', 'is no trace id'],
  ])('%s is not there: exit code %i, and what to type', async (id, exitCode, code, said) => {
    const ana = await operator();
    const ended = await ana.type(`trace show ${id} --sandbox healthy --json`);
    expect(ended.exitCode).toBe(exitCode);
    const error = errorOf(ended);
    expect(error).toMatchObject({
      code,
      nextStep: exitCode === 3 ? 'nanoops trace list --sandbox healthy' : 'nanoops trace list',
    });
    expect(error.message).toContain(said);
  });

  test('a page and Markdown tell the same', async () => {
    const ana = await operator();
    const id = (await listOf('slow-query --limit 1 --since 3m')).traces[0]?.id ?? '';
    const file = join(await newFolder(), 'trace.html');
    const { stdout } = await ana.type(`trace show ${id} --sandbox slow-query -o markdown --report ${file}`);
    expect(stdout).toContain('| waited for | begins | took | in itself | part |');
    const page = await readFile(file, 'utf8');
    expect(page).toContain('<ol class="gantt"');
    expect(page).not.toMatch(/<script|https?:\/\/|undefined|NaN/);
  });

  test('a window has no meaning for one trace', async () => {
    const ana = await operator();
    const { exitCode, stderr } = await ana.type('trace show 1-6b041bb9-000000000000000000000000 --since 1h --sandbox');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--since cannot be given here')]);
  });
});

describe('trace map', { timeout: 180_000 }, () => {
  test('every kind of call from the clients on, slow and failing where the trouble is', async () => {
    const { calls, components } = await mapOf('downstream-dependency --since 5m');
    expect(components.map(({ label, layer, root }) => [label, layer, root])).toEqual([
      ['clients of nano-api', 0, false],
      ['nano-api', 1, true],
      ['moderation.example.com', 2, false],
      ['nano-cache', 2, false],
      ['nano-db', 2, false],
      ['nano-zips', 2, false],
    ]);
    const slowest = calls.slice(1).toSorted((a, b) => (b.averageMs ?? 0) - (a.averageMs ?? 0))[0];
    expect(slowest?.to).toMatch(/^remote moderation\.example\.com/);
    expect(slowest?.faultRate).toBeGreaterThan(0);
    expect(calls.every(({ p95Ms, averageMs }) => (p95Ms ?? 0) > 0 && (averageMs ?? 0) > 0)).toBe(true);
  });

  test('nothing traced is not told as well', async () => {
    expect(await mapOf('metrics-missing --since 2m')).toMatchObject({ exitCode: 3, verdict: 'unknown', calls: [] });
  });

  test('as a tree, as Mermaid, in Markdown, as a page', async () => {
    const ana = await operator();
    const file = join(await newFolder(), 'map.html');
    const { stdout } = await ana.type(`trace map --sandbox --since 2m --no-color --report ${file}`, { columns: 80 });
    expect(stdout).toContain('└ nano-api');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const page = await readFile(file, 'utf8');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/<script|https?:\/\/|undefined|NaN/);
    const { stdout: mermaid } = await ana.type('trace map --sandbox --since 2m --format mermaid');
    expect(mermaid).toMatch(/^flowchart LR\n {2}n1\["clients of nano-api<br\/>client"\]\n/);
    const { stdout: markdown } = await ana.type('trace map --sandbox --since 2m -o markdown');
    expect(markdown).toContain('```mermaid\nflowchart LR');
    expect(markdown).toContain('| requests | average | p95 | faults | 4xx |');
  });
});
