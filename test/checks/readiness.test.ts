/** Each check of readiness at its edges: what blocks, what weakens, what cannot be told, and what is not configured. */
import { describe, expect, test } from 'vitest';
import type { DatabaseInstance, DatabaseState, ServiceState } from '../../src/cloud/facts.ts';
import type {
  CertificateState,
  DnsRecord,
  GlobalDatabase,
  HealthCheckState,
  LoadBalancerState,
  ReplicationBacklog,
  ReplicationLag,
  TaskDefinitionState,
} from '../../src/cloud/recovery-facts.ts';
import type { Series } from '../../src/cloud/series.ts';
import { covers } from '../../src/checks/readiness/compute.ts';
import { judgeReadiness, answerOf, readinessBlockers } from '../../src/checks/readiness/readiness.ts';
import { verdictOf } from '../../src/checks/verdict.ts';
import { nothingSeen, type ReadinessSeen, type ReadinessTold } from '../../src/checks/readiness/seen.ts';
import type { Known } from '../../src/diagnosis/known.ts';

const nowMs = Date.UTC(2026, 10, 23, 11, 3);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const source = { operation: 'rds:DescribeDBClusters', region: 'us-east-1', detail: 'test' };

const known = <T>(value: T): Known<T> => ({ known: true, value });
const skipped: Known<never> = { known: false, because: 'skipped', reason: 'it is not configured' };
const silent: Known<never> = { known: false, because: 'unknown', reason: 'no answer', errorClass: 'unreachable' };
const gone: Known<never> = { known: false, because: 'unknown', reason: 'there is none', errorClass: 'not-found' };
const denied: Known<never> = {
  known: false,
  because: 'unknown',
  reason: 'the caller may not',
  errorClass: 'denied',
  nextStep: 'allow it',
};

const told: ReadinessTold = {
  from: {
    region: 'us-west-2',
    api: { region: 'us-west-2', loadBalancer: 'app/a/1' },
    compute: { region: 'us-west-2', cluster: 'nano', service: 'api' },
    database: { region: 'us-west-2', cluster: 'nano-db' },
    storage: { region: 'us-west-2', bucket: 'zips' },
  },
  to: {
    region: 'us-east-1',
    api: { region: 'us-east-1', loadBalancer: 'app/b/1', targetGroup: 'targetgroup/b/1' },
    compute: { region: 'us-east-1', cluster: 'nano', service: 'api', maxTasks: 20 },
    database: { region: 'us-east-1', cluster: 'nano-db-dr' },
    cache: { region: 'us-east-1', replicationGroup: 'cache-dr' },
    storage: { region: 'us-east-1', bucket: 'zips-dr' },
  },
  globalCluster: 'nano-global',
  traffic: { mechanism: 'records', hostedZoneId: 'Z1', record: 'api.nano.example' },
  sessionsTable: 'sessions',
  rpoMs: 15 * minuteMs,
  rtoMs: hourMs,
  nowMs,
  awsOptions: ['--profile', 'ops'],
  isSimulated: false,
  outside: { probe: true, heartbeat: true, write: true },
  healthyAlarms: [],
  state: { kind: 'table', table: 'nanoops', region: 'us-east-1' },
  actions: { changing: ['rds:FailoverGlobalCluster'], looking: ['rds:DescribeDBClusters'] },
  planned: {
    detect: 2 * minuteMs,
    decide: 3 * minuteMs,
    execute: 9 * minuteMs,
    verify: 0,
    clients: 5 * minuteMs,
  },
  predicted: {},
  drill: { gaps: [] },
};

interface Case {
  readonly seen?: Partial<ReadinessSeen>;
  readonly told?: Partial<ReadinessTold>;
}

function judged(id: string, { seen = {}, told: more = {} }: Case) {
  const found = judgeReadiness({ ...nothingSeen, ...seen }, { ...told, ...more }).find((each) => each.id === id);
  if (found === undefined) throw new TypeError(`there is no check ${id}`);
  return found;
}

type Status = ReturnType<typeof judged>['status'];
type Row = readonly [what: string, status: Status, given: Case];

const instance = (more: Partial<DatabaseInstance> = {}): DatabaseInstance => ({
  id: 'dr-1',
  role: 'reader',
  status: 'available',
  instanceClass: 'db.r6g.large',
  performanceInsights: false,
  ...more,
});

