/** `diagnose … --fix` and `runbook run`, as an operator types them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';
import { fakeTerminal } from '../terminal/keyboard.ts';
import { errorOf, newFolder, operator, runOf } from './operator.ts';

describe('where nothing is wrong', () => {
  test.each(['diagnose latency --fix --sandbox healthy', 'runbook run latency --sandbox healthy'])(
    '%s asks nobody, changes nothing and exits with 0',
    async (line) => {
      const ana = await operator();
      const terminal = fakeTerminal();
      const ended = await ana.type(`${line} --json`, { terminal });
      expect(ended.exitCode).toBe(0);
      expect(runOf(ended)).toMatchObject({ verdict: 'ok', mutations: [], causes: [] });
      expect(terminal.written()).toBe('');
    },
  );
});

test('what a run advises to type looks at the same stack, and so does what its journal advises', async () => {
  const ana = await operator();
  const run = runOf(await ana.type('dr failback --sandbox healthy --yes --json'));
  expect(run.nextSteps).toContain('nanoops dr readiness --sandbox healthy');
  const kept = runOf(await ana.type(`runs show ${run.runId} --json`));
  expect(kept.nextSteps).toContain('nanoops dr readiness --sandbox healthy');
});

describe('where an approval is wanted', () => {
  test('with --yes it acts, sees that it helped, and exits with 0', async () => {
    const ana = await operator();
    const ended = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy --json');
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const run = runOf(ended);
    expect(run.outcome?.helped).toBe(true);
    expect(run.mutations).toMatchObject([{ operation: 'ecs:UpdateService', status: 'applied' }]);
    expect(run.api.mutations).toBe(1);
  });

  test.each([
    ['without a terminal', '', {}],
    ['with --no-input', ' --no-input', { terminal: true }],
    ['with CI set', '', { terminal: true, env: { CI: '1' } }],
  ])('%s it waits, exits with 4 and says what goes on', async (_name, flags, { terminal, env }: Setting) => {
    const ana = await operator();
    const screen = fakeTerminal();
    const ended = await ana.type(`diagnose latency --fix --sandbox bad-deploy --json${flags}`, {
      env,
      ...(terminal === true ? { terminal: screen } : {}),
    });
    expect(ended.exitCode).toBe(4);
    const { suspended, mutations, runId } = runOf(ended);
    expect(suspended?.nextSteps).toEqual([
      expect.stringMatching(new RegExp(`^nanoops runs resume ${runId} --approve approve-roll-back@[0-9a-f]{12}$`)),
      `nanoops runs abort ${runId}`,
    ]);
    expect(mutations).toEqual([]);
    expect(screen.written()).toBe('');
  });

  test.each([
    ['y', 0, 1],
    ['n', 4, 0],
  ])('a person who types %s: exit code %i, %i changes', async (key, exitCode, changes) => {
    const ana = await operator();
    const terminal = fakeTerminal();
    const running = ana.type('diagnose latency --fix --sandbox bad-deploy --json', { terminal });
    await vi.waitUntil(() => terminal.drawn().includes('Go ahead?'), { timeout: 15_000 });
    await terminal.type('Go ahead?', `${key}\r`);
    const ended = await running;
    expect(ended.exitCode).toBe(exitCode);
    expect(runOf(ended).mutations).toHaveLength(changes);
  });
});

interface Setting {
  readonly terminal?: boolean;
  readonly env?: Record<string, string>;
}

describe('what stdout holds', () => {
  test('ndjson: events alone, numbered without a gap', async () => {
    const ana = await operator();
    const { stdout, stderr } = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy -o ndjson');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events.map(({ type }) => type)).toContain('change.answered');
    expect(stderr).toBe('');
  });

  test('markdown: a report alone, with what was changed', async () => {
    const ana = await operator();
    const { stdout, stderr } = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy -o markdown');
    expect(stdout).toMatch(/^# latency on prod\n/);
    expect(stdout).toContain('ecs:UpdateService');
    expect(stderr).toBe('');
  });

  test('-q: the outcome on one line; -v: more than without', async () => {
    const ana = await operator();
    const quiet = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy -q');
    expect(quiet.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(quiet.stderr).toBe('');
    const [normal, verbose] = await Promise.all(
      ['', ' -v'].map(async (flag) => ana.type(`diagnose latency --fix --yes --sandbox bad-deploy${flag}`)),
    );
    const said = (ended: typeof normal): number => `${ended?.stdout}${ended?.stderr}`.length;
    expect(said(verbose)).toBeGreaterThan(said(normal));
  });

  test('--report writes the run beside it', async () => {
    const ana = await operator();
    const file = join(await newFolder(), 'run.json');
    const ended = await ana.type(`diagnose latency --fix --yes --sandbox bad-deploy --json --report ${file}`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(ended.stdout));
  });
});

describe('--dry-run', () => {
  test('plans the changes, makes none and asks nobody', async () => {
    const ana = await operator();
    const run = runOf(await ana.type('diagnose latency --fix --dry-run --sandbox bad-deploy --json'));
    expect(run.mode).toBe('dry-run');
    expect(run.mutations.map(({ status }) => status)).toEqual(['planned']);
    expect(run.api.mutations).toBe(0);
    expect(run.exitCode).not.toBe(4);
  });
});

describe('--timeout', () => {
  test('in the middle of a run: what was changed is told, and it can be gone on with', async () => {
    const ana = await operator();
    const ended = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy --timeout 3m --json');
    expect(ended.exitCode).toBe(5);
    const run = runOf(ended);
    expect(run.mutations).toMatchObject([{ status: 'applied' }]);
    expect(run.suspended?.nextSteps).toContain(`nanoops runs resume ${run.runId}`);
    const resumed = await ana.type(`runs resume ${run.runId} --json`);
    expect(resumed.exitCode).toBe(0);
    expect(runOf(resumed).mutations).toHaveLength(1);
  });
});

describe('flags that cannot be heeded are refused, with exit code 2', () => {
  test.each([
    ['diagnose latency --fix --until 10m --sandbox bad-deploy --yes', 'FlagWithoutMeaning'],
    ['runbook run latency --until 10m --sandbox bad-deploy --yes', 'FlagWithoutMeaning'],
    ['diagnose latency --fix --sandbox --approve Nope', 'UnknownApproval'],
    ['diagnose latency --fix --sandbox --approve approve-roll-back@xyz', 'InvalidApproval'],
    ['diagnose latency --sandbox --approve a@b', 'UnknownApproval'],
    ['diagnose latency --sandbox --accept-loss soon', 'InvalidDuration'],
    ['diagnose latency --fix --sandbox --approve approve-nothing', 'UnknownApproval'],
    [
      'diagnose latency --fix --sandbox --approve approve-roll-back@aaaaaa --approve approve-roll-back@bbbbbb',
      'InvalidApproval',
    ],
    ['runbook test latency', 'NothingToTest'],
    ['runbook test latency --crash-everywhere --scenario nope', 'UnknownScenario'],
    ['runbook run nope --sandbox', 'UnknownRunbook'],
    ['sandbox serve --speed 0', 'InvalidSpeed'],
    ['locks takeover x --dry-run --yes', 'FlagWithoutMeaning'],
    ['state init --dry-run', 'FlagWithoutMeaning'],
  ])('%s', async (line, code) => {
    const ana = await operator();
    const ended = await ana.type(`${line} --json`);
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe(code);
    expect(await ana.runId().catch(() => '')).toBe('');
  });

  test('a malformed --approve is refused before anything is contacted', async () => {
    const ana = await operator();
    const ended = await ana.type(
      'diagnose latency --fix --endpoint-url http://127.0.0.1:9 --approve approve-roll-back@NO --json',
    );
    expect(errorOf(ended).code).toBe('InvalidApproval');
  });
});

test('what a run of the past suggests looks where it looked', async () => {
  const { stdout } = await runMain(['diagnose', 'errors', '--sandbox', 'slow-query', '--until', '1m', '-o', 'json']);
  const { causes } = runDocument.parse(JSON.parse(stdout));
  expect(causes.map(({ remediation }) => remediation?.command)).toContainEqual(
    expect.stringMatching(/^nanoops diagnose database --sandbox slow-query --until 2026-11-23T\d\d:\d\d:\d\dZ$/),
  );
});
