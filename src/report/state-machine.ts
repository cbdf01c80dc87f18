/**
 * A runbook as a state machine of AWS Step Functions, in the Amazon States Language: one state a step, each an ECS task that
 * runs `nanoops runs step`. The states stand one after another: a run has one journal and one holder of its leases, so that of two
 * tasks at once one would only wait. What a step finds is in the journal; the machine knows no more than how each task ended.
 * Sources: https://states-language.net/spec.html; AWS Step Functions Developer Guide, "Run Amazon ECS or Fargate tasks with Step
 * Functions", "Intrinsic functions" and "Accessing execution data from the Context object".
 */
import type { StepKind } from '../engine/events.ts';

export interface ExportedStep {
  readonly id: string;
  readonly title: string;
  readonly kind: StepKind;
  readonly timeoutMs: number;
  /** How often it is tried at most. */
  readonly attempts: number;
}

/** Where and as what the tasks run, and what is agreed to beforehand. */
export interface MachineOptions {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignsPublicIp: boolean;
  /** The container of the task definition that nanoops is the entry point of. */
  readonly container: string;
  /** The ARN of the SNS topic that hears of a step that waits for an answer. Without one the execution ends there. */
  readonly approvalsTopic?: string;
  /** What "runs start" and "runs step" are given: the environment. */
  readonly flags: readonly string[];
  /** What "runs start" is given beside it. */
  readonly startFlags: readonly string[];
  /** What steps that ask are given beside it. */
  readonly answers: readonly string[];
}

type State = Readonly<Record<string, unknown>>;

