/** Runs as the engine tells them, for tests of whatever shows them: the latency runbook on an ordinary stack. */
import type { EventBody, RunEvent, StepStatus, StepSummary, Verdict } from '../../src/engine/events.ts';
import type { RunDocument } from '../../src/report/schemas.ts';

export interface FixtureRun {
  readonly events: readonly RunEvent[];
  readonly document: RunDocument;
}

interface StepFixture {
  readonly id: string;
  readonly title: string;
  readonly kind: StepSummary['kind'];
  readonly needs?: readonly string[];
  readonly status?: StepStatus;
  readonly detail: string;
  readonly durationMs?: number;
  readonly attempts?: number;
  readonly retried?: { readonly delayMs: number; readonly reason: string };
}

const startedAt = Date.parse('2026-11-23T10:18:00.000Z');

const steps: readonly StepFixture[] = [
  {
    id: 'api-traffic',
    title: 'Latency, requests and errors at the load balancer',
    kind: 'observe',
    detail: 'p99 4.81 s, p50 412 ms, 5230 requests a minute',
    durationMs: 412,
  },
  {
    id: 'symptom',
    title: 'Is it slow, and since when?',
    kind: 'decide',
    needs: ['api-traffic'],
    detail: 'p99 640 ms → 4.81 s for 18 min',
  },
  {
    id: 'zones',
    title: 'The same by availability zone',
    kind: 'observe',
    detail: 'us-west-2a p99 4.79 s, us-west-2b p99 4.84 s, us-west-2c p99 4.8 s',
    durationMs: 398,
  },
  {
    id: 'service-utilisation',
    title: 'CPU, memory and network of the tasks',
    kind: 'observe',
    detail: 'CPU 31.2 %, memory 54.8 %',
    durationMs: 405,
  },
  {
    id: 'service-state',
    title: 'Tasks and rollouts of the service',
    kind: 'observe',
    detail: '4 of 4 tasks run',
    durationMs: 120,
  },
  { id: 'deployments', title: 'Deployments', kind: 'observe', detail: 'none in the window', durationMs: 131 },
  {
    id: 'scaling-limits',
    title: 'Who owns the task count',
    kind: 'observe',
    detail: 'Auto Scaling, 2 to 10 tasks',
    durationMs: 98,
  },
  {
    id: 'database-load',
    title: 'CPU, connections and statement latency of the writer',
    kind: 'observe',
    detail: 'CPU 88.4 %, 96 connections, SELECT 612 ms',
    durationMs: 402,
  },
  {
    id: 'slow-queries',
    title: 'The slow query log',
    kind: 'observe',
    detail: '184 entries',
    durationMs: 2310,
    attempts: 2,
    retried: { delayMs: 850, reason: 'logs:FilterLogEvents in us-west-2: AWS throttled the request' },
  },
  {
    id: 'error-lines',
    title: 'ERROR and CRITICAL in the application’s log',
    kind: 'observe',
    needs: ['symptom'],
    detail: '12 lines',
    durationMs: 690,
  },
  {
    id: 'slow-traces',
    title: 'Traces of slow requests',
    kind: 'observe',
    needs: ['symptom'],
    detail: '311 slow, 25 read',
    durationMs: 1240,
  },
  {
    id: 'diagnosis',
    title: 'What explains it',
    kind: 'decide',
    needs: [
      'symptom',
      'zones',
      'service-utilisation',
      'service-state',
      'deployments',
      'database-load',
      'slow-queries',
      'error-lines',
      'slow-traces',
    ],
    detail: 'nano-db answers slowly: 184 slow statements of 3.9 s on average (97 %)',
  },
  {
    id: 'scale-out',
    title: 'One task more, within the limits',
    kind: 'decide',
    needs: ['diagnosis', 'service-state', 'scaling-limits'],
    status: 'skipped',
    detail: 'would not help here',
  },
  {
    id: 'roll-back',
    title: 'Back to the version before',
    kind: 'decide',
    needs: ['diagnosis', 'service-state'],
    status: 'skipped',
    detail: 'no deployment is to blame',
  },
  {
    id: 'suggest-index',
    title: 'The slow statements, and an index that may help',
    kind: 'decide',
    needs: ['diagnosis', 'slow-queries'],
    detail: 'judge this index with EXPLAIN: CREATE INDEX idx_nanos_title ON nanos (title)',
  },
  {
    id: 'escalation',
    title: 'Is it time to escalate?',
    kind: 'decide',
    needs: ['symptom', 'diagnosis'],
    detail: '18 min old (as measured): page the on-call architect, and consider a failover of the database',
  },
  {
    id: 'conclusion',
    title: 'In short',
    kind: 'decide',
    needs: ['escalation', 'suggest-index', 'scale-out', 'roll-back'],
    detail: 'nano-db answers slowly: 184 slow statements of 3.9 s on average',
  },
];

