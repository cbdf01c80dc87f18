/** The logs of the database (errors, slow queries) and of the cache's engine. */
import { noise } from '../../random.ts';
import type { Dynamics } from '../dynamics.ts';
import { faultsOn, outageAt, writerAt } from '../database-state.ts';
import { applicationUser, schemaName } from '../hosts.ts';
import type { RegionInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import { database, statements } from '../workload.ts';
import type { LogEvent, LogSource } from './log-event.ts';

const RETENTION_DAYS = 7;
/** A report that runs now and then, and is slow on any day. */
const NIGHTLY = {
  share: 0.12,
  rowsExamined: 184_000,
  sql: "SELECT creator_id, COUNT(*) FROM nano_events WHERE created_at > '2026-01-01' GROUP BY creator_id;",
} as const;

export function slowQueryLog(dynamics: Dynamics, region: RegionInventory): LogSource {
  return {
    group: `${region.names.databaseLogs}/slowquery`,
    retentionDays: RETENTION_DAYS,
    streams: (at) => writersUntil(region, at),
    events: (minute) => dynamics.lines('slow-queries', region, minute, () => slowQueries(dynamics, region, minute)),
  };
}

/** The instance whose log a time's lines are in: the writer's, or the first reader's where there is no writer. */
function streamAt(region: RegionInventory, at: number): string {
  const { database: cluster } = region;
  return writerAt(cluster, at) ?? cluster.instances[0]?.id ?? cluster.cluster;
}

/** The streams of those that have been writers, the newest first. */
function writersUntil(region: RegionInventory, at: number): readonly string[] {
  const moves = region.database.failovers.filter((each) => each.movedAt <= at).map((each) => each.movedAt);
  return [...new Set([at, ...moves.toReversed().map((moved) => moved - 1)].map((time) => streamAt(region, time)))];
}

/** Statements of the minute's sampled requests that took longer than `long_query_time`, and the odd report. */
function slowQueries(dynamics: Dynamics, region: RegionInventory, minute: number): readonly LogEvent[] {
  const { world } = dynamics;
  const faults = faultsOn(world, region, region.database);
  const events: LogEvent[] = [];
  for (const request of dynamics.requests(region, minute).requests) {
    let at = minute * MINUTE_MS + request.offsetMs;
    for (const part of request.parts) {
      at += part.ms;
      if (part.kind !== 'statement' || part.failed === true || part.ms < database.longQueryTimeMs) continue;
      const statement = statements[part.statement];
      const rows = dynamics.state(region, minute).database.statements.get(part.statement)?.rowsExamined ?? 0;
      events.push({
        at: Math.floor(at),
        stream: streamAt(region, at),
        message: entry(
          world.names,
          at,
          request.task.task.ip,
          request.index,
          part.ms,
          statement.rowsSent,
          rows,
          statement.example,
        ),
      });
    }
  }
  const luck = noise(world.seed, region.region, 'report', minute);
  if (region.role === 'primary' && luck < NIGHTLY.share) {
    const at = minute * MINUTE_MS + (luck / NIGHTLY.share) * 59_000;
    const ms = 620 + 700 * noise(world.seed, region.region, 'report-ms', minute);
    const stream = streamAt(region, at);
    if (outageAt(region.database, faults, stream, at) === undefined) {
      events.push({
        at: Math.floor(at),
        stream,
        message: entry(world.names, at, region.tasks[0]?.ip ?? '', 9, ms, 40, NIGHTLY.rowsExamined, NIGHTLY.sql),
      });
    }
  }
  return events.toSorted((a, b) => a.at - b.at);
}

/** An entry in the form of MySQL's slow query log (MySQL Reference Manual, "The Slow Query Log"). */
function entry(
  names: Dynamics['world']['names'],
  at: number,
  clientIp: string,
  connection: number,
  ms: number,
  rowsSent: number,
  rowsExamined: number,
  sql: string,
): string {
  const schema = schemaName(names);
  const user = applicationUser(names);
  return [
    `# Time: ${new Date(at).toISOString().replace('Z', '000Z')}`,
    `# User@Host: ${user}[${user}] @  [${clientIp}]  Id: ${48_000 + connection}`,
    `# Query_time: ${(ms / 1000).toFixed(6)}  Lock_time: 0.000004 Rows_sent: ${rowsSent}  Rows_examined: ${rowsExamined}`,
    `use ${schema};`,
    `SET timestamp=${Math.floor((at - ms) / 1000)};`,
    sql,
  ].join('\n');
}

export function databaseErrorLog(dynamics: Dynamics, region: RegionInventory): LogSource {
  return {
    group: `${region.names.databaseLogs}/error`,
    retentionDays: RETENTION_DAYS,
    streams: (at) => writersUntil(region, at),
    events: (minute) => databaseErrors(dynamics, region, minute),
  };
}

/** What `mysqld` writes of its starts and of those that it turns away, and the odd connection that was left alone. */
function databaseErrors(dynamics: Dynamics, region: RegionInventory, minute: number): readonly LogEvent[] {
  const { world } = dynamics;
  const faults = faultsOn(world, region, region.database);
  const startMs = minute * MINUTE_MS;
  const events: LogEvent[] = [];
  const line = (at: number, stream: string, connection: number, text: string) =>
    events.push({
      at: Math.floor(at),
      stream,
      message: `${new Date(at).toISOString().replace('Z', '000Z')} ${connection} ${text}`,
    });
  for (const { from, to, outcome, movedAt, restartedAt } of region.database.failovers) {
    const starts =
      outcome === 'failed' || from === to
        ? [[from, restartedAt] as const]
        : [[to, movedAt] as const, [from, restartedAt] as const];
    for (const [instance, at] of starts) {
      if (Math.floor(at / MINUTE_MS) !== minute || outageAt(region.database, faults, instance, at) !== undefined)
        continue;
      line(at - 900, instance, 0, '[System] [MY-010116] [Server] /rdsdbbin/oscar/bin/mysqld starting as process 1');
      line(at, instance, 0, '[System] [MY-010931] [Server] /rdsdbbin/oscar/bin/mysqld: ready for connections.');
    }
  }
  const luck = noise(world.seed, region.region, 'database-error', minute);
  const at = startMs + (luck / 0.04) * 59_000;
  if (luck <= 0.04 && outageAt(region.database, faults, streamAt(region, at), at) === undefined) {
    const connection = 40_000 + (minute % 9_000);
    const text = `Aborted connection ${connection} to db: '${schemaName(world.names)}' (Got timeout reading communication packets).`;
    line(at, streamAt(region, at), connection, `[Note] [MY-010914] [Server] ${text}`);
  }
  for (const request of dynamics.wholeRequests(region, minute).requests) {
    if (request.failure !== 'access-denied') continue;
    const deniedAt = startMs + request.offsetMs;
    const user = `'${applicationUser(world.names)}'@'${request.task.task.ip}'`;
    const text = `[Note] [MY-010926] [Server] Access denied for user ${user} (using password: YES)`;
    line(deniedAt, streamAt(region, deniedAt), 48_000 + request.index, text);
  }
  return events.toSorted((a, b) => a.at - b.at);
}

export function cacheLog(dynamics: Dynamics, region: RegionInventory): LogSource {
  const { world } = dynamics;
  const day = 1440;
  return {
    group: region.names.cacheLogs,
    retentionDays: RETENTION_DAYS,
    streams: () => region.cacheNodes.map((node) => node.id),
    events: (minute) => {
      const events: LogEvent[] = [];
      const line = (at: number, node: string, level: string, text: string) =>
        events.push({
          at: Math.floor(at),
          stream: node,
          message: JSON.stringify({
            CacheClusterId: node,
            CacheNodeId: '0001',
            LogLevel: level,
            Role: 'M',
            Time: `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
            Message: text,
          }),
        });
      for (const restart of region.cacheRestarts) {
        if (Math.floor(restart.at / MINUTE_MS) !== minute) continue;
        line(restart.at, restart.node, 'NOTICE', 'User requested shutdown...');
        line(restart.at + 2_100, restart.node, 'NOTICE', 'Server initialized');
        line(restart.at + 2_400, restart.node, 'NOTICE', 'Ready to accept connections tcp');
      }
      const replica = region.cacheNodes.find((node) => node.role === 'replica');
      if (replica !== undefined && minute % day === Math.floor(noise(world.seed, 'cache-log') * day)) {
        line(minute * MINUTE_MS + 12_000, replica.id, 'NOTICE', 'Background saving terminated with success');
      }
      return events.toSorted((a, b) => a.at - b.at);
    },
  };
}
