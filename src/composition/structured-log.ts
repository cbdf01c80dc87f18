/**
 * `--log-format json`: what happens as structured lines on stderr, in the place of what people are shown meanwhile. The fields
 * are those that `nanoops logs conformance` wants of a service, and every line passes it.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { AwsCall } from '../aws/options.ts';
import type { RunEvent } from '../engine/events.ts';
import { jsonText } from '../report/json-text.ts';
import type { ErrorDocument } from '../report/schemas.ts';
import type { Io, Log } from './io.ts';

type Level = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

export interface StructuredLog extends Log {
  /** The command that was typed: `diagnose latency`. */
  started(command: string): void;
  failed(document: ErrorDocument): void;
  finished(exitCode: number): void;
}

interface Line {
  readonly at: number;
  readonly level: Level;
  readonly action: string;
  readonly more: Readonly<Record<string, unknown>>;
}

/** What is not about a run belongs together by this; an id of X-Ray’s form, so that it can be looked for there. */
function traceIdOf(correlationId: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1_000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${createHash('sha256').update(correlationId).digest('hex').slice(0, 24)}`;
}

/** `wall`: epoch milliseconds. Lines that come before it is known whether there is a run wait until it is. */
export function structuredLog(write: (text: string) => void, wall: () => number): StructuredLog {
  const startedAt = wall();
  let pending: Line[] | undefined = [];
  let correlationId = '';
  let traceId = '';

  const print = ({ at, level, action, more }: Line): void => {
    const line = {
      timestamp: new Date(at).toISOString(),
      level,
      service: 'nanoops',
      action,
      correlation_id: correlationId,
      trace_id: traceId,
      error: null,
      ...more,
    };
    write(`${jsonText(line)}\n`);
  };
  /** From here on every line belongs to it. */
  const correlate = (id: string): void => {
    correlationId = id;
    traceId = traceIdOf(id, startedAt);
    const waiting = pending ?? [];
    pending = undefined;
    for (const line of waiting) print(line);
  };
  const log = (level: Level, action: string, more: Line['more'] = {}): void => {
    const line = { at: wall(), level, action, more };
    if (pending === undefined) print(line);
    else pending.push(line);
  };

  return {
    started: (command) => log('INFO', 'COMMAND_STARTED', { command }),
    event(event) {
      if (event.type === 'run.started' && pending !== undefined) correlate(event.runId);
      const { level, more } = tellingOf(event);
      log(level, event.type.replaceAll(/[.-]/g, '_').toUpperCase(), more);
    },
    call: ({ service, operation, region, method, path, status, requestId, durationMs, error }: AwsCall) =>
      log(error === undefined ? 'DEBUG' : 'WARNING', 'AWS_CALL', {
        aws_operation: `${service}:${operation}`,
        aws_region: region,
        duration_ms: durationMs,
        ...answerFields({ status, method, path, requestId }),
        error: error ?? null,
      }),
    warn: (message) => log('WARNING', 'NOTE', { message }),
    failed: ({ exitCode, error }) =>
      log('ERROR', 'COMMAND_FAILED', {
        exit_code: exitCode,
        message: error.message,
        details: error.details,
        next_step: error.nextStep,
        error: error.code,
      }),
    finished(exitCode) {
      if (pending !== undefined) correlate(randomUUID());
      log('INFO', 'COMMAND_FINISHED', { exit_code: exitCode, duration_ms: wall() - startedAt });
    },
  };
}

/** No answer came: there is nothing of one to tell. */
function answerFields({ status, method, path, requestId }: Pick<AwsCall, 'status' | 'method' | 'path' | 'requestId'>) {
  if (status === undefined) return {};
  const fields = { http_status: status, http_method: method, http_path: path, user_id: null };
  return { ...fields, request_id: requestId ?? 'none given' };
}

/** What an event says on a line; its times and ids, and no outputs, which are the journal's. */
function tellingOf(event: RunEvent): { readonly level: Level; readonly more: Line['more'] } {
  const more = {
    ...('stepId' in event ? { step: event.stepId } : {}),
    ...('durationMs' in event ? { duration_ms: event.durationMs } : {}),
    ...('verdict' in event ? { verdict: event.verdict } : {}),
  };
  switch (event.type) {
    case 'run.started':
      return {
        level: 'INFO',
        more: { ...more, runbook: event.runbook, mode: event.mode, environment: event.environment },
      };
    case 'step.finished': {
      const { status, detail, attempts } = event;
      const isWell = status !== 'failed' && status !== 'unknown';
      return {
        level: status === 'failed' ? 'ERROR' : isWell ? 'INFO' : 'WARNING',
        more: { ...more, status, message: detail, attempts, error: isWell ? null : (event.errorClass ?? status) },
      };
    }
    case 'step.retried':
      return {
        level: 'WARNING',
        more: { ...more, attempt: event.attempt, message: event.reason, error: event.errorClass },
      };
    case 'step.progressed':
      return { level: 'INFO', more: { ...more, message: event.detail } };
    case 'approval.requested':
      return { level: 'INFO', more: { ...more, message: event.question, hash: event.hash } };
    case 'approval.given':
    case 'approval.declined':
      return { level: 'INFO', more: { ...more, by: event.by, hash: event.hash } };
    case 'change.intended': {
      const { operation, region, resource } = event.change;
      return { level: 'INFO', more: { ...more, aws_operation: operation, aws_region: region, resource } };
    }
    case 'change.answered':
      return {
        level: event.outcome === 'applied' ? 'INFO' : 'WARNING',
        more: { ...more, outcome: event.outcome, error: event.reason ?? null },
      };
    case 'lease.acquired':
    case 'lease.released':
      return { level: 'INFO', more: { ...more, resource: event.resource } };
    case 'lease.refused':
      return { level: 'WARNING', more: { ...more, resource: event.resource, message: event.holder } };
    case 'approval.lapsed':
    case 'lease.lost':
    case 'run.halted':
    case 'run.undoing':
    case 'run.suspended':
      return { level: 'WARNING', more: { ...more, message: event.reason } };
    case 'run.finished':
      return { level: event.verdict === 'failed' ? 'ERROR' : 'INFO', more };
    case 'run.resumed':
    case 'run.checkpointed':
    case 'step.started':
    case 'change.looked-up':
      return { level: 'DEBUG', more };
  }
}

/** The same process, where nothing is shown to people but the result, and nobody is asked. */
export function loggedIo(io: Io, log: Log): Io {
  return {
    stdout: io.stdout,
    stderr: { write: () => true },
    env: io.env,
    get cwd() {
      return io.cwd;
    },
    get signal() {
      return io.signal;
    },
    log,
  };
}
