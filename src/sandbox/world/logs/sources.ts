/** All log groups of a region, and what can be read of them by now. */
import type { RegionInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import type { World } from '../world.ts';
import { applicationLog } from './application.ts';
import { cacheLog, databaseErrorLog, slowQueryLog } from './backing.ts';
import { loggingParts, type LoggingPart } from '../faults.ts';
import { loggingAt } from './logging.ts';
import type { LogEvent, LogSource } from './log-event.ts';
import { trailLog } from './trail.ts';

/** A line can be read so long after it was written. */
export const INGESTION_MS = 4_000;

export function logSources(world: World, region: RegionInventory): readonly LogSource[] {
  const { dynamics } = world;
  const fault = loggingAt(world.inventory, region, world.now());
  const all: Readonly<Record<LoggingPart, LogSource>> = {
    application: applicationLog(dynamics, region),
    error: databaseErrorLog(dynamics, region),
    slowquery: slowQueryLog(dynamics, region),
    cache: cacheLog(dynamics, region),
  };
  const own = loggingParts.flatMap((part) => {
    if (fault?.missing.includes(part) === true) return [];
    const source = all[part];
    return fault?.retentionDays === undefined ? [source] : [{ ...source, retentionDays: daysOf(fault.retentionDays) }];
  });
  return [...own, ...trailLog(world.inventory, region)];
}

function daysOf(days: number | 'never'): number {
  return days === 'never' ? Number.POSITIVE_INFINITY : days;
}

/** The lines of [fromMs, toMs) that have arrived by now and are still kept, oldest first, as they are asked for. */
export function* linesBetween(
  world: World,
  region: RegionInventory,
  source: LogSource,
  fromMs: number,
  toMs: number,
): Generator<LogEvent> {
  const now = world.now();
  const first = Math.max(fromMs, now - source.retentionDays * 86_400_000, world.inventory.createdAt);
  const end = Math.min(toMs, now - INGESTION_MS);
  // A line is written when its request ends, which may be in a later minute than the one that it came in.
  let held: readonly LogEvent[] = [];
  const begin = Math.floor(first / MINUTE_MS) - 1;
  for (let minute = begin; minute * MINUTE_MS < end || held.length > 0; minute += 1) {
    const known = [...held, ...eventsIn(world, region, source, minute, end)].toSorted((a, b) => a.at - b.at);
    const sure = (minute + 1) * MINUTE_MS;
    held = known.filter((event) => event.at >= sure);
    for (const event of known) if (event.at < sure && event.at >= first && event.at < end) yield event;
  }
}

function eventsIn(
  world: World,
  region: RegionInventory,
  source: LogSource,
  minute: number,
  end: number,
): readonly LogEvent[] {
  if (minute * MINUTE_MS >= end) return [];
  const events = source.events(minute);
  // The state of every minute of a week takes long to tell, and most minutes of some logs are empty.
  return events.length === 0 || world.dynamics.state(region, minute).effects.telemetryGap ? [] : events;
}
