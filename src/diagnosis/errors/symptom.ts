/**
 * Do requests fail by the API's own fault, since when, and do they still? Errors are counts: three of three hundred are a per cent, as
 * is one of a hundred, but only the first is news. So each minute is tested as a count, against the threshold and against the
 * normal period, and shares are of sums.
 */
import type { ApiOutcomes } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import { quantity } from '../evidence.ts';
import { lastMinutes, newestIncident, quietTime, recentMinutes, tooFewRecent, type Incident } from '../incident.ts';
import { pointsIn } from '../shift.ts';
import { signedDeviance, sum, type Counts } from '../statistics.ts';

export interface ErrorSymptom extends Incident {
  /** 5xx of targets and of the balancer, of all requests; between 0 and 1, in the normal period and in the incident. */
  readonly shareBefore?: number;
  readonly shareDuring?: number;
  /** Of the incident's 5xx, those that the balancer answered itself; between 0 and 1. */
  readonly balancerShare?: number;
  /** Where more is refused for the callers' own mistakes than before: 4xx, as shares of all requests. */
  readonly clientErrors?: { readonly before: number; readonly during: number };
  readonly summary: string;
}

export interface ErrorSymptomInput {
  readonly outcomes: ApiOutcomes;
  /** What was looked at. */
  readonly window: Window;
  /** Where the operator says that it began. */
  readonly since?: number;
  /** The share of requests, between 0 and 1, that may fail. */
  readonly target: number;
}

/** One minute: what came, and what ended in a 5xx. */
interface Minute extends Counts {
  readonly at: number;
  readonly clientErrors: number;
  readonly ofBalancer: number;
}

/** A minute's count is above the target beyond doubt, one-sided at 5 %. */
const aboveTarget = 1.645;
/** It is far above what is usual: as sure as an alarm should be that looks at hundreds of minutes. */
const farAbove = 4;
const timesUsual = 3;
/** The normal share is taken from spans of so many minutes, since a minute may have few errors or none by luck. */
const spanMinutes = 15;

export function errorSymptom(input: ErrorSymptomInput): ErrorSymptom {
  const { window, since, target } = input;
  const minutes = minutesOf(input.outcomes, window);
  const at = minutes.map((minute) => minute.at);
  const quiet = quietTime(window);
  const measured = tooFewRecent(at, window);
  if (measured !== undefined) return { state: 'unknown', ...quiet, summary: silence(measured) };

  const usual = usualShare(calmerHalf(minutes.filter((minute) => since === undefined || minute.at < since)));
  const bad = new Set(minutes.filter((minute) => isBad(minute, usual, target)).map((minute) => minute.at));
  const incident = newestIncident({ at, bad, window, since });
  const { when, ...struck } = incident ?? { when: '', state: 'none' as const, ...quiet };
  const before = totalOf(within(minutes, struck.before));
  // A given onset may lie well before the trouble, and errors may come and go: calm minutes do not describe the trouble.
  const hurt = within(minutes, struck.during).filter((minute) => struck.state === 'none' || bad.has(minute.at));
  const during = totalOf(hurt);
  const shareBefore = shareOf(before);
  const clientErrors = refusals(minutes, within(minutes, struck.during));
  const measures = {
    ...(shareBefore === undefined ? {} : { shareBefore }),
    ...(clientErrors === undefined ? {} : { clientErrors }),
  };
  if (incident === undefined) {
    const recent = totalOf(within(minutes, lastMinutes(window, recentMinutes)));
    const share = shareOf(recent) ?? 0;
    const limit = quantity(target, 'ratio');
    const aside =
      clientErrors === undefined
        ? ''
        : `; 4xx rose from ${quantity(clientErrors.before, 'ratio')} to ${quantity(clientErrors.during, 'ratio')}, which are the callers’ own`;
    return {
      ...struck,
      ...measures,
      shareDuring: share,
      summary: `5xx ${quantity(share, 'ratio')} of requests, within the target of ${limit}; no incident in the window${aside}`,
    };
  }
  const shareDuring = shareOf(during) ?? 0;
  const rise = `5xx ${shareBefore === undefined ? '' : `${quantity(shareBefore, 'ratio')} → `}${quantity(shareDuring, 'ratio')} of requests`;
  const count = `${quantity(during.faults, 'count')} failed`;
  return {
    ...struck,
    ...measures,
    shareDuring,
    balancerShare: during.faults === 0 ? 0 : sum(hurt.map(({ ofBalancer }) => ofBalancer)) / during.faults,
    summary: `${rise}${struck.state === 'over' ? ',' : ''} ${when} (${count})`,
  };
}

