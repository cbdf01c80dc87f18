/** Each cause: where it must be the first answer, where it must not be one, and what it says for itself. */
import { describe, expect, test } from 'vitest';
import type { DeploymentRecord, StoppedTask } from '../../../src/cloud/facts.ts';
import { diagnoseLatency, latencyCauses, weighAll } from '../../../src/diagnosis/latency/diagnose.ts';
import type { LatencyPicture } from '../../../src/diagnosis/latency/picture.ts';
import { minutesAgo } from '../series.ts';
import {
  bucketLoad,
  cacheLoad,
  databaseLoad,
  denied,
  known,
  logs,
  moved,
  notConfigured,
  picture,
  silent,
  slowIn,
  slowLogEntry,
  steady,
  traces,
  traffic,
  utilisation,
  zone,
} from './pictures.ts';

const deployment = (startedMinutesAgo: number, finishedMinutesAgo?: number): DeploymentRecord => ({
  id: 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/7',
  status: 'SUCCESSFUL',
  startedAt: minutesAgo(startedMinutesAgo),
  ...(finishedMinutesAgo === undefined ? {} : { finishedAt: minutesAgo(finishedMinutesAgo) }),
  taskDefinition: 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:42',
  previousTaskDefinitions: ['arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:41'],
});

const stopped = (more: Partial<StoppedTask>, exitCode = 137, reason?: string): StoppedTask => ({
  taskArn: 'arn:task/1',
  stoppedAt: minutesAgo(10),
  stopCode: 'EssentialContainerExited',
  containers: [{ name: 'api', exitCode, reason }],
  ...more,
});

const poolLine = 'QueuePool limit of size 20 overflow 10 reached, connection timed out';
const slowSelect = slowLogEntry('SELECT a FROM nanos WHERE status = 1 ORDER BY rating DESC LIMIT 20', 3);
const hotCpu = known(utilisation({ cpuAverage: moved(44, 97, '%') }));
const surge = known(traffic({ requests: moved(600, 1_900) }));
const coldCache = known(cacheLoad(moved(900, 200), moved(100, 800)));
const slowDatabase = known(databaseLoad({ selectLatency: moved(8, 250, 'ms'), cpu: moved(30, 85, '%') }));

/** What is seen of each cause where it is the cause. */
const stories: Record<string, { readonly component: string; readonly seen: Partial<LatencyPicture> }> = {
  'bad-deploy': {
    component: 'nano-api',
    seen: {
      deployments: known([deployment(25, 19)]),
      slowTraces: slowIn({ own: 3_000 }),
      utilisation: known(utilisation({ cpuAverage: moved(44, 80, '%') })),
    },
  },
  'cache-cold': {
    component: 'nano-cache',
    seen: {
      cacheLoad: coldCache,
      databaseLoad: known(
        databaseLoad({ queries: moved(900, 3_000), selectLatency: moved(8, 40, 'ms'), cpu: moved(30, 80, '%') }),
      ),
      slowTraces: slowIn({ database: 3_000 }),
    },
  },
  'connection-pool-exhausted': {
    component: 'nano-api',
    seen: { errorLines: known(logs([19, 60, poolLine])), slowTraces: slowIn({ own: 3_500 }) },
  },
  'cpu-saturated': { component: 'nano-api', seen: { utilisation: hotCpu, slowTraces: slowIn({ own: 3_500 }) } },
  'downstream-dependency': { component: 'moderation.example', seen: { slowTraces: slowIn({ dependency: 3_500 }) } },
  'memory-pressure': {
    component: 'nano-api',
    seen: {
      utilisation: known(utilisation({ memoryAverage: moved(55, 96, '%') })),
      stoppedTasks: known([stopped({})]),
      slowTraces: slowIn({ own: 3_000 }),
    },
  },
  'network-az': {
    component: 'usw2-az2',
    seen: {
      zones: known([
        zone('usw2-az1', steady(0.4, 's')),
        zone('usw2-az2', moved(0.4, 6, 's'), moved(0, 30)),
        zone('usw2-az3', steady(0.4, 's')),
      ]),
      slowTraces: slowIn({ own: 400, database: 2_000, storage: 800 }),
    },
  },
  's3-slow': {
    component: 'nano-zips',
    seen: { bucketLoad: known(bucketLoad(moved(40, 900, 'ms'))), slowTraces: slowIn({ storage: 3_500 }) },
  },
  'slow-query': {
    component: 'nano-db',
    seen: {
      databaseLoad: slowDatabase,
      slowQueries: known(logs([19, 40, slowSelect])),
      slowTraces: slowIn({ database: 3_500 }),
    },
  },
  'traffic-surge': {
    component: 'nano-api',
    seen: { traffic: surge, utilisation: hotCpu, slowTraces: slowIn({ own: 3_000 }) },
  },
};