const database = (more: Partial<DatabaseState> = {}): DatabaseState => ({
  status: 'available',
  engine: 'aurora-mysql',
  engineVersion: '8.0.mysql_aurora.3.08.2',
  multiAz: false,
  instances: [instance()],
  logExports: [],
  securityGroups: [],
  source,
  ...more,
});

const global = (more: Partial<GlobalDatabase> = {}, synchronization = 'connected'): GlobalDatabase => ({
  globalCluster: 'nano-global',
  status: 'available',
  members: [
    { arn: 'a', region: 'us-west-2', cluster: 'nano-db', isWriter: true },
    { arn: 'b', region: 'us-east-1', cluster: 'nano-db-dr', isWriter: false, synchronization },
  ],
  source,
  ...more,
});

function series(values: readonly (readonly [agoMs: number, value: number])[], unit: Series['unit'] = 'ms'): Series {
  return {
    label: 'x',
    unit,
    periodMs: minuteMs,
    points: values.map(([agoMs, value]) => ({ at: nowMs - agoMs, value })),
    source,
  };
}

const lag = (value: number, agoMs = minuteMs): Known<ReplicationLag> =>
  known({ metric: 'AuroraGlobalDBRPOLag', lag: series([[agoMs, value]]) });

const backlog = (pending: number, seconds: number | undefined, agoMs = minuteMs): Known<ReplicationBacklog> =>
  known({
    pendingOperations: series([[agoMs, pending]], 'count'),
    pendingBytes: series([], 'bytes'),
    latency: series(seconds === undefined ? [] : [[agoMs, seconds]], 's'),
  });

const service = (desired: number, more: Partial<ServiceState> = {}): ServiceState => ({
  status: 'ACTIVE',
  desired,
  running: desired,
  pending: 0,
  taskDefinition: 'api:1',
  deployments: [],
  events: [],
  subnets: [],
  securityGroups: [],
  source,
  ...more,
});

const task = (image: string, status = 'ACTIVE'): Known<TaskDefinitionState> =>
  known({ arn: 'x/api:1', status, images: [image], secrets: [], source });

const balancer = (dnsName: string, state = 'active', protocol = 'HTTPS'): Known<LoadBalancerState> =>
  known({
    arn: 'x',
    dnsName,
    hostedZoneId: 'Z2',
    state,
    listeners: [{ port: 443, protocol, certificates: ['c'] }],
    source,
  });
const oldBalancer = balancer('a.us-west-2.elb.amazonaws.com');
const newBalancer = balancer('b.us-east-1.elb.amazonaws.com');

const certificates = (leftMs: number, more: Partial<CertificateState> = {}): Partial<ReadinessSeen> => ({
  newBalancer,
  certificates: known([
    { arn: 'x/c', status: 'ISSUED', expiresAt: nowMs + leftMs, names: ['*.nano.example'], ...more },
  ]),
});

const record = (value: string, more: Partial<DnsRecord> = {}): DnsRecord => ({
  name: 'api.nano.example',
  type: 'CNAME',
  ttl: 60,
  values: [value],
  ...more,
});
const toOld = record('a.us-west-2.elb.amazonaws.com');
const toNew = record('b.us-east-1.elb.amazonaws.com');

const check = (more: Partial<HealthCheckState> = {}): Known<readonly HealthCheckState[]> =>
  known([{ id: 'h', type: 'HTTPS', disabled: false, inverted: false, observations: [], ...more }]);

const region = (state: 'well' | 'down' | 'cut-off' | 'impaired' | 'unknown') => known({ state, evidence: ['seen'] });
const well = { region: region('well') };

const replica: Partial<ReadinessTold> = { globalCluster: undefined };
const controls = {
  traffic: {
    mechanism: 'routing-control' as const,
    hostedZoneId: 'Z1',
    record: 'api.nano.example',
    controls: { 'us-west-2': 'arn/w', 'us-east-1': 'arn/e' },
    endpoints: [],
  },
};
const endpoints = (...answers: readonly boolean[]) =>
  known(answers.map((each, index) => ({ region: `r-${index}`, answers: each, detail: 'x' })));
const onPrimary = known({ 'arn/w': 'on', 'arn/e': 'off' } as const);
const byObject = {
  traffic: {
    mechanism: 'health-check' as const,
    hostedZoneId: 'Z1',
    record: 'api.nano.example',
    healthCheckId: 'h',
    switchObject: { region: 'us-east-1', bucket: 'b', key: 'k' },
  },
};

