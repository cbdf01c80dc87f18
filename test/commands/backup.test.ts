/** `nanoops backup verify` on the simulated AWS, as an operator or a script sees it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportDocument } from '../../src/report/schemas.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { runMain } from '../support/run-main.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-backup-'));
  await verified('healthy'); // The first run imports everything.
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function report(...words: readonly string[]) {
  const { exitCode, stdout, stderr } = await runMain([...words, '-o', 'json']);
  expect(stderr).toBe('');
  const document = reportDocument.parse(JSON.parse(stdout));
  expect(document.exitCode).toBe(exitCode);
  expect(document.api.mutations).toBe(0);
  return { document, statuses: Object.fromEntries(document.checks.map(({ id, status }) => [id, status])) };
}

const runs = new Map<string, ReturnType<typeof report>>();

/** Each scenario is run once. */
function verified(scenario: string) {
  const known = runs.get(scenario) ?? report('backup', 'verify', '--sandbox', scenario);
  runs.set(scenario, known);
  return known;
}

const all = (status: string) => ({
  'backup-database-retention': status,
  'backup-database-window': status,
  'backup-database-recent': status,
  'backup-database-cross-region': status,
  'backup-s3-versioning': status,
  'backup-s3-replication': status,
  'backup-s3-lifecycle': status,
  'backup-dynamodb-pitr': status,
});

test.each([
  ['healthy', all('ok'), 'backups are as they should be; the RPO of 15 min would be met: inside us-west-2 at most'],
  [
    'backups-weak',
    { ...all('warning'), 'backup-database-cross-region': 'ok', 'backup-s3-versioning': 'ok' },
    '6 of 8 checks need attention; whether the RPO of 15 min would be met cannot be told of the uploads if us-west-2 is lost',
  ],
  [
    'backups-missing',
    all('breach'),
    '8 of 8 checks need attention; the RPO of 15 min would be missed: 2 days of the database',
  ],
  [
    'backups-unseen',
    all('unknown'),
    '8 of 8 checks could not be judged; whether the RPO of 15 min would be met cannot be told',
  ],
])('%s', async (scenario, expected, summary) => {
  const { document, statuses } = await verified(scenario);
  expect(statuses).toEqual(expected);
  expect(document.summary).toContain(summary);
  expect(document.checks.every(({ area }) => area === 'backup')).toBe(true);
  const truth = listScenarios().find(({ id }) => id === scenario)?.truth;
  expect(document.exitCode).toBe(truth?.exitCode);
  // Both regions were asked; what could not be asked says so of each.
  const regions = new Set(document.checks.flatMap(({ evidence }) => evidence.map(({ region }) => region)));
  expect(regions).toEqual(new Set(['us-west-2', 'us-east-1']));
});

test('a copy that holds nothing is told from one that is not there', async () => {
  const { document } = await verified('backups-missing');
  const copies = document.checks.find(({ id }) => id === 'backup-database-cross-region');
  expect(copies?.summary).toMatch(/2026-11-20 \(copy-nano-db-2026-11-20-12-\d\d holds 0 % of the data\), 2026-11-21,/);
});

test.each([
  ['healthy', 'ok'],
  ['backups-missing', 'breach'],
  ['backups-weak', 'warning'],
  ['backups-unseen', 'unknown'],
])('the weekly question on %s: %s', async (scenario, status) => {
  expect((await report('checks', 'run', 'weekly-backups', '--sandbox', scenario)).statuses).toEqual({
    'weekly-backups': status,
  });
});

test('a stack of nothing but its region has no backups to verify', async () => {
  const file = join(folder, 'bare.yaml');
  await writeFile(file, 'service: bare\nregions: { primary: us-west-2 }\n');
  const { document, statuses } = await report('backup', 'verify', '--sandbox', '-c', file);
  expect(statuses).toEqual(all('not-configured'));
  expect(document).toMatchObject({ exitCode: 0, summary: expect.stringContaining('no backups are configured') });
});

test('nightly copies without a replica are whole, and would miss the objective', async () => {
  const file = join(folder, 'copies.yaml');
  await writeFile(
    file,
    'service: nano-api\nregions: { primary: us-west-2, recovery: us-east-1 }\ndatabase: { cluster: nano-db }\n',
  );
  const { document, statuses } = await report('backup', 'verify', '--sandbox', '-c', file);
  expect(statuses).toMatchObject({ 'backup-database-recent': 'ok', 'backup-database-cross-region': 'warning' });
  expect(document.summary).toContain('would be missed: up to 24 h of the database if us-west-2 is lost');
  expect(document.exitCode).toBe(1);
  const lenient = await report('backup', 'verify', '--sandbox', '-c', file, '--fail-on', 'breach');
  expect(lenient.document.exitCode).toBe(0);
});

test('one region is looked at where one is asked for', async () => {
  const { document, statuses } = await report('backup', 'verify', '--sandbox', '--region', 'us-east-1');
  expect(statuses).toEqual({
    ...all('ok'),
    'backup-database-recent': 'not-configured',
    'backup-s3-replication': 'not-configured',
  });
  const regions = new Set(document.checks.flatMap(({ evidence }) => evidence.map(({ region }) => region)));
  expect(regions).toEqual(new Set(['us-east-1']));
  expect(document.summary).toMatch(/us-west-2 is not looked at$/);
});

test('a moment of the past cannot be asked for', async () => {
  const { exitCode, stderr } = await runMain(['backup', 'verify', '--sandbox', '--until', '1h']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--until cannot be given here: AWS tells of backups only as they are now');
});

test('a person reads the answer first, then each check', async () => {
  const { stdout } = await runMain(['backup', 'verify', '--sandbox'], { columns: 80 });
  expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(stdout).toMatch(/^\u2713 backups are as they should be;/);
  expect(stdout).toContain('Database: kept for');
});
