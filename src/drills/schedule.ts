/**
 * When drills are held: from "2nd tuesday 15:00" in a time zone to moments, summer time and blackouts included. Pure: it
 * knows no configuration file, and what time it is is handed in.
 */
import * as Instant from 'temporal-polyfill/fns/Instant';
import * as PlainDate from 'temporal-polyfill/fns/PlainDate';
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';

/** Days without a drill, `2026-12-24`, both ends included. */
export interface Blackout {
  readonly from: string;
  readonly to: string;
  readonly reason?: string;
}

/** As the configuration's `drill` has it. */
export interface DrillPlan {
  /** Which weekday of the month, and when: `2nd tuesday 15:00`, `last friday 09:30`. */
  readonly schedule: string;
  /** A name of the IANA database. */
  readonly timeZone: string;
  /** Calendar days in `timeZone`. */
  readonly blackouts: readonly Blackout[];
}

export interface DrillDate {
  /** The calendar day in the plan's zone, `2026-12-08`. */
  readonly date: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `2026-12-08T15:00+01:00`. */
  readonly local: string;
  /**
   * - `moved-forward`: the local time does not exist on that day, and the drill is later by what the clocks skip.
   * - `first-of-two`: the local time comes twice on that day, and this is the first.
   */
  readonly clockChange?: 'moved-forward' | 'first-of-two';
  /** Why no drill is held on that day. */
  readonly skipped?: string;
}

export interface DrillDates {
  /** In order; those that are skipped stand among them. */
  readonly dates: readonly DrillDate[];
  /** False where blackouts leave fewer dates than were asked for. */
  readonly isComplete: boolean;
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Ten years of nothing but blackouts are enough to say that no drill is ever held. */
const mostSkippedInARow = 120;

/**
 * The next `count` drills from `fromMs` on, that moment included, and what is skipped before the last of them. A local
 * time that does not exist moves forward by the gap, one that comes twice is the first, as Temporal's "compatible" has it
 * (and RFC 5545, section 3.3.5).
 */
export function drillDates(plan: DrillPlan, fromMs: number, count: number): DrillDates {
  const rule = ruleOf(plan.schedule);
  const first = Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(fromMs), plan.timeZone);
  const dates: DrillDate[] = [];
  let held = 0;
  let skippedInARow = 0;
  for (let month = first.year * 12 + first.month - 1; held < count; month += 1) {
    const drill = drillIn(Math.floor(month / 12), (month % 12) + 1, rule, plan);
    if (drill.at < fromMs) continue;
    dates.push(drill);
    if (drill.skipped === undefined) {
      held += 1;
      skippedInARow = 0;
    } else {
      skippedInARow += 1;
      if (skippedInARow === mostSkippedInARow) return { dates, isComplete: false };
    }
  }
  return { dates, isComplete: true };
}

/** Why no drill may be held at a moment; undefined where one may. */
export function blackoutAt({ timeZone, blackouts }: Pick<DrillPlan, 'timeZone' | 'blackouts'>, atMs: number) {
  return blackoutOn(blackouts, dayAt(atMs, timeZone));
}

/** Whole calendar days in a zone from one moment to another; negative where the other is earlier. */
export function daysBetween(fromMs: number, toMs: number, timeZone: string): number {
  const dateAt = (atMs: number) => ZonedDateTime.toPlainDate(zonedAt(atMs, timeZone));
  return PlainDate.diffDays(dateAt(fromMs), dateAt(toMs));
}

/** When a calendar day (`2026-12-08`) begins in a zone, epoch milliseconds; undefined for a day that the calendar lacks. */
export function startOfDay(date: string, timeZone: string): number | undefined {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  if (month < 1 || month > 12 || day < 1 || day > PlainDate.daysInMonth(PlainDate.create(year, month, 1))) {
    return undefined;
  }
  return PlainDate.toZonedDateTime(PlainDate.create(year, month, day), timeZone).epochMilliseconds;
}

interface Rule {
  /** 1 to 4, or the last one. */
  readonly which: number | 'last';
  /** 1 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

function ruleOf(schedule: string): Rule {
  const match = /^(?:([1-4])(?:st|nd|rd|th)|last) (\w+) (\d\d):(\d\d)$/i.exec(schedule);
  const [, which, weekday = '', hour, minute] = match ?? [];
  const index = weekdays.indexOf(weekday.toLowerCase());
  if (match === null || index === -1) throw new TypeError(`"${schedule}" is no schedule`);
  return {
    which: which === undefined ? 'last' : Number(which),
    weekday: index + 1,
    hour: Number(hour),
    minute: Number(minute),
  };
}

function drillIn(year: number, month: number, { hour, minute, ...rule }: Rule, plan: DrillPlan): DrillDate {
  const day = dayIn(year, month, rule);
  const scheduled = PlainDateTime.create(year, month, day, hour, minute);
  const resolved = (disambiguation: 'compatible' | 'later') =>
    PlainDateTime.toZonedDateTime(scheduled, plan.timeZone, { disambiguation });
  const zoned = resolved('compatible');
  const isMoved = !PlainDateTime.equals(ZonedDateTime.toPlainDateTime(zoned), scheduled);
  const isTwice = zoned.epochMilliseconds !== resolved('later').epochMilliseconds;
  const date = PlainDate.toString(PlainDate.create(year, month, day));
  const skipped = blackoutOn(plan.blackouts, date);
  return {
    date,
    at: zoned.epochMilliseconds,
    local: ZonedDateTime.toString(zoned, { timeZoneName: 'never', smallestUnit: 'minute' }),
    ...(isMoved ? { clockChange: 'moved-forward' } : isTwice ? { clockChange: 'first-of-two' } : {}),
    ...(skipped === undefined ? {} : { skipped }),
  };
}

function dayIn(year: number, month: number, { which, weekday }: Pick<Rule, 'which' | 'weekday'>): number {
  const first = PlainDate.create(year, month, 1);
  const length = PlainDate.daysInMonth(first);
  if (which === 'last') {
    const last = PlainDate.dayOfWeek(PlainDate.create(year, month, length));
    return length - ((last - weekday + 7) % 7);
  }
  return 1 + ((weekday - PlainDate.dayOfWeek(first) + 7) % 7) + (which - 1) * 7;
}

function blackoutOn(blackouts: readonly Blackout[], date: string): string | undefined {
  const found = blackouts.find(({ from, to }) => from <= date && date <= to);
  return found && (found.reason ?? `no drills from ${found.from} to ${found.to}`);
}

function zonedAt(atMs: number, timeZone: string): ZonedDateTime.Record {
  return Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(atMs), timeZone);
}

function dayAt(atMs: number, timeZone: string): string {
  return PlainDate.toString(ZonedDateTime.toPlainDate(zonedAt(atMs, timeZone)));
}
