/**
 * Backups are made once a night, in a window. A night is counted from one beginning of the window to the next, so that a
 * window across midnight makes no night appear twice and the next one not at all. Pure.
 */
import type { ClusterSnapshot } from '../../cloud/recovery-facts.ts';
import { dayMs, hourMs, minuteMs } from '../kit.ts';

/** A span of each day, UTC, from its beginning. */
export interface DailyWindow {
  readonly startMs: number;
  readonly lengthMs: number;
}

/** When backups are to be made, and when hardly anybody is there, UTC. */
export const wantedWindow: DailyWindow = { startMs: 2 * hourMs, lengthMs: hourMs };
export const quietWindow: DailyWindow = { startMs: 0, lengthMs: 6 * hourMs };

/** From RDS's `02:00-03:00`; undefined for what is none. One that ends before it begins goes across midnight. */
export function dailyWindow(text: string | undefined): DailyWindow | undefined {
  const parts = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/
    .exec(text ?? '')
    ?.slice(1)
    .map(Number);
  if (parts === undefined) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts;
  const startMs = fromHour * hourMs + fromMinute * minuteMs;
  const lengthMs = (toHour * hourMs + toMinute * minuteMs - startMs + dayMs) % dayMs;
  return { startMs, lengthMs: lengthMs === 0 ? dayMs : lengthMs };
}

/** Whether all of `inner` lies within `outer`, which does not go across midnight. */
export function isWithin(inner: DailyWindow, outer: DailyWindow): boolean {
  return inner.startMs >= outer.startMs && inner.startMs + inner.lengthMs <= outer.startMs + outer.lengthMs;
}

/** `02:00-03:00 UTC` */
export function windowTextOf({ startMs, lengthMs }: DailyWindow): string {
  const time = (ms: number): string => new Date(ms % dayMs).toISOString().slice(11, 16);
  return `${time(startMs)}-${time(startMs + lengthMs)} UTC`;
}

/** The night's beginning, epoch milliseconds. */
function nightOf(at: number, { startMs }: DailyWindow): number {
  return Math.floor((at - startMs) / dayMs) * dayMs + startMs;
}

/** `2026-11-23` */
export function nightName(night: number): string {
  return new Date(night).toISOString().slice(0, 10);
}

export interface Due {
  readonly nowMs: number;
  readonly window: DailyWindow;
  /** How long after the window's end what was made in it has to be there. */
  readonly graceMs: number;
  /** The cluster's making: no backup is due of a time before. */
  readonly since?: number | undefined;
}

const nightsLookedAt = 3;

/** The last three nights whose backup has to be there by now, oldest first; fewer of a cluster that is younger. */
export function dueNights({ nowMs, window, graceMs, since = 0 }: Due): readonly number[] {
  const newest = nightOf(nowMs - window.lengthMs - graceMs, window);
  return Array.from({ length: nightsLookedAt }, (_, index) => newest - (nightsLookedAt - 1 - index) * dayMs).filter(
    (night) => night >= since,
  );
}

/**
 * RDS names its own snapshots after the minute in which they begin. A copy's own time is that of its copying, so that the
 * name of its original says more.
 */
function takenAt({ id, at, copiedFrom }: ClusterSnapshot): number | undefined {
  return stampOf(copiedFrom?.id) ?? at ?? stampOf(id);
}

function stampOf(id: string | undefined): number | undefined {
  const stamp = /^rds:.*-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)$/
    .exec(id ?? '')
    ?.slice(1)
    .map(Number);
  if (stamp === undefined) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = stamp;
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** What is there of one night. */
export interface Night {
  readonly night: number;
  /** A snapshot that is whole; undefined where there is none. */
  readonly whole?: ClusterSnapshot;
  /** Why what is there cannot be used; absent where nothing is there at all. */
  readonly flaw?: string;
}

export function nightsHeld(
  nights: readonly number[],
  snapshots: readonly ClusterSnapshot[],
  window: DailyWindow,
): readonly Night[] {
  return nights.map((night) => {
    const ofNight = snapshots.filter((each) => {
      const at = takenAt(each);
      return at !== undefined && nightOf(at, window) === night;
    });
    const whole = ofNight.find((each) => flawOf(each, snapshots) === undefined);
    if (whole !== undefined) return { night, whole };
    const [flawed] = ofNight;
    return flawed === undefined ? { night } : { night, flaw: `${flawed.id} ${flawOf(flawed, snapshots) ?? ''}` };
  });
}

/**
 * Why a snapshot cannot be used. Of Aurora's snapshots zero GiB may be told although they hold something (RDS API
 * Reference, examples of DescribeDBClusterSnapshots): only beside others of the same kind that have a size it says that
 * this one is empty.
 */
function flawOf(snapshot: ClusterSnapshot, all: readonly ClusterSnapshot[]): string | undefined {
  const { status, percent, sizeGib, type } = snapshot;
  if (status !== 'available') return `is ${status}`;
  if (percent !== undefined && percent < 100) return `holds ${percent} % of the data`;
  const othersHaveSize = all.some((each) => each.type === type && (each.sizeGib ?? 0) > 0);
  return sizeGib === 0 && othersHaveSize ? 'is empty' : undefined;
}

/** `2026-11-23: rds:nano-db-2026-11-23-02-17, available, 84 GiB, encrypted` */
export function nightEvidence({ night, whole, flaw }: Night): string {
  if (whole === undefined) return `${nightName(night)}: ${flaw ?? 'nothing'}`;
  const { id, status, sizeGib = 0, encrypted, copiedFrom } = whole;
  const facts = [
    `${id}, ${status}`,
    ...(sizeGib > 0 ? [`${sizeGib} GiB`] : []),
    ...(encrypted === undefined ? [] : [encrypted ? 'encrypted' : 'not encrypted']),
    ...(copiedFrom === undefined ? [] : [`copied from ${copiedFrom.region}`]),
  ];
  return `${nightName(night)}: ${facts.join(', ')}`;
}

/** `2026-11-22 and 2026-11-23`, `2026-11-23 (rds:… is empty)` */
export function nightNames(nights: readonly Night[]): string {
  return nights
    .map(({ night, flaw }) => (flaw === undefined ? nightName(night) : `${nightName(night)} (${flaw})`))
    .join(', ');
}
