/** The application's log: structured lines of requests, failures and warnings, on a stream for each task. */
import { hexNoise, noise } from '../../random.ts';
import type { Dynamics } from '../dynamics.ts';
import { cacheHost, writerHost } from '../hosts.ts';
import { runningTasks, type RegionInventory, type Task } from '../inventory.ts';
import { MINUTE_MS, type MinuteState } from '../minute.ts';
import { identify, isTraced, type RequestIdentity } from '../request-identity.ts';
import type { SampledRequest } from '../requests.ts';
import { reportOf, type FailureReport } from './failures.ts';
import { lastWords } from './last-words.ts';
import { loggingAt } from './logging.ts';
import type { LogEvent, LogSource } from './log-event.ts';

type Level = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

const RETENTION_DAYS = 7;
const TASK_MEMORY_MIB = 2048;
/** So long before its end an application says why. */
const LAST_WORDS_MS = 400;

export function applicationLog(dynamics: Dynamics, region: RegionInventory): LogSource {
  return {
    group: region.names.applicationLogs,
    retentionDays: RETENTION_DAYS,
    streams: (at) => {
      const recent = region.tasks.filter(
        (task) => task.startedAt <= at && (task.stoppedAt ?? at) > at - RETENTION_DAYS * 86_400_000,
      );
      return recent.toReversed().map((task) => streamOf(region, task));
    },
    events: (minute) => dynamics.lines('application', region, minute, () => eventsOf(dynamics, region, minute)),
  };
}

function streamOf(region: RegionInventory, task: Task): string {
  return `${region.names.service}/${region.names.service}/${task.id}`;
}

function eventsOf(dynamics: Dynamics, region: RegionInventory, minute: number): readonly LogEvent[] {
  const { world } = dynamics;
  const state = dynamics.state(region, minute);
  const lines = new Lines(dynamics, region);
  let failed = 0;
  for (const request of dynamics.wholeRequests(region, minute).requests) {
    const identity = identify(world, region, minute, request);
    const report = reportOf(world, region, request, identity);
    if (report !== undefined) {
      failed += 1;
      lines.failure(request, identity, report);
    } else if (request.failure === 'none' && request.endpoint.action !== undefined) {
      lines.request(request, identity);
    }
  }
  addUnsampledFailures(dynamics, region, minute, state, failed, lines);
  addRoutine(dynamics, region, minute, state, lines);
  addSymptoms(dynamics, region, minute, state, lines);
  return lines.sorted();
}

/** Builds lines in the form of the specification's structured logging. */
class Lines {
  private readonly events: LogEvent[] = [];
  private readonly dynamics: Dynamics;
  private readonly region: RegionInventory;

  constructor(dynamics: Dynamics, region: RegionInventory) {
    this.dynamics = dynamics;
    this.region = region;
  }

  request(request: SampledRequest, identity: RequestIdentity): void {
    const about =
      request.endpoint.id === 'publish'
        ? `Nano ${identity.nanoId} published by ${identity.userId}`
        : `Message sent by ${identity.userId}`;
    this.add(identity.end, request.task.task, 'INFO', request.endpoint.action ?? 'REQUEST', about, {
      ...(request.endpoint.id === 'publish' && { nano_id: identity.nanoId, creator_id: identity.userId }),
      ...this.http(request, identity),
      error: null,
    });
  }

  failure(request: SampledRequest, identity: RequestIdentity, report: FailureReport): void {
    this.add(identity.end, request.task.task, report.level, report.action, report.message, {
      ...this.http(request, identity),
      error: report.error,
    });
  }

  add(
    at: number,
    task: Task,
    level: Level,
    action: string,
    message: string,
    fields: Readonly<Record<string, unknown>> = { error: null },
  ): void {
    const { service } = this.region.names;
    const line = { timestamp: new Date(at).toISOString(), level, service, action, message, ...fields };
    const text = JSON.stringify(this.lacks(at) ? lacking(line) : line);
    this.events.push({ at: Math.floor(at), stream: streamOf(this.region, task), message: text });
  }

