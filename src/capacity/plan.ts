/** The plan: up to how many daily users which infrastructure is meant to do, and where on it the users are. Pure. */
import type { Point } from '../cloud/series.ts';
import { crossingOf, type Crossing } from './crossing.ts';
import { dayMs, daysOf, greatest, type Day } from './days.ts';
import { tooFew, type Span } from './resource.ts';
import { trendOf, type Trend } from './trend.ts';

export interface Tier {
  /** Daily active users that it is meant for. */
  readonly users: number;
  /** At least and at most so many tasks. */
  readonly tasks?: readonly [number, number];
  readonly database?: string;
  readonly note?: string;
}

export interface TierOutlook extends Tier {
  /** Absent where it cannot be told. */
  readonly crossing?: Crossing;
}

export interface UsersOutlook {
  /** The newest value. Absent where nothing was reported of late. */
  readonly now?: Point;
  readonly days: readonly Day[];
  readonly trend?: Trend;
  /** In the order of the plan. */
  readonly tiers: readonly TierOutlook[];
  /** Why growth cannot be told. */
  readonly gap?: string;
}

/** What was written longer ago is no answer to how many there are. */
const newestMs = 2 * dayMs;

export function usersOutlook(users: readonly Point[], span: Span, tiers: readonly Tier[]): UsersOutlook {
  const days = daysOf(users, span, greatest);
  const now = users.findLast(({ at, value }) => at < span.to && at >= span.to - newestMs && Number.isFinite(value));
  const trend = trendOf(days);
  if (now === undefined) return { days, tiers, gap: 'no daily active users were reported within the last 2 days' };
  const isPassed = ({ users: most }: Tier): boolean => now.value >= most;
  return {
    now,
    days,
    ...(trend === undefined ? { gap: tooFew(days.length) } : { trend }),
    tiers: tiers.map((tier): TierOutlook => {
      if (isPassed(tier)) return { ...tier, crossing: { outlook: 'reached' } };
      if (trend === undefined) return tier;
      return { ...tier, crossing: crossingOf(trend, tier.users, { nowMs: span.to, isReached: false }) };
    }),
  };
}

/** The tier that carries so many users; undefined where the plan ends below them. */
export function carrying<T extends Tier>(tiers: readonly T[], users: number): T | undefined {
  return tiers.find((tier) => users < tier.users);
}

/** What comes after a tier; undefined after the last. */
export function after<T extends Tier>(tiers: readonly T[], tier: T): T | undefined {
  return tiers[tiers.indexOf(tier) + 1];
}

/** `5–8 tasks, db.r6g.large, memory-optimised` */
export function infrastructure({ tasks, database, note }: Tier): string {
  const [least, most] = tasks ?? [];
  const count = least === undefined ? [] : [least === most ? `${least} tasks` : `${least}–${most} tasks`];
  return [...count, ...(database === undefined ? [] : [database]), ...(note === undefined ? [] : [note])].join(', ');
}