export const stepSummaries: readonly StepSummary[] = steps.map(({ id, title, kind, needs }) => ({
  id,
  title,
  kind,
  needs: needs ?? [],
}));

const metrics = { source: 'cloudwatch:GetMetricData', region: 'us-west-2' };

const slowQuery: RunDocument['causes'][number] = {
  rank: 1,
  component: 'nano-db',
  cause: 'slow-query',
  confidence: 0.973,
  summary: 'nano-db answers slowly: 184 slow statements of 3.9 s on average',
  for: [
    {
      source: 'xray:BatchGetTraces',
      region: 'us-west-2',
      detail: '87 % of the time of slow requests is spent in database statements, 22 % normally',
    },
    { ...metrics, detail: 'statement latency 4.1 ms → 612 ms' },
    { ...metrics, detail: 'database CPU 41 % → 88.4 %' },
    {
      source: 'logs:FilterLogEvents',
      region: 'us-west-2',
      detail: '184 times 3.9 s on average: SELECT * FROM nanos WHERE title LIKE ? ORDER BY average_rating DESC LIMIT ?',
    },
    { ...metrics, detail: 'connections 41 → 96' },
  ],
  against: [{ ...metrics, detail: 'requests 5100 → 5230 a minute: no surge' }],
  missing: [
    {
      source: 'pi:GetResourceMetrics',
      region: 'us-west-2',
      detail: 'Performance Insights is off for nano-db-1: no waits by statement',
    },
  ],
  remediation: {
    stepId: 'suggest-index',
    summary:
      'judge this index with EXPLAIN (it reads 184000 rows to send 20; the filter on title has no index): CREATE INDEX idx_nanos_title ON nanos (title)',
    command: 'aws logs tail /aws/rds/cluster/nano-db/slowquery --region us-west-2 --since 30m',
  },
};

const poolExhausted: RunDocument['causes'][number] = {
  rank: 2,
  component: 'nano-api',
  cause: 'connection-pool-exhausted',
  confidence: 0.58,
  summary: 'nano-api waits for connections to nano-db',
  for: [
    {
      source: 'logs:FilterLogEvents',
      region: 'us-west-2',
      detail: '12 log lines: QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 30.00',
    },
    { ...metrics, detail: 'connections 41 → 96' },
  ],
  against: [{ ...metrics, detail: 'statement latency 4.1 ms → 612 ms: the database itself is slow' }],
  missing: [],
  remediation: {
    stepId: 'advise',
    summary:
      'raise the pool’s size if tasks × pool stays below max_connections, and look for connections that are not given back',
  },
};

interface Change {
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** Steps that ended otherwise than in the run that finds a cause. */
  readonly steps?: Readonly<Record<string, Partial<StepFixture>>>;
  readonly document?: Partial<RunDocument>;
}

/** A run with the given differences from the one that finds a slow query. */
export function runWith(change: Change): FixtureRun {
  const ended = steps.map((step) => ({
    status: 'succeeded' as const,
    durationMs: 0,
    attempts: 1,
    ...step,
    ...change.steps?.[step.id],
  }));
  const durationMs = Math.max(...ended.map((step) => step.durationMs)) + 410;
  const document: RunDocument = {
    schema: 'nanoops/run@1',
    runId: '20261123T101800Z-latency-7k2m9x',
    runbook: 'latency',
    mode: 'observe',
    environment: 'prod',
    verdict: change.verdict,
    exitCode: change.exitCode,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + durationMs).toISOString(),
    durationMs,
    steps: ended.map(({ id, title, kind, status, detail, durationMs: stepMs, attempts }) => ({
      id,
      title,
      kind,
      status,
      startedAt: new Date(startedAt).toISOString(),
      durationMs: stepMs,
      attempts,
      predictedMs: null,
      detail,
    })),
    symptom: {
      state: 'ongoing',
      onset: '2026-11-23T10:00:00.000Z',
      endedAt: null,
      summary: 'p99 640 ms → 4.81 s for 18 min',
    },
    causes: [slowQuery, poolExhausted],
    escalation: {
      due: true,
      summary: '18 min old (as measured): page the on-call architect, and consider a failover of the database',
    },
    notes: [],
    mutations: [],
    api: {
      calls: 37,
      mutations: 0,
      byOperation: {
        'cloudwatch:GetMetricData': 4,
        'ecs:DescribeServices': 1,
        'logs:FilterLogEvents': 9,
        'xray:BatchGetTraces': 8,
      },
    },
    ...change.document,
  };
  return { events: eventsOf(ended, change.verdict, durationMs), document };
}

