/**
 * Daily active users that decline: the mean of the last seven days against that of the seven before, so that each weekday
 * meets its like. A day counts as its greatest value: that is the day's number where it is written once, and where a
 * counter begins anew every midnight. At least five days of either week have to be there.
 */
import type { Series, Window } from '../../cloud/series.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { check, type CheckTold } from '../check.ts';
import { dayMs } from '../kit.ts';
import { amount, type Limit } from '../limits.ts';
import type { Judged } from '../judged.ts';
import { judged, noData, seriesEvidence, whenKnown } from '../measures.ts';
import { metricsIn } from '../metrics/api.ts';
import { seen } from '../observations.ts';

const daysOfWeek = 7;
const fewestDays = 5;

export const dailyActiveUsersAlert = check('alert-daily-active-users', {
  title: 'Daily active users',
  area: 'business',
  severity: 'warning',
  window: '14d',
  needs: { business: seen.business },
  judge: ({ business }, told, limit) =>
    whenKnown(business, limit, metricsIn(told), ({ dailyActiveUsers }) => judgeDecline(dailyActiveUsers, told, limit)),
});

function judgeDecline(series: Series, { until }: CheckTold, limit: Limit): Judged {
  const greatest = (window: Window): readonly number[] => {
    const values = pointsIn(series, window).map(({ value }) => value);
    return values.length === 0 ? [] : [Math.max(...values)];
  };
  /** The week that ended so many days ago, oldest first. */
  const week = (endedDaysAgo: number): readonly number[] =>
    Array.from({ length: daysOfWeek }, (_, index) => {
      const to = until - (endedDaysAgo + daysOfWeek - 1 - index) * dayMs;
      return { from: to - dayMs, to };
    }).flatMap(greatest);
  const [before, last] = [week(daysOfWeek), week(0)];
  if (before.length < fewestDays || last.length < fewestDays) {
    const text = `too few days to compare: ${last.length} of the last week and ${before.length} of the week before were reported, of ${daysOfWeek} each; ${fewestDays} are needed`;
    return noData(limit, text, series);
  }
  const [was, is] = [mean(before), mean(last)];
  if (was <= 0) return noData(limit, 'nobody was active in the week before: there is nothing to decline from', series);
  const decline = (1 - is / was) * 100;
  const change = decline > 0 ? `${amount(decline, 'percent')} fewer than` : `${amount(-decline, 'percent')} more than`;
  const text = `${amount(is, 'count')} users a day on average over 7d, ${change} the ${amount(was, 'count')} of the 7 days before`;
  return judged(
    limit,
    { value: decline, window: { from: until - 2 * daysOfWeek * dayMs, to: until } },
    text,
    [seriesEvidence(series, `${[...before, ...last].map((value) => amount(value, 'count')).join(' ')}, day by day`)],
    'find out who stays away, and since when: what was released or broken then?',
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
