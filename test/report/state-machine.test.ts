/** A runbook as a state machine: strictly in the Amazon States Language, and true to the graph. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { exportedRunbook, findRunbook, listRunbooks } from '../../src/use-cases/runbooks.ts';
import { newFolder } from '../commands/operator.ts';
import { inTier } from '../support/tier.ts';
import { runMain } from '../support/run-main.ts';

const name = z.string().min(1).max(80);
const path = z.string().regex(/^\$/);
const next = { Next: name.optional(), End: z.literal(true).optional() };
const output = { ResultPath: path.optional(), Comment: z.string().optional() };
const catchers = z.array(
  z.strictObject({ ErrorEquals: z.array(z.string()).min(1), ResultPath: path.optional(), Next: name }),
);
const retriers = z.array(
  z.strictObject({
    ErrorEquals: z.array(z.string()).min(1),
    IntervalSeconds: z.int().min(1),
    MaxAttempts: z.int().min(0),
    BackoffRate: z.number().min(1),
    JitterStrategy: z.enum(['FULL', 'NONE']),
  }),
);
const parameters = z.record(z.string(), z.unknown());

/** The states that are used, each with the fields that the language has for it (https://states-language.net/spec.html). */
const state = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('Task'),
    Resource: z
      .string()
      .regex(/^arn:aws:states:::(?:lambda:invoke|sns:publish(?:\.waitForTaskToken)?|aws-sdk:[a-z0-9]+:[a-z]\w+)$/),
    Parameters: parameters.optional(),
    ResultSelector: parameters.optional(),
    TimeoutSeconds: z.int().min(1).max(99_999_999).optional(),
    Retry: retriers.optional(),
    Catch: catchers.optional(),
    ...output,
    ...next,
  }),
  z.strictObject({
    Type: z.literal('Pass'),
    Result: z.unknown().optional(),
    InputPath: path.optional(),
    Parameters: parameters.optional(),
    ...output,
    ...next,
  }),
  z.strictObject({
    Type: z.literal('Choice'),
    Choices: z
      .array(
        z.union([
          z.strictObject({ Variable: path, BooleanEquals: z.boolean(), Next: name }),
          z.strictObject({ Variable: path, NumericGreaterThanEquals: z.number(), Next: name }),
        ]),
      )
      .min(1),
    Default: name,
  }),
  z.strictObject({ Type: z.literal('Wait'), Seconds: z.int().min(1), ...next }),
  z.strictObject({ Type: z.literal('Fail'), Error: z.string(), Cause: z.string() }),
  z.strictObject({ Type: z.literal('Succeed') }),
  z.strictObject({
    Type: z.literal('Parallel'),
    get Branches() {
      return z.array(machine).min(1);
    },
    ...output,
    ...next,
  }),
]);

const machine = z.strictObject({
  Comment: z.string().optional(),
  StartAt: name,
  get States(): z.ZodRecord<typeof name, typeof state> {
    return z.record(name, state);
  },
});

type Machine = z.output<typeof machine>;
type State = Machine['States'][string];

function targetsOf(each: State): readonly string[] {
  if (each.Type === 'Choice') return [...each.Choices.map(({ Next }) => Next), each.Default];
  const nexts = 'Next' in each && each.Next !== undefined ? [each.Next] : [];
  return [...nexts, ...('Catch' in each ? (each.Catch ?? []).map(({ Next }) => Next) : [])];
}

/** What the schema cannot say: every way leads somewhere, every state is on a way, names are there once. */
function faultsOf({ StartAt, States }: Machine, seen: Set<string>): readonly string[] {
  const reached = new Set<string>();
  const open = [StartAt];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const found = States[at];
    if (found !== undefined) open.push(...targetsOf(found));
  }
  return [
    ...[...reached].flatMap((each) => (States[each] === undefined ? [`${each} is not there`] : [])),
    ...Object.entries(States).flatMap(([id, each]) => {
      const twice = seen.has(id) ? [`${id} is there twice`] : [];
      seen.add(id);
      const ends = 'End' in each && each.End === true;
      const goesOn = 'Next' in each && each.Next !== undefined;
      const isFree = each.Type === 'Choice' || each.Type === 'Fail' || each.Type === 'Succeed';
      return [
        ...twice,
        ...(reached.has(id) ? [] : [`${id} is on no way`]),
        ...(isFree || ends !== goesOn ? [] : [`${id} has to end or to go on`]),
        ...(each.Type === 'Parallel' ? each.Branches.flatMap((branch) => faultsOf(branch, seen)) : []),
      ];
    }),
  ];
}

async function exported(id: string): Promise<Machine> {
  const { exitCode, stdout } = await runMain(['runbook', 'export', id, '--format', 'step-functions']);
  expect(exitCode).toBe(0);
  return machine.parse(JSON.parse(stdout));
}

const ids = listRunbooks().items.map(({ id }) => id);
const layersOf = ({ States }: Machine) =>
  Object.values(States).flatMap((each) => (each.Type === 'Parallel' ? [each] : []));

describe.each(ids)('%s', (id) => {
  test('is a state machine', async () => {
    const made = await exported(id);
    expect(faultsOf(made, new Set())).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(made))).toBeLessThan(1_048_576);
  });

  test('has every step once, after all that it needs', async () => {
    const { steps } = exportedRunbook(findRunbook(id));
    const layers = layersOf(await exported(id)).map(({ Branches }) => Branches.map(({ StartAt }) => StartAt));
    const layerOf = (step: string): number =>
      layers.findIndex((starts) => starts.some((start) => start === step || new RegExp(`^${step}-[A-Z]`).test(start)));
    expect(layers.flat()).toHaveLength(steps.length);
    for (const step of steps) for (const need of step.needs) expect(layerOf(need)).toBeLessThan(layerOf(step.id));
  });

  test('waits for a person where the runbook does', async () => {
    const asking = exportedRunbook(findRunbook(id)).steps.filter(({ kind }) => kind === 'approve' || kind === 'manual');
    const waiting = layersOf(await exported(id)).flatMap(({ Branches }) =>
      Branches.flatMap(({ States }) =>
        Object.entries(States).flatMap(([step, each]) =>
          each.Type === 'Task' && each.Resource.endsWith('.waitForTaskToken') ? [step] : [],
        ),
      ),
    );
    expect(waiting.toSorted()).toEqual(asking.map(({ id: step }) => step).toSorted());
  });
});

test('a step that is plain calls is those calls; what is judged is a function to be written, and says so', async () => {
  const made = await exported('region-failover');
  const states = layersOf(made).flatMap(({ Branches }) => Branches.map(({ States }) => States));
  const all = Object.assign({}, ...states);
  expect(all['global-database-DescribeGlobalClusters']).toMatchObject({
    Resource: 'arn:aws:states:::aws-sdk:rds:describeGlobalClusters',
    Parameters: { 'GlobalClusterIdentifier.$': '$.stack.globalCluster' },
  });
  expect(all['plan'].Resource).toBe('arn:aws:states:::lambda:invoke');
  expect(all['plan'].Comment).toContain('To be written');
  expect(made.Comment).toContain('no journal, no lease');
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
  const tried = inTier({ all: ids, some: ['latency', 'region-failover'] });
  const machines = await Promise.all(tried.map(async (id) => [id.replaceAll('-', ''), await exported(id)] as const));
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
