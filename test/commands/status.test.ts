/** `status` and `status --watch` as they are typed, on the simulated AWS. */
import { describe, expect, test, vi } from 'vitest';
import { reportDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';
import { fakeTerminal, type FakeTerminal } from '../terminal/keyboard.ts';
import { operator } from './operator.ts';

/** The first look takes as long as it takes to simulate an hour. */
function looked(terminal: FakeTerminal): Promise<boolean> {
  return vi.waitUntil(() => terminal.drawn().includes('look 2 at'), { timeout: 40_000, interval: 20 });
}

const watch = ['status', '--watch', '--sandbox', 'slow-query'];

test('watching without a terminal is a line for what is wrong and one for each look', async () => {
  const { exitCode, stdout, stderr } = await runMain([...watch, '--looks', '2', '--interval', '60s']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((line) => / look \d/.test(line))).toEqual([
    expect.stringMatching(
      /^2026-11-23 11:03:00 UTC {2}! look 1: 5 breaches, .*; data until 11:01 UTC; next look 11:04:00 UTC$/,
    ),
    expect.stringMatching(/^2026-11-23 11:04:00 UTC {2}! look 2: .*; data until 11:02 UTC$/),
  ]);
  expect(stdout).toContain(
    '✗ api: Latency p99 is breach: 4.14 s (target <2 s, alert >3 s); next: nanoops diagnose latency',
  );
  expect(stderr).toBe('');
  expect(exitCode).toBe(1);
}, 180_000);

test('what was measured says over which span, and when', async () => {
  const { stdout } = await runMain(['status', '--sandbox', '--json']);
  const measured = reportDocument.parse(JSON.parse(stdout)).checks.filter(({ status }) => status !== 'not-configured');
  expect(measured.length).toBeGreaterThan(10);
  const untold = measured.filter(({ observed }) => typeof observed?.at !== 'string' || observed.window === undefined);
  expect(untold.map(({ id, observed }) => ({ id, at: observed?.at, window: observed?.window }))).toEqual([]);
});

test('as ndjson it is a report a line', async () => {
  const { exitCode, stdout } = await runMain([...watch, '--looks', '2', '-o', 'ndjson', '--fail-on', 'breach']);
  const documents = stdout
    .trimEnd()
    .split('\n')
    .map((line) => reportDocument.parse(JSON.parse(line)));
  expect(documents.map(({ generatedAt }) => generatedAt.slice(0, 19))).toEqual([
    '2026-11-23T11:03:00',
    '2026-11-23T11:03:30',
  ]);
  expect(documents[0]).toMatchObject({ command: 'status', verdict: 'attention', until: '2026-11-23T11:01:00.000Z' });
  expect(exitCode).toBe(1);
}, 180_000);

test('on a terminal it is a picture, which q leaves; the last one stays', async () => {
  const terminal = fakeTerminal(100);
  const ended = runMain(watch, { terminal, isTTY: true, columns: 100, env: { NO_COLOR: '1' } });
  await looked(terminal);
  await terminal.type('look 2 at', 'q');
  const { exitCode, stdout } = await ended;
  expect(terminal.drawn()).toContain('Latency p99');
  expect(terminal.written()).toContain('\u001b[?1049h');
  expect(terminal.written().endsWith('\u001b[?1049l')).toBe(true);
  expect(terminal.isRaw()).toBe(false);
  expect(stdout).toMatch(/^! 5 beyond the alert threshold: API latency p99/);
  expect(exitCode).toBe(1);
}, 180_000);

test('Ctrl-C ends it with 130, and leaves the terminal as it was', async () => {
  const terminal = fakeTerminal(100);
  const interrupted = new AbortController();
  const ended = runMain(watch, { terminal, isTTY: true, signal: interrupted.signal, env: { NO_COLOR: '1' } });
  await looked(terminal);
  interrupted.abort(new Error('received SIGINT'));
  // At once: whoever asks a second time does not wait for anything.
  expect(terminal.written().endsWith('\u001b[?1049l')).toBe(true);
  expect(await ended).toMatchObject({ exitCode: 130, stderr: '' });
}, 180_000);

describe.each([
  [['--watch', '-o', 'markdown'], /^error: -o markdown is one document/],
  [['--watch', '--until', '1h'], /^error: --until cannot be given here: the past does not change/],
  [['--watch', '--interval', '1s'], /^error: --interval 1s is too short/],
  [['--watch', '--looks', '0'], /^error: --looks "0" is no number of looks/],
  [['--interval', '30s'], /^error: --interval says how to watch/],
  [['--looks', '3'], /^error: --looks says how to watch/],
])('status %j', (words, message) => {
  test('is refused before anything is contacted', async () => {
    const { exitCode, stderr } = await runMain(['status', '--sandbox', ...words]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

test('as one JSON document it is refused in that format', async () => {
  const { exitCode, stdout } = await runMain(['status', '--sandbox', '--watch', '--json']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'WatchWithoutEnd' } });
});

test('what to type next looks at the time that was looked at', async () => {
  const ana = await operator();
  const { stdout } = await ana.type('status --sandbox slow-query --until 3m');
  expect(stdout).toContain('nanoops diagnose latency --sandbox slow-query --until 2026-11-23T11:00:00Z');
});

test('checks of one title are told apart by their ids', async () => {
  const ana = await operator();
  const { stdout } = await ana.type('checks run database --sandbox');
  for (const id of ['database', 'alert', 'weekly']) expect(stdout).toContain(`Replication lag (${id}-replication-lag)`);
  expect(stdout).not.toContain('(database-cpu)');
});
