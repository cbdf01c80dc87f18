/**
 * The burn of the error budget, as alarms: for each pair of windows one alarm for the long and one for the short, and a
 * composite alarm of both. Objectives that count requests count the same failures, so that the tightest budget among them
 * burns too fast whenever any does. Pure.
 */
import { objectivesOf, type Objective } from '../checks/slo/objectives.ts';
import type { LoadBalancerRef } from '../cloud/stack.ts';
import { burnPairs, type BurnPair } from '../slo/burn.ts';
import { amount } from '../cloud/quantity.ts';
import { evaluation, exact, watchedMetrics, type MonitoringSettings } from './kit.ts';
import { failedShare } from './ratios.ts';
import type { RuleSpec } from './rules.ts';
import { spanText } from './wording.ts';

export interface BurnAlarms {
  readonly pair: BurnPair;
  readonly long: RuleSpec;
  readonly short: RuleSpec;
  readonly description: string;
}

export function burnAlarms(
  api: LoadBalancerRef,
  settings: MonitoringSettings,
  missing: 'missing' | 'notBreaching',
): readonly BurnAlarms[] {
  const objective = tightest(settings);
  return burnPairs.map((pair) => ({
    pair,
    long: windowOf(api, objective, pair, pair.longMs, settings.fewestEvents, missing),
    short: windowOf(api, objective, pair, pair.shortMs, 0, missing),
    description: `The error budget burns more than ${pair.threshold} times as fast as it may, over ${pair.id} and over ${spanText(pair.shortMs / 1000)}. How it stands: nanoops slo`,
  }));
}

/** Latency objectives count periods and not requests: their burns are not among the alarms. */
export const latencyBurns = {
  id: 'slo-latency',
  title: 'Burn of the latency objectives',
  reason:
    'they count minutes in which a percentile missed its target, and by the minute an alarm looks back a day at most; the longest pair looks back three',
  watchedBy: 'nanoops slo, on a schedule',
} as const;

function tightest({ limits }: MonitoringSettings): Objective {
  const [first] = objectivesOf(limits)
    .filter(({ counts }) => counts === 'requests')
    .toSorted((a, b) => a.allowed - b.allowed);
  if (first === undefined) throw new TypeError('no objective counts requests');
  return first;
}

function windowOf(
  api: LoadBalancerRef,
  { allowed, name }: Objective,
  pair: BurnPair,
  windowMs: number,
  fewest: number,
  missing: 'missing' | 'notBreaching',
): RuleSpec {
  const { metrics, expression } = failedShare(api, fewest);
  const { periodSeconds, ...counts } = evaluation('whole', windowMs / 1000);
  const threshold = exact(pair.threshold * allowed * 100);
  const least = fewest === 0 ? '' : `, and ${fewest} of them or more`;
  return {
    description: `More than ${amount(threshold, 'percent')} of requests failed over ${spanText(windowMs / 1000)}${least}: ${pair.threshold} times the budget of ${name}. A part of the burn over ${pair.id}`,
    metrics: watchedMetrics(metrics, periodSeconds),
    expression,
    comparison: '>',
    threshold,
    ...counts,
    missing,
  };
}
