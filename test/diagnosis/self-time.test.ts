/** Where the time of requests went: every millisecond once, and to whom it belongs. */
import { describe, expect, test } from 'vitest';
import type { Trace, TraceSpan } from '../../src/cloud/facts.ts';
import { componentTimes, excesses, selfTimes, type ComponentNames } from '../../src/diagnosis/self-time.ts';

const names: ComponentNames = {
  service: 'nano-api-service',
  tracedService: 'nano-api',
  database: 'nano-db',
  cache: 'nano-cache',
  bucket: 'nano-zips',
};

function span(id: string, start: number, end: number, more: Partial<TraceSpan> = {}): TraceSpan {
  const flags = { inProgress: false, fault: false, error: false, throttle: false, segment: false };
  return { id, name: id, start, end, ...flags, ...more };
}

function traceOf(...spans: readonly TraceSpan[]): Trace {
  return { id: '1-abc', start: 0, durationMs: 1_000, spans };
}

const root = (start: number, end: number) =>
  span('root', start, end, { name: 'nano-api', origin: 'AWS::ECS::Container', segment: true });

const selfOf = (...spans: readonly TraceSpan[]): Record<string, number> =>
  Object.fromEntries(selfTimes(traceOf(...spans)).map(([each, ms]) => [each.id, ms]));

const timesOf = (...spans: readonly TraceSpan[]): Record<string, number> =>
  Object.fromEntries(
    componentTimes([traceOf(...spans)], names).map(({ component, meanMs }) => [
      `${component.kind} ${component.name}`,
      meanMs,
    ]),
  );

describe('self time', () => {
  test('is what no child covers', () => {
    const children = [span('a', 100, 300, { parentId: 'root' }), span('b', 400, 500, { parentId: 'root' })];
    expect(selfOf(root(0, 1_000), ...children)).toEqual({ root: 700, a: 200, b: 100 });
  });

  test('counts children that overlap once', () => {
    const children = [
      span('a', 100, 300, { parentId: 'root' }),
      span('b', 200, 400, { parentId: 'root' }),
      span('inside-b', 250, 260, { parentId: 'root' }),
    ];
    expect(selfOf(root(0, 1_000), ...children)['root']).toBe(700);
  });

  test('counts only that part of a child which lies within its parent', () => {
    const children = [
      span('early', -200, 100, { parentId: 'root' }),
      span('late', 900, 5_000, { parentId: 'root' }),
      span('after', 2_000, 3_000, { parentId: 'root' }),
    ];
    expect(selfOf(root(0, 1_000), ...children)['root']).toBe(800);
  });

  test('leaves out what has not ended, and does not take it from its parent', () => {
    const open = span('open', 100, 100, { parentId: 'root', inProgress: true });
    expect(selfOf(root(0, 1_000), open)).toEqual({ root: 1_000 });
  });

  test('is taken by children alone, not by grandchildren', () => {
    const child = span('child', 0, 1_000, { parentId: 'root' });
    const grandchild = span('grandchild', 0, 400, { parentId: 'child' });
    expect(selfOf(root(0, 1_000), child, grandchild)).toEqual({ root: 0, child: 600, grandchild: 400 });
  });

  test('is never negative, whatever the clocks said', () => {
    const backwards = span('backwards', 500, 400, { parentId: 'root' });
    const found = selfOf(root(0, 1_000), backwards, span('all', -1e9, 1e9, { parentId: 'root' }));
    expect(found).toEqual({ root: 0, all: 2e9 });
  });

  test('survives parents in a circle, and a span that is its own parent', () => {
    const circle = [span('a', 0, 100, { parentId: 'b' }), span('b', 0, 100, { parentId: 'a' })];
    const narcissus = span('narcissus', 0, 100, { parentId: 'narcissus' });
    expect(selfOf(...circle, narcissus)).toEqual({ a: 0, b: 0, narcissus: 100 });
    expect(timesOf(...circle, narcissus)).toEqual({ 'service nano-api-service': 100 });
  });
});

describe('a call seen from both sides counts once', () => {
  test('where the other side traces itself, the rest is the way there and back', () => {
    expect(
      timesOf(
        root(0, 1_000),
        span('call', 100, 900, {
          parentId: 'root',
          namespace: 'remote',
          name: 'pay.example',
          url: 'https://pay.example/v1',
        }),
        span('other', 150, 850, { parentId: 'call', segment: true, name: 'payments', origin: 'AWS::ECS::Container' }),
      ),
    ).toEqual({ 'dependency payments': 700, 'service nano-api': 200, 'dependency pay.example': 100 });
  });

  test('where X-Ray inferred the other side', () => {
    expect(
      timesOf(
        root(0, 1_000),
        span('query', 100, 900, {
          parentId: 'root',
          namespace: 'remote',
          sql: 'SELECT 1',
          name: 'nano@nano-db.cluster-x',
        }),
        span('inferred', 100, 900, {
          parentId: 'query',
          segment: true,
          origin: 'Database::SQL',
          name: 'nano@nano-db.cluster-x',
          sql: 'SELECT 1',
        }),
      ),
    ).toEqual({ 'database nano-db': 800, 'service nano-api': 200 });
  });
});

