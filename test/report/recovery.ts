/** Runs that move a stack to another region, as documents: one of each way in which they end, for tests of whatever shows them. */
import type { RunDocument } from '../../src/report/schemas.ts';

type Step = RunDocument['steps'][number];
type Objectives = NonNullable<RunDocument['objectives']>;
type Recovery = NonNullable<RunDocument['recovery']>;
type Mutation = RunDocument['mutations'][number];

const startedAt = Date.parse('2026-12-08T15:00:00.000Z');
const at = (seconds: number): string => new Date(startedAt + seconds * 1000).toISOString();
const minute = 60_000;

/** Id, title, kind, from which second on, for how many, what was found, seconds predicted. */
type Line = readonly [string, string, Step['kind'], number, number, string, number?];

const wayThere: readonly Line[] = [
  ['steady-state', 'Is the stack steady?', 'observe', 0, 1.2, '6 of 6 checks are well'],
  ['topology', 'The global database', 'observe', 0, 0.8, 'nano-global: writer us-west-2, us-east-1 connected'],
  ['lag', 'How far the copy is behind', 'observe', 0, 0.6, '412 ms, newest point 31 s old'],
  ['compute', 'Tasks in us-east-1', 'observe', 0, 0.7, '2 of 2 tasks run, limit 12'],
  ['images', 'Image and task definition there', 'observe', 0.8, 0.9, 'nano-api:41 is in us-east-1'],
  ['secrets', 'Secrets and parameters there', 'observe', 0.8, 0.5, '3 of 3 are there'],
  ['certificates', 'Certificates', 'observe', 0.8, 0.4, 'ISSUED, 214 days left'],
  ['records', 'Records and their TTL', 'observe', 0, 0.7, 'api.nano.example: 60 s, weights 100 and 0'],
  ['sessions', 'Sessions table', 'observe', 0, 0.3, 'replicas in both regions are ACTIVE'],
  ['storage', 'Replication of files', 'observe', 0, 0.6, '0 operations pending'],
  ['detect', 'The outage is declared', 'decide', 2, 4, 'declared by ada, for a drill', 4],
  ['plan', 'How to move the database', 'decide', 6, 0.1, 'switchover: both regions answer'],
  ['approve', 'Agree to the switchover', 'approve', 6.1, 11, 'yes, by ada with --yes', 60],
  ['scale-out', 'Tasks for all of the load', 'act', 17, 3, 'desiredCount 2 → 6', 3],
  ['warm-cache', 'The cache is warm', 'wait', 17, 41, '0 → 62 % hits', 60],
  ['tasks-run', 'The tasks run and are healthy', 'wait', 20, 128, '6 of 6 tasks run, 6 targets healthy', 150],
  ['switch-over', 'The writer moves to us-east-1', 'act', 17, 2, 'SwitchoverGlobalCluster was accepted', 2],
  ['writer-moved', 'us-east-1 is the writer', 'wait', 19, 214, 'us-east-1 writes, us-west-2 follows', 180],
  ['fence', 'The old writer takes no writes', 'verify', 233, 3, 'read_only in us-west-2', 5],
  ['traffic', 'The name leads to us-east-1', 'act', 236, 2, 'weights 100, 0 → 0, 100', 2],
  ['in-sync', 'Every name server says so', 'wait', 238, 38, 'INSYNC', 40],
  ['write-read', 'A real write and read through the name', 'verify', 276, 26, '5 of 5 writes were read again', 30],
  ['consistency', 'Counts and checksums', 'verify', 302, 14, '4 of 4 are equal', 15],
  ['clients', 'Clients’ caches have run out', 'wait', 316, 60, '60 s, the TTL of the record', 60],
  ['tell', 'Tell the team', 'notify', 376, 1, 'sent to 2 receivers'],
];