const weightOf = (id: string, seen: Partial<LatencyPicture>) => {
  const found = weighAll(picture(seen)).find((each) => each.cause === id);
  if (found === undefined) throw new Error(`${id} was not weighed`);
  return found;
};
const details = (list: readonly { readonly detail: string }[]): string => list.map(({ detail }) => detail).join('; ');

test('every cause has its story', () => {
  expect(Object.keys(stories).toSorted()).toEqual(latencyCauses.map((cause) => cause.id).toSorted());
});

describe.each(Object.entries(stories))('%s', (id, { component, seen }) => {
  test('is the first answer where it is the cause, and accuses the right component', () => {
    const [first] = diagnoseLatency(picture(seen));
    expect(first).toMatchObject({ rank: 1, cause: id, component });
    expect(first?.confidence).toBeGreaterThan(0.7);
    expect(first?.summary).toContain(component);
    expect(first?.for.length).toBeGreaterThan(0);
  });

  test.each(Object.keys(stories).filter((other) => other !== id))('is not the first answer to %s', (other) => {
    expect(diagnoseLatency(picture(stories[other]?.seen))[0]?.cause).not.toBe(id);
  });

  test('is not named where nothing is out of the ordinary', () => {
    expect(diagnoseLatency(picture()).map((cause) => cause.cause)).not.toContain(id);
  });

  test('is not named where nothing could be looked at, nor where nothing is configured', () => {
    for (const nothing of [denied('not allowed'), notConfigured]) {
      const blind = Object.fromEntries(Object.keys(picture()).flatMap((key) => (isKnown(key) ? [[key, nothing]] : [])));
      expect(diagnoseLatency(picture(blind))).toEqual([]);
    }
  });
});

function isKnown(key: string): boolean {
  return !['symptom', 'region', 'names'].includes(key);
}

describe('without traces, metrics and logs still name', () => {
  const blind = { slowTraces: denied('not allowed'), normalTraces: denied('not allowed') };
  const first = (id: string) => diagnoseLatency(picture({ ...stories[id]?.seen, ...blind }))[0];

  test.each(['bad-deploy', 'cache-cold', 'slow-query', 'connection-pool-exhausted'])(
    '%s, and miss the traces',
    (id) => {
      expect(first(id)?.cause).toBe(id);
      expect(details(first(id)?.missing ?? [])).toContain('not allowed');
    },
  );

  test.each(['network-az', 'traffic-surge'])('%s, which needs no traces', (id) => {
    expect(first(id)).toMatchObject({ cause: id, missing: [] });
  });
});

describe('bad-deploy', () => {
  test.each([
    ['began 5 minutes before', deployment(25, 21), 'began 5 min before the onset'],
    ['began with it', deployment(20), 'began at the onset'],
    ['was seen a minute after the first bad minute', deployment(19), 'began at the onset'],
    ['took long, and ended shortly before', deployment(100, 30), 'began 80 min before the onset'],
  ])('a rollout that %s is suspected', (_when, record, text) => {
    const { for: favour } = weightOf('bad-deploy', { deployments: known([record]) });
    expect(details(favour)).toContain(`deployment of nano-api:42 ${text}`);
  });

  test.each([
    ['ended long before', deployment(100, 60)],
    ['began well after', deployment(10)],
  ])('a rollout that %s is not', (_when, record) => {
    const { against, confidence } = weightOf('bad-deploy', { deployments: known([record]) });
    expect(details(against)).toContain('no deployment was under way in the 20 minutes before the onset');
    expect(confidence).toBeLessThan(0.05);
  });

  test('takes the blame from the CPU that it burns, even where the service itself cannot be described', () => {
    const seen = { ...stories['bad-deploy']?.seen, utilisation: hotCpu, service: denied('not allowed') };
    expect(diagnoseLatency(picture(seen))[0]?.cause).toBe('bad-deploy');
    expect(details(weightOf('cpu-saturated', seen).against)).toContain('began shortly before');
  });

  test('says what is missing', () => {
    expect(weightOf('bad-deploy', { deployments: denied('not allowed') }).missing).toContainEqual({
      source: 'ecs:ListServiceDeployments',
      region: 'us-west-2',
      detail: 'not allowed',
    });
  });
});

