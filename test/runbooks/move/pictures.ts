/** A stack in two regions, as it is seen before it is moved; tests say what is otherwise. */
import type { DatabaseState, ScalingLimits, ServiceState } from '../../../src/cloud/facts.ts';
import type {
  DnsRecord,
  GlobalDatabase,
  LoadBalancerState,
  ReplicationLag,
} from '../../../src/cloud/recovery-facts.ts';
import type { Source } from '../../../src/cloud/series.ts';
import type { RegionalStack } from '../../../src/cloud/stack.ts';
import type { ErrorClass } from '../../../src/engine/errors.ts';
import type { MoveSettings, RunbookSettings } from '../../../src/runbooks/kit.ts';
import type { Detection } from '../../../src/runbooks/move/detection.ts';
import type { Picture } from '../../../src/runbooks/move/plan.ts';

export const minuteMs = 60_000;
export const nowMs = Date.UTC(2026, 10, 26, 3);
export const oldArn = 'arn:aws:rds:us-west-2:111122223333:cluster:nano-db';
export const newArn = 'arn:aws:rds:us-east-1:111122223333:cluster:nano-db-dr';
const source: Source = { operation: 'test:Test', region: 'us-east-1', detail: 'test' };

export const west: RegionalStack = {
  region: 'us-west-2',
  api: { region: 'us-west-2', loadBalancer: 'app/nano/1', targetGroup: 'targetgroup/nano/1' },
  compute: { region: 'us-west-2', cluster: 'nano', service: 'nano-api' },
  database: { region: 'us-west-2', cluster: 'nano-db' },
};
export const east: RegionalStack = {
  region: 'us-east-1',
  api: { region: 'us-east-1', loadBalancer: 'app/nano-dr/1', targetGroup: 'targetgroup/nano-dr/1' },
  compute: { region: 'us-east-1', cluster: 'nano', service: 'nano-api-dr' },
  database: { region: 'us-east-1', cluster: 'nano-db-dr' },
};

export function moveTold(more: Partial<MoveSettings> = {}): MoveSettings {
  return {
    from: west,
    to: east,
    globalCluster: 'nano-global',
    traffic: { mechanism: 'records', hostedZoneId: 'Z1', record: 'api.nano.example' },
    rtoMs: 60 * minuteMs,
    rpoMs: 5 * minuteMs,
    mode: 'failover',
    isDrill: false,
    comesBack: false,
    isRehearsal: false,
    isSimulated: false,
    holdMs: 0,
    historyGaps: [],
    stopAlarms: [],
    healthyAlarms: [],
    restartsApplication: false,
    outside: { probe: true, heartbeat: true, write: true, consistency: [], inject: false, end: false, warm: false },
    predictions: {},
    past: { switchover: { phases: {} }, failover: { phases: {} } },
    pastBack: { switchover: { phases: {} }, failover: { phases: {} } },
    ...more,
  };
}

export function settingsTold(move: Partial<MoveSettings> = {}): RunbookSettings {
  return {
    runId: 'run-1',
    runbook: 'region-failover',
    environment: 'prod',
    site: west,
    service: 'nano',
    lookedAt: nowMs,
    window: { from: nowMs - 30 * minuteMs, to: nowMs },
    awsOptions: [],
    objectives: {
      apiLatencyP99: { target: 2, alert: 3 },
      apiServerErrors: { target: 0.005, alert: 0.01 },
      apiLatencyP95: { target: 1, alert: 2 },
    },
    move: moveTold(move),
  };
}

export const known = <T>(value: T) => ({ known: true, value }) as const;
export const unknown = (reason: string, errorClass?: ErrorClass) =>
  ({ known: false, because: 'unknown', reason, ...(errorClass === undefined ? {} : { errorClass }) }) as const;
export const silent = unknown('no answer within 8 s', 'unreachable');
export const denied = unknown('not allowed', 'denied');
export const notConfigured = { known: false, because: 'skipped', reason: 'not configured' } as const;