const wayBack: readonly Line[] = [
  ['failback-readiness', 'Can us-west-2 take over again?', 'observe', 400, 2, '9 of 9 checks are well'],
  ['failback-hold', 'The hold time is over', 'wait', 402, 298, '5 min after the way there', 300],
  ['failback-resync', 'us-west-2 has caught up', 'wait', 700, 22, '388 ms behind', 30],
  ['failback-plan', 'How to move it back', 'decide', 722, 0.1, 'switchover'],
  ['failback-approve', 'Agree to the way back', 'approve', 722, 8, 'yes, by ada with --yes', 60],
  ['failback-scale-out', 'Tasks in us-west-2', 'act', 730, 2, 'desiredCount 2 → 6', 3],
  ['failback-tasks-run', 'The tasks run and are healthy', 'wait', 732, 119, '6 of 6 tasks run', 150],
  ['failback-switch-over', 'The writer moves to us-west-2', 'act', 730, 2, 'SwitchoverGlobalCluster was accepted', 2],
  ['failback-writer-moved', 'us-west-2 is the writer', 'wait', 732, 187, 'us-west-2 writes', 180],
  ['failback-fence', 'The old writer takes no writes', 'verify', 919, 3, 'read_only in us-east-1', 5],
  ['failback-traffic', 'The name leads to us-west-2', 'act', 922, 2, 'weights 0, 100 → 100, 0', 2],
  ['failback-in-sync', 'Every name server says so', 'wait', 924, 33, 'INSYNC', 40],
  [
    'failback-write-read',
    'A real write and read through the name',
    'verify',
    957,
    24,
    '5 of 5 writes were read again',
    30,
  ],
  ['failback-consistency', 'Counts and checksums', 'verify', 981, 14, '4 of 4 are equal', 15],
  ['failback-clients', 'Clients’ caches have run out', 'wait', 995, 60, '60 s', 60],
  ['failback-steady-state', 'Is the stack steady again?', 'observe', 1055, 1.4, '6 of 6 checks are well'],
];

const leftOut: readonly Line[] = [
  ['promote-replica', 'Promote the read replica', 'act', 0, 0, 'the database is a global one'],
  ['detach', 'Detach the secondary', 'act', 0, 0, 'a switchover does'],
  ['routing-control', 'Turn the routing control', 'act', 0, 0, 'traffic is moved by records'],
  ['failback-rebuild', 'Rebuild the old region’s cluster', 'act', 0, 0, 'nothing was detached'],
];

function stepOf([id, title, kind, from, seconds, detail, predicted]: Line): Step {
  return {
    id,
    title,
    kind,
    status: 'succeeded',
    startedAt: at(from),
    durationMs: seconds * 1000,
    attempts: 1,
    detail,
    ...(predicted === undefined
      ? {}
      : { predictedMs: predicted * 1000, predictedP95Ms: predicted * 1600, predictedFrom: 'simulated-runs' as const }),
  };
}

const steps: readonly Step[] = [
  ...wayThere.map(stepOf),
  ...wayBack.map(stepOf),
  ...leftOut.map((line): Step => ({ ...stepOf(line), status: 'skipped', startedAt: null, attempts: 0 })),
];

const budget: Recovery['budget'] = [
  { id: 'detect', title: 'Detect', plannedMs: 2 * minute, measuredMs: 4000, predictedMs: 4000 },
  { id: 'decide', title: 'Decide', plannedMs: 3 * minute, measuredMs: 11_000, predictedMs: minute },
  { id: 'database', title: 'Database', plannedMs: 5 * minute, measuredMs: 216_000, predictedMs: 182_000 },
  { id: 'dns', title: 'DNS', plannedMs: minute, measuredMs: 43_000, predictedMs: 47_000 },
  { id: 'caches', title: 'Clients’ caches', plannedMs: 5 * minute, measuredMs: 60_000, predictedMs: 60_000 },
  { id: 'compute', title: 'Compute', plannedMs: 3 * minute, measuredMs: 131_000, predictedMs: 153_000 },
];

const stores: Objectives['rpo']['stores'] = [
  { store: 'nano-db', lossMs: 0, basis: 'a switchover waits for the last write' },
  { store: 'nano-files', lossMs: 0, basis: 'no operation was pending' },
  { store: 'nano-sessions', lossMs: 800, basis: 'the last heartbeat that arrived' },
];

