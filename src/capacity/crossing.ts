/** When a trend reaches a value, and how early and how late that may be. Pure. */
import { dayMs } from './days.ts';
import { scaled, type Trend } from './trend.ts';

/**
 * `reached`: it is there already. `approaching`: it grows, and reaches it within two years. `beyond`: it grows, too slowly for
 * that. `steady`: whether it grows or shrinks cannot be told from how it scatters. `shrinking`: it moves away.
 */
export type Outlook = 'reached' | 'approaching' | 'beyond' | 'steady' | 'shrinking';

/** Epoch milliseconds. */
export interface Crossing {
  readonly outlook: Outlook;
  /** Where the line reaches it. Only of what approaches. */
  readonly at?: number;
  /** Where a day may reach it at the earliest; absent where that is not within two years. */
  readonly earliest?: number;
  /** Where even a low day has reached it; absent where that is not within two years, if ever. */
  readonly latest?: number;
}

/** Longer than any plan of this kind holds. */
export const furthestDays = 730;

/** `isReached`: by what was measured, which counts more than the line. */
export function crossingOf(
  trend: Trend,
  value: number,
  { nowMs, isReached }: { readonly nowMs: number; readonly isReached: boolean },
): Crossing {
  if (isReached) return { outlook: 'reached' };
  const { growth, pivot, level, slope } = trend;
  const now = nowMs / dayMs;
  const target = scaled(growth, value);
  /** From now on; a line that is above it already reaches it now. */
  const reaching = (from: number, by: number): number | undefined => {
    if (from + by * (now - pivot) >= target) return nowMs;
    const day = by > 0 ? pivot + (target - from) / by : Number.POSITIVE_INFINITY;
    return day - now > furthestDays ? undefined : Math.round(day * dayMs);
  };
  if (slope.high < 0) return { outlook: 'shrinking' };
  const earliest = reaching(level.high, slope.high);
  if (slope.low <= 0) return { outlook: 'steady', ...(earliest === undefined ? {} : { earliest }) };
  const [at, latest] = [reaching(level.central, slope.central), reaching(level.low, slope.low)];
  const ends = { ...(earliest === undefined ? {} : { earliest }), ...(latest === undefined ? {} : { latest }) };
  return at === undefined ? { outlook: 'beyond', ...ends } : { outlook: 'approaching', at, ...ends };
}
