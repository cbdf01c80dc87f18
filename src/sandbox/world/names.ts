/**
 * What things in the simulated world are called. Names come from a stack, so that a user can simulate his own; what a
 * stack does not say is named after its service. `sandboxConfig` is the product's own stack, in the shape of
 * `nanoops.yaml`.
 */
import type { Stack, TrafficSwitch } from '../../cloud/stack.ts';

/** The role that the sandbox's caller has assumed. */
export const CALLER_ROLE = 'nanoops-sandbox';

/** The configuration of the sandbox's own stack. */
export const sandboxConfig = {
  service: 'nano-api',
  environment: 'prod',
  account: '123456789012',
  regions: { primary: 'us-west-2', recovery: 'us-east-1' },
  api: {
    loadBalancer: 'app/nano-alb/50dc6c495c0c9188',
    targetGroup: 'targetgroup/nano-api/73e2d6bc24d8a067',
    recovery: {
      loadBalancer: 'app/nano-alb-dr/8f4c1b7d2e6a9035',
      targetGroup: 'targetgroup/nano-api-dr/1d9e5a3c7b2f4860',
    },
    probeUrl: 'https://api.nano.example/healthz',
    writeProbe: { exec: ['./recovery/write-and-read.sh'] },
  },
  compute: {
    cluster: 'nano',
    service: 'nano-api',
    maxTasks: 20,
    recovery: { cluster: 'nano', service: 'nano-api', tasks: 6 },
  },
  database: {
    cluster: 'nano-db',
    recoveryCluster: 'nano-db-dr',
    globalCluster: 'nano-global',
    rpoProbe: { exec: ['./recovery/heartbeat.sh'] },
    connection: {
      host: 'nano-db.cluster-c1abcdefghij.us-west-2.rds.amazonaws.com',
      user: 'nanoops',
      password: '${env:DB_PASSWORD}',
    },
    pool: { size: 20, overflow: 10, recycle: '1h', workersPerTask: 1 },
  },
  cache: {
    replicationGroup: 'nano-cache',
    recovery: { replicationGroup: 'nano-cache-dr' },
    connection: { host: 'master.nano-cache.c1abcd.usw2.cache.amazonaws.com', password: '${env:CACHE_TOKEN}' },
  },
  storage: { bucket: 'nano-zips', replicaBucket: 'nano-zips-dr' },
  cdn: { distribution: 'E1NANOEXAMPLE01', url: 'https://nano.example/', probes: ['/api/v1/nanos'] },
  dns: { hostedZoneId: 'Z0123456789NANOEXAMPL', record: 'api.nano.example', mechanism: 'records' },
  sessions: { table: 'nano-sessions' },
  logs: {
    application: '/aws/ecs/nano-api',
    database: '/aws/rds/cluster/nano-db',
    cache: '/aws/elasticache/nano-cache',
  },
  tracing: { service: 'nano-api' },
  business: { namespace: 'Nano/Business' },
  drill: { consistency: [{ exec: ['./recovery/compare.sh'] }] },
} as const;

/** The regions that a stack is in. */
export interface StackRegions {
  readonly primary: string;
  readonly recovery: string;
}

/** The same stack, as references, in these regions. */
export function sandboxStackIn({ primary, recovery }: StackRegions): Stack {
  return {
    service: sandboxConfig.service,
    environment: sandboxConfig.environment,
    account: sandboxConfig.account,
    primary: {
      region: primary,
      api: {
        region: primary,
        loadBalancer: sandboxConfig.api.loadBalancer,
        targetGroup: sandboxConfig.api.targetGroup,
      },
      compute: {
        region: primary,
        cluster: sandboxConfig.compute.cluster,
        service: sandboxConfig.compute.service,
        maxTasks: sandboxConfig.compute.maxTasks,
      },
      database: { region: primary, cluster: sandboxConfig.database.cluster },
      cache: { region: primary, replicationGroup: sandboxConfig.cache.replicationGroup },
      storage: { region: primary, bucket: sandboxConfig.storage.bucket },
      logs: {
        application: { region: primary, logGroup: sandboxConfig.logs.application },
        database: { region: primary, logGroup: sandboxConfig.logs.database },
        cache: { region: primary, logGroup: sandboxConfig.logs.cache },
      },
      tracing: { region: primary, service: sandboxConfig.tracing.service },
      business: { region: primary, namespace: sandboxConfig.business.namespace },
    },
    recovery: {
      region: recovery,
      api: {
        region: recovery,
        loadBalancer: sandboxConfig.api.recovery.loadBalancer,
        targetGroup: sandboxConfig.api.recovery.targetGroup,
      },
      compute: {
        region: recovery,
        cluster: sandboxConfig.compute.recovery.cluster,
        service: sandboxConfig.compute.recovery.service,
        maxTasks: sandboxConfig.compute.maxTasks,
      },
      database: { region: recovery, cluster: sandboxConfig.database.recoveryCluster },
      cache: { region: recovery, replicationGroup: sandboxConfig.cache.recovery.replicationGroup },
      storage: { region: recovery, bucket: sandboxConfig.storage.replicaBucket },
    },
    globalCluster: sandboxConfig.database.globalCluster,
    traffic: {
      mechanism: sandboxConfig.dns.mechanism,
      hostedZoneId: sandboxConfig.dns.hostedZoneId,
      record: sandboxConfig.dns.record,
    },
    sessionsTable: sandboxConfig.sessions.table,
  };
}

