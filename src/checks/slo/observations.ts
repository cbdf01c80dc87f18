/**
 * What objectives are judged by: a month in coarse periods, since CloudWatch keeps minutes for fifteen days only, and the
 * last three days by the minute, for the burn windows. `--until` in the past: the month goes on to the end of its last period.
 */
import { settled } from '../../engine/step.ts';
import { dayMs, hourMs, minuteMs, observe, part, unlessConfigured, windowOf } from '../kit.ts';

/** The window of every objective. */
export const objectiveMs = 30 * dayMs;
/** The longest burn window. */
const burningMs = 3 * dayMs;
const metrics = ['cloudwatch:GetMetricData'];
/** Sums are as good by the hour; percentiles need periods short enough that a bad quarter of an hour shows. */
const sumPeriodMs = hourMs;
const percentilePeriodMs = 5 * minuteMs;

const outcomesOfMonth = observe('api-outcomes-month', {
  title: 'How requests ended, last 30 days',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) =>
    ports.facts.apiOutcomes(part(settings.site.api), { ...windowOf(settings, objectiveMs), periodMs: sumPeriodMs }),
  detail: ({ requests }) => `${requests.points.length} hours`,
});

const outcomesOfDays = observe('api-outcomes-days', {
  title: 'How requests ended, last 3 days',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiOutcomes(part(settings.site.api), windowOf(settings, burningMs)),
  detail: ({ requests }) => `${requests.points.length} minutes`,
});

const latencyOfMonth = observe('api-latency-month', {
  title: 'Latency of the API, last 30 days',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) =>
    ports.facts.apiLatency(part(settings.site.api), {
      ...windowOf(settings, objectiveMs),
      periodMs: percentilePeriodMs,
    }),
  detail: ({ p99 }) => `${p99.points.length} periods of five minutes`,
});

const latencyOfDays = observe('api-latency-days', {
  title: 'Latency of the API, last 3 days',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiLatency(part(settings.site.api), windowOf(settings, burningMs)),
  detail: ({ p99 }) => `${p99.points.length} minutes`,
});

/** The steps, to make a run of them. */
export const sloObservations = [outcomesOfMonth, outcomesOfDays, latencyOfMonth, latencyOfDays] as const;

export const seenForSlo = {
  outcomesOfMonth: settled(outcomesOfMonth),
  outcomesOfDays: settled(outcomesOfDays),
  latencyOfMonth: settled(latencyOfMonth),
  latencyOfDays: settled(latencyOfDays),
} as const;