const presence = (state: 'there' | 'missing' | 'elsewhere' | 'unknown', inRegion = 'us-east-1') => ({
  name: `x-${state}`,
  state,
  region: inRegion,
});

const rules = (more: Record<string, unknown> = {}, versioning = 'Enabled') =>
  known({
    versioning,
    rules: [{ id: 'all', enabled: true, destination: 'zips-dr', prefix: '', metrics: true, ...more }],
    source,
  });

const snapshot = (ageMs: number, status = 'available') =>
  known([{ id: 's', cluster: 'nano-db-dr', at: nowMs - ageMs, status, type: 'automated' }]);

const tables: Readonly<Record<string, readonly Row[]>> = {
  'readiness-primary': [
    ['well', 'ok', { seen: well }],
    ['down', 'warning', { seen: { region: region('down') } }],
    ['cut off', 'warning', { seen: { region: region('cut-off') } }],
    ['impaired', 'warning', { seen: { region: region('impaired') } }],
    ['unknown', 'unknown', { seen: { region: region('unknown') } }],
  ],
  'readiness-topology': [
    ['follows', 'ok', { seen: { global: known(global()) } }],
    ['being moved', 'breach', { seen: { global: known(global({ moving: { status: 'switching-over' } })) } }],
    ['no member', 'breach', { seen: { global: known(global({ members: [] })) } }],
    ['out of step', 'breach', { seen: { global: known(global({}, 'pending-resync')) } }],
    ['modifying', 'warning', { seen: { global: known(global({ status: 'modifying' })) } }],
    ['not there', 'breach', { seen: { global: gone } }],
    ['silent', 'unknown', { seen: { global: silent } }],
    ['a replica', 'ok', { seen: { newDatabase: known(database({ replicatesFrom: 'arn' })) }, told: replica }],
    ['copies nobody', 'breach', { seen: { newDatabase: known(database()) }, told: replica }],
    ['no recovery cluster', 'not-configured', { told: { to: { region: 'us-east-1' } } }],
  ],
  'readiness-engine': [
    ['equal', 'ok', { seen: { oldDatabase: known(database()), newDatabase: known(database()) } }],
    [
      'differing',
      'breach',
      { seen: { oldDatabase: known(database({ engineVersion: '3.08.1' })), newDatabase: known(database()) } },
    ],
    [
      'differing, a replica',
      'warning',
      {
        seen: { oldDatabase: known(database({ engineVersion: '3.08.1' })), newDatabase: known(database()) },
        told: replica,
      },
    ],
    ['old unknown', 'unknown', { seen: { oldDatabase: silent, newDatabase: known(database()) } }],
    [
      'old known by the global database',
      'ok',
      {
        seen: {
          oldDatabase: silent,
          newDatabase: known(database()),
          global: known(global({ engineVersion: '8.0.mysql_aurora.3.08.2' })),
        },
      },
    ],
    ['not configured', 'not-configured', { seen: { newDatabase: skipped } }],
  ],
  'readiness-writer': [
    ['ready', 'ok', { seen: { newDatabase: known(database()) } }],
    [
      'burstable',
      'breach',
      { seen: { newDatabase: known(database({ instances: [instance({ instanceClass: 'db.t4g.medium' })] })) } },
    ],
    [
      'burstable, a replica',
      'warning',
      {
        seen: { newDatabase: known(database({ instances: [instance({ instanceClass: 'db.t4g.medium' })] })) },
        told: replica,
      },
    ],
    [
      'smaller',
      'warning',
      {
        seen: {
          newDatabase: known(database()),
          oldDatabase: known(database({ instances: [instance({ role: 'writer', instanceClass: 'db.r6g.2xlarge' })] })),
        },
      },
    ],
    [
      'headless',
      'warning',
      { seen: { newDatabase: known(database({ instances: [] })), oldDatabase: known(database()) } },
    ],
    [
      'headless, class unknown',
      'breach',
      { seen: { newDatabase: known(database({ instances: [] })), oldDatabase: silent } },
    ],
    [
      'none available',
      'breach',
      { seen: { newDatabase: known(database({ instances: [instance({ status: 'creating' })] })) } },
    ],
    ['stopped', 'breach', { seen: { newDatabase: known(database({ status: 'stopped' })) } }],
    ['not there', 'breach', { seen: { newDatabase: gone } }],
  ],
  'readiness-lag': [
    ['30 s', 'ok', { seen: { ...well, lag: lag(30_000) } }],
    ['a little more', 'warning', { seen: { ...well, lag: lag(30_001) } }],
    ['the RPO', 'warning', { seen: { ...well, lag: lag(15 * minuteMs) } }],
    ['beyond the RPO', 'breach', { seen: { ...well, lag: lag(15 * minuteMs + 1) } }],
    ['beyond, and the region gone', 'warning', { seen: { region: region('down'), lag: lag(hourMs) } }],
    ['5 min old', 'ok', { seen: { lag: lag(1, 5 * minuteMs) } }],
    ['older', 'unknown', { seen: { lag: lag(1, 5 * minuteMs + 1) } }],
    ['no points', 'unknown', { seen: { lag: known({ metric: 'x', lag: series([]) }) } }],
    ['denied', 'unknown', { seen: { lag: denied } }],
  ],
  'readiness-snapshots': [
    ['26 h', 'ok', { seen: { snapshots: snapshot(26 * hourMs) } }],
    ['older', 'warning', { seen: { snapshots: snapshot(26 * hourMs + 1) } }],
    ['none available', 'warning', { seen: { snapshots: snapshot(hourMs, 'creating') } }],
    ['none', 'warning', { seen: { snapshots: known([]) } }],
  ],
  'readiness-restore': [
    ['30 min', 'ok', { seen: { newDatabase: known(database({ restorableTo: nowMs - 30 * minuteMs })) } }],
    ['older', 'warning', { seen: { newDatabase: known(database({ restorableTo: nowMs - 30 * minuteMs - 1 })) } }],
    ['none', 'warning', { seen: { newDatabase: known(database()) } }],
  ],
  'readiness-parameters': [
    ['equal', 'ok', { seen: { oldParameters: known({ a: '1' }), newParameters: known({ a: '1' }) } }],
    ['differing', 'warning', { seen: { oldParameters: known({ a: '1' }), newParameters: known({}) } }],
    ['old silent', 'unknown', { seen: { oldParameters: silent, newParameters: known({}) } }],
  ],
  'readiness-service': [
    ['runs', 'ok', { seen: { newService: known(service(2)) } }],
    ['too few', 'warning', { seen: { newService: known(service(2, { running: 1 })) } }],
    ['draining', 'breach', { seen: { newService: known(service(2, { status: 'DRAINING' })) } }],
    ['not there', 'breach', { seen: { newService: gone } }],
  ],
  'readiness-task': [
    [
      'same image, other registry',
      'ok',
      {
        seen: {
          newTask: task('1.dkr.ecr.us-east-1.amazonaws.com/api:7'),
          oldTask: task('1.dkr.ecr.us-west-2.amazonaws.com/api:7'),
        },
      },
    ],
    ['other tag', 'warning', { seen: { newTask: task('r.x/api:6'), oldTask: task('r.x/api:7') } }],
    ['inactive', 'breach', { seen: { newTask: task('r.x/api:7', 'INACTIVE'), oldTask: task('r.x/api:7') } }],
    ['old silent', 'unknown', { seen: { newTask: task('r.x/api:7'), oldTask: silent } }],
  ],
  'readiness-image': [
    ['there', 'ok', { seen: { images: known([presence('there')]) } }],
    ['missing', 'breach', { seen: { images: known([presence('there'), presence('missing')]) } }],
    ['in the dying region', 'breach', { seen: { images: known([presence('there', 'us-west-2')]) } }],
    ['one elsewhere', 'ok', { seen: { images: known([presence('there'), presence('elsewhere', 'x')]) } }],
    ['all elsewhere', 'unknown', { seen: { images: known([presence('elsewhere', 'x')]) } }],
    ['not known', 'unknown', { seen: { images: known([presence('unknown')]) } }],
  ],
  'readiness-secrets': [
    ['there', 'ok', { seen: { secrets: known([presence('there')]) } }],
    ['missing', 'breach', { seen: { secrets: known([presence('unknown'), presence('missing')]) } }],
    ['not known', 'unknown', { seen: { secrets: known([presence('unknown')]) } }],
    ['none needed', 'ok', { seen: { secrets: known([]) } }],
  ],
  'readiness-capacity': [
    [
      'just enough',
      'ok',
      {
        seen: {
          oldService: known(service(6)),
          newService: known(service(2)),
          newLimits: known({ min: 2, max: 6, policies: [], suspended: [] }),
        },
      },
    ],
    [
      'one too few',
      'breach',
      {
        seen: {
          oldService: known(service(6)),
          newService: known(service(2)),
          newLimits: known({ min: 2, max: 5, policies: [], suspended: [] }),
        },
      },
    ],
    [
      'runs them already',
      'ok',
      {
        seen: {
          oldService: known(service(6)),
          newService: known(service(6)),
          newLimits: known({ min: 2, max: 5, policies: [], suspended: [] }),
        },
      },
    ],
    [
      'enough, and not scaled',
      'warning',
      {
        seen: {
          oldService: known(service(6)),
          newService: known(service(2)),
          newLimits: known({ min: 2, max: 6, policies: [], suspended: ['scale-out'] }),
        },
      },
    ],
    [
      'load unknown',
      'unknown',
      { seen: { oldService: silent, newService: known(service(2)), newLimits: known(null) } },
    ],
  ],
  'readiness-balancer': [
    ['active', 'ok', { seen: { newBalancer } }],
    ['impaired', 'warning', { seen: { newBalancer: balancer('b', 'active_impaired') } }],
    ['failed', 'breach', { seen: { newBalancer: balancer('b', 'failed') } }],
  ],
  'readiness-targets': [
    ['healthy', 'ok', { seen: { targets: known([{ id: '1', state: 'healthy' }]) } }],
    [
      'one not',
      'warning',
      {
        seen: {
          targets: known([
            { id: '1', state: 'healthy' },
            { id: '2', state: 'unhealthy' },
          ]),
        },
      },
    ],
    ['none', 'breach', { seen: { targets: known([{ id: '1', state: 'unhealthy' }]) } }],
    ['kept at nought', 'warning', { seen: { targets: known([]), newService: known(service(0)) } }],
    ['not registered', 'breach', { seen: { targets: known([]), newService: known(service(2)) } }],
  ],
  'readiness-certificate': [
    ['more than 30 days', 'ok', { seen: certificates(30 * dayMs + 1) }],
    ['30 days', 'warning', { seen: certificates(30 * dayMs) }],
    ['just now', 'breach', { seen: certificates(0) }],
    ['not issued', 'breach', { seen: certificates(90 * dayMs, { status: 'PENDING_VALIDATION' }) }],
    ['another name', 'breach', { seen: certificates(90 * dayMs, { names: ['nano.example'] }) }],
    ['not there', 'breach', { seen: { newBalancer, certificates: gone } }],
    ['no HTTPS', 'breach', { seen: { newBalancer: balancer('b', 'active', 'HTTP'), oldBalancer } }],
    [
      'no HTTPS, old silent',
      'warning',
      { seen: { newBalancer: balancer('b', 'active', 'HTTP'), oldBalancer: silent } },
    ],
    [
      'nobody speaks HTTPS',
      'not-configured',
      {
        seen: {
          newBalancer: balancer('b', 'active', 'HTTP'),
          oldBalancer: balancer('a', 'active', 'HTTP'),
        },
      },
    ],
  ],
  'readiness-replication': [
    ['copied', 'ok', { seen: { replication: rules() } }],
    ['suspended', 'breach', { seen: { replication: rules({}, 'Suspended') } }],
    ['off', 'breach', { seen: { replication: rules({ enabled: false }) } }],
    ['elsewhere', 'breach', { seen: { replication: rules({ destination: 'other' }) } }],
    ['a part', 'warning', { seen: { replication: rules({ prefix: 'a/' }) } }],
    ['no metrics', 'warning', { seen: { replication: rules({ metrics: false }) } }],
    ['silent', 'unknown', { seen: { replication: silent } }],
  ],
  'readiness-backlog': [
    ['the RPO', 'ok', { seen: { backlog: backlog(5, 900) } }],
    ['beyond', 'breach', { seen: { backlog: backlog(5, 901) } }],
    ['nothing waits', 'ok', { seen: { backlog: backlog(0, undefined) } }],
    ['how long is not told', 'unknown', { seen: { backlog: backlog(5, undefined) } }],
    ['15 min old', 'ok', { seen: { backlog: backlog(5, 1, 15 * minuteMs) } }],
    ['older', 'unknown', { seen: { backlog: backlog(5, 1, 15 * minuteMs + 1) } }],
  ],
  'readiness-sessions': [
    [
      'a replica',
      'ok',
      {
        seen: { sessions: known({ status: 'ACTIVE', replicas: [{ region: 'us-west-2', status: 'ACTIVE' }], source }) },
      },
    ],
    [
      'being made',
      'warning',
      {
        seen: {
          sessions: known({ status: 'CREATING', replicas: [{ region: 'us-west-2', status: 'ACTIVE' }], source }),
        },
      },
    ],
    ['of its own', 'breach', { seen: { sessions: known({ status: 'ACTIVE', replicas: [], source }) } }],
    ['not there', 'breach', { seen: { sessions: gone } }],
    ['not configured', 'not-configured', { seen: { sessions: skipped } }],
  ],
  'readiness-cache': [
    ['available', 'ok', { seen: { newCache: known({ status: 'available', nodes: 2, source }) } }],
    ['modifying', 'warning', { seen: { newCache: known({ status: 'modifying', nodes: 2, source }) } }],
    ['creating', 'breach', { seen: { newCache: known({ status: 'creating', nodes: 0, source }) } }],
    ['not there', 'breach', { seen: { newCache: gone } }],
  ],
  'readiness-record': [
    ['to the primary', 'ok', { seen: { records: known([toOld]), oldBalancer, newBalancer } }],
    ['to the recovery region', 'breach', { seen: { records: known([toNew]), oldBalancer, newBalancer } }],
    ['to neither', 'warning', { seen: { records: known([record('c')]), oldBalancer, newBalancer } }],
    ['none', 'breach', { seen: { records: known([]) } }],
    [
      'weighted',
      'ok',
      {
        seen: {
          records: known([
            { ...toOld, weight: 1 },
            { ...toNew, weight: 0 },
          ]),
          oldBalancer,
          newBalancer,
        },
      },
    ],
    ['old silent', 'unknown', { seen: { records: known([toOld]), oldBalancer: silent, newBalancer } }],
  ],
  'readiness-ttl': [
    ['60 s', 'ok', { seen: { records: known([toOld]) } }],
    ['61 s', 'warning', { seen: { records: known([record('a', { ttl: 61 })]) } }],
    ['silent', 'unknown', { seen: { records: silent } }],
  ],
  'readiness-switch': [
    ['records', 'ok', {}],
    ['records, us-east-1 dying', 'breach', { told: { from: { region: 'us-east-1' }, to: { region: 'us-west-2' } } }],
    ['two endpoints', 'ok', { seen: { endpoints: endpoints(true, true, false), switches: onPrimary }, told: controls }],
    ['one endpoint', 'warning', { seen: { endpoints: endpoints(true, false), switches: onPrimary }, told: controls }],
    ['no endpoint', 'breach', { seen: { endpoints: endpoints(false, false) }, told: controls }],
    [
      'both on',
      'warning',
      {
        seen: { endpoints: endpoints(true, true), switches: known({ 'arn/w': 'on', 'arn/e': 'on' }) },
        told: controls,
      },
    ],
    ['object there', 'ok', { seen: { switches: known({ object: 'on' }) }, told: byObject }],
    ['object gone', 'breach', { seen: { switches: known({ object: 'off' }) }, told: byObject }],
    ['by hand', 'not-configured', { told: { traffic: undefined } }],
  ],
  'readiness-health-checks': [
    ['on', 'ok', { seen: { healthChecks: check() } }],
    ['disabled', 'breach', { seen: { healthChecks: check({ disabled: true }) } }],
    ['inverted, as it must be', 'ok', { seen: { healthChecks: check({ inverted: true }) }, told: byObject }],
    ['not inverted', 'breach', { seen: { healthChecks: check() }, told: byObject }],
    ['failover without', 'breach', { seen: { records: known([{ ...toOld, failover: 'PRIMARY' }]) } }],
    ['none', 'not-configured', { seen: { healthChecks: skipped } }],
    ['which ones is not known', 'unknown', { seen: { healthChecks: known([]), records: silent } }],
  ],
  'readiness-probe': [
    ['answered', 'ok', { seen: { outside: known([{ ok: true, durationMs: 1, detail: '200' }]) } }],
    ['not answered', 'warning', { seen: { outside: known([{ ok: false, durationMs: 1, detail: '503' }]) } }],
    ['not configured', 'warning', { told: { outside: { probe: false, heartbeat: true, write: true } } }],
  ],
  'readiness-write-probe': [
    ['configured', 'ok', {}],
    ['not configured', 'warning', { told: { outside: { probe: true, heartbeat: true, write: false } } }],
  ],
  'readiness-heartbeat': [
    ['configured', 'ok', {}],
    ['not configured', 'warning', { told: { outside: { probe: true, heartbeat: false, write: true } } }],
  ],
  'readiness-permissions': [
    [
      'allowed',
      'ok',
      { seen: { permissions: known({ 'rds:FailoverGlobalCluster': true, 'rds:DescribeDBClusters': true }) } },
    ],
    ['may not change', 'breach', { seen: { permissions: known({ 'rds:FailoverGlobalCluster': false }) } }],
    ['may not look', 'warning', { seen: { permissions: known({ 'rds:DescribeDBClusters': false }) } }],
    ['may not ask', 'unknown', { seen: { permissions: denied } }],
  ],
  'readiness-state': [
    ['where it survives', 'ok', {}],
    ['in the dying region', 'breach', { told: { state: { kind: 'table', table: 't', region: 'us-west-2' } } }],
    ['on this machine', 'warning', { told: { state: { kind: 'file' } } }],
    ['on this machine, simulated', 'ok', { told: { state: { kind: 'file' }, isSimulated: true } }],
    [
      'no table',
      'breach',
      {
        told: {
          state: {
            kind: 'table',
            table: 't',
            region: 'us-east-1',
            trouble: { kind: 'missing', reason: 'no table', nextStep: 'nanoops state init' },
          },
        },
      },
    ],
    [
      'silent',
      'unknown',
      {
        told: {
          state: {
            kind: 'table',
            table: 't',
            region: 'us-east-1',
            trouble: { kind: 'unreadable', reason: 'no answer', nextStep: 'try again' },
          },
        },
      },
    ],
  ],
  'readiness-notify': [
    ['elsewhere', 'ok', { told: { receivers: [{ name: 'sns', region: 'us-east-1' }, { name: 'slack' }] } }],
    ['in the dying region', 'warning', { told: { receivers: [{ name: 'sns', region: 'us-west-2' }] } }],
    ['nobody', 'not-configured', {}],
  ],
  'readiness-rto': [
    ['by the plan of minutes', 'ok', {}],
    ['as long as the objective', 'ok', { told: { rtoMs: 19 * minuteMs } }],
    ['longer', 'breach', { told: { rtoMs: 19 * minuteMs - 1 } }],
    [
      'one in twenty longer',
      'warning',
      {
        told: {
          predicted: { execute: { medianMs: 9 * minuteMs, p95Ms: 60 * minuteMs, runs: 5, simulated: false } },
        },
      },
    ],
    [
      'headless',
      'breach',
      { seen: { newDatabase: known(database({ instances: [] })) }, told: { rtoMs: 29 * minuteMs - 1 } },
    ],
  ],
  'readiness-rpo': [
    ['within', 'ok', { seen: { lag: lag(15 * minuteMs), backlog: backlog(0, undefined) } }],
    ['beyond', 'breach', { seen: { lag: lag(15 * minuteMs + 1), backlog: backlog(0, undefined) } }],
    ['the bucket beyond, the rest unknown', 'breach', { seen: { lag: silent, backlog: backlog(5, 901) } }],
    ['a store unknown', 'unknown', { seen: { lag: lag(1), backlog: silent } }],
  ],
  'readiness-drill': [
    ['not asked for', 'ok', {}],
    ['never', 'breach', { told: { drill: { limitMs: dayMs, gaps: [] } } }],
    ['as old as allowed', 'ok', { told: { drill: { limitMs: dayMs, ageMs: dayMs, gaps: [] } } }],
    ['older', 'breach', { told: { drill: { limitMs: dayMs, ageMs: dayMs + 1, gaps: [] } } }],
    ['not all could be read', 'unknown', { told: { drill: { limitMs: dayMs, gaps: ['a gap'] } } }],
  ],
  'readiness-alarms': [
    ['none named', 'not-configured', {}],
    [
      'ok',
      'ok',
      {
        seen: { alarms: known([{ name: 'a', region: 'us-east-1', state: 'ok', reason: '' }]) },
        told: { healthyAlarms: ['a'] },
      },
    ],
    [
      'ringing',
      'warning',
      {
        seen: { alarms: known([{ name: 'a', region: 'us-east-1', state: 'alarm', reason: '' }]) },
        told: { healthyAlarms: ['a'] },
      },
    ],
    ['not there', 'warning', { seen: { alarms: known([]) }, told: { healthyAlarms: ['a'] } }],
  ],
  'readiness-plan': [
    [
      'possible',
      'ok',
      { seen: { plans: known([{ occasion: 'outage', mode: 'failover', changes: 3, blockers: [] }]) } },
    ],
    [
      'blocked',
      'breach',
      { seen: { plans: known([{ occasion: 'drill', mode: 'none', changes: 0, blockers: ['the copy is behind'] }]) } },
    ],
  ],
};

