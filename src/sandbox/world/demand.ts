/** How many requests come: a daily and a weekly cycle, slow drift and noise, as a pure function of seed and minute. */
import { gaussian } from '../random.ts';
import { MEAN_ARRIVALS_PER_SECOND } from './workload.ts';

const MINUTES_A_DAY = 1440;
const DAILY_SWING = 0.06;
const WEEKLY_SWING = 0.03;
/** The hour of the day, in UTC, at which most requests come: noon at the Pacific coast. */
const BUSIEST_HOUR_UTC = 20;
const SLOW_NOISE = 0.02;
const MINUTE_NOISE = 0.015;
/** Slow drift is drawn for every so many minutes, and read off the line between. */
const SLOW_STEP_MINUTES = 20;

/** Requests a second during a minute (counted from the epoch), without any fault. */
export function baseArrivals(seed: number, minute: number): number {
  const day = Math.cos((2 * Math.PI * (minute - BUSIEST_HOUR_UTC * 60)) / MINUTES_A_DAY);
  // The epoch was a Thursday; the week is fullest on Tuesday.
  const week = Math.cos((2 * Math.PI * (minute - 5 * MINUTES_A_DAY)) / (7 * MINUTES_A_DAY));
  const cycle = 1 + DAILY_SWING * day + WEEKLY_SWING * week;
  const drift = SLOW_NOISE * slow(seed, 'arrivals', minute) + MINUTE_NOISE * gaussian(seed, 'arrivals', minute);
  return MEAN_ARRIVALS_PER_SECOND * cycle * Math.max(0.5, 1 + drift);
}

/** A standard normal that wanders: the same key gives neighbouring minutes similar values. */
export function slow(seed: number, key: string, minute: number, stepMinutes = SLOW_STEP_MINUTES): number {
  const step = Math.floor(minute / stepMinutes);
  const share = minute / stepMinutes - step;
  return gaussian(seed, key, 'slow', step) * (1 - share) + gaussian(seed, key, 'slow', step + 1) * share;
}
