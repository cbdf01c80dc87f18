/** How much slower a component got. */
import { expect, test } from 'vitest';
import { chooseBase } from '../../../src/diagnosis/root-cause/base.ts';
import type { Readings } from '../../../src/diagnosis/root-cause/input.ts';
import { latencyExcess } from '../../../src/diagnosis/root-cause/latency-excess.ts';
import { chanceOf, times } from './made-up.ts';

function readings(points: number, first: number, mean: (point: number) => number, requests = 100): Readings {
  const chance = chanceOf(first + points);
  const noisy = (value: number): number => value * (0.95 + 0.1 * chance());
  const means = Array.from({ length: points }, (_, point) => noisy(mean(point)));
  return {
    at: times(points, first),
    requests: means.map(() => requests),
    meanSeconds: means,
    percentiles: { p50: means.map(noisy), p99: means.map((value) => 3 * noisy(value)) },
  };
}

function excess(normal: Readings, incident: Readings): ReturnType<typeof latencyExcess> {
  const base = chooseBase(normal, incident);
  return base === undefined ? undefined : latencyExcess(normal, incident, base);
}

const normal = readings(288, 0, () => 0.1);
const hurt = (point: number): number => (point > 0 && point < 4 ? 0.2 : 0.1);

test('it is what the judged requests took longer, together', () => {
  const shown = excess(normal, readings(5, 288, hurt));
  expect(shown?.requests).toBe(300);
  expect(shown?.excess).toBeCloseTo(30, -0.7);
  expect(shown?.score).toBeGreaterThan(10);
});

test('against its own edges, where the normal period is old and of another level', () => {
  const shown = excess(
    readings(288, 0, () => 0.9),
    readings(5, 100_000, hurt),
  );
  expect(shown?.statistics[0]).toMatchObject({
    name: 'mean',
    before: expect.closeTo(0.1, 1),
    during: expect.closeTo(0.2, 1),
  });
  expect(shown?.score).toBeGreaterThan(10);
});

test('an old normal period of another level alone is no excess', () => {
  expect(
    excess(
      readings(288, 0, () => 0.1),
      readings(5, 100_000, () => 0.9),
    )?.score,
  ).toBeLessThan(3);
});

test('one statistic alone does not count: two have to agree', () => {
  const incident = readings(5, 288, () => 0.1);
  const wild = { ...incident, percentiles: { ...incident.percentiles, p99: [0.3, 9, 9, 9, 0.3] } };
  expect(excess(normal, wild)?.score).toBeLessThan(3);
});

test('fewer requests than in the normal period make it less sure', () => {
  const many = excess(normal, readings(5, 288, hurt))?.score ?? 0;
  const few = excess(normal, readings(5, 288, hurt, 4))?.score ?? 0;
  expect(few).toBeLessThan(many / 3);
});

test('what often jumps by itself is believed less', () => {
  const jumpy = readings(288, 0, (point) => (point % 12 < 3 ? 0.2 : 0.1));
  expect(excess(jumpy, readings(5, 288, hurt))?.score).toBeLessThan(3);
});

test('without the mean or the requests there is none', () => {
  const incident = readings(5, 288, hurt);
  expect(excess({ ...normal, meanSeconds: undefined }, incident)).toBeUndefined();
  expect(excess(normal, { ...incident, requests: undefined })).toBeUndefined();
});

test('microseconds more of next to nothing are no change', () => {
  const tiny = readings(288, 0, () => 0.00001);
  expect(
    excess(
      tiny,
      readings(5, 288, (point) => hurt(point) / 5000),
    )?.score,
  ).toBeLessThan(2);
});
