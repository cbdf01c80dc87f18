/** Until when a run looks: metrics come minutes late, and the window ends before them; logs, ECS and RDS tell at once. */
import type { Window } from '../cloud/series.ts';

/** A window that ends this near to now was not meant to end in the past. */
const nearMs = 5 * 60_000;

/** The window up to this moment; as it is, where the operator chose an end in the past. Epoch milliseconds. */
export function upToNow(window: Window, now: number): Window {
  return now - window.to < nearMs ? { from: window.from, to: Math.max(window.to, now) } : window;
}

/** Whole minutes of the past that end where `upToNow` does. */
export function lookback(window: Window, now: number, durationMs: number): Window {
  const { to } = upToNow(window, now);
  return { from: Math.floor((to - durationMs) / 60_000) * 60_000, to };
}
