/**
 * A runbook as a state machine of AWS Step Functions, in the Amazon States Language: what can be carried over. The graph is
 * run layer by layer, since a state machine knows no needs across branches; what is judged, planned and looked up again is
 * code, and stands as a Lambda function that is yours to write. Source: https://states-language.net/spec.html, and the AWS
 * Step Functions Developer Guide, "Integrating services".
 */
import type { StepKind } from '../engine/events.ts';
import { stepGraph } from './step-graph.ts';

export interface ExportedStep {
  readonly id: string;
  readonly title: string;
  readonly kind: StepKind;
  readonly needs: readonly string[];
  /** As `service:Operation`. */
  readonly calls: readonly string[];
  readonly changes: readonly string[];
  /** The half of the stack that it is about, where it says so. */
  readonly where?: string;
  readonly timeoutMs: number;
  /** True where the run goes on without it. */
  readonly isOptional: boolean;
}

type State = Readonly<Record<string, unknown>>;

interface Machine {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** What a call is asked with: names from the input of the execution. */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'ecs:DescribeServices': { 'Cluster.$': '$.stack.cluster', 'Services.$': 'States.Array($.stack.service)' },
  'ecs:ListServiceDeployments': { 'Cluster.$': '$.stack.cluster', 'Service.$': '$.stack.service' },
  'elasticache:DescribeReplicationGroups': { 'ReplicationGroupId.$': '$.stack.replicationGroup' },
  'rds:DescribeDBClusters': { 'DbClusterIdentifier.$': '$.stack.database' },
  'rds:DescribeDBClusterSnapshots': { 'DbClusterIdentifier.$': '$.stack.database' },
  'rds:DescribeDBInstances': {
    Filters: [{ Name: 'db-cluster-id', 'Values.$': 'States.Array($.stack.database)' }],
  },
  'rds:DescribeGlobalClusters': { 'GlobalClusterIdentifier.$': '$.stack.globalCluster' },
  'route53:ListResourceRecordSets': { 'HostedZoneId.$': '$.stack.hostedZoneId' },
  'application-autoscaling:DescribeScalableTargets': {
    ServiceNamespace: 'ecs',
    'ResourceIds.$': "States.Array(States.Format('service/{}/{}', $.stack.cluster, $.stack.service))",
  },
  'application-autoscaling:DescribeScalingPolicies': {
    ServiceNamespace: 'ecs',
    'ResourceId.$': "States.Format('service/{}/{}', $.stack.cluster, $.stack.service)",
  },
};

/** What the SDK integrations call a service, where IAM calls it otherwise. */
const sdkServices: Readonly<Record<string, string>> = {
  'application-autoscaling': 'applicationautoscaling',
  elasticloadbalancing: 'elasticloadbalancingv2',
};

/** Between two looks of a step that waits. */
const pollSeconds = 3;
/** Names of states have so many characters at most (Developer Guide, "Quotas", state name). */
const longestName = 80;

/** `machineOf(…)` as a document; what it cannot do stands in its comment. */
export function stateMachine(runbook: {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly ExportedStep[];
}): Machine {
  const byId = new Map(runbook.steps.map((step) => [step.id, step]));
  const layers = layersOf(runbook.steps).map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
  const named = layers.map((steps, index) => ({ steps, name: `layer-${index + 1}` }));
  const states = named.map(({ steps, name }, index) => [name, layerState(runbook.id, steps, named[index + 1]?.name)]);
  return {
    Comment: `nanoops ${runbook.id}: ${runbook.title}. ${limits}`,
    StartAt: named[0]?.name ?? 'done',
    States: named.length === 0 ? { done: { Type: 'Succeed' } } : Object.fromEntries(states),
  };
}

const limits =
  'A sketch of the graph and not the runbook: layers wait for each other; states of the function nanoops-step are code that is to be written; no journal, no lease, nothing is looked up before it is changed, nothing is put back; calls go to the region of the state machine. Input: { "stack": { names }, "tell": { "topicArn" }, "approve": { "topicArn" } }.';

