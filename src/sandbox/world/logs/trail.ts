/** The log group that the account's trail of all regions is delivered to; there is one where the stack names it. */
import { accountEventsOf, EVENT_DAY_MS, type AccountEvent } from '../account-events.ts';
import type { RegionInventory, WorldInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import type { LogSource } from './log-event.ts';

const RETENTION_DAYS = 90;

export function trailLog(world: WorldInventory, region: RegionInventory): readonly LogSource[] {
  const { trailLogs } = region.names;
  if (trailLogs === undefined) return [];
  const stream = `${world.names.account}_CloudTrail_${region.region}`;
  const days = new Map<number, readonly AccountEvent[]>();
  const eventsOf = (day: number): readonly AccountEvent[] => {
    const known = days.get(day) ?? accountEventsOf(world, day);
    days.set(day, known);
    return known;
  };
  return [
    {
      group: trailLogs,
      retentionDays: RETENTION_DAYS,
      streams: () => [stream],
      events: (minute) => {
        const from = minute * MINUTE_MS;
        return eventsOf(Math.floor(from / EVENT_DAY_MS) * EVENT_DAY_MS)
          .filter(({ at }) => at >= from && at < from + MINUTE_MS)
          .map(({ at, document }) => ({ at: Math.floor(at), stream, message: document }));
      },
    },
  ];
}