  sorted(): readonly LogEvent[] {
    return this.events.toSorted((a, b) => a.at - b.at);
  }

  /** Whether a line that is written now lacks some of its fields. */
  private lacks(at: number): boolean {
    const share = loggingAt(this.dynamics.world, this.region, at)?.lacking ?? 0;
    return share > 0 && noise(this.dynamics.world.seed, 'lacking', Math.floor(at), this.events.length) < share;
  }

  private http(request: SampledRequest, identity: RequestIdentity) {
    return {
      duration_ms: Math.round(request.totalMs),
      http_status: request.status,
      http_method: request.endpoint.method,
      http_path: identity.path,
      user_id: identity.userId,
      request_id: identity.requestId,
      trace_id: isTraced(request) ? identity.traceId : null,
      correlation_id: `corr-${hexNoise(this.dynamics.world.seed, identity.requestId, 'correlation')}`,
    };
  }
}

/** As a part of the service writes it that nobody has brought up to date. */
function lacking(line: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { service: _service, correlation_id: _correlation, ...rest } = line;
  return 'duration_ms' in rest ? { ...rest, duration_ms: `${String(rest['duration_ms'])}ms` } : rest;
}

/** Failures of requests that are not in the sample: as many as the balancer counted, told like those that are. */
function addUnsampledFailures(
  dynamics: Dynamics,
  region: RegionInventory,
  minute: number,
  state: MinuteState,
  sampled: number,
  lines: Lines,
): void {
  const { world } = dynamics;
  const missing = dynamics.counts(region, minute).targetServerErrors - sampled;
  const { requests } = dynamics.wholeRequests(region, minute);
  const failures = requests.filter((request) => request.status >= 500 && request.failure !== 'target-connection');
  for (let number = 0; number < missing; number += 1) {
    const luck = noise(world.seed, region.region, 'unsampled', minute, number);
    const model = failures[number % Math.max(1, failures.length)] ?? requests[number % Math.max(1, requests.length)];
    const task = state.tasks[Math.floor(luck * state.tasks.length)];
    if (model === undefined || task === undefined) return;
    const failure = model.status >= 500 ? model.failure : 'internal';
    const status = model.status >= 500 ? model.status : 500;
    // An index beyond the sample gives it an identity of its own, and no trace.
    const request: SampledRequest = {
      ...model,
      failure,
      status,
      task,
      index: 1_000_001 + number * 2,
      offsetMs: luck * 59_000,
    };
    const identity = identify(world, region, minute, request);
    const report = reportOf(world, region, request, identity);
    if (report !== undefined) lines.failure(request, identity, report);
  }
}

/** What a log holds on any day: warnings and errors that mean little. */
function addRoutine(
  dynamics: Dynamics,
  region: RegionInventory,
  minute: number,
  state: MinuteState,
  lines: Lines,
): void {
  if (state.requests === 0) return;
  const { seed } = dynamics.world;
  const luck = (key: string) => noise(seed, region.region, key, minute);
  const task = state.tasks[Math.floor(luck('routine-task') * state.tasks.length)]?.task;
  if (task === undefined) return;
  const at = minute * MINUTE_MS + luck('routine-at') * 59_000;
  if (luck('rate-limit') < 0.3) {
    const address = `198.51.100.${1 + Math.floor(luck('rate-limit-address') * 250)}`;
    lines.add(at, task, 'WARNING', 'RATE_LIMIT_APPROACHING', `Rate limit approaching: ${address}`);
  }
  if (luck('token') < 0.12) lines.add(at + 300, task, 'WARNING', 'TOKEN_REJECTED', 'Rejected an expired session token');
  if (luck('upload') < 0.06) {
    lines.add(
      at + 700,
      task,
      'ERROR',
      'UPLOAD_ABORTED',
      `Failed to upload to S3: ${region.names.bucket}/nanos/${hexNoise(seed, minute, 'upload')}.zip`,
      {
        error: 'ClientDisconnect: the client closed the connection while sending its body',
      },
    );
  }
  if (luck('mail') < 0.03) {
    lines.add(at + 900, task, 'ERROR', 'MAIL_FAILED', 'Could not send a notification mail', {
      error: 'smtplib.SMTPRecipientsRefused: 550 5.1.1 mailbox unavailable',
    });
  }
}

