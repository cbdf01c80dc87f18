/** `-o junit` and `--report file.xml` as they are typed: what has test cases, and what has none and says so. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { reportDocument, runDocument } from '../../src/report/schemas.ts';
import { readJunit } from '../support/junit.ts';
import { runMain } from '../support/run-main.ts';

let folder = '';
let env: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-junit-'));
  env = { XDG_STATE_HOME: folder };
  // The first one loads the simulated AWS and the SDK's clients, which a busy machine takes its time for.
  await runMain(['status', '--sandbox', '--quiet']);
}, 120_000);
afterAll(async () => rm(folder, { recursive: true }));

/** A command's JUnit, and beside it the same document as JSON. */
async function both(...argv: readonly string[]) {
  const json = join(folder, 'document.json');
  const ended = await runMain([...argv, '-o', 'junit', '--report', json], { env });
  expect(ended.stderr).toBe('');
  return {
    exitCode: ended.exitCode,
    suite: readJunit(ended.stdout),
    document: JSON.parse(await readFile(json, 'utf8')),
  };
}

const isClean = ({ attributes }: ReturnType<typeof readJunit>): boolean =>
  attributes['failures'] === '0' && attributes['errors'] === '0';

describe('a report has a test case for every check, and fails exactly where it exits with 1 or 3', () => {
  test.each([
    ['status', 'healthy', [], 0],
    ['checks run', 'slow-query', [], 1],
    ['checks run', 'slow-query', ['database-connections', 'ecs-cpu', '--fail-on', 'breach'], 0],
    ['dr readiness', 'version-mismatch', [], 1],
    ['dr lint', 'healthy', ['--impaired', 'us-east-1'], 1],
  ] as const)('%s on %s %j', async (command, scenario, more, expected) => {
    const { exitCode, suite, document } = await both(...command.split(' '), '--sandbox', scenario, ...more);
    const report = reportDocument.parse(document);
    expect(exitCode).toBe(expected);
    expect(suite.name).toBe(`nanoops ${report.command} (${report.environment})`);
    expect(suite.cases.map(({ name }) => name)).toEqual(report.checks.map(({ id }) => id));
    expect(suite.cases.map(({ className }) => className)).toEqual(
      report.checks.map(({ area }) => `nanoops.${report.environment}.${area}`),
    );
    expect(isClean(suite)).toBe(exitCode === 0);
  });

  it('with --fail-on breach lets a warning pass, and says that it is one', async () => {
    const argv = ['checks', 'run', 'api', '--sandbox', 'slow-query', '-o', 'junit'];
    const [strict, lenient] = await Promise.all([runMain(argv), runMain([...argv, '--fail-on', 'breach'])]);
    const warned = readJunit(strict.stdout).cases.filter(({ type }) => type === 'warning');
    expect(warned.length).toBeGreaterThan(0);
    const passed = readJunit(lenient.stdout).cases.filter(({ name }) => warned.some((each) => each.name === name));
    expect(passed.map(({ outcome }) => outcome)).toEqual(warned.map(() => 'passed'));
    for (const { text } of passed) expect(text).toMatch(/: warning$/m);
  });
});

test('what is one answer has one test case', async () => {
  const ended = await runMain(['logs', 'errors', '--sandbox', 'slow-query', '-o', 'junit']);
  expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
  const [found, ...others] = readJunit(ended.stdout).cases;
  expect(others).toEqual([]);
  expect(found).toMatchObject({ name: 'logs errors', className: 'nanoops.prod.logs', type: 'attention' });
  expect(found?.text.trim()).toMatch(/^\d+ new: .*\nPatterns in .*\n {2}lines \d+ \| share/);
});