describe('whose time it is', () => {
  const child = (more: Partial<TraceSpan>) => {
    const found = timesOf(root(0, 100), span('child', 0, 100, { parentId: 'root', ...more }));
    return Object.keys(found).find((key) => found[key] === 100);
  };

  test.each<[string, Partial<TraceSpan>]>([
    ['database nano-db', { sql: 'SELECT 1', name: 'nano_prod@nano-db.cluster-x.us-west-2.rds.amazonaws.com' }],
    ['database nano-db', { namespace: 'remote', name: 'nano-db-1.x.us-west-2.rds.amazonaws.com' }],
    ['database other@db', { sql: 'SELECT 1', name: 'other@db' }],
    ['cache nano-cache', { namespace: 'remote', name: 'master.nano-cache.abc.usw2.cache.amazonaws.com' }],
    ['cache nano-cache', { name: 'redis' }],
    ['storage nano-zips', { namespace: 'aws', name: 'S3', awsOperation: 'GetObject' }],
    ['aws DynamoDB', { namespace: 'aws', name: 'DynamoDB', awsOperation: 'GetItem' }],
    ['dependency moderation.example', { namespace: 'remote', name: 'POST', url: 'https://moderation.example:8443/v1' }],
    ['dependency moderation', { namespace: 'remote', name: 'moderation', url: 'no url' }],
    ['dependency nano-db-admin.internal', { namespace: 'remote', name: 'nano-db-admin.internal' }],
    ['service nano-api', { name: '## render' }],
    ['dependency payments', { segment: true, name: 'payments', origin: 'AWS::EKS::Container' }],
    ['dependency moderation.example', { segment: true, name: 'moderation.example', origin: 'remote' }],
  ])('%s', (expected, more) => {
    expect(child(more)).toBe(expected);
  });

  test('what a called service does within itself is its own time, not ours', () => {
    expect(
      timesOf(
        root(0, 100),
        span('other', 0, 100, { parentId: 'root', segment: true, name: 'payments', origin: 'AWS::ECS::Container' }),
        span('deep', 0, 80, { parentId: 'other', name: '## charge' }),
        span('deeper', 0, 50, { parentId: 'deep', name: '## wait' }),
      ),
    ).toEqual({ 'dependency payments': 100, 'service nano-api': 0 });
  });

  test('a caller that we do not see does not make us a dependency', () => {
    expect(timesOf({ ...root(0, 100), parentId: 'the-browser' })).toEqual({ 'service nano-api': 100 });
  });

  test('the service is itself when something traced calls it', () => {
    const web = span('web', 0, 200, { segment: true, name: 'web' });
    expect(timesOf(web, { ...root(50, 150), parentId: 'web' })).toEqual({
      'service web': 100,
      'service nano-api': 100,
    });
  });

  test('a cache or a database with a short name does not claim what merely contains it', () => {
    const short = { ...names, cache: 'nano', database: 'nano' };
    const found = componentTimes([traceOf(root(0, 100))], short);
    expect(found[0]?.component).toEqual({ kind: 'service', name: 'nano-api' });
  });
});

test('means are over all traces, and the slowest statement comes first', () => {
  const query = (ms: number, sql: string) => span(sql, 0, ms, { parentId: 'root', sql, name: 'x@nano-db' });
  const found = componentTimes(
    [traceOf(root(0, 500), query(400, 'SELECT slow')), traceOf(root(0, 100), query(100, 'SELECT quick'))],
    names,
  );
  expect(found).toEqual([
    {
      component: { kind: 'database', name: 'nano-db' },
      meanMs: 250,
      operations: [
        { name: 'SELECT slow', meanMs: 200 },
        { name: 'SELECT quick', meanMs: 50 },
      ],
    },
    { component: { kind: 'service', name: 'nano-api' }, meanMs: 50, operations: [] },
  ]);
});

describe('what got slower', () => {
  const time = (kind: 'service' | 'database', name: string, meanMs: number) => ({
    component: { kind, name },
    meanMs,
    operations: [],
  });

  test('shares what was added among those that added', () => {
    const slow = [time('database', 'nano-db', 900), time('service', 'nano-api', 150)];
    const normal = [time('database', 'nano-db', 100), time('service', 'nano-api', 150)];
    expect(excesses(slow, normal)).toMatchObject([
      { component: { name: 'nano-db' }, beforeMs: 100, duringMs: 900, excessMs: 800, share: 1 },
      { component: { name: 'nano-api' }, excessMs: 0, share: 0 },
    ]);
  });

  test('is all of it where nothing is known from before', () => {
    const found = excesses([time('database', 'nano-db', 300), time('service', 'nano-api', 100)], []);
    expect(found.map(({ share }) => share)).toEqual([0.75, 0.25]);
  });

  test('is nothing where everything got quicker', () => {
    const found = excesses([time('service', 'nano-api', 50)], [time('service', 'nano-api', 100)]);
    expect(found).toMatchObject([{ excessMs: 0, share: 0 }]);
  });
});

test('no traces are no times', () => {
  expect(componentTimes([], names)).toEqual([]);
  expect(excesses([], [])).toEqual([]);
});

test('a trace of 20,000 spans, each within the one before, is read without hurry', () => {
  const count = 20_000;
  const spans = Array.from({ length: count }, (_, index) =>
    span(
      `s${index}`,
      index,
      2 * count - index,
      index === 0 ? { segment: true, name: 'nano-api' } : { parentId: `s${index - 1}` },
    ),
  );
  const [only, ...others] = componentTimes([traceOf(...spans.toReversed())], names);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ component: { kind: 'service', name: 'nano-api' }, meanMs: 2 * count });
});
