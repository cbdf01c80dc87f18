/** What capacity comes to, in words. Dates are days of UTC. */
import type { Crossing } from '../../capacity/crossing.ts';
import { dayMs } from '../../capacity/days.ts';
import { after, carrying, infrastructure, type TierOutlook, type UsersOutlook } from '../../capacity/plan.ts';
import type { Span, Use } from '../../capacity/resource.ts';
import { weeklyGrowth, type Trend } from '../../capacity/trend.ts';
import type { CheckStatus } from '../check.ts';
import { listed } from '../judged.ts';
import { amount } from '../limits.ts';
import { statusOfResource, statusOfUsers, type Capacity, type Resource } from './capacity-picture.ts';

/** `12,400` */
function usersText(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

function dayText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** `in 9 days`, `in 7 weeks`, `in 14 months`: from one moment to a later one. */
function aheadText(fromMs: number, toMs: number): string {
  const days = Math.round((toMs - fromMs) / dayMs);
  if (days <= 0) return 'any day now';
  if (days < 14) return days === 1 ? 'in 1 day' : `in ${days} days`;
  return days < 120 ? `in ${Math.round(days / 7)} weeks` : `in ${Math.round(days / 30.4)} months`;
}

/** `around 2027-01-14, in 7 weeks (2026-12-30 to 2027-02-02)` */
function approachText({ at = 0, earliest, latest }: Crossing, { to }: Span): string {
  const from = earliest === undefined ? '' : dayText(earliest);
  const until = latest === undefined ? 'more than two years' : dayText(latest);
  return `around ${dayText(at)}, ${aheadText(to, at)} (${from} to ${until})`;
}

function earliestText({ earliest }: Crossing, what: string, { to }: Span): string {
  if (earliest === undefined) return '';
  return `; a high day may reach ${what} ${earliest <= to ? 'already' : `from ${dayText(earliest)} on`}`;
}

/** `+2.1 % a week` of users, `+1.4 points a week` of a share. */
function growthText(trend: Trend, span: Span, of?: number): string {
  const { central } = weeklyGrowth(trend, span.to / dayMs);
  const sign = central < 0 ? '−' : '+';
  const size = Math.abs(of === undefined ? central : (central / of) * 100);
  const unit = `${of === undefined ? 'points' : '%'} a week`;
  return size < 0.01 ? `less than 0.01 ${unit}` : `${sign}${Number(size.toFixed(size < 1 ? 2 : 1))} ${unit}`;
}

/** One line on a resource of which something is known. */
export function useText(use: Use, span: Span, threshold: number): string {
  const { level, hoursAbove, trend, crossing, gap } = use;
  const at = amount(threshold, 'percent');
  const now = level === undefined ? [] : [amount(level, 'percent')];
  if (crossing === undefined || level === undefined) return [...now, gap ?? 'nothing can be told'].join('; ');
  if (crossing.outlook === 'reached') {
    const share = amount(Math.round((hoursAbove ?? 0) * 100), 'percent');
    return `${now[0]} sustained, above ${at}: at or above it in ${share} of the last week’s hours`;
  }
  const growth = trend === undefined ? '' : `, ${growthText(trend, span)}`;
  switch (crossing.outlook) {
    case 'approaching':
      return `${now[0]}${growth}: ${at} ${approachText(crossing, span)}`;
    case 'beyond':
      return `${now[0]}${growth}: ${at} not within two years at this growth${earliestText(crossing, at, span)}`;
    case 'steady':
      return `${now[0]}, steady${earliestText(crossing, at, span)}`;
    case 'shrinking':
      return `${now[0]}, shrinking${growth}`;
  }
}

/** One line on a tier of the plan. */
export function tierText({ crossing, users }: TierOutlook, span: Span): string {
  if (crossing === undefined) return 'cannot be told';
  switch (crossing.outlook) {
    case 'reached':
      return 'reached';
    case 'approaching':
      return approachText(crossing, span);
    case 'beyond':
      return `not within two years at this growth${earliestText(crossing, usersText(users), span)}`;
    case 'steady':
      return `not at this growth: the users are steady${earliestText(crossing, usersText(users), span)}`;
    case 'shrinking':
      return 'not at this growth: the users become fewer';
  }
}

/** Where the users are on the plan, and what comes next. */
export function planText({ now, tiers, trend, gap }: UsersOutlook, span: Span): string {
  if (now === undefined) return gap ?? 'the users are not known';
  const count = `${usersText(now.value)} daily users`;
  const tier = carrying(tiers, now.value);
  if (tier === undefined) return `${count}: beyond the plan, which ends at ${usersText(tiers.at(-1)?.users ?? 0)}`;
  if (tier.crossing === undefined || trend === undefined) {
    return `${count}, within the tier of ${usersText(tier.users)}; ${gap ?? 'growth cannot be told'}`;
  }
  const growth = tier.crossing.outlook === 'steady' ? '' : ` (${growthText(trend, span, now.value)})`;
  const next = after(tiers, tier);
  const wanted = next === undefined ? 'the plan ends there' : infrastructure(next);
  const then = tier.crossing.outlook === 'approaching' && wanted !== '' ? `, then ${wanted}` : '';
  return `${count}${growth}; ${usersText(tier.users)} ${tierText(tier, span)}${then}`;
}

/** `9,505 daily users, within the tier of 10,000` */
function placeText({ now, tiers }: UsersOutlook): string {
  if (now === undefined) return 'The users are not known';
  const tier = carrying(tiers, now.value);
  const within = tier === undefined ? 'beyond the plan' : `within the tier of ${usersText(tier.users)}`;
  return `${usersText(now.value)} daily users, ${within}`;
}

/** The answer in one line: what is reached first, or that nothing is. */
export function forecastSummary(capacity: Capacity, horizonMs: number): string {
  const { users, resources, span, threshold } = capacity;
  const at = amount(threshold, 'percent');
  const within = `within ${Math.round(horizonMs / dayMs)} days`;
  const titled = (status: CheckStatus) =>
    resources.filter((resource) => statusOfResource(resource, capacity, horizonMs) === status);
  const words = ({ title, outlined }: Resource): string =>
    outlined.state === 'told' ? `${title}: ${useText(outlined.use, span, threshold)}` : title;
  const found = [
    ...titled('breach').map(words),
    ...titled('warning')
      .toSorted((a, b) => dateOf(a) - dateOf(b))
      .map(words),
  ];
  const planned = statusOfUsers(capacity, horizonMs);
  const plan = users.state === 'told' ? [capitalised(planText(users.outlook, span))] : [];
  // Where all is well the plan is told beside the users.
  const place = users.state === 'told' ? [placeText(users.outlook)] : [];
  const unknown = titled('unknown').map(({ title }) => title);
  const blind = planned === 'unknown' ? ['daily active users', ...unknown] : unknown;
  const isCalm = found.length === 0 && blind.length === 0 && titled('ok').length > 0;
  const calm = isCalm ? [`No resource reaches ${at} ${within}`] : [];
  const gaps = blind.length === 0 ? [] : [`Cannot be told: ${listed(blind, 4)}`];
  const all = [...found, ...(planned === 'warning' ? plan : []), ...calm, ...gaps, ...(planned === 'ok' ? place : [])];
  return all.length === 0 ? 'Nothing to forecast: nothing that could run short is configured' : all.join('. ');
}

function dateOf({ outlined }: Resource): number {
  return (outlined.state === 'told' ? outlined.use.crossing?.at : undefined) ?? Number.POSITIVE_INFINITY;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
