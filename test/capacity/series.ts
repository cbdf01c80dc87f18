/** Daily series with a growth that is known. Noise is a function of the seed and the day. */
import type { Day } from '../../src/capacity/days.ts';
import { gaussian } from '../../src/sandbox/random.ts';

/** A Monday. */
export const firstDay = 20_660;

/** `count` days of `value`, of a day's index. */
export function daysWith(count: number, value: (index: number) => number): readonly Day[] {
  return Array.from({ length: count }, (_, index) => ({ day: firstDay + index, value: value(index) }));
}

/** What users do: fewer on Saturdays and Sundays. */
export const weekend = (index: number): number =>
  (firstDay + index) % 7 === 2 || (firstDay + index) % 7 === 3 ? -60 : 0;

/** Normal noise; neighbours resemble each other by `correlation`. */
export function noiseOf(seed: number, spread: number, correlation = 0): (index: number) => number {
  const values: number[] = [];
  return (index) => {
    for (let next = values.length; next <= index; next += 1) {
      const own = gaussian(seed, 'noise', next) * spread;
      const before = values[next - 1];
      values.push(before === undefined ? own : correlation * before + Math.sqrt(1 - correlation ** 2) * own);
    }
    return values[index] ?? 0;
  };
}
