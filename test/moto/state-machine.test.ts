/**
 * State machines of runbooks in another team's interpreter of the Amazon States Language. It cannot read ECS tasks of its own
 * (moto 5.2.1), so that each of them is told by way of a topic instead, with the command that the state makes: this test plays the
 * container. Nothing else of the machine is altered but the run's id.
 */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operator } from '../commands/operator.ts';
import { machineOf, type Machine } from '../support/state-machines.ts';
import { inTier } from '../support/tier.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';

const region = 'us-east-1';
const topicArn = `arn:aws:sns:${region}:123456789012:answers`;

const wholeId = '20261127T090000Z-replace-tasks-whole';
const examples = resolve(import.meta.dirname, '../../examples');

const ended = z.object({ status: z.string(), error: z.string().optional(), cause: z.string().optional() });
const history = z.object({
  events: z.array(
    z.object({ id: z.number(), taskScheduledEventDetails: z.object({ parameters: z.string() }).optional() }),
  ),
});
const told = z.object({
  Message: z.union([
    z.object({ command: z.array(z.string()), token: z.string() }),
    z.object({ run: z.string(), step: z.string(), answer: z.string(), wake: z.string() }),
  ]),
});
type Told = z.output<typeof told>['Message'];

const overriding = z.looseObject({
  Resource: z.literal('arn:aws:states:::ecs:runTask.sync'),
  Parameters: z.object({
    Overrides: z.object({ ContainerOverrides: z.tuple([z.looseObject({ 'Command.$': z.string() })]) }),
  }),
});

/** The machine with a topic in the place of ECS. */
function withoutEcs(machine: Machine): Machine {
  const states = Object.entries(machine.States).map(([name, state]) => {
    const task = overriding.safeParse(state).data;
    if (task === undefined) return [name, state] as const;
    const [{ 'Command.$': command }] = task.Parameters.Overrides.ContainerOverrides;
    const Message = { 'command.$': command, 'token.$': '$$.Task.Token' };
    const Resource = 'arn:aws:states:::sns:publish.waitForTaskToken';
    return [name, { ...state, Resource, Parameters: { TopicArn: topicArn, Message } }] as const;
  });
  // Where AWS has a text, moto 5.2.1 has a time that it cannot read.
  const named = { Type: 'Pass', Result: { run: { id: wholeId } }, Next: 'Start' };
  return { ...machine, States: { ...Object.fromEntries(states), 'Run id': named } };
}