describe('cache-cold', () => {
  test('a hit rate that always was low is no cold cache', () => {
    const { against } = weightOf('cache-cold', { cacheLoad: known(cacheLoad(steady(300), steady(700))) });
    expect(details(against)).toContain('hit rate 30 % \u2192 30 %');
  });

  test('a silent cache is missing evidence, not a cold one', () => {
    const found = weightOf('cache-cold', { cacheLoad: known(cacheLoad(silent(), silent())) });
    expect(details(found.missing)).toBe('CloudWatch holds too little of hits and misses to compare');
    expect(found.for).toEqual([]);
  });

  test('takes the blame from the database that it overloads', () => {
    expect(details(weightOf('slow-query', stories['cache-cold']?.seen ?? {}).against)).toContain(
      'the cache sends its load',
    );
  });
});

describe('connection-pool-exhausted', () => {
  test('a log that was not read to its end is missing evidence, not one without such lines', () => {
    const { against, missing } = weightOf('connection-pool-exhausted', {
      errorLines: known({ ...logs([10, 500, 'something else']), truncated: true }),
    });
    expect(details(against)).not.toContain('no log line');
    expect(details(missing)).toContain('not all of the log was read');
  });

  test('a line or two are too few', () => {
    const { against } = weightOf('connection-pool-exhausted', { errorLines: known(logs([10, 2, poolLine])) });
    expect(details(against)).toContain('only 2');
  });

  test('lines that were there before as well explain nothing', () => {
    const seen = { errorLines: known(logs([34, 60, poolLine], [19, 60, poolLine])) };
    expect(details(weightOf('connection-pool-exhausted', seen).against)).toContain('as many before');
  });

  test('a database that answers slowly holds the connections itself', () => {
    const seen = { ...stories['slow-query']?.seen, errorLines: known(logs([19, 30, poolLine])) };
    expect(diagnoseLatency(picture(seen))[0]?.cause).toBe('slow-query');
  });
});

describe('memory-pressure', () => {
  test.each([
    ['killed by itself with SIGKILL', stopped({}), true],
    ['with ECS\u2019s own reason', stopped({ stopCode: undefined }, 1, 'OutOfMemoryError: Container killed'), true],
    ['replaced by a rollout, deaf to SIGTERM', stopped({ stopCode: 'ServiceSchedulerInitiated' }), false],
    ['stopped by a person', stopped({ stopCode: 'UserInitiated' }), false],
    ['that crashed', stopped({}, 1), false],
    ['killed an hour ago', stopped({ stoppedAt: minutesAgo(60) }), false],
    ['of unknown time', stopped({ stoppedAt: undefined }), false],
  ])('a task %s', (_what, task, counts) => {
    const { for: favour } = weightOf('memory-pressure', { stoppedTasks: known([task]) });
    expect(details(favour).includes('1 task stopped out of memory')).toBe(counts);
  });
});

describe('network-az', () => {
  test('is not named where all zones are slow', () => {
    const { against } = weightOf('network-az', {});
    expect(details(against)).toContain('no zone stands out');
  });

  test('a single zone cannot stand out', () => {
    expect(diagnoseLatency(picture({ zones: known([zone('usw2-az1')]) })).map((each) => each.cause)).not.toContain(
      'network-az',
    );
  });

  test('speaks against what all zones share', () => {
    const seen = { ...stories['network-az']?.seen, utilisation: hotCpu };
    expect(details(weightOf('cpu-saturated', seen).against)).toContain('only usw2-az2 is slow');
  });
});

describe('s3-slow', () => {
  test('is contradicted by a bucket that answers as ever', () => {
    const { against } = weightOf('s3-slow', { slowTraces: slowIn({ storage: 3_500 }) });
    expect(details(against)).toContain('first byte p99 40 ms');
  });

  test('without request metrics says that they are opt-in, and goes by traces', () => {
    const seen = { slowTraces: slowIn({ storage: 3_500 }), bucketLoad: known(undefined) };
    const found = weightOf('s3-slow', seen);
    expect(details(found.missing)).toContain('opt-in');
    expect(details(found.for)).toContain('spent in calls to S3');
  });
});

