/** When drills are held. Nothing is contacted. */
import { parseInstantOrDuration } from '../config/durations.ts';
import { daysBetween, drillDates, startOfDay, type DrillDate } from '../drills/schedule.ts';
import { NanoopsError } from '../errors.ts';
import type { ListDocument } from '../report/schemas.ts';
import { drillSettings, type ConfigChoice, type StackName } from './drill-settings.ts';

/** A date of the schedule; times in UTC are ISO 8601. */
export type DrillDateItem = {
  /** The calendar day in the schedule's zone. */
  readonly id: string;
  readonly at: string;
  /** With its distance from UTC: `2026-12-08T15:00+01:00`. */
  readonly local: string;
  readonly timeZone: string;
  /** Calendar days from today, in the schedule's zone. */
  readonly inDays: number;
  readonly clockChange: DrillDate['clockChange'] | null;
  readonly skipped: boolean;
  /** Why it is skipped. */
  readonly reason: string | null;
};

export interface DrillSchedule extends ListDocument {
  readonly items: readonly DrillDateItem[];
  readonly schedule: string;
  readonly timeZone: string;
  /** Null without a configuration. */
  readonly stack: StackName | null;
  /** Where the schedule was read; null: it is the specification's. */
  readonly origin: string | null;
  /** True where the stack is the sandbox's. */
  readonly simulated: boolean;
  /** How long a drill takes at most. */
  readonly lengthMs: number;
  /** False where blackouts leave fewer drills than were asked for. */
  readonly complete: boolean;
}

export interface ScheduleWanted extends ConfigChoice {
  readonly count: string | undefined;
  /** As given with `--from`: a time, a day in the schedule's zone, or how long ago. Now when absent. */
  readonly from: string | undefined;
  readonly nowMs: number;
}

/** @throws NanoopsError `InvalidCount`, `InvalidTime`, and as `drillSettings` does. */
export async function drillSchedule(wanted: ScheduleWanted): Promise<DrillSchedule> {
  const { nowMs } = wanted;
  const count = countOf(wanted.count ?? '6');
  const { plan, lengthMs, stack, origin } = await drillSettings(wanted);
  const { timeZone } = plan;
  const fromMs = wanted.from === undefined ? nowMs : instantOf(wanted.from, nowMs, timeZone);
  const { dates, isComplete } = drillDates(plan, fromMs, count);
  return {
    schema: 'nanoops/list@1',
    items: dates.map(({ date, at, local, clockChange, skipped }) => ({
      id: date,
      at: new Date(at).toISOString(),
      local,
      timeZone,
      inDays: daysBetween(nowMs, at, timeZone),
      clockChange: clockChange ?? null,
      skipped: skipped !== undefined,
      reason: skipped ?? null,
    })),
    schedule: plan.schedule,
    timeZone,
    stack: stack ?? null,
    origin: origin ?? null,
    simulated: wanted.isSandbox,
    lengthMs,
    complete: isComplete,
  };
}

const mostDates = 60;

function countOf(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= mostDates) return count;
  throw new NanoopsError(`--count ${JSON.stringify(text)} is not a number from 1 to ${mostDates}`, {
    code: 'InvalidCount',
    exitCode: 2,
    nextStep: 'say how many dates to list, for example --count 12, or leave it out for 6',
  });
}

function instantOf(text: string, nowMs: number, timeZone: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return parseInstantOrDuration(text, nowMs, '--from', ['a day (2027-01-01)']);
  const day = startOfDay(text, timeZone);
  if (day !== undefined) return day;
  throw new NanoopsError(`--from: ${text} is no day that exists`, {
    code: 'InvalidTime',
    exitCode: 2,
    nextStep: 'check month and day, for example --from 2027-01-01',
  });
}