const objectives: Objectives = {
  rto: {
    targetMs: 60 * minute,
    measuredMs: 374_000,
    met: true,
    predictedMs: 402_000,
    wouldMeet: true,
    phases: { detect: 4000, decide: 11_000, execute: 259_000, verify: 40_000, clients: 60_000 },
  },
  rpo: { targetMs: 15 * minute, measuredMs: 800, met: true, predictedMs: 1000, wouldMeet: true, stores },
};

const recovery: Recovery = {
  kind: 'drill',
  mode: 'switchover',
  from: 'us-west-2',
  to: 'us-east-1',
  isSimulated: true,
  outageAt: at(2),
  outageBasis: 'declared',
  decideBy: at(2 + 60 * 60 - 620),
  splitBrain: 'excluded',
  budget,
  consistency: [
    { program: 'nano-count', ok: true, detail: '4 of 4 tables have as many rows' },
    { program: 'nano-checksum', ok: true, detail: 'the newest 1000 rows are equal' },
  ],
  blockers: [],
  lessons: [
    'The database took 3 min 34 s, 34 s longer than predicted.',
    'The cache was at 62 % hits when traffic came: warm it before the switch.',
  ],
};

const back: NonNullable<RunDocument['failback']> = {
  objectives: {
    rto: {
      targetMs: 60 * minute,
      measuredMs: 333_000,
      met: true,
      predictedMs: 402_000,
      wouldMeet: true,
      phases: { detect: 0, decide: 8000, execute: 227_000, verify: 38_000, clients: 60_000 },
    },
    rpo: {
      targetMs: 15 * minute,
      measuredMs: 0,
      met: true,
      predictedMs: 0,
      wouldMeet: true,
      stores: stores.slice(0, 2),
    },
  },
  recovery: {
    ...recovery,
    kind: 'failback',
    from: 'us-east-1',
    to: 'us-west-2',
    outageAt: at(722),
    decideBy: null,
    budget: budget.map((each) => ({ ...each, measuredMs: each.measuredMs === null ? null : each.measuredMs - 2000 })),
    lessons: ['Nobody noticed the way back: the longest gap between two answers was 1.8 s.'],
  },
};

const mutations: readonly Mutation[] = [
  {
    stepId: 'scale-out',
    operation: 'ecs:UpdateService',
    region: 'us-east-1',
    resource: 'nano/nano-api',
    status: 'applied',
    before: { desiredCount: 2 },
    after: { desiredCount: 6 },
  },
  {
    stepId: 'switch-over',
    operation: 'rds:SwitchoverGlobalCluster',
    region: 'us-west-2',
    resource: 'nano-global',
    status: 'reverted',
    before: { writer: 'us-west-2' },
    after: { writer: 'us-east-1' },
  },
  {
    stepId: 'traffic',
    operation: 'route53:ChangeResourceRecordSets',
    region: 'us-east-1',
    resource: 'api.nano.example',
    status: 'reverted',
    before: { 'weight of us-west-2': 100, 'weight of us-east-1': 0 },
    after: { 'weight of us-west-2': 0, 'weight of us-east-1': 100 },
  },
];

const drill: RunDocument = {
  schema: 'nanoops/run@1',
  runId: '20261208T150000Z-dr-drill-7k2m9x',
  runbook: 'dr-drill',
  mode: 'execute',
  environment: 'prod',
  verdict: 'ok',
  exitCode: 0,
  startedAt: at(0),
  endedAt: at(1057),
  durationMs: 1_057_000,
  steps,
  causes: [],
  notes: ['The alarm nano-api-5xx had too few points to be judged for 2 min.'],
  nextSteps: ['nanoops dr history'],
  objectives,
  recovery,
  failback: back,
  mutations,
  api: {
    calls: 214,
    mutations: 6,
    byOperation: {
      'ecs:DescribeServices': 61,
      'ecs:UpdateService': 2,
      'rds:DescribeGlobalClusters': 88,
      'rds:SwitchoverGlobalCluster': 2,
      'route53:ChangeResourceRecordSets': 2,
      'route53:GetChange': 59,
    },
  },
};

