/**
 * What programs are told of runs, approvals, drills and incidents: a versioned event, whatever bus carries it. Members may be
 * added to version 1; none is taken away or changes meaning. `nanoops config schema --of event` prints its schema.
 */
import type { NotifiedIncident, Notification, Severity } from './notifier.ts';

export interface NanoopsEvent {
  readonly schema: 'nanoops/event@1';
  /** The same for the same thing, whenever it is sent: a consumer drops a second one. */
  readonly id: string;
  readonly type: 'run' | 'drill' | 'approval' | 'incident' | 'message' | 'test';
  /** What became of it: a run `started`, an approval `requested`, an incident `resolved`. */
  readonly change: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly service: string;
  readonly environment: string;
  /** One line. */
  readonly title: string;
  readonly text?: string;
  readonly severity?: Severity;
  readonly run?: EventRun;
  readonly approval?: EventApproval;
  readonly incident?: NotifiedIncident;
}

export interface EventRun {
  readonly id: string;
  readonly runbook: string;
  /** Of a run that ended or waits. */
  readonly verdict?: string;
  readonly durationMs?: number;
  /** Milliseconds; null where it was not measured. Of a run with objectives that has ended. */
  readonly rtoMs?: number | null;
  readonly rpoMs?: number | null;
}

export interface EventApproval {
  readonly step: string;
  readonly question?: string;
  /** What the answer is bound to. */
  readonly hash: string;
  readonly by?: string;
  readonly deadlineAt?: string;
}

/** A notification as an event. `isTest`: of `notify test`. */
export function eventOf(notification: Notification, isTest = false): NanoopsEvent {
  const { key, at, service, environment, title, text, severity, runId, runbook, incident } = notification;
  return {
    schema: 'nanoops/event@1',
    id: key,
    type: isTest ? 'test' : incident === undefined ? 'message' : 'incident',
    change: incident?.change ?? 'told',
    at: new Date(at).toISOString(),
    service,
    environment,
    title,
    text,
    severity,
    ...(runId === undefined || runbook === undefined ? {} : { run: { id: runId, runbook } }),
    ...(incident === undefined ? {} : { incident }),
  };
}
