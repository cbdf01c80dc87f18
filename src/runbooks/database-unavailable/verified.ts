/** Did it help? Connection errors and 5xx since a change, by whole minutes; the log is quicker than the metrics. */
import type { ApiTraffic, LogSearch } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { LogGroupRef } from '../../cloud/stack.ts';
import { connectionErrors } from '../../diagnosis/database/connection-errors.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { sum } from '../../diagnosis/statistics.ts';
import type { ObserveContext, Polled } from '../../engine/step.ts';
import type { RunbookPorts, RunbookSettings } from '../kit.ts';

const minuteMs = 60_000;
/** Pools find the new writer one by one: the minute of the change and a little more do not count. */
const settlingMs = 30_000;
/** So many whole minutes in a row must be well. */
const calmMinutes = 2;
/** Lines are in CloudWatch Logs some seconds after they were written; a metric's minute two minutes after its end. */
const logLateMs = 10_000;
const metricsLateMs = 2 * minuteMs;
/** Fewer lines than this are noise. */
const linesAllowed = 2;
/** Of a log: so many of a window's oldest are looked at first, and so many of its newest in the end. */
const firstLines = 100;
const mostLines = 5_000;
/** The share of 5xx that is allowed. */
const shareAllowed = 0.01;

export interface ConnectionsVerified {
  /** Of the last minutes; absent where the log is not configured. */
  readonly errorLines?: number;
  /** The share of 5xx; absent where the balancer is not configured. */
  readonly serverErrorShare?: number;
  /** True in a dry run, which measures nothing. */
  readonly isAssumed?: boolean;
}

export async function pollConnections(
  changedAt: number,
  { ports, settings, clock }: ObserveContext<RunbookPorts, RunbookSettings>,
): Promise<Polled<ConnectionsVerified>> {
  const { api, logs } = settings.site;
  const log = logs?.application;
  const from = Math.ceil((changedAt + settlingMs) / minuteMs) * minuteMs;
  const now = clock.now();
  const logTo = wholeMinute(now - logLateMs);
  if (log !== undefined && logTo - from < calmMinutes * minuteMs) return tooSoon(from, logLateMs);
  const lines = log && (await linesOf(ports.facts, log, lastBefore(logTo)));
  if (lines !== undefined && lines.count > linesAllowed) return { state: 'waiting', detail: lines.told };
  const metricsTo = wholeMinute(now - metricsLateMs);
  if (api !== undefined && metricsTo - from < calmMinutes * minuteMs) {
    const soon = tooSoon(from, metricsLateMs);
    return lines === undefined ? soon : { ...soon, detail: `${lines.told}; ${soon.detail}` };
  }
  const traffic = api && (await ports.facts.apiTraffic(api, lastBefore(metricsTo)));
  const share = traffic && shareOf(traffic, lastBefore(metricsTo));
  if (traffic !== undefined && share === undefined) {
    return {
      state: 'waiting',
      detail: `${lines === undefined ? '' : `${lines.told}; `}no requests were measured since`,
    };
  }
  const told = [
    ...(lines === undefined ? [] : [lines.told]),
    ...(share === undefined ? [] : [`${quantity(share, 'ratio')} of requests answered with 5xx`]),
  ].join('; ');
  if (share !== undefined && share > shareAllowed) return { state: 'waiting', detail: told };
  return {
    state: 'reached',
    output: {
      ...(lines === undefined ? {} : { errorLines: lines.count }),
      ...(share === undefined ? {} : { serverErrorShare: share }),
    },
    detail: told,
  };
}

function wholeMinute(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs;
}

function lastBefore(to: number): Window {
  return { from: to - calmMinutes * minuteMs, to };
}

function tooSoon(from: number, lateMs: number): { readonly state: 'waiting'; readonly detail: string } {
  const knownAt = new Date(from + calmMinutes * minuteMs + lateMs).toISOString().slice(11, 16);
  return { state: 'waiting', detail: `${calmMinutes} whole minutes after the change are known by ${knownAt} UTC` };
}

interface Lines {
  readonly count: number;
  readonly told: string;
}

/** A log that is loud tells soon that it is not over; only one that does not is read to its end. */
async function linesOf(facts: RunbookPorts['facts'], log: LogGroupRef, window: Window): Promise<Lines> {
  const first = await facts.errorLines(log, window, mostLines, firstLines);
  const lines = linesIn(first, window);
  return first.truncated && lines.count <= linesAllowed
    ? linesIn(await facts.errorLines(log, window, mostLines), window)
    : lines;
}

function linesIn(search: LogSearch, window: Window): Lines {
  const { errors, kinds } = connectionErrors(search, window);
  const parts = kinds.map(({ kind, count }) => `${count} ${kind}`).join(', ');
  const amount = errors.length === 0 ? 'no' : `${search.truncated ? 'at least ' : ''}${errors.length}`;
  const told = `${amount} connection errors in the last ${calmMinutes} minutes`;
  return { count: errors.length, told: parts === '' ? told : `${told} (${parts})` };
}

/** Undefined without requests. */
function shareOf(traffic: ApiTraffic, window: Window): number | undefined {
  const count = (series: ApiTraffic['requests']): number => sum(pointsIn(series, window).map(({ value }) => value));
  const requests = count(traffic.requests);
  const errors = count(traffic.targetServerErrors) + count(traffic.balancerServerErrors);
  return requests === 0 ? undefined : errors / requests;
}
