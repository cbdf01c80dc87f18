/** The logs of the database (errors, slow queries) and of the cache's engine. */
import { noise } from '../../random.ts';
import type { Dynamics } from '../dynamics.ts';
import { schemaName } from '../hosts.ts';
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
  const stream = writerOf(region);
  return {
    group: `${region.names.databaseLogs}/slowquery`,
    retentionDays: RETENTION_DAYS,
    streams: () => [stream],
    events: (minute) => slowQueries(dynamics, region, minute, stream),
  };
}

function writerOf(region: RegionInventory): string {
  const { instances, cluster } = region.database;
  return (instances.find((instance) => instance.role === 'writer') ?? instances[0])?.id ?? cluster;
}

/** Statements of the minute's sampled requests that took longer than `long_query_time`, and the odd report. */
function slowQueries(dynamics: Dynamics, region: RegionInventory, minute: number, stream: string): readonly LogEvent[] {
  const { world } = dynamics;
  const events: LogEvent[] = [];
  for (const request of dynamics.requests(region, minute).requests) {
    let at = minute * MINUTE_MS + request.offsetMs;
    for (const part of request.parts) {
      at += part.ms;
      if (part.kind !== 'statement' || part.ms < database.longQueryTimeMs) continue;
      const statement = statements[part.statement];
      const rows = dynamics.state(region, minute).database.statements.get(part.statement)?.rowsExamined ?? 0;
      events.push({
        at: Math.floor(at),
        stream,
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
    events.push({
      at: Math.floor(at),
      stream,
      message: entry(world.names, at, region.tasks[0]?.ip ?? '', 9, ms, 40, NIGHTLY.rowsExamined, NIGHTLY.sql),
    });
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
  const user = schema.replace(/_[^_]*$/, '_app');
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
  const stream = writerOf(region);
  const { world } = dynamics;
  return {
    group: `${region.names.databaseLogs}/error`,
    retentionDays: RETENTION_DAYS,
    streams: () => [stream],
    events: (minute) => {
      const luck = noise(world.seed, region.region, 'database-error', minute);
      if (luck > 0.04) return [];
      const at = minute * MINUTE_MS + (luck / 0.04) * 59_000;
      const connection = 40_000 + (minute % 9_000);
      return [
        {
          at: Math.floor(at),
          stream,
          message: `${new Date(at).toISOString().replace('Z', '000Z')} ${connection} [Note] [MY-010914] [Server] Aborted connection ${connection} to db: '${schemaName(world.names)}' (Got timeout reading communication packets).`,
        },
      ];
    },
  };
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
