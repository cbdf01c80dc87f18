/**
 * How often tasks crashed: more than 3 restarts in 5 minutes are a crash loop. Only what ended by itself, or never came up,
 * counts; what ECS, a person or Spot stopped does not.
 * Source: Amazon ECS API Reference, Task, `stopCode`; Amazon ECS Developer Guide, "Stopped tasks error messages".
 */
import type { StoppedTask } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import { byCodeUnit } from '../statistics.ts';

const minuteMs = 60_000;
/** ECS replaces each task that ended, so that a crash is a restart. */
export const restartsAllowed = 3;
export const loopWindowMs = 5 * minuteMs;
/** ECS shows stopped tasks for about an hour. */
export const historyMs = 60 * minuteMs;

/** The codes of tasks that ended by themselves, or never came up. */
export const crashCodes: readonly string[] = ['EssentialContainerExited', 'TaskFailedToStart'];

/** A task that crashed, and when. */
export interface Crash {
  readonly at: number;
  readonly task: StoppedTask;
}

export interface Restarts {
  /** Crashes of the last hour, oldest first. */
  readonly crashes: readonly Crash[];
  /** The five minutes that end now. */
  readonly latest: number;
  /** The five minutes of the last hour that hold most crashes; the latest such. */
  readonly worst: { readonly window: Window; readonly count: number };
  /** `ongoing` by the latest five minutes, `over` by the worst alone. */
  readonly state: 'ongoing' | 'over' | 'none';
  /** The loop's first and last crash, where there is a loop. */
  readonly loop?: { readonly from: number; readonly to: number; readonly crashes: readonly Crash[] };
  /** Tasks of the last hour that were stopped from outside, and so do not count. */
  readonly stoppedFromOutside: readonly StoppedTask[];
  /** Tasks that ECS told too little about to count them. */
  readonly untold: number;
}

/** The crashes within a window, oldest first; a task that is listed twice counts once. */
export function crashesIn(stopped: readonly StoppedTask[], window: Window): readonly Crash[] {
  const byArn = new Map(stopped.map((task) => [task.taskArn, task]));
  return [...byArn.values()]
    .flatMap((task) => (isCrash(task) && task.stoppedAt !== undefined ? [{ at: task.stoppedAt, task }] : []))
    .filter(({ at }) => at >= window.from && at < window.to)
    .toSorted((a, b) => a.at - b.at || byCodeUnit(a.task.taskArn, b.task.taskArn));
}

/** Restarts in the hour that ends at `at`, epoch milliseconds: that moment belongs to it. */
export function countRestarts(stopped: readonly StoppedTask[], at: number): Restarts {
  const to = at + 1;
  const crashes = crashesIn(stopped, { from: to - historyMs, to });
  const latest = crashes.filter((crash) => crash.at >= to - loopWindowMs).length;
  const worst = worstOf(crashes, to);
  const state = latest > restartsAllowed ? 'ongoing' : worst.count > restartsAllowed ? 'over' : 'none';
  const isOfHour = ({ stoppedAt }: StoppedTask): boolean => stoppedAt === undefined || stoppedAt >= to - historyMs;
  const others = stopped.filter((task) => isOfHour(task) && !isCrash(task));
  return {
    crashes,
    latest,
    worst,
    state,
    ...(state === 'none' ? {} : { loop: loopAround(crashes, worst.window) }),
    stoppedFromOutside: others.filter(({ stopCode }) => stopCode !== undefined),
    untold: stopped.filter((task) => isOfHour(task) && (task.stopCode === undefined || isUndated(task))).length,
  };
}

function isCrash({ stopCode }: StoppedTask): boolean {
  return stopCode !== undefined && crashCodes.includes(stopCode);
}

function isUndated(task: StoppedTask): boolean {
  return isCrash(task) && task.stoppedAt === undefined;
}

/** The busiest window ends with some crash: it is enough to look at those. */
function worstOf(crashes: readonly Crash[], to: number): Restarts['worst'] {
  let worst: Restarts['worst'] = { window: { from: to - loopWindowMs, to }, count: 0 };
  for (const { at } of crashes) {
    const window = { from: at + 1 - loopWindowMs, to: at + 1 };
    const count = crashes.filter((crash) => crash.at >= window.from && crash.at < window.to).length;
    if (count >= worst.count) worst = { window, count };
  }
  return worst;
}

/** ECS waits ever longer between attempts to start what keeps failing: a loop's crashes are further apart as it goes on. */
const longestGapMs = 10 * minuteMs;

function loopAround(crashes: readonly Crash[], core: Window): Restarts['loop'] {
  const inside = crashes.findIndex(({ at }) => at >= core.from);
  let first = inside;
  let last = inside;
  const gap = (a: number, b: number): number => (crashes[b]?.at ?? Infinity) - (crashes[a]?.at ?? -Infinity);
  while (first > 0 && gap(first - 1, first) <= longestGapMs) first -= 1;
  while (last < crashes.length - 1 && gap(last, last + 1) <= longestGapMs) last += 1;
  const loop = crashes.slice(first, last + 1);
  return { from: loop[0]?.at ?? core.from, to: loop.at(-1)?.at ?? core.to, crashes: loop };
}
