/** How the number of requests changed. */
import { expect, test } from 'vitest';
import { chooseBase } from '../../../src/diagnosis/root-cause/base.ts';
import {
  hasTrafficMoved,
  isCalledAnew,
  isGone,
  isSurging,
  isVanished,
  trafficShift,
  type TrafficShift,
} from '../../../src/diagnosis/root-cause/traffic.ts';
import { nothing, times } from './made-up.ts';

const day = Array.from({ length: 288 }, (_, point) => 100 + (point % 7));

function shift(incident: readonly number[], normal: readonly number[] = day, first = 288): TrafficShift {
  const before = { at: times(normal.length), requests: normal };
  const during = { at: times(incident.length, first), requests: incident };
  const base = chooseBase({ at: times(288) }, during);
  const found = base === undefined ? undefined : trafficShift(normal.length === 0 ? nothing : before, during, base);
  if (found === undefined) throw new Error('no shift');
  return found;
}

const steady = shift([101, 103, 102, 104, 100]);

test('a component vanished when its callers go on without it', () => {
  const gone = shift([103, 0, 0, 90, 104]);
  expect(isVanished(gone, [steady])).toBe(true);
  expect(gone.lost).toBeCloseTo(219, -1.5);
  expect(isVanished(gone, [shift([103, 1, 0, 2, 1])])).toBe(false);
  expect(isVanished(gone, [])).toBe(false);
});

test('one that is gone now and then on calm days did not vanish', () => {
  const coming = day.map((count, point) => (point % 9 === 0 ? 0 : count));
  const gone = shift([103, 0, 0, 90, 104], coming);
  expect(isGone(gone, [steady])).toBe(true);
  expect(isVanished(gone, [steady])).toBe(false);
});

test('a component is called anew when next to nobody called it before', () => {
  expect(isCalledAnew(shift([0, 20, 30, 25, 9], []), [steady])).toBe(true);
  expect(isCalledAnew(shift([0, 20, 30, 25, 9], day, 100_000), [steady])).toBe(true);
  expect(isCalledAnew(shift([101, 420, 430, 425, 99]), [steady])).toBe(false);
  expect(isCalledAnew(shift([0, 20, 30, 25, 9], []), [])).toBe(false);
});

test('a surge is a third more than calm windows show', () => {
  expect(isSurging(shift([101, 290, 300, 280, 110]))).toBe(true);
  expect(isSurging(steady)).toBe(false);
});

test('a short look tells what needs no longer one', () => {
  const base = { window: 5, edge: 1, isEdges: false, from: 0, to: 0 };
  const moved = (requests: readonly number[]): boolean =>
    hasTrafficMoved({ at: times(288), requests: day }, { at: times(5, 288), requests }, base);
  expect(moved([101, 103, 102, 104, 100])).toBe(false);
  expect(moved([101, 0, 102, 104, 100])).toBe(true);
  expect(moved([101, 400, 402, 404, 100])).toBe(true);
});