/** Minutes in which anybody asked. What the balancer refused before it chose a target is not among its requests. */
function minutesOf(outcomes: ApiOutcomes, window: Window): readonly Minute[] {
  const valuesOf = (series: ApiOutcomes['requests']): ReadonlyMap<number, number> =>
    new Map(pointsIn(series, window).map(({ at, value }) => [at, value]));
  const requests = valuesOf(outcomes.requests);
  const refused = valuesOf(outcomes.balancerUnavailable);
  const ofTargets = valuesOf(outcomes.targetServerErrors);
  const ofBalancer = valuesOf(outcomes.balancerServerErrors);
  const clientErrors = valuesOf(outcomes.targetClientErrors);
  const refusedByBalancer = valuesOf(outcomes.balancerClientErrors);
  return [...new Set([...requests.keys(), ...refused.keys(), ...ofBalancer.keys()])]
    .toSorted((a, b) => a - b)
    .flatMap((at) => {
      const own = ofBalancer.get(at) ?? 0;
      const faults = (ofTargets.get(at) ?? 0) + own;
      const all = Math.max(faults, (requests.get(at) ?? 0) + (refused.get(at) ?? 0));
      const bothClient = (clientErrors.get(at) ?? 0) + (refusedByBalancer.get(at) ?? 0);
      return all > 0 ? [{ at, requests: all, faults, ofBalancer: own, clientErrors: bothClient }] : [];
    });
}

function isBad(minute: Minute, usual: number, target: number): boolean {
  const share = minute.faults / minute.requests;
  if (signedDeviance(minute, target) >= aboveTarget) return minute.faults > 1;
  const isFar = share >= timesUsual * usual && signedDeviance(minute, usual) >= farAbove;
  return share >= target / 2 && isFar;
}

/** What the calmer half of the past counts together: it is usual where the incident takes up less than half of what was looked at. */
function calmerHalf(minutes: readonly Counts[]): Counts {
  const spans: Counts[] = [];
  for (let from = 0; from < minutes.length; from += spanMinutes) {
    spans.push(totalOf(minutes.slice(from, from + spanMinutes)));
  }
  const byShare = spans.toSorted((a, b) => a.faults / a.requests - b.faults / b.requests);
  return totalOf(byShare.slice(0, Math.ceil(spans.length / 2)));
}

/** Half a fault is added (Jeffreys' prior): none of few is not never. */
function usualShare({ requests, faults }: Counts): number {
  return (faults + 0.5) / (requests + 1);
}

/** 4xx that at least doubled, and more than by luck: worth a word, though no fault of the API's. */
function refusals(all: readonly Minute[], during: readonly Minute[]): ErrorSymptom['clientErrors'] {
  const refused = (minutes: readonly Minute[]): readonly Counts[] =>
    minutes.map(({ requests, clientErrors }) => ({ requests, faults: clientErrors }));
  const calm = calmerHalf(refused(all));
  const now = totalOf(refused(during));
  const before = shareOf(calm);
  const share = shareOf(now);
  if (before === undefined || share === undefined) return undefined;
  const usual = usualShare(calm);
  const isMore = share >= 2 * usual && signedDeviance(now, usual) >= farAbove;
  return isMore ? { before, during: share } : undefined;
}

function within(minutes: readonly Minute[], { from, to }: Window): readonly Minute[] {
  return minutes.filter(({ at }) => at >= from && at < to);
}

function totalOf(minutes: readonly Counts[]): Counts {
  return {
    requests: sum(minutes.map(({ requests }) => requests)),
    faults: sum(minutes.map(({ faults }) => faults)),
  };
}

function shareOf({ requests, faults }: Counts): number | undefined {
  return requests > 0 ? faults / requests : undefined;
}

function silence(measured: number): string {
  return measured === 0
    ? 'no requests were reported in the last 5 minutes: no traffic, an outage, or lost telemetry'
    : `requests were reported in only ${measured} of the last 5 minutes: too little to judge`;
}