/** Lines that a component's trouble leaves without failing a request. */
function addSymptoms(
  dynamics: Dynamics,
  region: RegionInventory,
  minute: number,
  state: MinuteState,
  lines: Lines,
): void {
  const { world } = dynamics;
  const startMs = minute * MINUTE_MS;
  const luck = (...keys: readonly (string | number)[]) => noise(world.seed, region.region, 'symptom', minute, ...keys);
  const first = state.tasks[0]?.task;
  if (first !== undefined && state.database.pool.lost > 0) {
    lines.add(
      startMs + luck('pool') * 59_000,
      first,
      'CRITICAL',
      'POOL_EXHAUSTED',
      'Database connection pool exhausted',
    );
  }
  for (const [index, { task, pauseShare, memory, zoneIndex }] of state.tasks.entries()) {
    if (pauseShare > 0.05 && luck('pause', index) < 0.5) {
      const pausedMs = state.effects.memory?.pauseMs ?? 0;
      lines.add(
        startMs + luck('pause-at', index) * 59_000,
        task,
        'WARNING',
        'WORKER_BLOCKED',
        `Garbage collection of generation 2 stopped the worker for ${((pausedMs * (0.6 + luck('pause-ms', index))) / 1000).toFixed(2)} s; resident memory ${Math.round(memory * TASK_MEMORY_MIB)} MiB of ${TASK_MEMORY_MIB} MiB`,
      );
    }
    if (state.effects.zone?.zone === zoneIndex)
      addNetworkErrors(region, startMs, task, (key) => luck(key, index), lines);
  }
  for (const restart of region.cacheRestarts) {
    if (Math.floor(restart.at / MINUTE_MS) !== minute) continue;
    for (const [index, task] of runningTasks(region, restart.at).entries()) {
      lines.add(
        restart.at + luck('redis', index) * 4_000,
        task,
        'ERROR',
        'CACHE_UNAVAILABLE',
        `Lost the connection to ${cacheHost(region)}`,
        {
          error: 'redis.exceptions.ConnectionError: Connection closed by server.',
        },
      );
    }
  }
  for (const task of region.tasks) {
    // What never started has said nothing.
    if (task.crash !== undefined && task.startedAt !== task.stoppedAt && task.stoppedAt !== undefined) {
      if (Math.floor((task.stoppedAt - LAST_WORDS_MS) / MINUTE_MS) !== minute) continue;
      const { level, action, message, error } = lastWords(task.crash, region);
      lines.add(task.stoppedAt - LAST_WORDS_MS, task, level, action, message, { error });
    }
  }
  for (const task of region.tasks) {
    if (task.exitCode !== 137 || task.stoppedAt === undefined || Math.floor(task.stoppedAt / MINUTE_MS) !== minute)
      continue;
    lines.add(
      task.stoppedAt - 400,
      task,
      'CRITICAL',
      'WORKER_KILLED',
      'Worker (pid:14) was sent SIGKILL! Perhaps out of memory?',
      {
        error: `MemoryError: resident memory ${TASK_MEMORY_MIB - 9} MiB`,
      },
    );
  }
}

function addNetworkErrors(
  region: RegionInventory,
  startMs: number,
  task: Task,
  luck: (key: string) => number,
  lines: Lines,
): void {
  if (luck('mysql') < 0.5) {
    lines.add(
      startMs + luck('mysql-at') * 59_000,
      task,
      'ERROR',
      'DATABASE_RETRY',
      `Lost the connection to ${writerHost(region)}; trying again`,
      {
        error: "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
      },
    );
  }
  if (luck('redis') < 0.7) {
    lines.add(
      startMs + luck('redis-at') * 59_000,
      task,
      'ERROR',
      'CACHE_TIMEOUT',
      `No answer from ${cacheHost(region)}; going on without`,
      {
        error: 'redis.exceptions.TimeoutError: Timeout reading from socket',
      },
    );
  }
}
