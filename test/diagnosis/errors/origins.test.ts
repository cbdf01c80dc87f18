/** Where the faults of failed requests begin. */
import { expect, test } from 'vitest';
import type { Trace, TraceSpan } from '../../../src/cloud/facts.ts';
import { faultOrigins } from '../../../src/diagnosis/errors/origins.ts';

const names = { service: 'nano-api', tracedService: 'nano-api', database: 'nano-db', bucket: 'nano-zips' };
const calm = { inProgress: false, fault: false, error: false, throttle: false };
let next = 0;

const span = (more: Partial<TraceSpan> & { readonly id: string }): TraceSpan => ({
  name: more.id,
  start: 0,
  end: 10,
  segment: false,
  ...calm,
  ...more,
});

const root = (more: Partial<TraceSpan> = {}): TraceSpan =>
  span({ id: 'root', name: 'nano-api', segment: true, fault: true, end: 100, ...more });

const call = (id: string, more: Partial<TraceSpan> = {}): TraceSpan =>
  span({ id, parentId: 'root', name: 'moderation.example', namespace: 'remote', ...more });

const traceOf = (...spans: readonly TraceSpan[]): Trace => ({
  id: `1-${(next += 1)}`,
  start: 0,
  durationMs: 100,
  spans,
});

const begins = (...traces: readonly Trace[]) =>
  faultOrigins(traces, names).origins.map(({ component, count }) => [component.kind, component.name, count]);

test('at the service itself where no call of it failed', () => {
  expect(begins(traceOf(root(), call('a')))).toEqual([['service', 'nano-api', 1]]);
});

test('at what it called, down to the last that failed', () => {
  const inferred = span({
    id: 'b',
    parentId: 'a',
    name: 'moderation.example',
    origin: 'remote',
    segment: true,
    fault: true,
  });
  const found = faultOrigins(
    [traceOf(root(), call('a', { fault: true, status: 503, method: 'POST' }), inferred)],
    names,
  );
  expect(found).toMatchObject({ failed: 1, passedOn: 1 });
  expect(found.origins[0]?.component).toEqual({ kind: 'dependency', name: 'moderation.example' });
});

test('at a callee that throttles, but not at one that refuses a mistake', () => {
  expect(begins(traceOf(root(), call('a', { error: true, throttle: true })))).toEqual([
    ['dependency', 'moderation.example', 1],
  ]);
  expect(begins(traceOf(root(), call('a', { error: true })))).toEqual([['service', 'nano-api', 1]]);
});

test('at the call that was tried last', () => {
  const first = call('a', { fault: true, end: 20 });
  const last = call('b', { name: 'S3', namespace: 'aws', awsOperation: 'GetObject', fault: true, end: 60 });
  expect(begins(traceOf(root(), first, last))).toEqual([['storage', 'nano-zips', 1]]);
});

test('the most frequent first; requests that did not fail do not count', () => {
  const own = traceOf(root());
  const passed = traceOf(root(), call('a', { fault: true }));
  const fine = traceOf(root({ fault: false }), call('a', { fault: true }));
  expect(begins(own, passed, passed, fine)).toEqual([
    ['dependency', 'moderation.example', 2],
    ['service', 'nano-api', 1],
  ]);
});

test('parents in a circle end', () => {
  const ring = span({ id: 'b', parentId: 'a', fault: true });
  expect(
    begins(
      traceOf(
        root(),
        call('a', { fault: true, parentId: 'root' }),
        ring,
        span({ id: 'a', parentId: 'b', fault: true }),
      ),
    ),
  ).toHaveLength(1);
});
