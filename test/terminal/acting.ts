/** Runs that act, as the engine tells them: one of each way in which they end, for tests of whatever shows them. */
import type { Change } from '../../src/engine/change.ts';
import type { EventBody, RunEvent, RunMode, StepStatus, StepSummary, Verdict } from '../../src/engine/events.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import type { FixtureRun } from './fixtures.ts';

export const runId = '20261123T104000Z-latency-p4wq2z';
export const startedAt = Date.parse('2026-11-23T10:40:00.000Z');

export const actingSteps: readonly StepSummary[] = [
  { id: 'service-state', title: 'Tasks and rollouts of the service', kind: 'observe', needs: [] },
  { id: 'plan', title: 'What helps', kind: 'decide', needs: ['service-state'] },
  { id: 'approve', title: 'Consent to more tasks', kind: 'approve', needs: ['plan'] },
  { id: 'raise-minimum', title: 'A higher minimum of tasks', kind: 'act', needs: ['plan', 'approve'] },
  { id: 'scale-out', title: 'One task more', kind: 'act', needs: ['plan', 'approve', 'raise-minimum'] },
  { id: 'tasks-run', title: 'Until the new task runs', kind: 'wait', needs: ['scale-out'] },
  { id: 'recovered', title: 'Is it fast again?', kind: 'verify', needs: ['tasks-run'] },
  { id: 'dashboards', title: 'Look at the dashboards', kind: 'manual', needs: ['recovered'] },
  { id: 'tell', title: 'Tell the team', kind: 'notify', needs: ['recovered'] },
];

export const raiseMinimum: Change = {
  operation: 'application-autoscaling:RegisterScalableTarget',
  region: 'us-west-2',
  resource: 'nano/nano-api',
  summary: 'at least 7 tasks, so that Auto Scaling does not take the new one away',
  before: { minimum: 2, maximum: 10 },
  after: { minimum: 7, maximum: 10 },
  risk: 'reversible',
  blastRadius: 'nobody: limits alone change',
  input: { minimum: 7 },
};

export const scaleOut: Change = {
  operation: 'ecs:UpdateService',
  region: 'us-west-2',
  resource: 'nano/nano-api',
  summary: 'one task more, within the limits of Auto Scaling',
  before: { desired: 6, taskDefinition: 'nano-api:41' },
  after: { desired: 7, taskDefinition: 'nano-api:41' },
  risk: 'reversible',
  blastRadius: 'nobody: a task is added, none is replaced',
  input: { count: 7 },
};

export const failOver: Change = {
  operation: 'rds:FailoverDBCluster',
  region: 'us-west-2',
  resource: 'nano-db',
  summary: 'nano-db-2 becomes the writer',
  before: { writer: 'nano-db-1' },
  after: { writer: 'nano-db-2' },
  risk: 'irreversible',
  blastRadius: 'every write fails for 30 s to 60 s',
  input: { target: 'nano-db-2' },
};

export const hash = '3f9a0c2b1d4e';
const tokens = { 'ecs:us-west-2:nano/nano-api': 4 };

function backwards(change: Change): Change {
  return { ...change, before: change.after, after: change.before, summary: `as it was: ${change.summary}` };
}

const lease = { resource: 'ecs:us-west-2:nano/nano-api', token: 4 } as const;

function began(mode: RunMode): EventBody {
  return {
    type: 'run.started',
    runId,
    runbook: 'latency',
    title: 'API latency spike',
    mode,
    environment: 'prod',
    steps: actingSteps,
  };
}

type End = Partial<Omit<Extract<EventBody, { type: 'step.finished' }>, 'type'>>;

function ended(stepId: string, detail: string, status: StepStatus = 'succeeded', rest: End = {}): EventBody {
  return { type: 'step.finished', stepId, status, detail, startedAt, durationMs: 240, attempts: 1, ...rest };
}

function intended(stepId: string, change: Change, direction: 'apply' | 'undo' = 'apply'): EventBody {
  return { type: 'change.intended', stepId, direction, change, hash, tokens };
}

