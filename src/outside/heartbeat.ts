/** What a heartbeat program printed, as a point in time. Anything else than epoch milliseconds is refused, with a reason. */
import type { NewestHeartbeat } from '../cloud/outside.ts';
import { shown } from './printed.ts';

/** Clocks of two machines differ. */
const mostAheadMs = 60_000;

/**
 * `line` is the last line that is not empty. MySQL gives fractions where a column has them; they are cut off.
 */
export function readHeartbeat(line: string | undefined, nowMs: number): NewestHeartbeat {
  if (line === undefined) return { detail: 'it printed nothing; it must print epoch milliseconds' };
  const text = line.trim();
  if (/^(?:NULL|None|nil)$/i.test(text)) return { detail: `it printed ${shown(text)}: there is no heartbeat` };
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return { detail: `it printed ${shown(text)}: seconds? it must be milliseconds` };
  if (/^\d{16}(?:\.\d+)?$/.test(text)) {
    return { detail: `it printed ${shown(text)}: microseconds? it must be milliseconds` };
  }
  if (!/^\d{13}(?:\.\d+)?$/.test(text))
    return { detail: `it printed "${shown(text)}", which is no epoch milliseconds` };
  const at = Number.parseInt(text, 10);
  if (at > nowMs + mostAheadMs) {
    const aheadS = Math.round((at - nowMs) / 1_000);
    return { detail: `it printed ${text}, which is ${aheadS} s ahead of this machine's clock` };
  }
  return { at, detail: `newest heartbeat ${new Date(at).toISOString()}` };
}
