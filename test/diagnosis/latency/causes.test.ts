/** Each cause: where it must be the first answer, where it must not be one, and what it says for itself. */
import { describe, expect, test } from 'vitest';
import type { ZoneTraffic } from '../../../src/cloud/facts.ts';
import type { Series } from '../../../src/cloud/series.ts';
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
import {
  coldCache,
  deployment,
  hotCpu,
  poolLine,
  slowDatabase,
  slowSelect,
  stopped,
  stories,
  surge,
} from './stories.ts';

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

describe('each sign alone moves its cause', () => {
  const calmPool = { errorLines: known(logs([19, 60, poolLine])) };
  const timedOut = logs([19, 5, 'POST https://moderation.example/v1: Read timed out']);
  const errors = traffic({ targetServerErrors: moved(1, 60) });
  const rolledOut = { deployments: known([deployment(25, 21)]) };

  test.each<[string, 'up' | 'down', string, Partial<LatencyPicture>, Partial<LatencyPicture>]>([
    ['bad-deploy', 'up', '5xx share', rolledOut, { traffic: known(errors) }],
    [
      'cache-cold',
      'up',
      'queries',
      { cacheLoad: coldCache },
      { databaseLoad: known(databaseLoad({ queries: moved(900, 3_000) })) },
    ],
    [
      'connection-pool-exhausted',
      'up',
      'database connections',
      calmPool,
      { databaseLoad: known(databaseLoad({ connections: moved(40, 80) })) },
    ],
    ['connection-pool-exhausted', 'down', 'slow statements hold connections', calmPool, { databaseLoad: slowDatabase }],
    ['cpu-saturated', 'up', 'ECS CPU', {}, { utilisation: hotCpu }],
    [
      'cpu-saturated',
      'down',
      'as high before',
      { utilisation: hotCpu },
      { utilisation: known(utilisation({ cpuAverage: steady(95, '%') })) },
    ],
    [
      'cpu-saturated',
      'down',
      'spent in the service itself',
      { utilisation: hotCpu },
      { slowTraces: slowIn({ database: 3_000 }) },
    ],
    [
      'downstream-dependency',
      'up',
      'moderation.example timed out',
      { slowTraces: slowIn({ dependency: 3_000 }) },
      { errorLines: known(timedOut) },
    ],
    ['memory-pressure', 'up', 'stopped out of memory', {}, { stoppedTasks: known([stopped({})]) }],
    ['memory-pressure', 'up', 'speak of memory', {}, { errorLines: known(logs([10, 1, 'MemoryError'])) }],
    [
      'memory-pressure',
      'up',
      'ECS memory',
      {},
      { utilisation: known(utilisation({ memoryAverage: moved(60, 95, '%') })) },
    ],
    [
      'network-az',
      'up',
      'connection errors in usw2-az2',
      { zones: known(oddZones(silent())) },
      { zones: known(oddZones(moved(0, 30))) },
    ],
    ['s3-slow', 'up', 'first byte p99', {}, { bucketLoad: known(bucketLoad(moved(40, 900, 'ms'))) }],
    [
      'slow-query',
      'up',
      'statement latency',
      {},
      { databaseLoad: known(databaseLoad({ selectLatency: moved(8, 200, 'ms') })) },
    ],
    [
      'slow-query',
      'up',
      'statement latency',
      {},
      { databaseLoad: known(databaseLoad({ dmlLatency: moved(5, 200, 'ms') })) },
    ],
    ['slow-query', 'up', 'database CPU', {}, { databaseLoad: known(databaseLoad({ cpu: moved(30, 85, '%') })) }],
    ['slow-query', 'down', 'requests a minute', {}, { traffic: surge }],
    ['traffic-surge', 'up', 'ECS CPU', { traffic: surge }, { utilisation: hotCpu }],
    [
      'traffic-surge',
      'down',
      'ECS CPU 44 % ',
      { traffic: surge, utilisation: known(utilisation({ cpuAverage: steady(70, '%') })) },
      { utilisation: known(utilisation()) },
    ],
  ])('%s goes %s by: %s', (id, direction, text, without, sign) => {
    const before = weightOf(id, without);
    const after = weightOf(id, { ...without, ...sign });
    expect(Math.sign(after.confidence - before.confidence)).toBe(direction === 'up' ? 1 : -1);
    expect(details(direction === 'up' ? after.for : after.against)).toContain(text);
  });
});

function oddZones(connectionErrors: Series): readonly ZoneTraffic[] {
  return [zone('usw2-az1', steady(0.4, 's')), zone('usw2-az2', moved(0.4, 6, 's'), connectionErrors)];
}

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

  test.each([60, 5])('is found by what was measured, though the onset was given as %d min ago', (ago) => {
    const symptom = { ...picture().symptom, onset: minutesAgo(ago), onsetGiven: true };
    const { for: favour } = weightOf('bad-deploy', { deployments: known([deployment(25, 21)]), symptom });
    expect(details(favour)).toContain('deployment of nano-api:42 began 5 min before the onset');
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
  test('of requests that took no longer than usual accuse and acquit nobody', () => {
    const found = weightOf('cpu-saturated', {});
    expect(details(found.missing)).toContain('the requests that were traced took no longer than usual');
    expect(details([...found.for, ...found.against])).not.toContain('spent in the service');
  });

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