function applied(stepId: string, direction: 'apply' | 'undo' = 'apply'): EventBody {
  return { type: 'change.answered', stepId, direction, outcome: 'applied' };
}

function looked(
  stepId: string,
  state: 'done' | 'not-started' | 'unknown' | 'drifted',
  detail: string,
  direction: 'apply' | 'undo' = 'apply',
): EventBody {
  return { type: 'change.looked-up', stepId, direction, state, detail };
}

const looking: readonly EventBody[] = [
  { type: 'step.started', stepId: 'service-state' },
  ended('service-state', '6 of 6 tasks run'),
  ended('plan', 'one task more: 6 → 7'),
];

export const question = {
  kind: 'approve',
  question: 'May one more task be run?',
  facts: ['CPU 93.1 % for 12 min', 'Auto Scaling allows 2 to 10 tasks'],
  changes: [raiseMinimum, scaleOut],
  hash,
  deadlineAt: Date.parse('2026-11-23T11:10:00.000Z'),
} as const;

const asked: EventBody = { type: 'approval.requested', stepId: 'approve', ...question };

const consented: readonly EventBody[] = [
  { type: 'lease.acquired', ...lease },
  asked,
  { type: 'approval.given', stepId: 'approve', hash, by: 'ana', how: 'prompt' },
  ended('approve', 'ana agreed to 2 changes'),
];

const minimumRaised: readonly EventBody[] = [
  { type: 'run.checkpointed', steps: [] },
  looked('raise-minimum', 'not-started', 'minimum 2'),
  intended('raise-minimum', raiseMinimum),
  applied('raise-minimum'),
  ended('raise-minimum', 'at least 7 tasks'),
];

const scaledOut: readonly EventBody[] = [
  looked('scale-out', 'not-started', 'desired 6'),
  intended('scale-out', scaleOut),
  applied('scale-out'),
  ended('scale-out', 'desired 7'),
];

const waited: readonly EventBody[] = [
  { type: 'step.started', stepId: 'tasks-run' },
  { type: 'step.progressed', stepId: 'tasks-run', detail: '6 of 7 tasks run' },
  { type: 'step.progressed', stepId: 'tasks-run', detail: '6 of 7 tasks run, 1 is starting' },
  ended('tasks-run', '7 of 7 tasks run', 'succeeded', { durationMs: 48_000, attempts: 17 }),
];

const suspended = (verdict: Verdict, reason: string, nextSteps: readonly string[]): EventBody => ({
  type: 'run.suspended',
  verdict,
  reason,
  nextSteps,
  durationMs: 41_000,
});

const holder =
  'run 20261123T103112Z-crash-loop-9d3k1m of ben@bastion, since 2026-11-23T10:31:20.000Z, at step "scale-out"';
const lockedNext = ['nanoops locks list', `nanoops runs resume ${runId}`];
const resume = [`nanoops runs resume ${runId}`, `nanoops runs abort ${runId}`];
const approveLater = [`nanoops runs resume ${runId} --approve approve@${hash}`, `nanoops runs abort ${runId}`];

type Mutation = RunDocument['mutations'][number];

function mutation(stepId: string, change: Change, status: Mutation['status']): Mutation {
  const { operation, region, resource, summary, before, after } = change;
  return { stepId, operation, region, resource, status, summary, before, after };
}

function numbered(bodies: readonly EventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({ ...body, seq: index + 1, at: startedAt + index * 1000 }));
}

