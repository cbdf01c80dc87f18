/**
 * How often AWS lets an account ask for what pages through logs and trails. Asked for more often it would refuse, and refuse
 * those as well who ask at the same time: consoles, other tools.
 */
import type { Clock } from '../engine/clock.ts';

/** Calls a second, of one region. */
const quotas: Readonly<Record<string, number>> = {
  // CloudTrail User Guide, "Quotas in AWS CloudTrail".
  'cloudtrail:LookupEvents': 2,
  // CloudWatch User Guide, "CloudWatch service quotas".
  'cloudwatch:DeleteAlarms': 3,
  'cloudwatch:DescribeAlarms': 9,
  'cloudwatch:PutCompositeAlarm': 3,
  'cloudwatch:PutMetricAlarm': 3,
  // CloudWatch Logs User Guide, "CloudWatch Logs quotas"; 25 in some regions.
  'logs:FilterLogEvents': 10,
};

/** Waits for the turn of a call, `service:Operation`; at once where there is no quota to heed. Rejects with the signal's reason. */
export type Pace = (operation: string, region: string, signal: AbortSignal | undefined) => Promise<void> | undefined;

export function createPace(clock: Clock): Pace {
  /** When the latest calls are made, by operation and region. */
  const turns = new Map<string, number[]>();
  return (operation, region, signal) => {
    const aSecond = quotas[operation];
    if (aSecond === undefined) return undefined;
    const key = `${operation} ${region}`;
    const made = turns.get(key) ?? [];
    turns.set(key, made);
    const now = clock.now();
    const due = Math.max(now, (made.at(-aSecond) ?? -Infinity) + 1000 * (clock.pace ?? 1));
    made.push(due);
    if (made.length > aSecond) made.shift();
    return due > now ? clock.sleep(due - now, signal) : undefined;
  };
}
