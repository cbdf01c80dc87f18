/**
 * The service's objectives over thirty days, each with its own budget: availability, 5xx, and two of latency. The first two
 * count the same failures against different budgets, so that 5xx can be well while availability is not, never the other way.
 * An objective of latency has no share of its own in the metrics' targets (p95 below 1 s says nothing about how often that
 * may be missed), so that it is a threshold of its own: the share of periods in which the percentile met its target.
 */
import type { ApiLatency, ApiOutcomes } from '../../cloud/facts.ts';
import type { Series } from '../../cloud/series.ts';
import type { Known } from '../../diagnosis/known.ts';
import { budgetOf, type Budget } from '../../slo/budget.ts';
import { burnOf, burnPairs, type Burn } from '../../slo/burn.ts';
import { forecastOf, type Forecast } from '../../slo/forecast.ts';
import { sumOver, tallyPeriods, tallyRequests, type Sum, type Tallies } from '../../slo/tally.ts';
import type { CheckSeverity } from '../check.ts';
import { dayMs, type CheckSettings } from '../kit.ts';
import type { Limit } from '../limits.ts';
import { objectiveMs } from './observations.ts';

export type ObjectiveId = 'slo-availability' | 'slo-server-errors' | 'slo-latency-p95' | 'slo-latency-p99';

/** What an objective is, whatever was measured. */
export interface ObjectiveKind {
  readonly id: ObjectiveId;
  readonly title: string;
  readonly severity: CheckSeverity;
  readonly counts: 'requests' | 'periods';
  /** What it is called within a sentence. */
  readonly name: string;
  readonly nextStep: string;
}

export interface Objective extends ObjectiveKind {
  /** The target of the share of good events, or of bad ones, as it is judged. */
  readonly limit: Limit;
  /** The share of bad events that it allows. */
  readonly allowed: number;
  /** What a period of latency has to stay below; absent where requests are counted. */
  readonly boundMs?: number;
}

/** An objective as it stands. */
export interface ObjectiveState extends Objective {
  readonly month: Sum;
  /** Undefined where nothing was measured. */
  readonly budget: Budget | undefined;
  readonly burns: readonly Burn[];
  readonly forecast: Forecast | undefined;
  /** The share of bad events day by day, oldest first; days without any are left out. */
  readonly days: readonly number[];
  readonly source: Series['source'];
}

export interface SloSeen {
  readonly outcomesOfMonth: Known<ApiOutcomes>;
  readonly outcomesOfDays: Known<ApiOutcomes>;
  readonly latencyOfMonth: Known<ApiLatency>;
  readonly latencyOfDays: Known<ApiLatency>;
}

export interface SloRules {
  /** So many bad events have to be in a burn's long window, or it breaches nothing. */
  readonly fewestEvents: number;
}

const percent = 100;

/** Of per cent. 100 - 99.95 is not 0.05 to the last bit: rounded, so that what is at a burn's threshold is at it. */
function shareOf(percentage: number): number {
  return Number((percentage / percent).toPrecision(10));
}

/** The targets come from the metrics' own thresholds: one place says what is aimed for. */
export function objectivesOf(limits: CheckSettings['limits']): readonly Objective[] {
  const availability = limits['api-availability'];
  const errors = limits['api-server-errors'];
  const latency = (which: 'p95' | 'p99'): Objective => {
    const share = limits[`slo-latency-${which}`];
    return {
      id: `slo-latency-${which}`,
      title: `Latency ${which}`,
      severity: 'warning',
      counts: 'periods',
      name: `latency ${which}`,
      nextStep: 'nanoops diagnose latency',
      limit: share,
      allowed: shareOf(percent - (share.target ?? percent)),
      boundMs: limits[`api-latency-${which}`].target ?? Infinity,
    };
  };
  return [
    {
      id: 'slo-availability',
      title: 'Availability',
      severity: 'critical',
      counts: 'requests',
      name: 'availability',
      nextStep: 'nanoops logs errors',
      limit: availability,
      allowed: shareOf(percent - (availability.target ?? percent)),
    },
    {
      id: 'slo-server-errors',
      title: 'Error rate (5xx)',
      severity: 'warning',
      counts: 'requests',
      name: '5xx',
      nextStep: 'nanoops logs errors',
      limit: errors,
      allowed: shareOf(errors.target ?? 0),
    },
    latency('p95'),
    latency('p99'),
  ];
}

/** The half that could not be seen, where one could not: without either an objective cannot be judged. */
export function unseenOfObjective(
  { counts }: Objective,
  seen: SloSeen,
): Extract<Known<unknown>, { known: false }> | undefined {
  const halves =
    counts === 'requests' ? [seen.outcomesOfMonth, seen.outcomesOfDays] : [seen.latencyOfMonth, seen.latencyOfDays];
  for (const half of halves) if (!half.known) return half;
  return undefined;
}

/** Undefined where it could not be seen: `unseenOfObjective` says why. */
export function stateOf(
  objective: Objective,
  seen: SloSeen,
  until: number,
  rules: SloRules,
): ObjectiveState | undefined {
  const found = talliesOf(objective, seen);
  if (found === undefined) return undefined;
  const { month, recent, source } = found;
  const { allowed } = objective;
  const window = { from: until - objectiveMs, to: until };
  const sum = sumOver(month, window);
  const days = Array.from({ length: objectiveMs / dayMs }, (_, index) => {
    const from = window.from + index * dayMs;
    return sumOver(month, { from, to: from + dayMs });
  });
  return {
    ...objective,
    month: sum,
    budget: budgetOf(sum, allowed, objectiveMs),
    burns: burnPairs.map((pair) => burnOf(recent, allowed, until, pair, rules.fewestEvents)),
    forecast: forecastOf({ month, recent, allowed, until, windowMs: objectiveMs, fewest: rules.fewestEvents }),
    days: days.flatMap(({ all, bad }) => (all > 0 ? [bad / all] : [])),
    source,
  };
}

function talliesOf(
  { id, counts, boundMs = Infinity }: Objective,
  { outcomesOfMonth, outcomesOfDays, latencyOfMonth, latencyOfDays }: SloSeen,
): { readonly month: Tallies; readonly recent: Tallies; readonly source: Series['source'] } | undefined {
  if (counts === 'requests') {
    if (!outcomesOfMonth.known || !outcomesOfDays.known) return undefined;
    const source = outcomesOfMonth.value.requests.source;
    return { month: requestsOf(outcomesOfMonth.value), recent: requestsOf(outcomesOfDays.value), source };
  }
  if (!latencyOfMonth.known || !latencyOfDays.known) return undefined;
  const of = (latency: ApiLatency): Series => (id === 'slo-latency-p95' ? latency.p95 : latency.p99);
  const seconds = boundMs / 1000;
  return {
    month: tallyPeriods(of(latencyOfMonth.value), seconds),
    recent: tallyPeriods(of(latencyOfDays.value), seconds),
    source: of(latencyOfMonth.value).source,
  };
}

function requestsOf(found: ApiOutcomes): Tallies {
  const errors = [found.targetServerErrors, found.balancerServerErrors];
  return tallyRequests(found.requests, found.balancerUnavailable, errors);
}
