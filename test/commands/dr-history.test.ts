/** `dr history`: what an operator, and CI, learn of past drills. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listDocument } from '../../src/report/schemas.ts';
import { linesOf } from '../../src/state/journal-lines.ts';
import { minuteMs, recordsOfPast, runIdOf, simulated, type Past } from '../drills/past.ts';
import { errorOf, newFolder, operator, type Operator } from './operator.ts';

const dayMs = 86_400_000;

function daysAgo(days: number): string {
  return new Date(Math.floor(Date.now() / 1000) * 1000 - days * dayMs).toISOString();
}

async function withPast(...pasts: readonly Past[]): Promise<Operator> {
  const ana = await operator();
  for (const past of pasts) {
    const path = ana.journalPath(runIdOf(past));
    await mkdir(join(path, '..'), { recursive: true });
    const [first, ...rest] = recordsOfPast(past);
    if (first !== undefined) await writeFile(path, linesOf([first, ...rest]));
  }
  return ana;
}

const met = { rtoMet: true, rpoMs: 4000, rpoMet: true } as const;
const first: Past = { at: daysAgo(90), rtoMs: 30 * minuteMs, ...met, steps: { promote: 60_000, fence: 1000 } };
const second: Past = { at: daysAgo(60), rtoMs: 80 * minuteMs, ...met, rtoMet: false, verdict: 'attention' };
const third: Past = {
  at: daysAgo(30),
  rtoMs: 18 * minuteMs,
  ...met,
  steps: { promote: 50_000, fence: [1000, 'failed'], announce: [0, 'skipped'] },
  approvedBy: 'ana',
};
const sandboxed: Past = { at: daysAgo(3), rtoMs: 12 * minuteMs, ...met, ...simulated, steps: { announce: 10 } };

describe('the history', () => {
  test('is a table, newest first, with a trend and what was never carried out', async () => {
    const ana = await withPast(first, second, third, sandboxed);
    const { exitCode, stdout } = await ana.type('dr history');
    expect(exitCode).toBe(0);
    const rows = stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
    expect(rows.slice(0, 5)).toEqual([
      'run | what | verdict | RTO | RPO',
      `${runIdOf(sandboxed)} | drill (simulated) | ok | 12 min ✓ | 4 s ✓`,
      `${runIdOf(third)} | drill | ok | 18 min ✓ | 4 s ✓`,
      `${runIdOf(second)} | drill | attention | 1 h 20 min ✗ | 4 s ✓`,
      `${runIdOf(first)} | drill | ok | 30 min ✓ | 4 s ✓`,
    ]);
    const remarks = stdout.replaceAll('\n', ' ');
    expect(remarks).toContain(
      'Real drills: ▄█▂ RTO median 30 min, the newest 18 min: better than the median before, 55 min',
    );
    expect(remarks).toContain('RTO met in 2 of 3 (67 %), RPO in 3 of 3 (100 %)');
    expect(remarks).toContain('Simulated drills: █ RTO median 12 min; RTO met in 1 of 1');
    expect(remarks).toMatch(/Of \d+ steps, \d+ were carried out for real, \d+ on the simulated AWS only, \d+ never\./);
  });

  test('with -v tells the way, the mode and who agreed', async () => {
    const ana = await withPast(third);
    const { stdout } = await ana.type('dr history -v', { columns: 160 });
    expect(stdout).toMatch(/switchover +us-west-2 → us-east-1 +ana/);
  });

  test('as JSON holds the trend and the coverage of every step', async () => {
    const ana = await withPast(first, second, third, sandboxed);
    const { stdout } = await ana.type('dr history --json');
    const document = JSON.parse(stdout);
    expect(listDocument.parse(document).items).toHaveLength(4);
    expect(document).toMatchObject({
      schema: 'nanoops/list@1',
      items: [{ id: runIdOf(sandboxed), simulated: true }, { id: runIdOf(third), who: ['ana'] }, {}, {}],
      trend: {
        real: { drills: 3, medianMs: 30 * minuteMs, direction: 'better', rtoMet: 2 },
        simulated: { drills: 1, direction: null },
      },
    });
    const { real, simulated: simulatedOnly, never, steps } = document.coverage;
    expect(steps).toHaveLength(real + simulatedOnly + never);
    const lines = (await ana.type('dr history -o ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(document.items.map(({ id }: { id: string }) => id));
  });

  test('names as acting what acts, and neither consent, nor a message, nor waiting', async () => {
    const ana = await operator();
    const { stdout } = await ana.type('dr history', { columns: 2_000 });
    const [, acting = ''] = /Acting steps never carried out for real: (.*?)\.\n/s.exec(stdout) ?? [];
    expect(acting).toMatch(/scale-service|move-database|move-traffic/);
    expect(acting).not.toMatch(/approve-|tell-|-ready|wait-/);
  });

  test('--coverage lists every step of the runbooks', async () => {
    const ana = await withPast(first, second, third, sandboxed);
    const { coverage } = JSON.parse((await ana.type('dr history --json')).stdout);
    const { stdout } = await ana.type('dr history --coverage');
    for (const { runbook, stepId } of coverage.steps) expect(stdout).toContain(`${runbook} ${stepId}`);
    expect((await ana.type('dr history --coverage -o markdown')).stdout).toContain('| step | carried out | last |');
  });

  test('a failover and a failback are in it, and other runs are not', async () => {
    const ana = await withPast(
      { ...third, runbook: 'region-failover' },
      { ...third, runbook: 'region-failback', at: daysAgo(29) },
      { ...third, runbook: 'latency' },
    );
    const { items } = JSON.parse((await ana.type('dr history --json')).stdout);
    expect(items.map(({ kind }: { kind: string }) => kind)).toEqual(['failback', 'failover']);
  });

  test('without any run it says how to begin; with dry runs only, that they are no drills', async () => {
    expect((await (await withPast()).type('dr history')).stdout).toContain('nanoops dr drill --dry-run');
    const ana = await withPast({ ...third, mode: 'dry-run' });
    const { stdout, exitCode } = await ana.type('dr history');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('There are only dry runs (1), and a dry run is no drill.');
  });

  test('is that of the configured stack, and counts what it leaves out', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'nanoops.yaml'), 'service: shop\nregions: { primary: us-west-2, recovery: us-east-1 }\n');
    const ana = await withPast(
      first,
      { ...third, service: 'billing' },
      { ...second, environment: 'staging' },
      sandboxed,
    );
    const { stdout } = await ana.type('dr history', { cwd });
    expect(stdout).toContain(runIdOf(first));
    expect(stdout).toContain(runIdOf(sandboxed));
    expect(stdout).not.toContain(runIdOf(third));
    expect(stdout).toContain('2 runs of other stacks left out: this is shop (prod).');
    const simulatedOnly = JSON.parse((await ana.type('dr history --sandbox --json', { cwd })).stdout);
    expect(simulatedOnly.items).toMatchObject([{ id: runIdOf(sandboxed) }]);
  });

  test('a damaged journal is listed as that, with why', async () => {
    const ana = await withPast(first, third);
    await writeFile(ana.journalPath(runIdOf(third)), 'no journal\nat all\n');
    const { stdout, exitCode } = await ana.type('dr history');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/region-drill-\w+ +drill +unreadable +– +–/);
    expect(stdout).toContain(runIdOf(first));
  });
});

describe('--max-age', () => {
  test('0 where a real drill succeeded lately enough, 1 where none did', async () => {
    const ana = await withPast(first, second, sandboxed);
    const young = await ana.type('dr history --max-age 100d');
    expect(young.exitCode).toBe(0);
    expect(young.stdout.replaceAll('\n', ' ')).toContain(
      `Recent enough: the newest real drill that succeeded, ${runIdOf(first)}`,
    );
    const old = await ana.type('dr history --max-age 80d');
    expect(old.exitCode).toBe(1);
    expect(old.stdout.replaceAll('\n', ' ')).toContain(
      `Too old: the newest real drill that succeeded, ${runIdOf(first)}`,
    );
    expect(old.stdout.replaceAll('\n', ' ')).toContain(`${runIdOf(second)} since then did not`);
  });

  test('simulated drills are no proof', async () => {
    const ana = await withPast(sandboxed);
    const { exitCode, stdout } = await ana.type('dr history --max-age 90d --json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).maxAge).toMatchObject({ met: false, ageMs: null, limitMs: 90 * dayMs });
  });

  test('a text that is no duration is refused', async () => {
    const ended = await (await withPast()).type('dr history --max-age quarterly --json');
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('InvalidDuration');
  });
});