const thereOnly = steps.filter(({ id }) => !id.startsWith('failback-'));
const { failback: _way, ...oneWay } = { ...drill, steps: thereOnly, endedAt: at(377), durationMs: 377_000 };

/** A failover of a region that is down: what was lost was measured by the heartbeat. */
const failover: RunDocument = {
  ...oneWay,
  runId: '20261208T150000Z-dr-failover-p4wq2z',
  runbook: 'dr-failover',
  verdict: 'attention',
  exitCode: 1,
  steps: thereOnly.map((step) =>
    step.id === 'fence'
      ? {
          ...step,
          status: 'unknown',
          detail: 'us-west-2 does not answer',
          nextStep: 'fence nano-db before it comes back',
        }
      : step,
  ),
  objectives: {
    ...objectives,
    rpo: {
      ...objectives.rpo,
      measuredMs: 74_000,
      stores: [
        { store: 'nano-db', lossMs: 74_000, basis: 'the last heartbeat that arrived' },
        { store: 'nano-files', lossMs: 12_000, basis: 'S3 replication latency' },
        { store: 'nano-sessions', lossMs: null, basis: 'the table could not be read' },
      ],
    },
  },
  recovery: {
    ...recovery,
    kind: 'failover',
    mode: 'failover',
    isSimulated: false,
    outageBasis: 'probe',
    splitBrain: 'possible',
    consistency: [
      { program: 'nano-count', ok: true, detail: '4 of 4 tables have as many rows' },
      { program: 'nano-checksum', ok: null, detail: 'it did not end within 60 s' },
    ],
  },
  mutations: mutations.map((each) => ({ ...each, status: 'applied' as const })),
};

/** A dry run, which knows what was predicted and measures nothing. */
const rehearsed: RunDocument = {
  ...oneWay,
  runId: '20261208T150000Z-dr-drill-dry',
  mode: 'dry-run',
  steps: thereOnly.map((step) => ({
    ...step,
    status:
      step.status === 'skipped' ? ('skipped' as const) : step.kind === 'observe' ? step.status : ('planned' as const),
    basis: step.kind === 'observe' ? ('observed' as const) : ('assumed' as const),
    ...(step.predictedMs === undefined ? {} : { predictedFrom: 'model' as const }),
  })),
  objectives: {
    rto: { ...objectives.rto, measuredMs: null, met: null },
    rpo: { ...objectives.rpo, measuredMs: null, met: null },
  },
  recovery: {
    ...recovery,
    budget: budget.map((each) => ({ ...each, measuredMs: null })),
    consistency: [],
    lessons: [],
  },
  mutations: mutations.map((each) => ({ ...each, status: 'planned' as const })),
};

/** RPO could not be measured: no heartbeat. */
const unmeasured: RunDocument = {
  ...oneWay,
  verdict: 'unknown',
  exitCode: 3,
  objectives: {
    ...objectives,
    rpo: {
      ...objectives.rpo,
      measuredMs: null,
      met: null,
      stores: [{ store: 'nano-db', lossMs: null, basis: 'no heartbeat, and the old region does not answer' }],
    },
  },
  recovery: { ...recovery, budget: budget.map((each, index) => (index === 4 ? { ...each, measuredMs: null } : each)) },
};

/** RTO was missed: the writer took an hour to move. */
const missed: RunDocument = {
  ...oneWay,
  verdict: 'attention',
  exitCode: 1,
  durationMs: 4_330_000,
  endedAt: at(4330),
  steps: thereOnly.map((step) => {
    if (step.id === 'writer-moved') return { ...step, durationMs: 4_160_000 };
    const since = step.startedAt === null ? 0 : Date.parse(step.startedAt) - startedAt;
    return since < 230_000 ? step : { ...step, startedAt: at(since / 1000 + 3946) };
  }),
  objectives: {
    ...objectives,
    rto: {
      ...objectives.rto,
      measuredMs: 4_320_000,
      met: false,
      phases: { ...objectives.rto.phases, execute: 4_205_000 },
    },
  },
  recovery: {
    ...recovery,
    budget: budget.map((each) => (each.id === 'database' ? { ...each, measuredMs: 4_162_000 } : each)),
    lessons: ['The database took 1 h 9 min: a snapshot was being taken. Let the switchover wait for it.'],
  },
};

