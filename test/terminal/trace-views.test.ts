/** A trace and a map on screens of several widths, and with whatever anybody may write into them. */
import { array, assert, boolean, integer, option, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DependencyFigure, WaterfallFigure, WaterfallRow } from '../../src/report/figures.ts';
import { dependencyView } from '../../src/terminal/dependency-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { waterfallView } from '../../src/terminal/waterfall-view.ts';
import { nasty } from './nasty.ts';

const row = (depth: number, label: string, startMs: number, endMs: number, more: Partial<WaterfallRow> = {}) => ({
  depth,
  label,
  startMs,
  endMs,
  tookMs: endMs - startMs,
  selfMs: endMs - startMs,
  critical: [],
  isCritical: false,
  isFault: false,
  ...more,
});
const onPath = (...parts: readonly [number, number][]) => ({
  isCritical: true,
  critical: parts.map(([startMs, endMs]) => ({ startMs, endMs })),
});

const waterfall: WaterfallFigure = {
  totalMs: 1_000,
  omitted: 3,
  rows: [
    row(0, 'nano-api GET /api/v1/nanos 500', 0, 1_000, {
      selfMs: 120,
      isFault: true,
      ...onPath([0, 50], [940, 1_000]),
    }),
    row(1, 'nano-cache', 0, 2, onPath([50, 51])),
    row(1, 'nano-db SELECT id, title FROM nanos WHERE status = ? ORDER BY average_rating', 51, 600, onPath([51, 600])),
    row(1, 'payments POST /v1/charge 503', 300, 940, { isFault: true, ...onPath([600, 620], [900, 940]) }),
    row(2, '12 × payments-db SELECT 1', 620, 900, onPath([620, 900])),
    row(2, 'audit', 700, 1_000, { tookMs: undefined, selfMs: undefined }),
    row(1, 'metrics', 960, 961),
  ],
};

const edge = (from: string, to: string, requests: number, averageMs: number, faultRate: number) => ({
  from,
  to,
  requests,
  averageMs,
  p95Ms: averageMs * 3,
  faultRate,
  errorRate: 0.012,
});

const map: DependencyFigure = {
  nodes: [
    { id: 'c', label: 'clients of nano-api', type: 'client', layer: 0 },
    { id: 'a', label: 'nano-api', type: 'AWS::ECS::Container', layer: 1 },
    { id: 'p', label: 'payments', type: undefined, layer: 2 },
    { id: 'd', label: 'nano-db', type: 'Database::SQL', layer: 2 },
    { id: 'x', label: 'alone', type: 'remote', layer: 0 },
  ],
  edges: [
    edge('c', 'a', 12_250, 254, 0.004),
    edge('a', 'p', 800, 81.2, 0),
    edge('a', 'd', 36_000, 9.4, 0),
    edge('p', 'd', 790, 12, 0),
    edge('p', 'a', 3, 5, 0.25),
    {
      from: 'd',
      to: 'x',
      requests: 0,
      averageMs: undefined,
      p95Ms: undefined,
      faultRate: undefined,
      errorRate: undefined,
    },
  ],
};

describe.each([50, 80, 120])('on %i columns', (columns) => {
  test.each([
    ['waterfall', waterfallView(waterfall, { columns, color: false })],
    ['map', dependencyView(map, { columns, color: false })],
  ])('a %s fits', async (name, text) => {
    expect(text.split('\n').filter((line) => widthOf(line) > columns)).toEqual([]);
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/trace-${name}-${columns}.txt`);
  });
});

test('colour adds nothing that a mark does not say', async () => {
  const options = { columns: 80, color: true };
  const text = `${waterfallView(waterfall, options)}\n\n${dependencyView(map, options)}`;
  await expect(`${text}\n`).toMatchFileSnapshot('golden/trace-80-color.txt');
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  const bare = text.replaceAll(/\u001B\[\d+m/g, '');
  const plainOptions = { ...options, color: false };
  expect(bare).toBe(`${waterfallView(waterfall, plainOptions)}\n\n${dependencyView(map, plainOptions)}`);
});

test('a trace of one moment is drawn, too', () => {
  const text = waterfallView({ totalMs: 0, omitted: 0, rows: [row(0, 'x', 0, 0)] }, { columns: 80, color: false });
  expect(text).toContain('x');
  expect(text).not.toMatch(/NaN|Infinity/);
});

test('whatever stands in it, no line is longer than the screen, and nothing steers the terminal', () => {
  const ms = integer({ min: -1_000_000, max: 1_000_000_000 });
  const rows = array(
    record({
      depth: integer({ min: 0, max: 40 }),
      label: nasty,
      startMs: ms,
      endMs: ms,
      tookMs: option(ms, { nil: undefined }),
      selfMs: option(ms, { nil: undefined }),
      isCritical: boolean(),
      isFault: boolean(),
    }),
    { maxLength: 8 },
  );
  assert(
    property(rows, integer({ min: 40, max: 140 }), (written, columns) => {
      const figure = { totalMs: 1_000, omitted: 0, rows: written.map((each) => ({ ...each, critical: [] })) };
      const nodes = written.map(({ label }, index) => ({ id: String(index), label, type: label, layer: index }));
      const edges = nodes.slice(1).map(({ id }) => edge('0', id, 1, 1, 0));
      const text = `${waterfallView(figure, { columns, color: false })}\n${dependencyView({ nodes, edges }, { columns, color: false })}`;
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
      expect(text.split('\n').filter((line) => widthOf(line) > columns)).toEqual([]);
    }),
  );
});