export interface Machine {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Until a container runs, and until whoever was at the run before is gone. */
const startSeconds = 900;
/** For putting back what was changed, where a step fails: within the task that it fails in. */
const undoSeconds = 3600;
/** How long a question waits for somebody. */
const answerSeconds = 86_400;
/** Names of states have so many characters at most (Developer Guide, "Quotas", state name). */
const longestName = 80;

/** Errors of a task that never began. A step is not repeated for having failed: its run has been put back by then. */
const startRetry = {
  ErrorEquals: ['ECS.AmazonECSException', 'ECS.ServerException', 'AmazonECS.Unknown'],
  IntervalSeconds: 10,
  MaxAttempts: 4,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** States beside those of steps. No step's id has an upper-case letter in it. */
const names = {
  run: 'Run id',
  start: 'Start',
  done: 'Done',
  caught: 'How did it end',
  read: 'Read the task',
  find: 'Find the container',
  codes: 'Find its exit code',
  code: 'By its exit code',
  ask: 'Ask somebody',
  asked: 'Who asked',
  notCarriedOut: 'Not carried out',
} as const;

interface End {
  readonly code: number;
  readonly name: string;
  readonly error: string;
  readonly says: string;
}

const ends: readonly End[] = [
  { code: 1, name: 'Attention', error: 'Nanoops.Attention', says: 'it is done, and something needs attention' },
  { code: 2, name: 'Wrong usage', error: 'Nanoops.WrongUsage', says: 'wrong usage or configuration, or not its turn' },
  { code: 3, name: 'Unknown', error: 'Nanoops.Unknown', says: 'something that matters could not be told' },
  { code: 4, name: 'Awaits approval', error: 'Nanoops.AwaitsApproval', says: 'it waits for an approval' },
  { code: 5, name: 'Failed', error: 'Nanoops.Failed', says: 'a step failed; what was changed is listed' },
  { code: 6, name: 'Locked', error: 'Nanoops.Locked', says: 'another run holds the lock' },
  { code: 130, name: 'Interrupted', error: 'Nanoops.Interrupted', says: 'it was interrupted' },
];

export function stateMachine(
  runbook: { readonly id: string; readonly title: string; readonly steps: readonly ExportedStep[] },
  options: MachineOptions,
): Machine {
  const { steps } = runbook;
  const nameOf = (step: ExportedStep | undefined): string => step?.id.slice(0, longestName) ?? names.done;
  const asking = steps.filter(({ kind }) => kind === 'approve' || kind === 'manual');
  const { flags, startFlags, answers } = options;
  return {
    Comment: `nanoops ${runbook.id}: ${runbook.title}. Each state is a task that runs one step; the journal is in nanoops' table. Input: any object.`,
    StartAt: names.run,
    States: {
      [names.run]: runId(runbook.id),
      [names.start]: task(options, {
        title: 'Begins the run, or finds that it is begun',
        words: ['runs', 'start', runbook.id, '--id', null, ...flags, ...startFlags],
        seconds: startSeconds,
        next: nameOf(steps[0]),
      }),
      ...Object.fromEntries(
        steps.map((step, index) => [
          nameOf(step),
          task(options, {
            title: step.title,
            words: ['runs', 'step', null, step.id, ...flags, ...(asking.includes(step) ? answers : [])],
            seconds: secondsOf(step),
            next: nameOf(steps[index + 1]),
          }),
        ]),
      ),
      [names.done]: { Type: 'Succeed', Comment: 'The run has ended, and nothing needs attention' },
      ...howItEnded(options, asking.map(nameOf)),
    },
  };
}

/** As nanoops makes ids: by their time and their runbook runs are listed, and drills are found. The same for every try of one execution. */
function runId(runbook: string): State {
  // 2026-11-27T09:00:00.000Z: every character of the second text parts it.
  const begun = `States.StringSplit(States.Format('{}', $$.Execution.StartTime), '-T:.Z +')`;
  const parts = [0, 1, 2, 3, 4, 5].map((index) => `States.ArrayGetItem(${begun}, ${index})`);
  const format = `{}{}{}T{}{}{}Z-${runbook}-{}`;
  return {
    Type: 'Pass',
    Comment: 'Names the run after the execution',
    Parameters: {
      run: { 'id.$': `States.Format('${format}', ${parts.join(', ')}, $$.Execution.Name)` },
    },
    Next: names.start,
  };
}

interface TaskParts {
  readonly title: string;
  /** After `nanoops`; null stands for the run's id. */
  readonly words: readonly (string | null)[];
  readonly seconds: number;
  readonly next: string;
}

function task(options: MachineOptions, { title, words, seconds, next }: TaskParts): State {
  const { cluster, taskDefinition, subnets, securityGroups, assignsPublicIp, container } = options;
  const command = words.map((word) => (word === null ? '$.run.id' : literal(word)));
  return {
    Type: 'Task',
    Comment: title,
    Resource: 'arn:aws:states:::ecs:runTask.sync',
    Parameters: {
      LaunchType: 'FARGATE',
      Cluster: cluster,
      TaskDefinition: taskDefinition,
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          Subnets: subnets,
          ...(securityGroups.length === 0 ? {} : { SecurityGroups: securityGroups }),
          AssignPublicIp: assignsPublicIp ? 'ENABLED' : 'DISABLED',
        },
      },
      Overrides: {
        ContainerOverrides: [{ Name: container, 'Command.$': `States.Array(${command.join(', ')})` }],
      },
    },
    TimeoutSeconds: seconds,
    // What a task looked like is of no use to the next one.
    ResultPath: null,
    Retry: [startRetry],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.ended', Next: names.caught }],
    Next: next,
  };
}

/** A text of the Amazon States Language, in which quotes, braces and backslashes are escaped. */
function literal(text: string): string {
  return `'${text.replaceAll(/['\\{}]/g, (character) => `\\${character}`)}'`;
}