function eventsOf(
  ended: readonly (StepFixture & {
    readonly status: StepStatus;
    readonly durationMs: number;
    readonly attempts: number;
  })[],
  verdict: Verdict,
  durationMs: number,
): RunEvent[] {
  const bodies: EventBody[] = [
    {
      type: 'run.started',
      runId: '20261123T101800Z-latency-7k2m9x',
      runbook: 'latency',
      title: 'API latency spike',
      mode: 'observe',
      environment: 'prod',
      steps: stepSummaries,
    },
  ];
  for (const step of ended) {
    if (step.attempts > 0) bodies.push({ type: 'step.started', stepId: step.id });
    if (step.retried !== undefined) {
      bodies.push({ type: 'step.retried', stepId: step.id, attempt: 1, errorClass: 'throttled', ...step.retried });
    }
    const { id, status, detail, attempts } = step;
    bodies.push({
      type: 'step.finished',
      stepId: id,
      status,
      detail,
      startedAt,
      durationMs: step.durationMs,
      attempts,
    });
  }
  bodies.push({ type: 'run.finished', verdict, durationMs });
  return bodies.map((body, index) => ({ ...body, seq: index + 1, at: startedAt }));
}

const denied = (action: string, resource: string): string =>
  `${action} in us-west-2 for ${resource}: the caller may not ${action} [AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/on-call/ada is not authorized to perform: ${action} on resource: ${resource}]. What needed it is unknown.`;

const interrupted = { status: 'blocked', detail: 'the run was interrupted', attempts: 0, durationMs: 0 } as const;
const skipped = (detail: string) => ({ status: 'skipped', detail }) as const;
const notSlow = skipped('latency is not high now');

const healthySteps = {
  'api-traffic': { detail: 'p99 612 ms, p50 88 ms, 5104 requests a minute' },
  symptom: { detail: 'p99 612 ms, within its target of 2 s; no incident in the window' },
  zones: { detail: 'us-west-2a p99 598 ms, us-west-2b p99 615 ms, us-west-2c p99 607 ms' },
  'database-load': { detail: 'CPU 38.1 %, 41 connections, SELECT 4.1 ms' },
  'slow-queries': { detail: '0 entries', attempts: 1, durationMs: 520, retried: undefined },
  'error-lines': { detail: '0 lines' },
  'slow-traces': { detail: '0 slow, 0 read', durationMs: 310 },
  diagnosis: { detail: 'nothing to explain' },
  'suggest-index': skipped('the database is not to blame'),
  escalation: notSlow,
  conclusion: { detail: 'p99 612 ms, within its target of 2 s; no incident in the window' },
} as const;

const calm: RunDocument['symptom'] = {
  state: 'none',
  onset: null,
  endedAt: null,
  summary: 'p99 612 ms, within its target of 2 s; no incident in the window',
};