export function service(desired: number, more: Partial<ServiceState> = {}): ServiceState {
  return {
    status: 'ACTIVE',
    desired,
    running: desired,
    pending: 0,
    taskDefinition: 'arn:aws:ecs:us-east-1:111122223333:task-definition/nano-api:60',
    deployments: [
      {
        id: 'ecs-svc/1',
        status: 'primary',
        rollout: 'completed',
        taskDefinition: 'nano-api:60',
        createdAt: nowMs - 86_400_000,
        desired,
        running: desired,
        pending: 0,
        failedTasks: 0,
      },
    ],
    events: [],
    subnets: [],
    securityGroups: [],
    source,
    ...more,
  };
}

export const limits = (min: number, max: number): ScalingLimits => ({ min, max, policies: ['cpu'], suspended: [] });

export function database(id: string, more: Partial<DatabaseState> = {}): DatabaseState {
  return {
    status: 'available',
    engine: 'aurora-mysql',
    engineVersion: '8.0.mysql_aurora.3.08.0',
    multiAz: true,
    instances: [
      { id: `${id}-1`, role: 'writer', status: 'available', instanceClass: 'db.r6g.large', performanceInsights: true },
    ],
    logExports: [],
    securityGroups: [],
    arn: id === 'nano-db' ? oldArn : newArn,
    endpoint: `${id}.cluster-x.rds.amazonaws.com`,
    source,
    ...more,
  };
}

export function global(more: Partial<GlobalDatabase> = {}, writer: 'west' | 'east' = 'west'): GlobalDatabase {
  return {
    globalCluster: 'nano-global',
    status: 'available',
    engineVersion: '8.0.mysql_aurora.3.08.0',
    members: [
      { arn: oldArn, region: 'us-west-2', cluster: 'nano-db', isWriter: writer === 'west' },
      {
        arn: newArn,
        region: 'us-east-1',
        cluster: 'nano-db-dr',
        isWriter: writer === 'east',
        synchronization: 'connected',
      },
    ],
    source,
    ...more,
  };
}

/** One point a minute, the last of a minute ago. */
export function lagOf(...values: readonly number[]): ReplicationLag {
  return {
    metric: 'AuroraGlobalDBRPOLag',
    lag: {
      label: 'lag',
      unit: 'ms',
      periodMs: minuteMs,
      points: values.map((value, index) => ({ at: nowMs - (values.length - index) * minuteMs, value })),
      source,
    },
  };
}

export const cname = (value: string, more: Partial<DnsRecord> = {}): DnsRecord => ({
  name: 'api.nano.example',
  type: 'CNAME',
  ttl: 60,
  values: [value],
  ...more,
});

export const balancer: LoadBalancerState = {
  arn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/nano-dr/1',
  dnsName: 'nano-dr-1.us-east-1.elb.amazonaws.com',
  hostedZoneId: 'Z35SXDOTRQ7X7K',
  state: 'active',
  listeners: [],
  source,
};

export function detected(state: Detection['state'], more: Partial<Detection> = {}): Detection {
  return {
    state,
    outageAt: nowMs - 10 * minuteMs,
    outageBasis: 'probe',
    detectedAt: nowMs,
    evidence: ['from outside: 0 of 3 probes were answered'],
    ...more,
  };
}

/** Of a region that is well. */
export function picture(more: Partial<Picture> = {}): Picture {
  return {
    detection: detected('well'),
    oldService: known(service(6)),
    oldLimits: known(limits(2, 10)),
    oldDatabase: known(database('nano-db')),
    global: known(global()),
    newDatabase: known(database('nano-db-dr')),
    lag: known(lagOf(...Array.from({ length: 15 }, (_none, index) => 800 + index))),
    newService: known(service(2)),
    newLimits: known(limits(2, 10)),
    newBalancer: known(balancer),
    records: known([cname('nano-1.us-west-2.elb.amazonaws.com')]),
    switches: notConfigured,
    alarms: notConfigured,
    ...more,
  };
}

/** Of a region of which nothing answers. */
export function deadPicture(more: Partial<Picture> = {}): Picture {
  return picture({
    detection: detected('down'),
    oldService: silent,
    oldLimits: silent,
    oldDatabase: silent,
    newDatabase: known(database('nano-db-dr')),
    ...more,
  });
}
