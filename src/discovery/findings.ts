/** What was found of each key of the configuration, or what stands in its place; and what a key that is absent would give. */

/** A key is a path into the file: `api.recovery.loadBalancer`. */
export type Finding =
  | { readonly key: string; readonly kind: 'found'; readonly value: string | number; readonly why: string }
  /** Several, of which none is clearly best. */
  | {
      readonly key: string;
      readonly kind: 'open';
      readonly candidates: readonly { readonly name: string; readonly why: string }[];
    }
  /** `why`: where there is more to say than that nothing was found. */
  | { readonly key: string; readonly kind: 'absent'; readonly why?: string };

export interface KeyNote {
  readonly key: string;
  /** What the product can do once it is there. */
  readonly gives: string;
  /** A value, as YAML, that shows its form. */
  readonly example: string;
}

/** Every key that `init` writes, in the order of the file. */
export const keyNotes: readonly KeyNote[] = [
  { key: 'service', gives: 'the name in reports and notifications', example: 'shop-api' },
  { key: 'environment', gives: 'the name of what this file describes', example: 'prod' },
  { key: 'account', gives: 'a run with credentials of another account stops', example: '"123456789012"' },
  { key: 'regions.primary', gives: 'where the stack serves', example: 'us-west-2' },
  {
    key: 'regions.recovery',
    gives: 'drills, failover and readiness',
    example: 'us-east-1',
  },
  {
    key: 'api.loadBalancer',
    gives: 'latency, errors and availability of the API, without which nobody can say whether it is slow',
    example: 'app/shop-alb/50dc6c495c0c9188',
  },
  {
    key: 'api.targetGroup',
    gives: 'the health of each target',
    example: 'targetgroup/shop-api/73e2d6bc24d8a067',
  },
  {
    key: 'api.recovery.loadBalancer',
    gives: 'a load balancer that a failover sends traffic to',
    example: 'app/shop-alb-dr/8f4c1b7d2e6a9035',
  },
  {
    key: 'api.recovery.targetGroup',
    gives: 'the health of the targets that stand by',
    example: 'targetgroup/shop-api-dr/1d9e5a3c7b2f4860',
  },
  {
    key: 'api.probeUrl',
    gives: 'a failover that is verified, and timed, from outside',
    example: 'https://api.shop.example/healthz',
  },
  { key: 'compute.cluster', gives: 'tasks, deployments, CPU and memory', example: 'shop' },
  { key: 'compute.service', gives: 'tasks, deployments, CPU and memory', example: 'shop-api' },
  { key: 'compute.maxTasks', gives: 'the most tasks that nanoops may ever ask for', example: '20' },
  { key: 'compute.recovery.cluster', gives: 'a cluster of another name than in the primary region', example: 'shop' },
  {
    key: 'compute.recovery.service',
    gives: 'a service of another name than in the primary region',
    example: 'shop-api',
  },
  { key: 'database.cluster', gives: 'the database\u2019s load, failures and backups', example: 'shop-db' },
  { key: 'database.recoveryCluster', gives: 'a database that a failover can move to', example: 'shop-db-dr' },
  {
    key: 'database.globalCluster',
    gives: 'absent: the recovery cluster is a replica, which is promoted',
    example: 'shop-global',
  },
  { key: 'cache.replicationGroup', gives: 'hit rate, evictions and memory of the cache', example: 'shop-cache' },
  { key: 'cache.recovery.replicationGroup', gives: 'whether a cache stands by', example: 'shop-cache-dr' },
  { key: 'storage.bucket', gives: 'upload errors, versioning, lifecycle and replication', example: 'shop-files' },
  { key: 'storage.replicaBucket', gives: 'how much of the uploads a failover would lose', example: 'shop-files-dr' },
  { key: 'cdn.distribution', gives: 'nanoops tune delivery', example: 'E1A2B3C4D5E6F7' },
  { key: 'cdn.url', gives: 'what browsers are sent, looked at from outside', example: 'https://shop.example/' },
  {
    key: 'dns.hostedZoneId',
    gives: 'a failover can move traffic: the zone and the name that clients use',
    example: 'Z0123456789ABCDEFGHIJ',
  },
  { key: 'dns.record', gives: 'a failover can move traffic: the name that clients use', example: 'api.shop.example' },
  { key: 'dns.mechanism', gives: 'how traffic is moved', example: 'records' },
  { key: 'sessions.table', gives: 'whether sessions survive a move, and their backups', example: 'shop-sessions' },
  { key: 'logs.application', gives: 'error patterns, and log lines as evidence', example: '/aws/ecs/shop-api' },
  { key: 'logs.database', gives: 'slow statements', example: '/aws/rds/cluster/shop-db' },
  { key: 'logs.cache', gives: 'how long the cache\u2019s logs are kept', example: '/aws/elasticache/shop-cache' },
  { key: 'tracing.service', gives: 'which part of a slow request is slow; traces and the map', example: 'shop-api' },
  { key: 'business.namespace', gives: 'daily active users, chats and the moderation queue', example: 'Shop/Business' },
];

/** Keys whose parts stand or fall with them, by the first of a part. */
export const noteOf = (key: string): KeyNote =>
  keyNotes.find((each) => each.key === key) ?? { key, gives: '', example: '\u2026' };

/** What nothing in an account tells, as comments at the end of the file. */
export const unasked: readonly { readonly lines: readonly string[]; readonly gives: string }[] = [
  {
    gives:
      'under "database": prints the newest heartbeat that a cluster holds, in epoch milliseconds, by which a loss is told',
    lines: ['  rpoProbe: { exec: [./heartbeat.sh] }'],
  },
  {
    gives: 'who is told; "nanoops notify test slack" tries it',
    lines: ['notify: { slack: { webhookUrl: "${env:SLACK_WEBHOOK}" } }'],
  },
  {
    gives: 'when drills are held: nanoops dr schedule',
    lines: ['drill: { schedule: 2nd tuesday 15:00, timeZone: Europe/Berlin }'],
  },
  {
    gives: 'journals and leases that a team shares, best in the region that survives: nanoops state init',
    lines: ['state: { dynamodb: { table: nanoops, region: us-east-1 } }'],
  },
];
