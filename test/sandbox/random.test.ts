import { describe, expect, test } from 'vitest';
import { gaussian, hexNoise, noise, seeded } from '../../src/sandbox/random.ts';

const COUNT = 20_000;
const indices = Array.from({ length: COUNT }, (_, index) => index);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Correlation of neighbours, which is near 0 for what looks random. */
function neighbourCorrelation(values: readonly number[]): number {
  const middle = mean(values);
  const spread = mean(values.map((value) => (value - middle) ** 2));
  return mean(values.slice(1).map((value, index) => (value - middle) * ((values[index] ?? 0) - middle))) / spread;
}

describe('seeded', () => {
  test('the same seed gives the same sequence, another seed another', () => {
    const take = (seed: number) => {
      const random = seeded(seed);
      return Array.from({ length: 5 }, () => random());
    };
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });

  test('is spread evenly over [0, 1)', () => {
    const random = seeded(42);
    const values = indices.map(() => random());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 1);
    expect(values.filter((value) => value < 0.01).length / COUNT).toBeCloseTo(0.01, 2);
    expect(Math.abs(neighbourCorrelation(values))).toBeLessThan(0.03);
  });
});

describe('noise', () => {
  test('depends on seed and keys alone, not on what was asked before', () => {
    const first = noise(1, 'cpu', 60);
    noise(1, 'memory', 60);
    expect(noise(1, 'cpu', 60)).toBe(first);
  });

  test('tells every key from every other', () => {
    const values = [
      noise(1, 'a', 'bc'),
      noise(1, 'ab', 'c'),
      noise(1, 'abc'),
      noise(1, 1),
      noise(1, '1'),
      noise(1),
      noise(2, 'abc'),
      noise(1, 'a|s2:bc'),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  test('is spread evenly over [0, 1) for keys that are neighbours', () => {
    const values = indices.map((minute) => noise(7, 'AWS/ECS', 'CPUUtilization', minute * 60_000));
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 1);
    expect(Math.abs(neighbourCorrelation(values))).toBeLessThan(0.03);
    expect(new Set(values).size).toBe(COUNT);
  });
});

test('gaussian has mean 0 and deviation 1, and always a value', () => {
  const values = indices.map((index) => gaussian(3, 'lag', index));
  expect(values.every(Number.isFinite)).toBe(true);
  expect(mean(values)).toBeCloseTo(0, 1);
  expect(Math.sqrt(mean(values.map((value) => value ** 2)))).toBeCloseTo(1, 1);
});

test('hexNoise is eight hexadecimal digits', () => {
  expect(
    indices
      .slice(0, 200)
      .map((index) => hexNoise(1, index))
      .join(''),
  ).toMatch(/^[\da-f]{1600}$/u);
  expect(hexNoise(1, 'a')).toBe(hexNoise(1, 'a'));
  expect(hexNoise(1, 'a')).not.toBe(hexNoise(1, 'b'));
});
