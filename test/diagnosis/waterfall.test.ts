/** A trace in its order: self times, the critical path, clocks that differ, what is missing, and whatever anybody may write. */
import { assert, array, boolean, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Trace, TraceSpan } from '../../src/cloud/facts.ts';
import { graphLayers } from '../../src/diagnosis/graph-layers.ts';
import { waterfallOf } from '../../src/diagnosis/waterfall.ts';

function span(id: string, start: number, end: number, more: Partial<TraceSpan> = {}): TraceSpan {
  const flags = { inProgress: false, fault: false, error: false, throttle: false, segment: false };
  return { id, name: id, start, end, ...flags, ...more };
}

const root = (start: number, end: number) => span('root', start, end, { segment: true });
const part = (id: string, start: number, end: number, more: Partial<TraceSpan> = {}) =>
  span(id, start, end, { parentId: 'root', ...more });
const segment = (id: string, parentId: string, start: number, end: number, more: Partial<TraceSpan> = {}) =>
  span(id, start, end, { parentId, segment: true, ...more });

const traceOf = (...spans: readonly TraceSpan[]): Trace => ({ id: '1-a', start: 0, durationMs: 0, spans });
const placedIn = (...spans: readonly TraceSpan[]) =>
  new Map(waterfallOf(traceOf(...spans)).placed.map((each) => [each.span.id, each]));
/** `[from, to, …]` of every span on the critical path. */
const pathOf = (...spans: readonly TraceSpan[]) =>
  Object.fromEntries(
    [...placedIn(...spans)].flatMap(([id, { critical }]) =>
      critical === undefined ? [] : [[id, critical.flatMap(({ start, end }) => [start, end])]],
    ),
  );

describe('the critical path', () => {
  test.each<[string, readonly TraceSpan[], Record<string, readonly number[]>]>([
    ['of a span alone is the span', [root(0, 100)], { root: [0, 100] }],
    [
      'goes through what was called one after another, and through what is between',
      [root(0, 100), part('a', 10, 40), part('b', 50, 90)],
      { root: [0, 10, 40, 50, 90, 100], a: [10, 40], b: [50, 90] },
    ],
    [
      'of what was called at once goes through what ended last',
      [root(0, 100), part('quick', 10, 40), part('slow', 10, 90)],
      { root: [0, 10, 90, 100], slow: [10, 90] },
    ],
    [
      'does not go through what was still under way when the caller went on',
      [root(0, 100), part('behind', 10, 60), part('last', 50, 90)],
      { root: [0, 50, 90, 100], last: [50, 90] },
    ],
    [
      'goes down to where the time was spent',
      [
        root(0, 100),
        part('call', 10, 90),
        segment('other', 'call', 20, 80),
        span('deep', 30, 70, { parentId: 'other' }),
      ],
      { root: [0, 10, 90, 100], call: [10, 20, 80, 90], other: [20, 30, 70, 80], deep: [30, 70] },
    ],
    ['leaves out what nothing waited for', [root(0, 100), part('fire-and-forget', 50, 400)], { root: [0, 100] }],
    [
      'takes what is rounded by a millisecond for what ended before',
      [root(0, 100), part('a', 0, 50.4), part('b', 50, 100)],
      { root: [], a: [0, 50], b: [50, 100] },
    ],
    [
      'leaves out what took no time, and what has not ended',
      [root(0, 100), part('now', 50, 50), part('open', 20, 20, { inProgress: true })],
      { root: [0, 100] },
    ],
    [
      'of two beginnings is that of the earlier',
      [root(0, 100), span('late', 10, 500, { segment: true })],
      { root: [0, 100] },
    ],
  ])('%s', (_what, spans, expected) => {
    expect(pathOf(...spans)).toEqual(expected);
  });

  test('of a request that has not ended is not known', () => {
    expect(pathOf({ ...root(0, 0), inProgress: true }, part('a', 0, 10))).toEqual({});
  });
});

describe('clocks that differ', () => {
  const call = part('call', 100, 200);
  test.each<[string, TraceSpan, number]>([
    ['a callee that fits stays where it is', segment('other', 'call', 110, 190), 0],
    ['one that begins before its call is put into the middle of it', segment('other', 'call', 40, 120), 70],
    ['one that took longer than its call begins with it', segment('other', 'call', 40, 400), 60],
    ['one that ends after a call that came back well is put into it', segment('other', 'call', 150, 230), -40],
    ['one that goes on for longer than its call stays: the caller gave up', segment('other', 'call', 150, 600), 0],
    ['one that begins after its call has ended stays: nobody waited', segment('other', 'call', 900, 950), 0],
    [
      'one that has not ended begins no sooner than its call',
      segment('other', 'call', 40, 40, { inProgress: true }),
      60,
    ],
    ['what X-Ray inferred has the clock of the call', segment('other', 'call', 40, 120, { inferred: true }), 0],
    ['a millisecond is rounding', segment('other', 'call', 99.5, 120), 0],
  ])('%s', (_what, other, shift) => {
    const placed = placedIn(root(0, 1_000), call, other);
    expect(placed.get('other')).toMatchObject({ shiftMs: shift, span: { start: other.start + shift } });
    expect(placed.get('root')?.shiftMs).toBe(0);
  });

  test('what is within a segment moves with it, and so does what that calls', () => {
    const inner = span('inner', 45, 115, { parentId: 'other' });
    const further = segment('further', 'inner', 50, 110);
    const placed = placedIn(root(0, 1_000), call, segment('other', 'call', 40, 120), inner, further);
    expect(placed.get('inner')?.shiftMs).toBe(70);
    // Its own clock said what cannot be, once its caller was moved.
    expect(placed.get('further')?.span.start).toBeGreaterThanOrEqual(placed.get('inner')?.span.start ?? 0);
  });

  test('a call that failed may have been given up: its callee stays', () => {
    const failed = { ...call, fault: true };
    expect(placedIn(root(0, 1_000), failed, segment('other', 'call', 150, 230)).get('other')).toMatchObject({
      shiftMs: 0,
      outlivesCaller: true,
    });
  });

  test('self times are of the times that are shown', () => {
    const placed = placedIn(root(0, 1_000), call, segment('other', 'call', 0, 80));
    expect([...placed].map(([id, { selfMs }]) => [id, selfMs])).toEqual([
      ['root', 900],
      ['call', 20],
      ['other', 80],
    ]);
  });
});

