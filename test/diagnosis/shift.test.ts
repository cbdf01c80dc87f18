/** How a series changed from a normal period to an incident. */
import { describe, expect, test } from 'vitest';
import { pointsIn, ratioSeries, shiftOf } from '../../src/diagnosis/shift.ts';
import { minutesAgo, seriesOf, times, wave } from './series.ts';

const before = { from: minutesAgo(60), to: minutesAgo(20) };
const during = { from: minutesAgo(20), to: minutesAgo(0) };

test('a jump is told by its medians, its ratio and how unusual it is', () => {
  const shift = shiftOf(seriesOf([...wave(40, 40), ...times(20, 97)], '%'), before, during);
  expect(shift?.before).toBeCloseTo(40, 0);
  expect(shift).toMatchObject({ during: 97 });
  expect(shift?.ratio).toBeGreaterThan(2.3);
  expect(shift?.score).toBeGreaterThan(20);
});

test('what stays within its own noise scores low', () => {
  const shift = shiftOf(seriesOf([...wave(40, 100, 0.3), ...wave(20, 110, 0.3)]), before, during);
  expect(Math.abs(shift?.score ?? Infinity)).toBeLessThan(2);
});

test('a series that never moves does not shout at a hair', () => {
  const shift = shiftOf(seriesOf([...times(40, 100), ...times(20, 101)]), before, during);
  expect(shift?.score).toBeLessThan(1);
});

test('one wild minute in either period changes nothing', () => {
  const values = [...wave(40, 40), ...wave(20, 40)];
  values[10] = 4_000;
  values[50] = 4_000;
  expect(shiftOf(seriesOf(values), before, during)?.ratio).toBeCloseTo(1, 1);
});

test('an incident is judged by its latest minutes', () => {
  expect(shiftOf(seriesOf([...times(40, 10), ...times(10, 10), ...times(10, 90)]), before, during)?.during).toBe(90);
});

describe('what was not measured did not change', () => {
  test.each([
    ['nothing at all', []],
    ['nothing before', times(20, 5)],
    ['nothing during', [...times(40, 5), ...times(20, undefined)]],
    ['two points before', [5, 5, ...times(38, undefined), ...times(20, 5)]],
  ])('%s', (_what, values) => {
    expect(shiftOf(seriesOf(values), before, during)).toBeUndefined();
  });

  test('values that are no numbers do not count', () => {
    const series = seriesOf([...times(40, Number.NaN), ...times(20, 5)]);
    expect(pointsIn(series, before)).toEqual([]);
    expect(shiftOf(series, before, during)).toBeUndefined();
  });
});

test('from nothing to something is infinitely more; from nothing to nothing is no change', () => {
  expect(shiftOf(seriesOf([...times(40, 0), ...times(20, 3)]), before, during)?.ratio).toBe(Infinity);
  expect(shiftOf(seriesOf(times(60, 0)), before, during)).toMatchObject({ ratio: 1, score: 0 });
});

test('a window holds its first minute and not the one after its last', () => {
  const series = seriesOf(times(60, 1));
  const points = pointsIn(series, { from: minutesAgo(10), to: minutesAgo(5) });
  expect(points.map((point) => point.at)).toEqual([10, 9, 8, 7, 6].map(minutesAgo));
});

describe('ratios of sums', () => {
  test('divide minute by minute, over all series together', () => {
    const ratio = ratioSeries('hit rate', [seriesOf([90, 50])], [seriesOf([90, 50]), seriesOf([10, 50])]);
    expect(ratio?.points.map((point) => point.value)).toEqual([0.9, 0.5]);
    expect(ratio?.unit).toBe('ratio');
  });

  test('a missing count of errors is a zero; a minute without requests is no minute', () => {
    const ratio = ratioSeries('5xx', [seriesOf([undefined, 5, 5])], [seriesOf([100, 50, 0])]);
    expect(ratio?.points.map((point) => point.value)).toEqual([0, 0.1]);
    expect(ratio?.points[0]?.at).toBe(minutesAgo(3));
  });

  test('of nothing is nothing', () => {
    expect(ratioSeries('none', [seriesOf([1])], [])).toBeUndefined();
  });

  test('15 days by the minute take no time worth waiting for', () => {
    const long = seriesOf(times(15 * 1_440, 2));
    expect(ratioSeries('long', [long, long], [long, long])?.points).toHaveLength(15 * 1_440);
  });
});