/** Reads the exit code of a task that failed, and ends by it; or asks somebody, and goes back to the step that asked. */
function howItEnded({ container, approvalsTopic }: MachineOptions, asking: readonly string[]): Record<string, State> {
  const asks = approvalsTopic !== undefined && asking.length > 0;
  const stepId = '$.told.task.Overrides.ContainerOverrides[0].Command[3]';
  return {
    [names.caught]: {
      Type: 'Choice',
      Comment: 'A task that ended with another code than 0, or one that never ran to its end',
      Choices: [{ Variable: '$.ended.Error', StringEquals: 'States.TaskFailed', Next: names.read }],
      Default: names.notCarriedOut,
    },
    [names.read]: {
      Type: 'Pass',
      Parameters: { 'task.$': 'States.StringToJson($.ended.Cause)' },
      ResultPath: '$.told',
      Next: names.find,
    },
    [names.find]: {
      Type: 'Pass',
      Comment: 'Containers beside it have exit codes of their own',
      Parameters: { 'task.$': '$.told.task', 'containers.$': `$.told.task.Containers[?(@.Name=='${container}')]` },
      ResultPath: '$.told',
      Next: names.codes,
    },
    [names.codes]: {
      Type: 'Pass',
      Comment: 'None, where the container never ran',
      Parameters: { 'task.$': '$.told.task', 'codes.$': '$.told.containers[*].ExitCode' },
      ResultPath: '$.told',
      Next: names.code,
    },
    [names.code]: {
      Type: 'Choice',
      Choices: ends.map(({ code, name }) => ({
        And: [
          { Variable: '$.told.codes[0]', IsPresent: true },
          { Variable: '$.told.codes[0]', NumericEquals: code },
        ],
        Next: code === 4 && asks ? names.ask : name,
      })),
      Default: names.notCarriedOut,
    },
    ...(asks
      ? {
          [names.ask]: {
            Type: 'Choice',
            Comment: 'A plan that does not fit the stack any more is nothing that somebody could answer here',
            Choices: asking.map((step) => ({
              And: [
                { Variable: stepId, IsPresent: true },
                { Variable: stepId, StringEquals: step },
              ],
              Next: `${names.ask}, 2`,
            })),
            Default: 'Awaits approval',
          },
          [`${names.ask}, 2`]: {
            Type: 'Task',
            Comment:
              'Wakes up when somebody sends the token back. The answer itself is in the journal: without one it is asked again',
            Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
            Parameters: {
              TopicArn: approvalsTopic,
              Subject: 'nanoops waits for an answer',
              Message: {
                'run.$': '$.run.id',
                'step.$': stepId,
                'answer.$': `States.Format('nanoops runs step {} {}', $.run.id, ${stepId})`,
                'wake.$': `States.Format('aws stepfunctions send-task-success --task-output null --task-token {}', $$.Task.Token)`,
              },
            },
            TimeoutSeconds: answerSeconds,
            ResultPath: null,
            Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.ended', Next: 'Awaits approval' }],
            Next: names.asked,
          },
          [names.asked]: {
            Type: 'Choice',
            Choices: asking.map((step) => ({ Variable: stepId, StringEquals: step, Next: step })),
            Default: 'Awaits approval',
          },
        }
      : {}),
    ...Object.fromEntries(
      ends.map(({ code, name, error, says }) => [
        name,
        {
          Type: 'Fail',
          Error: error,
          CausePath: `States.Format('nanoops ended with ${code}: ${says}. nanoops runs show {}', $.run.id)`,
        },
      ]),
    ),
    [names.notCarriedOut]: {
      Type: 'Fail',
      Comment: 'The task did not start, did not end in time, or was stopped before nanoops could say anything',
      Error: 'Nanoops.NotCarriedOut',
      CausePath: `States.Format('{}: {}', $.ended.Error, $.ended.Cause)`,
    },
  };
}

/** A state's own limit is for what hangs: a step keeps to its limits itself. */
function secondsOf({ kind, timeoutMs, attempts }: ExportedStep): number {
  const ownSeconds = Math.ceil((timeoutMs * attempts) / 1000);
  const isLooking = kind === 'observe' || kind === 'decide';
  return startSeconds + ownSeconds + (isLooking ? 0 : undoSeconds);
}