describe.skipIf(motoIsAbsent())('in moto', () => {
  let moto: MotoServer;

  async function post(service: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
    const authorization = `AWS4-HMAC-SHA256 Credential=mock/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const answer = await fetch(moto.url, { method: 'POST', headers: { ...headers, authorization }, body });
    if (!answer.ok) throw new Error(`${service}: ${await answer.text()}`);
    return answer.text();
  }

  async function ask(operation: string, input: object): Promise<unknown> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` };
    return JSON.parse(await post('states', headers, JSON.stringify(input)));
  }

  beforeAll(async () => {
    moto = await startMoto();
  });
  // A second execution cannot be begun (moto 5.2.1: it copies the first one, with its locks).
  beforeEach(async () => {
    await fetch(`${moto.url}/moto-api/reset`, { method: 'POST' });
    await fetch(`${moto.url}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }),
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await post('sns', form, 'Action=CreateTopic&Version=2010-03-31&Name=answers');
  });
  afterAll(() => moto.close());

  async function begin(name: string, machine: object): Promise<string> {
    const { stateMachineArn } = z.object({ stateMachineArn: z.string() }).parse(
      await ask('CreateStateMachine', {
        name,
        definition: JSON.stringify(machine),
        roleArn: 'arn:aws:iam::123456789012:role/states',
      }),
    );
    const started = await ask('StartExecution', { stateMachineArn, name: `${name}-1`, input: '{}' });
    return z.object({ executionArn: z.string() }).parse(started).executionArn;
  }

  /** Looks again and again until the execution has ended; `meanwhile` plays what the machine waits for. */
  async function endOf(executionArn: string, meanwhile: () => Promise<void> = async () => {}) {
    const endsAt = performance.now() + 100_000;
    for (;;) {
      const now = ended.parse(await ask('DescribeExecution', { executionArn }));
      if (now.status !== 'RUNNING') return now;
      if (performance.now() > endsAt) throw new Error(`${executionArn} has no end`);
      await meanwhile();
      await new Promise((done) => setTimeout(done, 25));
    }
  }

  /** Answers everything that the execution was told to wait for, once each, in its order. */
  function answering(executionArn: string, answer: (message: Told) => Promise<void>) {
    const answered = new Set<number>();
    return async () => {
      const { events } = history.parse(await ask('GetExecutionHistory', { executionArn, maxResults: 1000 }));
      for (const { id, taskScheduledEventDetails: scheduled } of events) {
        if (scheduled === undefined || answered.has(id)) continue;
        answered.add(id);
        const { Message: message } = told.parse(JSON.parse(scheduled.parameters));
        await answer(message);
        const taskToken = 'token' in message ? message.token : message.wake.split(' ').at(-1);
        await ask('SendTaskSuccess', { taskToken, output: 'null' });
      }
    };
  }

  /** The machine from where a task ended with an exit code. `step`: of whom. */
  function afterTask({ States }: Machine, containersOf: readonly object[], step: string): object {
    const Cause = JSON.stringify({
      Containers: containersOf,
      Overrides: { ContainerOverrides: [{ Name: 'nanoops', Command: ['runs', 'step', 'run-1', step] }] },
    });
    const Result = { run: { id: 'run-1' }, ended: { Error: 'States.TaskFailed', Cause } };
    return { StartAt: 'After', States: { ...States, After: { Type: 'Pass', Result, Next: 'How did it end' } } };
  }

  test.each(
    inTier<readonly (readonly [number, string])[]>({
      all: [
        [1, 'Nanoops.Attention'],
        [2, 'Nanoops.WrongUsage'],
        [3, 'Nanoops.Unknown'],
        [4, 'Nanoops.AwaitsApproval'],
        [5, 'Nanoops.Failed'],
        [6, 'Nanoops.Locked'],
        [130, 'Nanoops.Interrupted'],
      ],
      some: [[5, 'Nanoops.Failed']],
    }),
  )('exit code %i ends the execution with %s, whatever a container beside it ended with', async (code, error) => {
    const { machine } = await machineOf('crash-loop');
    const beside = { Name: 'log-router', ExitCode: 0 };
    const arn = await begin(
      `code-${code}`,
      afterTask(machine, [beside, { Name: 'nanoops', ExitCode: code }], 'symptom'),
    );
    expect(await endOf(arn)).toMatchObject({
      status: 'FAILED',
      error,
      cause: expect.stringMatching(new RegExp(`^nanoops ended with ${code}: .*nanoops runs show run-1$`)),
    });
  });

  test('a task that never ran ends it with what ECS said', async () => {
    const { machine } = await machineOf('crash-loop');
    const arn = await begin(
      'never',
      afterTask(machine, [{ Name: 'nanoops', Reason: 'CannotPullContainerError' }], 'symptom'),
    );
    expect(await endOf(arn)).toMatchObject({
      status: 'FAILED',
      error: 'Nanoops.NotCarriedOut',
      cause: expect.stringMatching(/^States\.TaskFailed: .*CannotPullContainerError/),
    });
  });

  describe.skipIf(inTier({ all: false, some: true }))('all of it, half a second a state', () => {
    test('a runbook comes to its end, each step in a task of its own, asked by way of a topic', async () => {
      const ana = await operator();
      const { machine, way } = await machineOf('replace-tasks', ['--approvals-topic', topicArn], { cwd: examples });
      const arn = await begin('whole', withoutEcs(machine));
      const ran: string[] = [];
      let runId = '';
      const end = await endOf(
        arn,
        answering(arn, async (message) => {
          const command = 'command' in message ? message.command : [];
          const isStart = command[1] === 'start';
          runId = (isStart ? command[4] : command[2]) ?? '';
          ran.push((isStart ? 'Start' : command[3]) ?? '');
          // Whoever is told can only answer that it ended well: what would wait is agreed to.
          const more = [isStart ? '--sandbox' : '--yes', '-c', join(examples, 'nanoops.yaml')];
          const { exitCode, stderr } = await ana.type([...command, ...more].join(' '));
          expect([exitCode, command, exitCode === 0 ? '' : stderr]).toEqual([0, command, '']);
        }),
      );
      expect([end.status, end.cause]).toEqual(['SUCCEEDED', undefined]);
      expect(runId).toBe(wholeId);
      expect(ran).toEqual(way.flatMap(({ command, name }) => (command === undefined ? [] : [name])));
      expect(JSON.parse((await ana.type(`runs show ${runId} --json`)).stdout)).toMatchObject({
        verdict: 'ok',
        exitCode: 0,
      });
    });

    test('a step that waits for an answer wakes up by the token, and is run again', async () => {
      const { machine } = await machineOf('crash-loop', ['--approvals-topic', topicArn]);
      const waiting = afterTask(withoutEcs(machine), [{ Name: 'nanoops', ExitCode: 4 }], 'approve-roll-back');
      const arn = await begin('asked', waiting);
      const heard: string[] = [];
      const end = await endOf(
        arn,
        answering(arn, async (message) => {
          heard.push('answer' in message ? `asked: ${message.answer}` : (message.command[3] ?? ''));
        }),
      );
      expect([end.status, end.cause]).toEqual(['SUCCEEDED', undefined]);
      expect(heard.slice(0, 3)).toEqual([
        'asked: nanoops runs step run-1 approve-roll-back',
        'approve-roll-back',
        'roll-back',
      ]);
    });
  });
});
