/** A database on a healthy day, as a picture to be diagnosed, until a test says what is not healthy. */
import type {
  ApiTraffic,
  DatabaseEvent,
  DatabaseInstance,
  DatabaseLoad,
  DatabaseState,
  IngressRule,
  LogSearch,
  ServiceState,
} from '../../../src/cloud/facts.ts';
import type { Series } from '../../../src/cloud/series.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import type { DatabasePicture } from '../../../src/diagnosis/database/picture.ts';
import { minutesAgo, seriesOf, times, windowOf } from '../series.ts';

const lookback = 60;
const region = 'us-west-2';

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const denied = (reason = 'not allowed'): Known<never> => ({ known: false, because: 'unknown', reason });
export const notConfigured: Known<never> = { known: false, because: 'skipped', reason: 'not configured' };

/** A value that was `before`, and is `now` for so many minutes; `undefined` is not reported. */
export function since(
  minutes: number,
  before: number,
  now: number | undefined,
  unit: Series['unit'] = 'count',
): Series {
  return seriesOf([...times(lookback - minutes, before), ...times(minutes, now)], unit);
}

export const streams = ['ecs/api/aaaa1111', 'ecs/api/bbbb2222', 'ecs/api/cccc3333'] as const;

/** What a healthy day's log holds. */
const usual = [
  "ERROR KeyError: 'thumbnail_url'",
  "ERROR ValueError: invalid literal for int() with base 10: '1045'",
  'ERROR httpx.ReadTimeout: POST https://moderation.example/v1/check took longer than 2003 ms',
];

/** A line a quarter of a minute, from and to so many minutes ago, from these tasks in turn, among the usual ones. */
export function failing(message: string, from: number, to: number, tasks: readonly string[] = streams): LogSearch {
  const count = Math.round((from - to) * 4);
  const lines = Array.from({ length: count }, (_, index) => ({
    at: minutesAgo(from - index / 4),
    stream: tasks[index % tasks.length] ?? 'ecs/api/x',
    message,
  }));
  return joined({ ...healthyLog(), lines });
}

export function joined(...searches: readonly LogSearch[]): LogSearch {
  const lines = [healthyLog(), ...searches].flatMap((search) => search.lines);
  return { ...healthyLog(), lines: lines.toSorted((a, b) => a.at - b.at) };
}

export function healthyLog(): LogSearch {
  return {
    lines: usual.map((message, index) => ({ at: minutesAgo(50 - 20 * index), stream: streams[index] ?? '', message })),
    truncated: false,
    source: { operation: 'logs:FilterLogEvents', region, detail: '/aws/ecs/nano-api' },
  };
}

export const lines = {
  timedOut: `OperationalError: (2003, "Can't connect to MySQL server on 'nano-db' (timed out)")`,
  refused: `OperationalError: (2003, "Can't connect to MySQL server on 'nano-db' ([Errno 111] Connection refused)")`,
  lost: `OperationalError: (2013, 'Lost connection to MySQL server during query')`,
  tooMany: `OperationalError: (1040, 'Too many connections')`,
  readOnly: `OperationalError: (1290, 'The MySQL server is running with the --read-only option so it cannot execute this statement')`,
  credentials: `OperationalError: (1045, "Access denied for user 'nano'@'10.0.1.23' (using password: YES)")`,
  pool: 'sqlalchemy.exc.TimeoutError: QueuePool limit of size 20 overflow 10 reached, connection timed out',
};

export const writer: DatabaseInstance = {
  id: 'nano-db-1',
  role: 'writer',
  status: 'available',
  instanceClass: 'db.r6g.large',
  zone: 'us-west-2a',
  performanceInsights: true,
  parameterStatus: 'in-sync',
  promotionTier: 0,
};
export const reader: DatabaseInstance = {
  ...writer,
  id: 'nano-db-2',
  role: 'reader',
  zone: 'us-west-2b',
  promotionTier: 1,
};

export function database(more: Partial<DatabaseState> = {}): DatabaseState {
  return {
    status: 'available',
    engine: 'aurora-mysql',
    engineVersion: '8.0.mysql_aurora.3.08.0',
    multiAz: true,
    instances: [writer, reader],
    logExports: ['error', 'slowquery'],
    port: 3306,
    securityGroups: ['sg-db'],
    source: { operation: 'rds:DescribeDBClusters', region, detail: 'nano-db' },
    ...more,
  };
}

export function event(
  minutes: number,
  kind: DatabaseEvent['kind'],
  message: string = kind,
  about = 'nano-db',
): DatabaseEvent {
  return { at: minutesAgo(minutes), about, kind, message };
}