/** The way there failed half-way. */
const failed: RunDocument = {
  ...oneWay,
  verdict: 'failed',
  exitCode: 5,
  steps: thereOnly.map((step): Step => {
    const since = step.startedAt === null ? 0 : Date.parse(step.startedAt) - startedAt;
    if (step.id === 'writer-moved') {
      return { ...step, status: 'failed', durationMs: 900_000, detail: 'not within 15 min: still switching-over' };
    }
    return since < 230_000
      ? step
      : {
          ...step,
          status: 'blocked',
          startedAt: null,
          durationMs: 0,
          attempts: 0,
          detail: 'the run stopped before it',
        };
  }),
  durationMs: 921_000,
  endedAt: at(921),
  objectives: {
    rto: {
      ...objectives.rto,
      measuredMs: null,
      met: null,
      phases: { detect: 4000, decide: 11_000, execute: null, verify: null, clients: null },
    },
    rpo: { ...objectives.rpo, measuredMs: null, met: null, stores: [] },
  },
  recovery: {
    ...recovery,
    consistency: [],
    lessons: [],
    budget: budget.map((each, index) => (index < 2 ? each : { ...each, measuredMs: null })),
  },
};

/** It was not possible at all. */
const blocked: RunDocument = {
  ...oneWay,
  mode: 'observe',
  verdict: 'attention',
  exitCode: 1,
  steps: thereOnly.slice(0, 10),
  durationMs: 1200,
  endedAt: at(1.2),
  objectives: {
    rto: {
      ...objectives.rto,
      measuredMs: null,
      met: null,
      predictedMs: null,
      wouldMeet: null,
      phases: { detect: null, decide: null, execute: null, verify: null, clients: null },
    },
    rpo: {
      ...objectives.rpo,
      measuredMs: null,
      met: null,
      predictedMs: 412,
      wouldMeet: true,
      stores: stores.slice(0, 1),
    },
  },
  recovery: {
    ...recovery,
    kind: 'failover',
    mode: 'none',
    budget: [],
    consistency: [],
    outageAt: null,
    outageBasis: 'unknown',
    decideBy: null,
    blockers: [
      'us-east-1 has no instance that can write: nano-global is headless there',
      'the engine versions differ: 8.0.mysql_aurora.3.08.0 and 8.0.mysql_aurora.3.07.1',
    ],
    lessons: [],
  },
  mutations: [],
};

export const recoveries = { drill, failover, rehearsed, unmeasured, missed, failed, blocked } as const;

/** Keys whose texts are the schema's own words or times. */
const ownWords = new Set([
  'schema',
  'mode',
  'verdict',
  'kind',
  'status',
  'basis',
  'predictedFrom',
  'outageBasis',
  'splitBrain',
  'startedAt',
  'endedAt',
  'outageAt',
  'decideBy',
  'onset',
  'state',
]);

/** The document with `text` put into every string in it that is not one of the schema's own words. */
export function infected(run: RunDocument, text: string): RunDocument {
  const put = (value: unknown, key: string, path: string): unknown => {
    if (typeof value === 'string') return isOwn(key, path) ? value : `${text}${value}`;
    if (Array.isArray(value)) return value.map((each) => put(each, key, path));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, put(each, name, `${path}/${key}`)]));
  };
  // The shape stays: only texts are longer.
  return put(run, '', '') as RunDocument;
}

/** A store's basis is text; a step's is one of three words. */
function isOwn(key: string, path: string): boolean {
  return key === 'basis' ? !path.includes('stores') : ownWords.has(key);
}
