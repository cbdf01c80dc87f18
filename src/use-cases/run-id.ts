/** Names of runs: sortable by time, readable, and unlikely to meet. */
import type { Random } from '../engine/clock.ts';

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** For example `20261123T110300Z-latency-7k2m9x`. */
export function newRunId(runbook: string, nowMs: number, random: Random): string {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const tail = Array.from({ length: 6 }, () => letters[Math.floor(random() * letters.length)]).join('');
  return `${time}-${runbook}-${tail}`;
}
