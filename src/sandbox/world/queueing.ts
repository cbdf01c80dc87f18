/**
 * How waiting grows as a resource fills up: the few formulas of queueing theory that the dynamics need, softened to
 * what a minute can show. Pure arithmetic; knows no component.
 */

/** Utilisation from which the steady state is out of a minute's reach, so that waiting grows in a line from there. */
const SOFT_FROM = 0.92;
/** How much the slow-down grows per unit of utilisation beyond `SOFT_FROM`. */
const SOFT_SLOPE = 130;
const WORST = 60;

/**
 * By how much a piece of work takes longer on `cores` processors that are `utilisation` full, than alone: processor
 * sharing, approximated as 1 / (1 - ρ^cores). A queue needs far longer than a minute to reach the steady state near
 * ρ = 1, and demand above 1 only builds it up faster: hence a line instead of a pole.
 */
export function slowdown(utilisation: number, cores: number): number {
  const full = Math.max(0, utilisation);
  const steady = (at: number) => 1 / (1 - at ** cores);
  if (full <= SOFT_FROM) return steady(full);
  return Math.min(WORST, steady(SOFT_FROM) + (full - SOFT_FROM) * (SOFT_SLOPE / cores));
}

export interface Waiting {
  /** The share of those who come that has to wait. */
  readonly probability: number;
  /** How long those wait on average, in milliseconds. */
  readonly meanMs: number;
  /** The share of those who come that never gets a turn in time. */
  readonly lost: number;
}

/**
 * Waiting for one of `places` (connections of a pool) when `offered` of them are wanted on average (Little's law), each
 * held for `heldMs`, and nobody waits longer than `timeoutMs`. Sakasegawa's approximation of M/M/c, softened above
 * 97 % as in `slowdown`.
 */
export function waitingFor(places: number, offered: number, heldMs: number, timeoutMs: number): Waiting {
  const full = offered / places;
  const bounded = Math.min(full, 0.97);
  const probability = Math.min(
    1,
    full <= 0 ? 0 : bounded ** (Math.sqrt(2 * (places + 1)) - 1) * (full > 0.97 ? 1 + (full - 0.97) * 4 : 1),
  );
  const meanMs = heldMs / (places * (1 - bounded)) + (full > 0.97 ? (full - 0.97) * heldMs * 4 : 0);
  return {
    probability,
    meanMs: Math.min(meanMs, timeoutMs * 0.6),
    lost: full > 1 ? Math.min(0.5, 1 - 1 / full) : 0,
  };
}

/** A lognormal variate of this mean: `normal` is a standard normal one, `sigma` the deviation of its logarithm. */
export function lognormal(mean: number, sigma: number, normal: number): number {
  return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
}

/**
 * The value of the standard normal distribution's quantile function at `p` in (0, 1), to about 1e-4 (Odeh and Evans,
 * 1974, as rational approximation of the tail).
 */
export function normalQuantile(p: number): number {
  const tail = p < 0.5 ? p : 1 - p;
  if (tail < 1e-12) return p < 0.5 ? -7 : 7;
  const t = Math.sqrt(-2 * Math.log(tail));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  const value = t - numerator / denominator;
  return p < 0.5 ? -value : value;
}
