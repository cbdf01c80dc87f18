import { describe, expect, it } from 'vitest';

import { noPoints, packedPoints } from '../../src/aws/packed-points.ts';

describe('packed points', () => {
  it('come in order of time, whatever order they came in', () => {
    expect(packedPoints([30, 10, 20], [3, 1, 2], noPoints).all()).toEqual([
      { at: 10, value: 1 },
      { at: 20, value: 2 },
      { at: 30, value: 3 },
    ]);
  });

  it('of the same times share them, of others do not', () => {
    const first = packedPoints([10, 20], [1, 2], noPoints);
    const same = packedPoints([20, 10], [6, 5], first);
    const other = packedPoints([10, 30], [7, 8], first);
    const longer = packedPoints([10, 20, 30], [7, 8, 9], first);
    expect(same.times).toBe(first.times);
    expect(same.all()).toEqual([
      { at: 10, value: 5 },
      { at: 20, value: 6 },
    ]);
    expect([...other.times, ...longer.times]).toEqual([10, 30, 10, 20, 30]);
    expect(first.all().map(({ value }) => value)).toEqual([1, 2]);
  });

  it('that are none are none', () => {
    expect(packedPoints([], [], packedPoints([1], [1], noPoints)).all()).toEqual([]);
  });
});