/** A run of these events, and the document that goes with them. */
function actingRun(
  verdict: Verdict,
  exitCode: number,
  bodies: readonly EventBody[],
  document: Partial<RunDocument>,
): FixtureRun {
  const ends = new Map(bodies.flatMap((body) => (body.type === 'step.finished' ? [[body.stepId, body] as const] : [])));
  const durationMs = 74_000;
  const mode = bodies[0]?.type === 'run.started' ? bodies[0].mode : 'execute';
  const mutations = document.mutations ?? [];
  const sent = mutations.filter(({ status }) => status !== 'planned').length;
  return {
    events: numbered(bodies),
    document: {
      schema: 'nanoops/run@1',
      runId,
      runbook: 'latency',
      mode,
      environment: 'prod',
      verdict,
      exitCode,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(startedAt + durationMs).toISOString(),
      durationMs,
      steps: actingSteps.map(({ id, title, kind }) => {
        const end = ends.get(id);
        return {
          id,
          title,
          kind,
          status: end?.status ?? 'blocked',
          startedAt: end === undefined ? null : new Date(startedAt).toISOString(),
          durationMs: end?.durationMs ?? 0,
          attempts: end?.attempts ?? 0,
          detail: end?.detail ?? 'the run stopped before this step',
          ...(end?.basis === undefined ? {} : { basis: end.basis }),
        };
      }),
      causes: [],
      mutations: [],
      api: { calls: 31, mutations: sent, byOperation: { 'ecs:DescribeServices': 9 } },
      ...document,
    },
  };
}

const planned = (basis: 'observed' | 'assumed' | 'unknown') => ({ basis }) as const;