/** One of each way in which a run ends. */
export const runs = {
  cause: runWith({ verdict: 'attention', exitCode: 1 }),
  healthy: runWith({
    verdict: 'ok',
    exitCode: 0,
    steps: healthySteps,
    document: { symptom: calm, causes: [], escalation: undefined },
  }),
  transient: runWith({
    verdict: 'ok',
    exitCode: 0,
    steps: {
      ...healthySteps,
      symptom: { detail: 'p99 640 ms → 3.2 s, over for 12 min after 6 min' },
      diagnosis: { detail: 'latency at nano-api rose and settled by itself (95 %)' },
      conclusion: { detail: 'latency at nano-api rose and settled by itself' },
    },
    document: {
      symptom: {
        state: 'over',
        onset: '2026-11-23T10:00:00.000Z',
        endedAt: '2026-11-23T10:06:00.000Z',
        summary: 'p99 640 ms → 3.2 s, over for 12 min after 6 min',
      },
      causes: [
        {
          rank: 1,
          component: 'nano-api',
          cause: 'transient',
          confidence: 0.95,
          summary: 'latency at nano-api rose and settled by itself: p99 640 ms → 3.2 s, over for 12 min after 6 min',
          for: [{ ...metrics, detail: 'p99 640 ms → 3.2 s, over for 12 min after 6 min' }],
          against: [],
          missing: [],
          remediation: { stepId: 'wait', summary: 'nothing to do: it settled by itself; look again if it comes back' },
        },
      ],
      escalation: undefined,
    },
  }),
  unknown: runWith({
    verdict: 'unknown',
    exitCode: 3,
    steps: {
      ...healthySteps,
      'database-load': { status: 'unknown', detail: denied('cloudwatch:GetMetricData', 'nano-db') },
      'slow-queries': {
        status: 'unknown',
        detail: denied('logs:FilterLogEvents', '/aws/rds/cluster/nano-db/slowquery'),
        attempts: 1,
        durationMs: 90,
        retried: undefined,
      },
      'slow-traces': { status: 'unknown', detail: denied('xray:GetTraceSummaries', '*'), durationMs: 85 },
      conclusion: {
        status: 'unknown',
        detail: `${calm.summary}; but not everything could be looked at`,
      },
    },
    document: {
      symptom: calm,
      causes: [],
      escalation: undefined,
      notes: [
        denied('cloudwatch:GetMetricData', 'nano-db'),
        denied('logs:FilterLogEvents', '/aws/rds/cluster/nano-db/slowquery'),
        denied('xray:GetTraceSummaries', '*'),
      ],
      nextSteps: [
        'allow cloudwatch:GetMetricData to arn:aws:sts::123456789012:assumed-role/on-call/ada',
        'allow logs:FilterLogEvents to arn:aws:sts::123456789012:assumed-role/on-call/ada on /aws/rds/cluster/nano-db/slowquery',
      ],
    },
  }),
  interrupted: runWith({
    verdict: 'interrupted',
    exitCode: 130,
    steps: {
      'slow-queries': { ...interrupted, retried: undefined },
      'error-lines': interrupted,
      'slow-traces': interrupted,
      diagnosis: interrupted,
      'scale-out': interrupted,
      'roll-back': interrupted,
      'suggest-index': interrupted,
      escalation: interrupted,
      conclusion: interrupted,
    },
    document: { symptom: undefined, causes: [], escalation: undefined, notes: undefined },
  }),
  failed: runWith({
    verdict: 'failed',
    exitCode: 5,
    steps: {
      zones: { status: 'failed', detail: "Cannot read properties of undefined (reading 'points')" },
      diagnosis: { status: 'blocked', attempts: 0, detail: 'the run stopped before this step' },
      'scale-out': { status: 'blocked', attempts: 0, detail: 'the run stopped before this step' },
      'roll-back': { status: 'blocked', attempts: 0, detail: 'the run stopped before this step' },
      'suggest-index': { status: 'blocked', attempts: 0, detail: 'the run stopped before this step' },
      escalation: { status: 'blocked', attempts: 0, detail: 'the run stopped before this step' },
      conclusion: { status: 'blocked', attempts: 0, detail: 'the run stopped before this step' },
    },
    document: { symptom: undefined, causes: [], escalation: undefined, notes: undefined },
  }),
} as const satisfies Record<string, FixtureRun>;

/** Takes what a view writes. */
export function recorder(): { write(text: string): void; text(): string } {
  let written = '';
  return {
    write: (text) => {
      written += text;
    },
    text: () => written,
  };
}

/** Every text of a run replaced by one that tries what it can to get through. */
export function hostile(run: FixtureRun, text: string): FixtureRun {
  const keep = new Set([
    'seq',
    'type',
    'status',
    'verdict',
    'kind',
    'schema',
    'mode',
    'state',
    'errorClass',
    'stepId',
    'id',
    'needs',
  ]);
  const keepTimes = new Set(['startedAt', 'endedAt', 'onset']);
  const infect = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return keep.has(key) || keepTimes.has(key) ? value : text;
    if (Array.isArray(value)) return value.map((each) => infect(each, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, infect(each, name)]));
  };
  // The same shape with other texts.
  return infect(run) as FixtureRun;
}