/** Steps by the length of the longest way to them. */
function layersOf(steps: readonly ExportedStep[]): readonly (readonly string[])[] {
  const depths = new Map<string, number>();
  // Whoever is needed stands before.
  for (const { step } of stepGraph(steps)) {
    depths.set(step.id, Math.max(0, ...step.needs.map((need) => (depths.get(need) ?? -1) + 1)));
  }
  const layers: string[][] = [];
  for (const [id, depth] of depths) (layers[depth] ??= []).push(id);
  return layers;
}

function layerState(runbook: string, steps: readonly ExportedStep[], next: string | undefined): State {
  return {
    Type: 'Parallel',
    Comment: steps.map(({ title }) => title).join('; '),
    Branches: steps.map((step) => branchOf(runbook, step)),
    // What every branch found, by step; the execution's input stays beside it.
    ResultPath: `$.found.${next === undefined ? 'last' : `before-${next}`}`.replaceAll('-', '_'),
    ...(next === undefined ? { End: true } : { Next: next }),
  };
}

/** One step, as a machine of its own that always ends with what it found, or that it found nothing. */
function branchOf(runbook: string, step: ExportedStep): Machine {
  switch (step.kind) {
    case 'approve':
    case 'manual':
      return asking(runbook, step);
    case 'notify':
      return telling(runbook, step);
    case 'wait':
    case 'verify':
      return polling(runbook, step);
    case 'decide':
      return only(step, code(runbook, step, 'what it concludes is code'));
    case 'act':
      return only(
        step,
        code(
          runbook,
          step,
          `${step.changes.join(', ')}: what is changed is planned, and looked up before and after, by code`,
        ),
      );
    case 'observe':
      return observing(runbook, step);
  }
}

function only(step: ExportedStep, state: State): Machine {
  return ending(step, [[nameOf(step.id), state]]);
}

/** States one after another. What a run can do without, and what only looks, ends as unknown where it fails. */
function ending(step: ExportedStep, chain: readonly (readonly [string, State])[]): Machine {
  const forgiving = step.isOptional || step.kind === 'observe' || step.kind === 'notify';
  const unknown = nameOf(step.id, 'unknown');
  const states = chain.map(([name, state], index): readonly [string, State] => {
    const next = chain[index + 1]?.[0];
    return [
      name,
      {
        ...state,
        ...(forgiving && state['Type'] === 'Task'
          ? { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: unknown }] }
          : {}),
        ...(state['Type'] === 'Choice' || state['Next'] !== undefined
          ? {}
          : next === undefined
            ? { End: true }
            : { Next: next }),
      },
    ];
  });
  const needsUnknown = forgiving && chain.some(([, state]) => state['Type'] === 'Task');
  return {
    StartAt: chain[0]?.[0] ?? unknown,
    States: {
      ...Object.fromEntries(states),
      ...(needsUnknown
        ? { [unknown]: { Type: 'Pass', Comment: 'not known', Parameters: { step: step.id, known: false }, End: true } }
        : {}),
    },
  };
}

const retry = [
  { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 2, JitterStrategy: 'FULL' },
];

/** Plain calls are carried over where all of a step's calls are, and about the half of the stack that the input names. */
function observing(runbook: string, step: ExportedStep): Machine {
  const isPlain = step.calls.length > 0 && step.calls.every((call) => parameters[call] !== undefined);
  if (!isPlain) {
    const why =
      step.calls.length === 0
        ? 'it looks from outside AWS'
        : `${step.calls.join(', ')}: what is asked, and read from it, is code`;
    return only(step, code(runbook, step, why));
  }
  return ending(
    step,
    step.calls.map((call, index) => {
      const [service = '', operation = ''] = call.split(':');
      const sdk = sdkServices[service] ?? service.replaceAll('-', '');
      return [
        nameOf(step.id, operation),
        {
          Type: 'Task',
          Comment: `${step.title}${step.where === undefined ? '' : ` (${step.where})`}`,
          Resource: `arn:aws:states:::aws-sdk:${sdk}:${lower(operation)}`,
          Parameters: parameters[call],
          TimeoutSeconds: secondsOf(step),
          Retry: retry,
          ResultPath: `$.call${index + 1}`,
        },
      ];
    }),
  );
}