/** In its own regions. */
export const sandboxStack: Stack = sandboxStackIn(sandboxConfig.regions);

/** Names that a stack's references do not hold. */
export interface ExtraNames {
  readonly globalCluster?: string;
  readonly hostedZoneId?: string;
  readonly record?: string;
  readonly sessionsTable?: string;
  readonly businessNamespace?: string;
  readonly distribution?: string;
}

/** One region's resources, every one of them named. */
export interface RegionNames {
  readonly region: string;
  readonly loadBalancer: string;
  readonly targetGroup: string;
  readonly cluster: string;
  readonly service: string;
  readonly databaseCluster: string;
  readonly cache: string;
  readonly bucket: string;
  readonly applicationLogs: string;
  readonly databaseLogs: string;
  readonly cacheLogs: string;
  /** Absent where the stack names no log group of a trail: then there is none. */
  readonly trailLogs?: string;
  readonly tracedService: string;
}

export interface WorldNames {
  readonly account: string;
  readonly environment: string;
  /** The service's own name, after which what has no name is named. */
  readonly service: string;
  readonly primary: RegionNames;
  readonly recovery: RegionNames;
  /** Absent where the recovery region's cluster is a replica that belongs to no global database. */
  readonly globalCluster?: string;
  readonly hostedZoneId: string;
  /** The API's record, without the final dot. */
  readonly record: string;
  /** How traffic is moved: by changing records where the stack does not say. */
  readonly traffic: TrafficSwitch;
  readonly sessionsTable: string;
  readonly businessNamespace: string;
  /** The CloudFront distribution's id. */
  readonly distribution: string;
  /** The service of another company that the API calls over HTTP. */
  readonly dependencyHost: string;
  readonly maxTasks: number;
}

const DEPENDENCY_HOST = 'moderation.example.com';

/** Names everything: from the stack, from `extra`, and what is left after the service. */
export function resolveNames(stack: Stack, extra: ExtraNames = {}): WorldNames {
  const own = stack.service === sandboxConfig.service;
  const base = stack.service.replace(/-api$/, '') || stack.service;
  const primary = regionNames(stack, 'primary', base);
  // Whoever names a cluster in the recovery region, and no global database, has a replica there.
  const isReplica = stack.recovery?.database !== undefined;
  const globalCluster = extra.globalCluster ?? stack.globalCluster ?? (isReplica ? undefined : `${base}-global`);
  const name = {
    hostedZoneId:
      extra.hostedZoneId ??
      stack.traffic?.hostedZoneId ??
      (own ? sandboxConfig.dns.hostedZoneId : 'Z0123456789SIMULATED1'),
    record: extra.record ?? stack.traffic?.record ?? (own ? sandboxConfig.dns.record : `api.${base}.example`),
  };
  return {
    account: stack.account ?? sandboxConfig.account,
    environment: stack.environment,
    service: stack.service,
    primary,
    recovery: regionNames(stack, 'recovery', base),
    ...(globalCluster !== undefined && { globalCluster }),
    ...name,
    traffic: { ...(stack.traffic ?? { mechanism: 'records' }), ...name },
    sessionsTable: extra.sessionsTable ?? stack.sessionsTable ?? `${base}-sessions`,
    businessNamespace: extra.businessNamespace ?? sandboxConfig.business.namespace,
    distribution: extra.distribution ?? sandboxConfig.cdn.distribution,
    dependencyHost: DEPENDENCY_HOST,
    maxTasks: stack.primary.compute?.maxTasks ?? sandboxConfig.compute.maxTasks,
  };
}

function regionNames(stack: Stack, side: 'primary' | 'recovery', base: string): RegionNames {
  const half = side === 'primary' ? stack.primary : stack.recovery;
  const suffix = side === 'primary' ? '' : '-dr';
  const databaseCluster = half?.database?.cluster ?? `${base}-db${suffix}`;
  const cache = half?.cache?.replicationGroup ?? `${base}-cache${suffix}`;
  const service = half?.compute?.service ?? stack.primary.compute?.service ?? stack.service;
  return {
    region: half?.region ?? (stack.primary.region === 'us-east-1' ? 'us-west-2' : 'us-east-1'),
    loadBalancer: half?.api?.loadBalancer ?? `app/${base}-alb${suffix}/50dc6c495c0c9188`,
    targetGroup: half?.api?.targetGroup ?? `targetgroup/${service}${suffix}/73e2d6bc24d8a067`,
    cluster: half?.compute?.cluster ?? stack.primary.compute?.cluster ?? base,
    service,
    databaseCluster,
    cache,
    bucket: half?.storage?.bucket ?? `${base}-zips${suffix}`,
    applicationLogs: half?.logs?.application?.logGroup ?? `/aws/ecs/${service}`,
    databaseLogs: half?.logs?.database?.logGroup ?? `/aws/rds/cluster/${databaseCluster}`,
    cacheLogs: half?.logs?.cache?.logGroup ?? `/aws/elasticache/${cache}`,
    ...(half?.logs?.trail !== undefined && { trailLogs: half.logs.trail.logGroup }),
    tracedService: half?.tracing?.service ?? stack.service,
  };
}