describe('what is missing', () => {
  test('callers that are not there, and segments that were to come', () => {
    const placed = placedIn(
      segment('orphan', 'elsewhere', 0, 10),
      span('call', 0, 5, { parentId: 'orphan', expectsSegment: true }),
    );
    expect(placed.get('orphan')).toMatchObject({ depth: 0, missingCaller: 'elsewhere', lacksSegment: false });
    expect(placed.get('call')).toMatchObject({ depth: 1, missingCaller: undefined, lacksSegment: true });
    expect(
      placedIn(root(0, 9), part('call', 0, 5, { expectsSegment: true }), segment('there', 'call', 1, 4)).get('call')
        ?.lacksSegment,
    ).toBe(false);
  });

  test('a part that came twice counts once: the complete one', () => {
    const open = part('a', 10, 10, { inProgress: true });
    const { placed, duplicates } = waterfallOf(traceOf(root(0, 100), open, part('a', 10, 60), part('a', 10, 50)));
    expect(duplicates).toBe(2);
    expect(placed.map(({ span: each, selfMs }) => [each.id, each.end, selfMs])).toEqual([
      ['root', 100, 50],
      ['a', 60, 50],
    ]);
  });

  test('parents in a circle make a tree that begins with the earliest', () => {
    const circle = [
      span('b', 5, 20, { parentId: 'a' }),
      span('a', 0, 30, { parentId: 'b' }),
      span('n', 1, 2, { parentId: 'n' }),
    ];
    expect(waterfallOf(traceOf(...circle)).placed.map(({ span: each, depth }) => [each.id, depth])).toEqual([
      ['n', 0],
      ['a', 0],
      ['b', 1],
    ]);
  });

  test('nothing at all is no crash', () => {
    expect(waterfallOf(traceOf())).toMatchObject({ placed: [], duplicates: 0 });
  });
});

test('whatever the parts say, each is placed once, and the critical path is as long as what it is of', () => {
  const ids = constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const spans = array(
    record({
      id: ids,
      parentId: ids,
      start: integer({ min: 0, max: 50 }),
      ms: integer({ min: 0, max: 50 }),
      segment: boolean(),
      inProgress: boolean(),
      fault: boolean(),
    }),
    { maxLength: 12 },
  );
  assert(
    property(spans, (written) => {
      const made = written.map(({ id, start, ms, ...more }) => span(id, start, start + ms, more));
      const { placed, duplicates } = waterfallOf(traceOf(...made));
      expect(placed.length + duplicates).toBe(made.length);
      expect(new Set(placed.map(({ span: each }) => each.id)).size).toBe(placed.length);
      const critical = placed.flatMap((each) => each.critical ?? []);
      const total = critical.reduce((sum, { start, end }) => sum + end - start, 0);
      const entry = placed.find((each) => each.critical !== undefined);
      const wanted = entry === undefined || entry.depth > 0 ? 0 : entry.span.end - entry.span.start;
      expect(Math.abs(total - wanted)).toBeLessThan(1e-6);
      for (const { selfMs } of placed) expect(selfMs ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('5,000 parts within each other, and 10,000 beside each other, are read without hurry', () => {
  const deep = Array.from({ length: 5_000 }, (_, index) =>
    span(`s${index}`, index, 10_000 - index, index === 0 ? { segment: true } : { parentId: `s${index - 1}` }),
  );
  const found = waterfallOf(traceOf(...deep)).placed;
  expect(found.at(-1)).toMatchObject({ depth: 4_999 });
  const wide = Array.from({ length: 10_000 }, (_, index) => part(`w${index}`, index, index + 1));
  expect(waterfallOf(traceOf(root(0, 10_000), ...wide)).placed.every(({ critical }) => critical !== undefined)).toBe(
    true,
  );
});

test.each<[string, readonly string[], readonly [string, string][], readonly string[], Record<string, number>]>([
  [
    'a chain',
    ['a', 'b', 'c'],
    [
      ['a', 'b'],
      ['b', 'c'],
    ],
    ['a'],
    { a: 0, b: 1, c: 2 },
  ],
  [
    'the shortest way counts',
    ['a', 'b', 'c'],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'c'],
    ],
    ['a'],
    { a: 0, b: 1, c: 1 },
  ],
  [
    'a circle without an entry',
    ['a', 'b'],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [],
    { a: 0, b: 1 },
  ],
  ['what calls itself is an entry', ['a'], [['a', 'a']], [], { a: 0 }],
  ['what nobody calls is one too', ['a', 'b', 'c'], [['b', 'c']], ['a'], { a: 0, b: 0, c: 1 }],
  ['nothing', [], [], [], {}],
])('layers of a graph: %s', (_what, nodes, arrows, entries, expected) => {
  const layers = graphLayers(
    nodes,
    arrows.map(([from, to]) => ({ from, to })),
    entries,
  );
  expect(Object.fromEntries(layers)).toEqual(expected);
});