function code(runbook: string, step: ExportedStep, why: string): State {
  return {
    Type: 'Task',
    Comment: `${step.title}. To be written: ${why}`,
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'nanoops-step', Payload: { runbook, step: step.id, 'input.$': '$' } },
    TimeoutSeconds: secondsOf(step),
    ...(step.kind === 'observe' ? { Retry: retry } : {}),
    ResultSelector: { step: step.id, 'value.$': '$.Payload' },
    ResultPath: '$.result',
  };
}

/** Looks again and again, as often as there is time. */
function polling(runbook: string, step: ExportedStep): Machine {
  const begin = nameOf(step.id);
  const look = nameOf(step.id, 'look');
  const count = nameOf(step.id, 'count');
  const reached = nameOf(step.id, 'reached');
  const pause = nameOf(step.id, 'pause');
  const late = nameOf(step.id, 'late');
  const tries = Math.max(1, Math.ceil(secondsOf(step) / pollSeconds));
  return {
    StartAt: begin,
    States: {
      [begin]: { Type: 'Pass', Comment: step.title, Result: 0, ResultPath: '$.tries', Next: look },
      [look]: {
        ...code(runbook, step, 'whether it is reached is code; it gives { "reached": true or false }'),
        Next: count,
      },
      [count]: {
        Type: 'Pass',
        Parameters: { 'tries.$': 'States.MathAdd($.tries, 1)' },
        ResultPath: '$.counted',
        Next: reached,
      },
      [reached]: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.result.value.reached', BooleanEquals: true, Next: nameOf(step.id, 'done') },
          { Variable: '$.counted.tries', NumericGreaterThanEquals: tries, Next: late },
        ],
        Default: pause,
      },
      [pause]: { Type: 'Wait', Seconds: pollSeconds, Next: nameOf(step.id, 'again') },
      [nameOf(step.id, 'again')]: {
        Type: 'Pass',
        InputPath: '$.counted.tries',
        ResultPath: '$.tries',
        Next: look,
      },
      [nameOf(step.id, 'done')]: { Type: 'Pass', End: true },
      [late]: step.isOptional
        ? {
            Type: 'Pass',
            Comment: 'not reached; the run goes on without it',
            Parameters: { step: step.id, known: false },
            End: true,
          }
        : { Type: 'Fail', Error: 'NotReached', Cause: `${step.title}: not within ${secondsOf(step)} s` },
    },
  };
}

/** Whoever answers sends the token back: SendTaskSuccess for a yes, SendTaskFailure for a no. */
function asking(runbook: string, step: ExportedStep): Machine {
  return only(step, {
    Type: 'Task',
    Comment: step.kind === 'approve' ? 'An answer is awaited: a yes lets it go on' : 'Somebody does it, and says so',
    Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
    Parameters: {
      'TopicArn.$': '$.approve.topicArn',
      Subject: `nanoops ${runbook}: ${step.id}`.slice(0, 99),
      Message: { step: step.id, title: step.title, 'token.$': '$$.Task.Token', 'input.$': '$' },
    },
    TimeoutSeconds: secondsOf(step),
    ResultPath: '$.answer',
  });
}

function telling(runbook: string, step: ExportedStep): Machine {
  return only(step, {
    Type: 'Task',
    Comment: step.title,
    Resource: 'arn:aws:states:::sns:publish',
    Parameters: {
      'TopicArn.$': '$.tell.topicArn',
      Subject: `nanoops ${runbook}: ${step.id}`.slice(0, 99),
      Message: { step: step.id, title: step.title, 'input.$': '$' },
    },
    ResultPath: '$.told',
  });
}

function nameOf(id: string, part = ''): string {
  return (part === '' ? id : `${id}-${part}`).slice(0, longestName);
}

function lower(operation: string): string {
  return `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`;
}

function secondsOf({ timeoutMs }: ExportedStep): number {
  return Math.max(1, Math.ceil(timeoutMs / 1000));
}
