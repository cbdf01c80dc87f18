/** The product's own metrics (users, publications, queues), and Route 53's view of the API from outside. */
import type { Dynamics } from '../dynamics.ts';
import { slow } from '../demand.ts';
import { noise } from '../../random.ts';
import { grownBy } from '../faults.ts';
import { MINUTE_MS } from '../minute.ts';
import { observedAt } from '../resolution.ts';
import { gauge, type MetricSource, type MetricUnit } from './datum.ts';

/** The application writes its own metrics every so many minutes. */
const EVERY_MINUTES = 5;

export function businessMetrics(dynamics: Dynamics): readonly MetricSource[] {
  const { seed, names } = dynamics.world;
  const users = (minute: number): number => 9_400 * grownBy(dynamics.world.faults, minute * MINUTE_MS);
  const metric = (
    name: string,
    unit: MetricUnit,
    mean: number | ((minute: number) => number),
    spread: number,
  ): MetricSource => ({
    namespace: names.businessNamespace,
    name,
    dimensions: {},
    unit,
    everyMinutes: EVERY_MINUTES,
    at: (minute) =>
      minute % EVERY_MINUTES === 0
        ? gauge(Math.max(0, (typeof mean === 'number' ? mean : mean(minute)) * (1 + spread * slow(seed, name, minute, 360))))
        : undefined,
  });
  return [
    metric('DailyActiveUsers', 'Count', users, 0.02),
    publications(seed, names.businessNamespace),
    metric('ChatResponseHours', 'None', 6.5, 0.1),
    metric('ModerationQueueAgeHours', 'None', 9, 0.12),
    metric('ModerationQueueLength', 'Count', 38, 0.15),
  ];
}

/** What was published in the five minutes before, as a count: a day's are their sum. */
function publications(seed: number, namespace: string): MetricSource {
  const aDay = 31;
  const share = (aDay * EVERY_MINUTES) / (24 * 60);
  return {
    namespace,
    name: 'NewNanos',
    dimensions: {},
    unit: 'Count',
    everyMinutes: EVERY_MINUTES,
    at: (minute) => (minute % EVERY_MINUTES === 0 ? gauge(noise(seed, 'NewNanos', minute) < share ? 1 : 0) : undefined),
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
