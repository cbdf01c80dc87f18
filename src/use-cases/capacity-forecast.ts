/** `nanoops capacity forecast`: when each tier of the plan and each resource is reached. Looks, and changes nothing. */
import { dayMs, type Day } from '../capacity/days.ts';
import type { Crossing } from '../capacity/crossing.ts';
import { carrying, infrastructure } from '../capacity/plan.ts';
import { valueOn, weeklyGrowth, type Trend } from '../capacity/trend.ts';
import { statusOfResource, statusOfUsers, type Capacity, type Resource } from '../checks/weekly/capacity-picture.ts';
import { forecastSummary, planText, tierText, useText } from '../checks/weekly/capacity-text.ts';
import { forecastOf } from '../checks/weekly/forecast.ts';
import { parseDuration } from '../config/durations.ts';
import { callsOf } from '../engine/runbook.ts';
import { run } from '../engine/run.ts';
import { NanoopsError } from '../errors.ts';
import type { ForecastDocument } from '../report/schemas.ts';
import { checkSettings } from './check-report.ts';
import { exitCodes } from './exit-codes.ts';
import { newRunId } from './run-id.ts';
import type { Session } from './session.ts';

export interface ForecastWanted {
  /** As given with `--horizon`. */
  readonly horizon: string;
  readonly failOn: 'warning' | 'breach';
  readonly region?: string | undefined;
  /** Epoch milliseconds. */
  readonly until?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Two years: nothing is foretold beyond them. */
const furthestMs = 730 * dayMs;

/** @throws NanoopsError `InvalidDuration`, `InvalidHorizon`, `UnknownRegion`, `InvalidWindow`, and as opening a session does. */
export async function capacityForecast(session: Session, wanted: ForecastWanted): Promise<ForecastDocument> {
  const { clock, random, signal, cloud, stack } = session;
  const horizonMs = horizonOf(wanted.horizon);
  const settings = checkSettings(session, wanted);
  const forecast = forecastOf(horizonMs, wanted.failOn);
  const { region } = settings.site;
  await session.verify(region);
  cloud.prepare(region, callsOf(forecast.steps));
  const { outcome, defect, endedAt } = await run({
    runbook: forecast,
    runId: newRunId(forecast.id, clock.now(), random),
    mode: 'observe',
    environment: stack.environment,
    ports: { facts: cloud.facts, outside: session.outside, inspection: session.inspection },
    settings,
    clock,
    random,
    signal,
    timeoutMs: wanted.timeoutMs,
    emit: session.emit,
  });
  if (outcome === undefined) throw defect ?? signal.reason ?? new TypeError('the forecast was not concluded');
  const { verdict, capacity } = outcome;
  return {
    schema: 'nanoops/forecast@1',
    command: 'capacity forecast',
    environment: stack.environment,
    generatedAt: iso(endedAt),
    asOf: iso(capacity.span.to),
    verdict,
    exitCode: exitCodes[verdict],
    summary: forecastSummary(capacity, horizonMs),
    horizonDays: horizonMs / dayMs,
    thresholdPercent: capacity.threshold,
    users: usersOf(capacity, horizonMs),
    resources: capacity.resources.map((resource) => resourceOf(resource, capacity, horizonMs)),
    api: cloud.usage(),
  };
}

function horizonOf(text: string): number {
  const ms = parseDuration(text, '--horizon');
  if (ms >= dayMs && ms <= furthestMs) return ms;
  throw new NanoopsError(`--horizon ${text} cannot be foretold from days: it must be from 1d to 730d`, {
    code: 'InvalidHorizon',
    exitCode: 2,
    nextStep: 'give a number of days, for example --horizon 90d, or leave it out',
  });
}

function usersOf(capacity: Capacity, horizonMs: number): ForecastDocument['users'] {
  const { users, span } = capacity;
  const status = statusOfUsers(capacity, horizonMs);
  if (users.state !== 'told') {
    return {
      ...{ status, summary: users.reason, current: null, at: null, within: null, trend: null },
      ...{ history: [], projection: [], tiers: [], evidence: users.evidence },
      ...(users.nextStep === undefined ? {} : { nextStep: users.nextStep }),
    };
  }
  const { now, days, trend, tiers } = users.outlook;
  return {
    status,
    summary: planText(users.outlook, span),
    current: now?.value ?? null,
    at: now === undefined ? null : iso(now.at),
    within: now === undefined ? null : (carrying(tiers, now.value)?.users ?? null),
    trend: trendOf(trend, span.to),
    history: historyOf(days),
    projection: trend === undefined ? [] : projectionOf(trend, span.to, horizonMs),
    tiers: tiers.map((tier) => ({
      users: tier.users,
      infrastructure: infrastructure(tier),
      ...crossingOf(tier.crossing),
      summary: tierText(tier, span),
    })),
    evidence: users.evidence,
  };
}

function resourceOf(resource: Resource, capacity: Capacity, horizonMs: number): ForecastDocument['resources'][number] {
  const { id, title, nextStep, outlined } = resource;
  const { span, threshold } = capacity;
  const status = statusOfResource(resource, capacity, horizonMs);
  if (outlined.state !== 'told') {
    return {
      ...{ id, title, status, summary: outlined.reason, level: null, hoursAbove: null, trend: null },
      ...crossingOf(undefined),
      ...{ history: [], evidence: outlined.evidence },
      ...(outlined.nextStep === undefined ? {} : { nextStep: outlined.nextStep }),
    };
  }
  const { use } = outlined;
  return {
    id,
    title,
    status,
    summary: useText(use, span, threshold),
    ...(status === 'breach' || status === 'warning' ? { nextStep } : {}),
    level: use.level ?? null,
    hoursAbove: use.hoursAbove ?? null,
    trend: trendOf(use.trend, span.to),
    ...crossingOf(use.crossing),
    history: historyOf(use.days),
    evidence: outlined.evidence,
  };
}

function crossingOf(crossing: Crossing | undefined) {
  const { outlook = null, at, earliest, latest } = crossing ?? {};
  return { outlook, at: timeOf(at), earliest: timeOf(earliest), latest: timeOf(latest) };
}

function trendOf(trend: Trend | undefined, nowMs: number): ForecastDocument['users']['trend'] {
  if (trend === undefined) return null;
  return { growth: trend.growth, days: trend.days, perWeek: weeklyGrowth(trend, nowMs / dayMs) };
}

function historyOf(days: readonly Day[]): readonly { readonly day: string; readonly value: number }[] {
  return days.map(({ day, value }) => ({ day: dateOf(day), value }));
}

/** Week by week from now on, and the horizon itself. */
function projectionOf(trend: Trend, nowMs: number, horizonMs: number): ForecastDocument['users']['projection'] {
  const first = nowMs / dayMs;
  const last = (nowMs + horizonMs) / dayMs;
  const weeks = Array.from({ length: Math.ceil((last - first) / 7) }, (_, week) => first + 7 * week);
  return [...weeks, last].map((day) => ({ day: dateOf(day), ...valueOn(trend, day) }));
}

function dateOf(day: number): string {
  return iso(Math.floor(day) * dayMs).slice(0, 10);
}

function timeOf(atMs: number | undefined): string | null {
  return atMs === undefined ? null : iso(atMs);
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