describe.each(Object.entries(tables))('%s', (id, rows) => {
  test.each(rows)('%s: %s', (_what, status, given) => {
    const found = judged(id, given);
    expect(found.status).toBe(status);
    expect(found.summary).not.toBe('');
    expect(found.summary).not.toMatch(/undefined|\[object|NaN/);
    // What blocks says what to do about it, and nothing is found fault with unseen.
    expect(status === 'breach' && found.nextStep === undefined).toBe(false);
    expect((status === 'breach' || status === 'warning') && found.evidence.length === 0).toBe(false);
  });
});

test('every check has a table', () => {
  const ids = judgeReadiness(nothingSeen, told).map(({ id }) => id);
  expect(Object.keys(tables).toSorted()).toEqual(ids.toSorted());
});

test('what is not configured never counts, and a breach outweighs what is unknown', () => {
  const of = (...statuses: Status[]) => statuses.map((status) => ({ status }));
  expect(verdictOf(of('not-configured', 'ok'), 'warning')).toBe('ok');
  expect(verdictOf(of('unknown', 'warning'), 'warning')).toBe('attention');
  expect(verdictOf(of('unknown', 'warning'), 'breach')).toBe('unknown');
  expect(verdictOf(of('warning'), 'breach')).toBe('ok');
  expect(verdictOf(of('unknown', 'breach'), 'breach')).toBe('attention');
});

test('commands reach the same account, and name the older cluster', () => {
  const { nextStep } = judged('readiness-engine', {
    seen: {
      oldDatabase: known(database({ engineVersion: '8.0.mysql_aurora.3.10.0' })),
      newDatabase: known(database({ engineVersion: '8.0.mysql_aurora.3.9.1' })),
    },
  });
  expect(nextStep).toBe(
    'aws rds modify-db-cluster --db-cluster-identifier nano-db-dr --engine-version 8.0.mysql_aurora.3.10.0 --apply-immediately --region us-east-1 --profile ops',
  );
});

test('what only the dead region knows keeps no failover from being possible', () => {
  const seen = { ...nothingSeen, region: region('down'), oldParameters: silent, newParameters: known({}) };
  const one = judgeReadiness(seen, told).filter(({ id }) => id === 'readiness-parameters');
  expect(one[0]?.status).toBe('unknown');
  expect(answerOf(one, seen, told).possible).toBe(true);
  expect(answerOf(one, { ...seen, region: region('well') }, told).possible).toBe(null);
});

test('a star covers one label', () => {
  expect(covers('*.nano.example', 'api.nano.example')).toBe(true);
  expect(covers('API.nano.example', 'api.NANO.example')).toBe(true);
  expect(covers('*.nano.example', 'a.b.nano.example')).toBe(false);
  expect(covers('*.nano.example', 'nano.example')).toBe(false);
});

describe('what blocks a way back', () => {
  const back = { ...told, from: told.to, to: told.from, nowMs };
  test('nothing, where nothing was looked at', () => {
    expect(readinessBlockers({}, back)).toEqual([]);
  });
  test('what is missing there, each with why', () => {
    expect(
      readinessBlockers({ secrets: known([presence('missing')]), images: known([presence('missing')]) }, back),
    ).toEqual([
      'Images: x-missing is not in its registry: no task can be started',
      'Secrets: not in us-west-2, and no task starts without: x-missing',
    ]);
  });
});