export function rule(more: Partial<IngressRule> = {}): IngressRule {
  const port = { fromPort: 3306, toPort: 3306 };
  return { group: 'sg-db', protocol: 'tcp', ...port, fromGroups: ['sg-api'], fromRanges: [], ...more };
}

export function load(connections: Series): DatabaseLoad {
  const calm = since(0, 1, 1);
  return {
    cpu: calm,
    connections,
    selectLatency: calm,
    dmlLatency: calm,
    commitLatency: calm,
    freeableMemory: calm,
    queries: calm,
    deadlocks: calm,
    replicaLag: calm,
  };
}

/** Requests of which some are answered with a 5xx for so many minutes. */
export function traffic(minutes = 0, errors = 0): ApiTraffic {
  const none = seriesOf([]);
  return {
    latencyP50: none,
    latencyP95: none,
    latencyP99: none,
    requests: since(0, 600, 600),
    targetServerErrors: minutes === 0 ? none : since(minutes, 0, errors),
    balancerServerErrors: none,
    targetClientErrors: none,
    targetConnectionErrors: none,
    healthyHosts: none,
    unhealthyHosts: none,
  };
}

export function service(more: Partial<ServiceState> = {}): ServiceState {
  const taskDefinition = 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:41';
  return {
    status: 'ACTIVE',
    desired: 3,
    running: 3,
    pending: 0,
    taskDefinition,
    deployments: [
      {
        id: 'ecs-svc/1',
        status: 'primary',
        rollout: 'completed',
        taskDefinition,
        createdAt: minutesAgo(3_000),
        desired: 3,
        running: 3,
        pending: 0,
        failedTasks: 0,
      },
    ],
    events: [],
    subnets: ['subnet-1'],
    securityGroups: ['sg-api'],
    source: { operation: 'ecs:DescribeServices', region, detail: 'nano/nano-api' },
    ...more,
  };
}

export function picture(more: Partial<DatabasePicture> = {}): DatabasePicture {
  return {
    window: windowOf(lookback),
    region,
    names: { service: 'nano-api', database: 'nano-db' },
    errorLines: known(healthyLog()),
    database: known(database()),
    events: known([]),
    ingress: known([rule()]),
    databaseLoad: known(load(since(0, 60, 60))),
    connectionLimit: known(1_000),
    traffic: known(traffic()),
    service: known(service()),
    ...more,
  };
}

/** What is seen of each cause where it is the cause. */
export const stories: Record<string, { readonly component: string; readonly seen: Partial<DatabasePicture> }> = {
  'writer-unreachable': {
    component: 'nano-db',
    seen: {
      errorLines: known(failing(lines.refused, 8, 0)),
      databaseLoad: known(load(since(8, 60, 0))),
      traffic: known(traffic(8, 400)),
    },
  },
  'failover-under-way': {
    component: 'nano-db',
    seen: {
      errorLines: known(failing(lines.lost, 1, 0)),
      events: known([event(1, 'failover-started')]),
      database: known(database({ status: 'failing-over' })),
    },
  },
  'too-many-connections': {
    component: 'nano-db',
    seen: {
      errorLines: known(failing(lines.tooMany, 10, 0)),
      databaseLoad: known(load(since(10, 60, 90))),
      connectionLimit: known(90),
      traffic: known(traffic(10, 100)),
    },
  },
  'read-only-writer': {
    component: 'nano-db',
    seen: {
      errorLines: known(failing(lines.readOnly, 11, 0, streams.slice(0, 2))),
      events: known([event(13, 'failover-started'), event(12, 'failover-completed')]),
      traffic: known(traffic(11, 60)),
    },
  },
  'database-credentials': {
    component: 'nano-db',
    seen: { errorLines: known(failing(lines.credentials, 9, 0)), traffic: known(traffic(9, 500)) },
  },
  'security-group-changed': {
    component: 'nano-db',
    seen: {
      errorLines: known(failing(lines.timedOut, 15, 0)),
      ingress: known([rule({ fromGroups: ['sg-bastion'] })]),
      databaseLoad: known(load(since(15, 60, 0))),
      traffic: known(traffic(15, 500)),
    },
  },
  'connection-pool-exhausted': {
    component: 'nano-api',
    seen: { errorLines: known(failing(lines.pool, 14, 0)), traffic: known(traffic(14, 80)) },
  },
  'cluster-not-available': {
    component: 'nano-db',
    seen: {
      errorLines: known(failing(lines.timedOut, 6, 0)),
      database: known(database({ status: 'stopped' })),
      databaseLoad: known(load(since(6, 60, undefined))),
      traffic: known(traffic(6, 500)),
    },
  },
};
