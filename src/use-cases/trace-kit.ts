/** What the commands on traces share: which service and window, whose a span is, and how figures are written. */
import type { TraceSpan } from '../cloud/facts.ts';
import type { Window } from '../cloud/series.ts';
import type { RegionalStack, TracedServiceRef } from '../cloud/stack.ts';
import type { Component, ComponentNames } from '../diagnosis/self-time.ts';
import type { Known } from '../diagnosis/known.ts';
import { NanoopsError } from '../errors.ts';
import type { TraceDocument } from '../report/schemas.ts';
import { tracedDatabase, tracedName, tracedUrl } from './traced-text.ts';

const minuteMs = 60_000;
/** A trace can be found some seconds after it ended. */
const arrivalMs = 10_000;
/** X-Ray keeps traces for 30 days (AWS X-Ray Developer Guide, "AWS X-Ray quotas"). */
export const retentionMs = 30 * 24 * 60 * minuteMs;

export interface TracesWanted {
  readonly region?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** @throws NanoopsError `NoTracedService` */
export function tracedService({ region, tracing }: RegionalStack): TracedServiceRef {
  if (tracing !== undefined) return tracing;
  throw new NanoopsError(`tracing.service is not configured for ${region}`, {
    code: 'NoTracedService',
    exitCode: 2,
    nextStep: 'name it in nanoops.yaml as the service names itself in X-Ray: tracing: { service: … }',
  });
}

/** @throws NanoopsError `InvalidWindow` */
export function traceWindow(
  nowMs: number,
  { since, until }: Pick<TracesWanted, 'since' | 'until'>,
  lengthMs: number,
): Window {
  const invalid = (problem: string): NanoopsError =>
    new NanoopsError(problem, {
      code: 'InvalidWindow',
      exitCode: 2,
      nextStep: 'say which span, for example --since 30m, or --since 2026-11-23T10:00:00Z --until 10m',
    });
  if (until !== undefined && until > nowMs) throw invalid('--until lies in the future');
  if (since !== undefined && since > nowMs) throw invalid('--since lies in the future');
  const to = Math.min(until ?? nowMs, nowMs - arrivalMs);
  const from = since ?? to - lengthMs;
  if (from >= to) throw invalid('--since is not before the end of the span');
  if (from < nowMs - retentionMs) throw invalid('--since lies before what X-Ray keeps, which is 30 days');
  return { from, to };
}

export function namesIn(service: string, { tracing, database, cache, storage }: RegionalStack): ComponentNames {
  return {
    service,
    tracedService: tracing?.service,
    database: database?.cluster,
    cache: cache?.replicationGroup,
    bucket: storage?.bucket,
  };
}

export function componentDocument({ kind, name }: Component): Component {
  return { kind, name: kind === 'database' ? tracedDatabase(name) : tracedName(name) };
}

export type Outcome = TraceDocument['outcome'];

export function outcomeOf({ inProgress, fault, throttle, error }: TraceSpan): Outcome {
  if (fault) return 'fault';
  if (throttle) return 'throttle';
  if (error) return 'error';
  return inProgress ? 'open' : 'ok';
}

export function requestDocument({ method, url, status }: TraceSpan) {
  return {
    method: method === undefined ? null : tracedName(method).slice(0, 20),
    url: url === undefined ? null : tracedUrl(url),
    status: status === undefined || !Number.isSafeInteger(status) ? null : status,
  };
}

/** The service's own part of a trace, or else where the request came in. */
export function mainSpan(spans: readonly TraceSpan[], service: string | undefined): TraceSpan | undefined {
  const segments = spans.filter(({ segment, inferred }) => segment && inferred !== true);
  const own = segments.find(({ name }) => name === service);
  const ids = new Set(spans.map(({ id }) => id));
  const entry = segments.find(({ parentId }) => parentId === undefined || !ids.has(parentId));
  return own ?? entry ?? segments[0] ?? spans[0];
}

/** What a look-up could not tell, without what a runbook would say of its own steps. */
export function reasonOf({ reason, nextStep }: Extract<Known<unknown>, { known: false }>) {
  return {
    text: reason.replace(/\.? What needed it is unknown\.$/, ''),
    nextSteps: nextStep === undefined ? [] : [nextStep],
  };
}

export function iso(at: number): string {
  return new Date(Math.round(at)).toISOString();
}

/** Milliseconds to the microsecond, as traces have them. */
export function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** `10:03:12Z`, with its day where that is another than the reference’s. */
export function clockTime(at: string, reference: string): string {
  const clock = `${at.slice(11, 19)}Z`;
  return at.slice(0, 10) === reference.slice(0, 10) ? clock : `${at.slice(0, 10)}T${clock}`;
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
