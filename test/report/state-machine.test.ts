/** A runbook as a state machine: valid in the Amazon States Language, with every step once and after all that it needs. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import asl from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { findRunbook, listRunbooks } from '../../src/use-cases/runbooks.ts';
import { newFolder } from '../commands/operator.ts';
import { machineOf, machineWords } from '../support/state-machines.ts';
import { inTier } from '../support/tier.ts';
import { runMain } from '../support/run-main.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const builtIn = listRunbooks().items.map(({ id }) => id);
const own = ['replace-tasks', 'prepare-launch'];
const topic = ['--approvals-topic', 'arn:aws:sns:us-east-1:111122223333:nanoops'];

describe.each([...builtIn, ...own])('%s', (id) => {
  test.each([
    ['with a topic', topic],
    ['without', []],
  ])('is a state machine, %s', async (_name, more) => {
    const { text, machine } = await machineOf(id, more, { cwd: examples });
    const { isValid, errorsText } = asl(machine);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThan(1_048_576);
  });

  test('runs every step once, after all that it needs, and begins the run before', async () => {
    const { way } = await machineOf(id, [], { cwd: examples });
    const steps = way.flatMap(({ command }) => (command === undefined ? [] : [command]));
    expect(steps[0]?.slice(0, 4)).toEqual(['runs', 'start', id, '--id']);
    const ids = steps.slice(1).map(([noun, verb, runId, step]) => {
      expect([noun, verb, runId]).toEqual(['runs', 'step', '$.run.id']);
      return step;
    });
    expect(new Set(ids).size).toBe(ids.length);
    const { stdout } = await runMain(['runbook', 'show', id, '--json'], { cwd: examples });
    const shown: { steps: { id: string; needs: string[] }[] } = JSON.parse(stdout);
    expect(new Set(ids)).toEqual(new Set(shown.steps.map((step) => step.id)));
    for (const step of shown.steps)
      for (const need of step.needs) expect(ids.indexOf(need)).toBeLessThan(ids.indexOf(step.id));
  });

  test('leaves each step more time than the step has itself', async () => {
    const { way } = await machineOf(id, [], { cwd: examples });
    if (own.includes(id)) return;
    for (const { id: stepId, timeoutMs } of findRunbook(id).steps) {
      const state = way.find(({ name }) => name === stepId)?.state;
      expect(state?.['TimeoutSeconds']).toBeGreaterThan(timeoutMs / 1000);
    }
  });
});

test('only what never began is tried again; whatever else fails leads to an end that says how', async () => {
  const { machine, way } = await machineOf('region-drill', topic);
  for (const { name, state } of way.filter(({ command }) => command !== undefined)) {
    const ErrorEquals = ['ECS.AmazonECSException', 'ECS.ServerException', 'AmazonECS.Unknown'];
    expect([name, state['Retry']]).toEqual([name, [expect.objectContaining({ ErrorEquals })]]);
    expect([name, state['Catch']]).toEqual([
      name,
      [{ ErrorEquals: ['States.ALL'], ResultPath: '$.ended', Next: 'How did it end' }],
    ]);
  }
  const failing = Object.values(machine.States).flatMap((state) => (state['Type'] === 'Fail' ? [state['Error']] : []));
  expect(failing).toEqual([
    'Nanoops.Attention',
    'Nanoops.WrongUsage',
    'Nanoops.Unknown',
    'Nanoops.AwaitsApproval',
    'Nanoops.Failed',
    'Nanoops.Locked',
    'Nanoops.Interrupted',
    'Nanoops.NotCarriedOut',
  ]);
});

test('what is agreed to beforehand is given to the steps that ask, and to no other', async () => {
  const { way } = await machineOf('region-drill', [
    '--mode',
    'failover',
    '--yes',
    '--accept-loss',
    '5m',
    '-e',
    "o'hara",
  ]);
  const asking = findRunbook('region-drill').steps.filter(({ kind }) => kind === 'approve' || kind === 'manual');
  expect(way.filter(({ command }) => command?.includes('--yes')).map(({ name }) => name)).toEqual(
    asking.map(({ id }) => id),
  );
  const words = (name: string) => way.find((each) => each.name === name)?.command?.slice(4);
  expect(words('approve-failover')).toEqual(['-e', "o'hara", '--yes', '--accept-loss', '5m']);
  expect(words('plan')).toEqual(['-e', "o'hara"]);
  expect(words('Start')).toEqual(['$.run.id', '-e', "o'hara", '--mode', 'failover']);
});

test.each([
  [
    'state: file',
    /^warning: nanoops\.yaml keeps runs in files .*: state: \{ dynamodb: \{ table: nanoops, region: us-east-1 \} \}.*nanoops state init\n$/,
  ],
  ['state: { dynamodb: { table: ops, region: us-east-1 } }', /^$/],
  // Whether it would do is for who runs it; an export needs none.
  ['state: nowhere', /^$/],
])('with %s in the configuration, whoever exports is told whether the tasks will find the run', async (state, said) => {
  const cwd = await newFolder();
  await writeFile(
    join(cwd, 'nanoops.yaml'),
    `service: shop\nregions: { primary: us-west-2, recovery: us-east-1 }\n${state}\n`,
  );
  const { exitCode, stdout, stderr } = await runMain(['runbook', 'export', 'latency', ...machineWords], { cwd });
  expect([exitCode, Object.keys(JSON.parse(stdout))]).toEqual([0, ['Comment', 'StartAt', 'States']]);
  expect(stderr).toMatch(said);
});

test.each([
  [['--format', 'step-functions'], 'TasksNotNamed', '--cluster, --task-definition, --subnets'],
  [
    ['--format', 'step-functions', '--cluster', 'a', '--task-definition', 'b', '--subnets', ','],
    'TasksNotNamed',
    '--subnets',
  ],
  [['--cluster', 'a'], 'FlagWithoutMeaning', '--cluster is for a state machine'],
  [['--yes'], 'FlagWithoutMeaning', '--yes is for a state machine'],
  [[...machineWords, '--mode', 'failover'], 'FlagWithoutMeaning', 'only a drill'],
  [[...machineWords, '--approve', 'nothing'], 'UnknownApproval', 'nothing'],
  [[...machineWords, '--container', "x')] || @.Name=='y"], 'NotAContainer', 'letters, digits'],
  [[...machineWords, '--container', ''], 'NotAContainer', 'letters, digits'],
  [[...machineWords, '--container', 'a'.repeat(256)], 'NotAContainer', '255 at most'],
])('%j is refused', async (words, code, said) => {
  const { exitCode, stdout } = await runMain(['runbook', 'export', 'latency', ...words, '--json']);
  expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, code]);
  expect(JSON.parse(stdout).error.message).toContain(said);
});

test('as Mermaid it is what show draws', async () => {
  const [shown, exportedText] = await Promise.all([
    runMain(['runbook', 'show', 'latency', '--format', 'mermaid']),
    runMain(['runbook', 'export', 'latency']),
  ]);
  expect(exportedText.stdout).toBe(shown.stdout);
});

const hasLinter = spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status === 0;

test.skipIf(!hasLinter)('cfn-lint finds nothing in the state machines', async () => {
  const tried = inTier({ all: builtIn, some: ['latency'] });
  const machines = await Promise.all(
    tried.map(async (id) => [id.replaceAll('-', ''), (await machineOf(id, topic)).machine] as const),
  );
  const file = join(await newFolder(), 'machines.template.json');
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: Object.fromEntries(
      machines.map(([id, Definition]) => [
        id,
        {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: { RoleArn: 'arn:aws:iam::123456789012:role/x', Definition },
        },
      ]),
    ),
  };
  await writeFile(file, JSON.stringify(template));
  const { status, stdout } = spawnSync('cfn-lint', [file], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
