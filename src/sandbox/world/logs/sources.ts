/** All log groups of a region, and what can be read of them by now. */
import type { RegionInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import type { World } from '../world.ts';
import { applicationLog } from './application.ts';
import { cacheLog, databaseErrorLog, slowQueryLog } from './backing.ts';
import type { LogEvent, LogSource } from './log-event.ts';

/** A line can be read so long after it was written. */
export const INGESTION_MS = 4_000;

export function logSources(world: World, region: RegionInventory): readonly LogSource[] {
  const { dynamics } = world;
  const database = [databaseErrorLog(dynamics, region), slowQueryLog(dynamics, region)];
  return [applicationLog(dynamics, region), ...database, cacheLog(dynamics, region)];
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
  for (let minute = Math.floor(first / MINUTE_MS); minute * MINUTE_MS < end; minute += 1) {
    if (world.dynamics.state(region, minute).effects.telemetryGap) continue;
    for (const event of source.events(minute)) if (event.at >= first && event.at < end) yield event;
  }
}
