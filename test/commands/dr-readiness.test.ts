/** `dr readiness` as it is typed: the scenarios' truths, agreement with the drill's plan, formats, flags without a meaning. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callsOf } from '../../src/engine/runbook.ts';
import { regionReadiness } from '../../src/runbooks/region-readiness.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { newFolder, operator } from './operator.ts';

const scenarios = listScenarios().filter(({ runbook }) => runbook === 'region-failover');
const declared = callsOf(regionReadiness.steps);

test('a healthy stack is ready', async () => {
  const ana = await operator();
  const { exitCode, stdout, stderr } = await ana.type('dr readiness --sandbox');
  expect(stdout).toMatch(/^✓ A failover to us-east-1 is possible now\. Predicted: RTO 19 min of 1 h, RPO /);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}, 180_000);

describe.each(scenarios)('$id', ({ id, truth }) => {
  test('ends with the code of its truth, and looks by declared operations only', async () => {
    const ana = await operator();
    const { exitCode, stdout } = await ana.type(`dr readiness --sandbox ${id} --json`);
    const report = JSON.parse(stdout);
    expect(exitCode).toBe(truth.exitCode);
    expect(report.exitCode).toBe(exitCode);
    expect(declared).toEqual(expect.arrayContaining(Object.keys(report.api.byOperation)));
    expect(report.api.mutations).toBe(0);
  });
});

test.each([
  ['healthy', false],
  ['version-mismatch', true],
  ['capacity-short', true],
  ['replication-stalled', true],
  ['dns-control-plane-down', true],
  ['headless-secondary', false],
])(
  '%s: readiness finds what blocks exactly where a drill’s plan is blocked',
  async (scenario, blocked) => {
    const ana = await operator();
    const report = JSON.parse((await ana.type(`dr readiness --sandbox ${scenario} --json`)).stdout);
    const drill = JSON.parse((await ana.type(`dr drill --dry-run --sandbox ${scenario} --json`)).stdout);
    const plan = report.checks.find((check: { id: string }) => check.id === 'readiness-plan');
    expect(report.readiness.blocks.length > 0).toBe(blocked);
    expect(plan.status).toBe(blocked ? 'breach' : 'ok');
    // One that may not even begin tells no plan.
    expect((drill.recovery?.blockers.length ?? 1) > 0).toBe(blocked);
  },
  60_000,
);

test('with the primary region gone the answer comes from the recovery region, and says what is not known', async () => {
  const ana = await operator();
  const { stdout } = await ana.type('dr readiness --sandbox region-down --json');
  const { readiness, summary, checks } = JSON.parse(stdout);
  expect(readiness).toMatchObject({ possible: true, blocks: [] });
  expect(readiness.slows).toContain('readiness-primary');
  expect(summary).toContain('us-west-2 does not tell');
  expect(checks.find((check: { id: string }) => check.id === 'readiness-primary').summary).toContain('does not answer');
});

describe('what is shown', () => {
  test('the failing first, with what to type; not wider than the screen but for commands', async () => {
    const ana = await operator();
    const { stdout } = await ana.type('dr readiness --sandbox capacity-short', { columns: 80 });
    const lines = stdout.split('\n');
    expect(lines.findIndex((line) => line.includes('✗'))).toBeLessThan(lines.findIndex((line) => line.includes('  ✓')));
    expect(stdout).toContain('    aws application-autoscaling register-scalable-target');
    expect(lines.filter((line) => line.length > 80 && !line.includes('aws '))).toEqual([]);
  });

  test('with -q the answer alone', async () => {
    const ana = await operator();
    expect((await ana.type('dr readiness --sandbox -q')).stdout.split('\n')).toHaveLength(2);
  });

  test('ndjson is a check a line', async () => {
    const ana = await operator();
    const { stdout } = await ana.type('dr readiness --sandbox -o ndjson');
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('readiness-lag');
  });

  test('Markdown, and a page as a report', async () => {
    const ana = await operator();
    const file = join(await newFolder(), 'readiness.html');
    const { stdout } = await ana.type(`dr readiness --sandbox version-mismatch -o markdown --report ${file}`);
    expect(stdout).toContain('# nanoops dr readiness: prod');
    expect(stdout).toContain('## What to do');
    const page = await readFile(file, 'utf8');
    expect(page).toContain('<h2 id="database">Database</h2>');
    expect(page).not.toMatch(/<script|https?:\/\/|undefined/);
  });
});

test.each(['--region us-east-1', '--since 1h', '--until 1h', '--yes', '--approve x', '--accept-loss 5m'])(
  '%s has no meaning here',
  async (flag) => {
    const ana = await operator();
    const { exitCode, stderr } = await ana.type(`dr readiness --sandbox ${flag}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${flag.split(' ')[0] ?? ''} cannot be given here`);
  },
);