describe('slow-query', () => {
  test('a statement that always was in the log is not new', () => {
    const entries = known(logs([80, 100, slowSelect], [19, 40, slowSelect]));
    expect(details(weightOf('slow-query', { slowQueries: entries }).for)).not.toContain('times');
  });

  test('is found though a nightly statement costs more, in its time', () => {
    const nightly = slowLogEntry('SELECT everything FROM nanos', 60);
    const entries = known(logs([80, 60, nightly], [19, 20, nightly], [19, 40, slowSelect]));
    const { for: favour } = weightOf('slow-query', { slowQueries: entries });
    expect(details(favour)).toContain('40 times 3 s on average: SELECT a FROM nanos WHERE status = ?');
  });

  test('counts by time: the same many in a third of the time are three times as many', () => {
    const entries = known(logs([80, 12, slowSelect], [19, 15, slowSelect]));
    expect(details(weightOf('slow-query', { slowQueries: entries }).for)).toContain('15 times');
  });

  test('entries too many to see what was before are weaker evidence, and say so', () => {
    const cut = known({ ...logs([19, 300, slowSelect]), truncated: true });
    const { for: favour, confidence } = weightOf('slow-query', { slowQueries: cut });
    expect(details(favour)).toContain('too many entries to see whether that is new');
    expect(confidence).toBeLessThan(
      weightOf('slow-query', { slowQueries: known(logs([19, 300, slowSelect])) }).confidence,
    );
  });

  test('a normal period that was read in part is compared by that part', () => {
    const cut = known({ ...logs([30, 10, slowSelect], [19, 20, slowSelect]), truncated: true });
    expect(details(weightOf('slow-query', { slowQueries: cut }).for)).not.toContain('times');
  });

  test('a log that was not read to its end is missing evidence, not an empty one', () => {
    const { against, missing } = weightOf('slow-query', { slowQueries: known({ ...logs(), truncated: true }) });
    expect(details(against)).not.toContain('no entry');
    expect(details(missing)).toContain('too long to be read');
  });

  test('an empty slow log speaks against it, one that cannot be read does not', () => {
    expect(details(weightOf('slow-query', {}).against)).toContain('no entry for this time');
    const unread = weightOf('slow-query', { slowQueries: denied('logs:FilterLogEvents is not allowed') });
    expect(details(unread.against)).not.toContain('no entry');
    expect(details(unread.missing)).toContain('logs:FilterLogEvents is not allowed');
  });

  test('is out of the question without a database', () => {
    const { names } = picture();
    expect(weighAll(picture({ names: { ...names, database: undefined } })).map((each) => each.cause)).not.toContain(
      'slow-query',
    );
  });
});

describe('traffic-surge', () => {
  test('half as many more, with CPU to spare, is none', () => {
    const seen = { traffic: known(traffic({ requests: moved(600, 850) })) };
    expect(diagnoseLatency(picture(seen)).map((each) => each.cause)).not.toContain('traffic-surge');
  });

  test('takes the blame from the CPU that it costs', () => {
    expect(details(weightOf('cpu-saturated', stories['traffic-surge']?.seen ?? {}).against)).toContain(
      'requests a minute',
    );
  });

  test('from nothing at all is told without a number', () => {
    const { summary } = weightOf('traffic-surge', { traffic: known(traffic({ requests: moved(0, 900) })) });
    expect(summary).toBe('nano-api gets far above its normal requests, more than its tasks can serve');
  });
});

describe('traces', () => {
  test('none of slow requests is missing evidence', () => {
    expect(details(weightOf('cpu-saturated', { slowTraces: known(traces()) }).missing)).toContain(
      'no slow request was traced',
    );
  });

  test('that are not configured are not missed', () => {
    expect(weightOf('cpu-saturated', { slowTraces: notConfigured }).missing).toEqual([]);
  });
});

test('a metric that is silent is missed by whoever would judge it', () => {
  const use = known(utilisation({ cpuAverage: silent('%'), memoryAverage: silent('%') }));
  expect(details(weightOf('cpu-saturated', { utilisation: use }).missing)).toContain('too little of ECS CPU');
  expect(details(weightOf('memory-pressure', { utilisation: use }).missing)).toContain('too little of ECS memory');
});