describe('a run has a test case for every step, and one for its verdict', () => {
  test.each([
    ['diagnose latency', 'slow-query', [], 1],
    ['diagnose latency', 'healthy', [], 0],
    ['runbook run crash-loop', 'crash-loop', ['--dry-run'], 1],
    ['dr failover', 'region-down', ['--dry-run'], 1],
  ] as const)('%s on %s %j', async (command, scenario, more, expected) => {
    const { exitCode, suite, document } = await both(...command.split(' '), '--sandbox', scenario, ...more);
    const run = runDocument.parse(document);
    expect(exitCode).toBe(expected);
    expect(suite.cases.map(({ name }) => name)).toEqual([...run.steps.map(({ id }) => id), 'run verdict']);
    expect(isClean(suite)).toBe(exitCode === 0);
  });

  test('one that waits for an approval, and its journal afterwards', async () => {
    const { exitCode, suite, document } = await both('diagnose', 'crash-loop', '--fix', '--sandbox');
    expect(exitCode).toBe(4);
    expect(suite.cases.at(-1)).toMatchObject({ name: 'run verdict', outcome: 'error', type: 'awaiting-approval' });
    expect(suite.cases.filter(({ outcome }) => outcome === 'error')).toHaveLength(1);
    for (const shown of ['show', 'report']) {
      const again = await runMain(['runs', shown, document.runId, '-o', 'junit'], { env });
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      const kept = readJunit(again.stdout);
      expect(kept.cases.map(({ name, outcome }) => [name, outcome])).toEqual(
        suite.cases.map(({ name, outcome }) => [name, outcome]),
      );
    }
  });
});

describe('--report file.xml', () => {
  it.each([
    ['a report', ['checks', 'run', 'ecs-cpu', '--sandbox']],
    ['a run', ['diagnose', 'latency', '--sandbox', 'healthy']],
  ])('writes %s as -o junit prints it', async (_what, argv) => {
    const file = join(folder, 'report.xml');
    const ended = await runMain([...argv, '-o', 'junit', '--report', file]);
    const text = await readFile(file, 'utf8');
    expect(text).toBe(ended.stdout);
    expect(readJunit(text).cases.length).toBeGreaterThan(0);
  });
});

describe('what has no test cases', () => {
  const commands = [
    'checks list',
    'runbook list',
    'runbook show latency',
    'runbook test latency --crash-everywhere',
    'runs list',
    'runs verify no-such-run',
    'locks list',
    'locks takeover database',
    'config validate',
    'config show',
    'config schema',
    'state init',
    'sandbox list',
    'sandbox config',
    'sandbox serve',
    'dr schedule',
    'dr history',
  ];

  // A file that does not exist would be missed first, if anything were opened.
  it.each(commands)('%s refuses it before anything else', async (command) => {
    const ended = await runMain([...command.split(' '), '-c', 'missing.yaml', '-o', 'junit']);
    expect(ended.exitCode).toBe(2);
    expect(readJunit(ended.stdout).cases).toMatchObject([{ outcome: 'error', type: 'NoTestCases' }]);
    expect(ended.stderr).toContain('choose human, json, ndjson or markdown');
  });

  it('is not offered it', async () => {
    expect((await runMain(['checks', 'list', '--help'], { columns: 200 })).stdout).not.toContain('junit');
    expect((await runMain(['checks', 'run', '--help'], { columns: 200 })).stdout).toContain('"junit"');
  });
});

describe('an error', () => {
  it.each([
    ['a word that is no command', ['checks', 'rnu'], 2, 'UnknownCommand'],
    ['a missing subcommand', ['checks'], 2, 'MissingCommand'],
    ['a missing file', ['status', '-c', 'missing.yaml'], 2, 'ConfigNotFound'],
    ['an unknown scenario', ['diagnose', 'latency', '--sandbox', 'nothing'], 2, 'UnknownScenario'],
    ['an unknown check', ['checks', 'run', 'nothing', '--sandbox'], 2, 'UnknownCheck'],
  ])('%s is a case that is an error, and is told on stderr as well', async (_what, argv, exitCode, type) => {
    const ended = await runMain([...argv, '--output=junit']);
    expect(ended.exitCode).toBe(exitCode);
    const { cases } = readJunit(ended.stdout);
    expect(cases).toMatchObject([{ className: 'nanoops', outcome: 'error', type }]);
    expect(ended.stderr).not.toBe('');
  });
});