export const actingRuns = {
  fixed: actingRun(
    'ok',
    0,
    [
      began('execute'),
      ...looking,
      ...consented,
      ...minimumRaised,
      ...scaledOut,
      ...waited,
      ended('recovered', 'p99 640 ms for 5 min', 'succeeded', { durationMs: 300_000 }),
      {
        type: 'approval.requested',
        stepId: 'dashboards',
        kind: 'manual',
        question: 'Do the dashboards look well?',
        facts: [],
        changes: [],
        hash: 'a1',
        deadlineAt: question.deadlineAt,
      },
      { type: 'approval.given', stepId: 'dashboards', hash: 'a1', by: 'ana', how: 'prompt' },
      ended('dashboards', 'ana did it'),
      ended('tell', 'sns: delivered'),
      { type: 'lease.released', ...lease },
      { type: 'run.finished', verdict: 'ok', durationMs: 74_000 },
    ],
    {
      mutations: [mutation('raise-minimum', raiseMinimum, 'applied'), mutation('scale-out', scaleOut, 'applied')],
    },
  ),
  undone: actingRun(
    'failed',
    5,
    [
      began('execute'),
      ...looking,
      ...consented,
      ...minimumRaised,
      ...scaledOut,
      ...waited,
      ended('recovered', 'p99 4.81 s, which is still more than its target of 2 s', 'failed', { durationMs: 300_000 }),
      { type: 'run.undoing', reason: '"Is it fast again?" did not hold' },
      intended('scale-out', backwards(scaleOut), 'undo'),
      applied('scale-out', 'undo'),
      looked('scale-out', 'done', 'desired 6', 'undo'),
      ended('scale-out', 'put back: desired 6 again', 'rolled-back'),
      intended('raise-minimum', backwards(raiseMinimum), 'undo'),
      {
        type: 'change.answered',
        stepId: 'raise-minimum',
        direction: 'undo',
        outcome: 'failed',
        reason: 'the caller may not application-autoscaling:RegisterScalableTarget',
      },
      { type: 'lease.released', ...lease },
      { type: 'run.finished', verdict: 'failed', durationMs: 74_000 },
    ],
    {
      mutations: [mutation('raise-minimum', raiseMinimum, 'applied'), mutation('scale-out', scaleOut, 'reverted')],
    },
  ),
  awaiting: actingRun(
    'awaiting-approval',
    4,
    [
      began('execute'),
      ...looking,
      { type: 'lease.acquired', ...lease },
      asked,
      ended('approve', 'nobody is there to answer', 'suspended'),
      { type: 'lease.released', ...lease },
      suspended('awaiting-approval', 'nobody is there to answer', approveLater),
    ],
    {
      suspended: {
        reason: 'nobody is there to answer',
        nextSteps: approveLater,
      },
    },
  ),
  locked: actingRun(
    'locked',
    6,
    [
      began('execute'),
      ...looking,
      {
        type: 'lease.refused',
        resource: 'ecs:us-west-2:nano/nano-api',
        holder,
      },
      suspended('locked', `${lease.resource} is held by ${holder}`, lockedNext),
    ],
    {
      suspended: { reason: `${lease.resource} is held by ${holder}`, nextSteps: lockedNext },
      nextSteps: lockedNext,
    },
  ),
  doubtful: actingRun(
    'interrupted',
    130,
    [
      began('execute'),
      ...looking,
      ...consented,
      ...minimumRaised,
      intended('scale-out', scaleOut),
      {
        type: 'change.answered',
        stepId: 'scale-out',
        direction: 'apply',
        outcome: 'unknown',
        reason: 'no answer within 10 s',
      },
      looked('scale-out', 'unknown', 'ecs:DescribeServices in us-west-2: no connection'),
      { type: 'lease.lost', ...lease, reason: 'run 20261123T104101Z-errors-1x2y3z took it over' },
      ended('scale-out', 'nobody knows whether it was done', 'suspended'),
      suspended('interrupted', 'the run was interrupted', resume),
    ],
    {
      suspended: { reason: 'the run was interrupted', nextSteps: resume },
      mutations: [mutation('raise-minimum', raiseMinimum, 'applied'), mutation('scale-out', scaleOut, 'unknown')],
    },
  ),
  planned: actingRun(
    'attention',
    1,
    [
      began('dry-run'),
      ended('service-state', '6 of 6 tasks run', 'succeeded', planned('observed')),
      ended('plan', 'one task more: 6 → 7', 'succeeded', planned('observed')),
      { type: 'approval.given', stepId: 'approve', hash, by: 'ana', how: 'assumed' },
      ended('approve', 'assumed; it would ask: May one more task be run?', 'planned', planned('assumed')),
      intended('raise-minimum', raiseMinimum),
      applied('raise-minimum'),
      ended('raise-minimum', raiseMinimum.summary, 'planned', planned('assumed')),
      intended('scale-out', scaleOut),
      applied('scale-out'),
      ended('scale-out', scaleOut.summary, 'planned', planned('assumed')),
      { type: 'step.progressed', stepId: 'tasks-run', detail: '6 of 7 tasks run' },
      ended('tasks-run', '7 of 7 tasks run', 'planned', { basis: 'assumed', durationMs: 48_000, attempts: 17 }),
      ended('recovered', 'ecs:DescribeServices in us-west-2: no connection', 'unknown', planned('unknown')),
      ended('dashboards', 'assumed; it would ask: Do the dashboards look well?', 'planned', planned('assumed')),
      ended('tell', 'would tell: one task more runs', 'planned', planned('assumed')),
      { type: 'run.finished', verdict: 'attention', durationMs: 74_000 },
    ],
    {
      mutations: [mutation('raise-minimum', raiseMinimum, 'planned'), mutation('scale-out', scaleOut, 'planned')],
    },
  ),
  resumed: actingRun(
    'ok',
    0,
    [
      began('execute'),
      ...looking,
      ...consented,
      ...minimumRaised,
      intended('scale-out', scaleOut),
      {
        type: 'run.resumed',
        by: 'ben@bastion',
        purpose: 'continue',
        differences: ['step "tell" (notify) is new'],
      },
      { type: 'lease.acquired', resource: lease.resource, token: 5 },
      looked('scale-out', 'done', 'desired 7, 7 run'),
      ended('scale-out', 'it was done already'),
      ...waited,
      ended('recovered', 'p99 640 ms for 5 min'),
      ended('dashboards', 'ben did it'),
      ended('tell', 'sns: not delivered: no such topic; webhook: delivered'),
      { type: 'run.finished', verdict: 'ok', durationMs: 74_000 },
    ],
    {
      resumptions: 1,
      mutations: [mutation('raise-minimum', raiseMinimum, 'applied'), mutation('scale-out', scaleOut, 'applied')],
    },
  ),
} as const satisfies Record<string, FixtureRun>;
