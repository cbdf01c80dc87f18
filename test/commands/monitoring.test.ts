/** `alerts` and `dashboard` as they are typed, on the simulated AWS. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { iamActionOf } from '../../src/iam/actions.ts';
import { monitoringChanges } from '../../src/use-cases/monitoring-operations.ts';
import { planDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-monitoring-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...words: readonly string[]) =>
  runMain(words, { cwd: folder, columns: 80, env: { XDG_STATE_HOME: folder, CI: 'true', USER: 'ana' } });
const actionOf = (operation: string): string => {
  const [service = '', name = ''] = operation.split(':');
  return iamActionOf(service, name);
};

test('a plan says on a terminal what would be made, in which region, and what cannot be', async () => {
  const { exitCode, stdout } = await run('alerts', 'plan', '--sandbox', '--no-color');
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^! 53 to create, 0 to update, 0 to delete; 0 unchanged$/m);
  expect(stdout).toMatch(/^\+ {2}alarm {12}alert-error-rate {15}> 5 over 5m$/m);
  expect(stdout).toMatch(/^\+ {2}composite alarm {2}slo-burn-1h {20}1h-long and 1h-short$/m);
  expect(stdout).toContain('alert-daily-active-users');
  expect(stdout).toContain('next  nanoops alerts apply --sandbox');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('its JSON is of its schema, in each region what is asked for, and read with no more than is documented', async () => {
  const page = await readFile(new URL('../../docs/alerting.md', import.meta.url), 'utf8');
  const [looking = [], applying = []] = [...page.matchAll(/```json\n([^]*?)```/g)].map(
    ([, json = '']): readonly string[] => JSON.parse(json),
  );
  const asked = new Set<string>();
  for (const words of [
    ['alerts', 'plan'],
    ['dashboard', 'plan'],
    ['alerts', 'plan', '--region', 'us-east-1'],
  ]) {
    const { exitCode, stdout } = await run(...words, '--sandbox', '--json');
    const document = planDocument.parse(JSON.parse(stdout));
    expect([words, exitCode, document.command]).toEqual([words, 1, words.slice(0, 2).join(' ')]);
    expect(document.plan).toMatch(/^[0-9a-f]{12}$/);
    expect(document.api.mutations).toBe(0);
    const regions = document.changes.map(({ region }) => region);
    expect([...new Set(regions)].filter((region) => words.includes('--region') && region !== 'us-east-1')).toEqual([]);
    for (const operation of Object.keys(document.api.byOperation)) asked.add(actionOf(operation));
  }
  expect([...asked].filter((action) => !looking.includes(action))).toEqual([]);
  const tagging = ['cloudwatch:TagResource', 'events:TagResource', 'sns:TagResource'];
  expect(applying).toEqual([...monitoringChanges.map(actionOf), ...tagging].toSorted());
});

test('apply rehearsed is the plan; applied it asks, and says how to go on', async () => {
  const rehearsed = await run('alerts', 'apply', '--dry-run', '--sandbox', '--json');
  expect(JSON.parse(rehearsed.stdout)).toMatchObject({ schema: 'nanoops/plan@1', command: 'alerts apply' });
  const waiting = await run('dashboard', 'apply', '--sandbox', '--json');
  const document = JSON.parse(waiting.stdout);
  expect({ exitCode: waiting.exitCode, verdict: document.verdict }).toEqual({
    exitCode: 4,
    verdict: 'awaiting-approval',
  });
  expect(document.suspended.nextSteps[0]).toMatch(/^nanoops runs resume \S+ --approve approve-plan@[0-9a-f]{12}$/);
  const wrong = await run('dashboard', 'apply', '--sandbox', '--approve', 'approve-plan@000000000000', '--json');
  expect(wrong.exitCode).toBe(4);
  const went = await run('runs', 'resume', document.runId, '--yes', '--json');
  expect({ exitCode: went.exitCode, mutations: JSON.parse(went.stdout).mutations }).toMatchObject({
    exitCode: 0,
    mutations: [{ operation: 'cloudwatch:PutDashboard', status: 'applied' }],
  });
});

test('every format has it', async () => {
  const junit = await run('dashboard', 'plan', '--sandbox', '-o', 'junit');
  expect(junit.stdout).toContain('<testsuite');
  const markdown = await run('dashboard', 'plan', '--sandbox', '-o', 'markdown');
  expect(markdown.stdout).toContain('| dashboard | nanoops-nano-api-prod |');
  const ndjson = await run('dashboard', 'plan', '--sandbox', '-o', 'ndjson');
  expect(
    ndjson.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).action),
  ).toEqual(['create']);
});

test('what makes no sense is refused, and nothing is contacted', async () => {
  const refused = async (...words: readonly string[]) => {
    const { exitCode, stdout } = await run(...words, '--json');
    return [exitCode, JSON.parse(stdout).error.code];
  };
  const wrong = [2, 'FlagWithoutMeaning'];
  expect(await refused('alerts', 'plan', '--sandbox', '--since', '1h')).toEqual(wrong);
  expect(await refused('alerts', 'plan', '--sandbox', '--yes')).toEqual(wrong);
  expect(await refused('alerts', 'export', '--sandbox', '--dry-run')).toEqual(wrong);
  expect(await refused('alerts', 'apply', '--sandbox', '--approve', 'approve-move')).toEqual([2, 'UnknownApproval']);
  expect(await refused('alerts', 'plan', '--sandbox', '--region', 'eu-west-1')).toEqual([2, 'UnknownRegion']);
  await writeFile(
    join(folder, 'long.yaml'),
    `service: ${'s'.repeat(50)}\nregions: { primary: us-west-2 }\nalerts: { critical: { email: [oncall@nano.example] } }\n`,
  );
  expect(await refused('alerts', 'plan', '-c', 'long.yaml', '--endpoint-url', 'http://127.0.0.1:1')).toEqual([
    2,
    'NameTooLong',
  ]);
  const [exitCode] = await refused('alerts', 'plan', '-c', '*.yaml', '--endpoint-url', 'http://127.0.0.1:1');
  expect(exitCode).toBe(2);
});
