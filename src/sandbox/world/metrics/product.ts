/** The product's own metrics (users, publications, queues), and Route 53's view of the API from outside. */
import type { Dynamics } from '../dynamics.ts';
import { slow } from '../demand.ts';
import { noise } from '../../random.ts';
import { MINUTE_MS } from '../minute.ts';
import { observedAt } from '../resolution.ts';
import { grownBy, intensity, type ProductMetric } from '../faults.ts';
import { gauge, type MetricSource, type MetricUnit } from './datum.ts';

/** The application writes its own metrics every so many minutes. */
const EVERY_MINUTES = 5;

export function businessMetrics(dynamics: Dynamics): readonly MetricSource[] {
  const { seed, names } = dynamics.world;
  const users = (minute: number): number => 9_400 * grownBy(dynamics.world.faults, minute * MINUTE_MS);
  const metric = (
    name: ProductMetric,
    unit: MetricUnit,
    mean: number | ((minute: number) => number),
    spread: number,
  ): MetricSource => ({
    namespace: names.businessNamespace,
    name,
    dimensions: {},
    unit,
    everyMinutes: EVERY_MINUTES,
    at: (minute) => {
      if (minute % EVERY_MINUTES !== 0) return undefined;
      const usual = typeof mean === 'number' ? mean : mean(minute);
      const value = Math.max(
        0,
        usual * factorOf(dynamics, name, minute) * (1 + spread * slow(seed, name, minute, 360)),
      );
      return gauge(unit === 'Count' ? Math.round(value) : value);
    },
  });
  return [
    metric('DailyActiveUsers', 'Count', users, 0.02),
    publications(dynamics),
    metric('ChatResponseHours', 'None', 6.5, 0.1),
    metric('ModerationQueueAgeHours', 'None', 9, 0.12),
    metric('ModerationQueueLength', 'Count', 38, 0.15),
  ];
}

/** By how much a fault has moved a number by then: geometrically, as it ramps up. */
function factorOf({ world }: Dynamics, name: ProductMetric, minute: number): number {
  const at = minute * MINUTE_MS;
  return world.faults.reduce(
    (factor, fault) =>
      fault.effect === 'product' && fault.metric === name ? factor * fault.factor ** intensity(fault, at) : factor,
    1,
  );
}

/**
 * What was published in the five minutes before, as a count: a day's are their sum. A day has about as many as every other, spread
 * over it: any 24 hours then have as many as the scenario says, whatever the seed.
 */
function publications(dynamics: Dynamics): MetricSource {
  const { seed, names } = dynamics.world;
  const aDay = 31;
  const periods = (24 * 60) / EVERY_MINUTES;
  const published = (minute: number): boolean => {
    const period = Math.floor(minute / EVERY_MINUTES) % periods;
    const day = Math.floor(minute / EVERY_MINUTES / periods);
    const usual = aDay * factorOf(dynamics, 'NewNanos', minute);
    const count = Math.floor(
      usual * (0.9 + 0.2 * noise(seed, 'NewNanos of a day', day)) + noise(seed, 'NewNanos', day),
    );
    const part = Math.floor((period * count) / periods);
    const from = Math.ceil((part * periods) / count);
    const length = Math.ceil(((part + 1) * periods) / count) - from;
    return count > 0 && period === from + Math.floor(length * noise(seed, 'NewNanos', day, part));
  };
  return {
    namespace: names.businessNamespace,
    name: 'NewNanos',
    dimensions: {},
    unit: 'Count',
    everyMinutes: EVERY_MINUTES,
    at: (minute) => (minute % EVERY_MINUTES === 0 ? gauge(published(minute) ? 1 : 0) : undefined),
  };
}

/** Health checkers stand outside both regions; they publish to us-east-1. */
export function healthCheckMetrics(dynamics: Dynamics): readonly MetricSource[] {
  const { world } = dynamics;
  const dimensions = { HealthCheckId: world.healthCheckId };
  const isWell = (minute: number) => {
    const now = dynamics.world;
    const check = now.traffic.healthChecks.find((each) => each.id === world.healthCheckId);
    const at = (minute + 0.5) * MINUTE_MS;
    return check !== undefined && (check.disabled || observedAt(now, check, at)) !== check.inverted;
  };
  return [
    {
      namespace: 'AWS/Route53',
      name: 'HealthCheckStatus',
      dimensions,
      unit: 'None',
      at: (minute) => gauge(isWell(minute) ? 1 : 0),
    },
    {
      namespace: 'AWS/Route53',
      name: 'HealthCheckPercentageHealthy',
      dimensions,
      unit: 'Percent',
      at: (minute) => gauge(isWell(minute) ? 100 : 0),
    },
  ];
}
