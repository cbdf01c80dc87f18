/**
 * Whether something happens more often than it did: counts of two periods, each with how long it was looked at. Counts of
 * rare events follow Poisson's law, so that given their sum the later one is binomial (J. Przyborowski, H. Wilenski,
 * "Homogeneity of Results in Testing Samples from Poisson Series", Biometrika 31, 1940).
 */

export type Change = 'new' | 'louder' | 'steady' | 'quieter';

export interface Counted {
  readonly count: number;
  /** How long was looked, in ms. */
  readonly lookedMs: number;
}

/** Below these an increase is chance, or too little to act on. */
const fewestLouder = 5;
const leastRatio = 2;
const significance = 0.001;

/** How `now` differs from `before`; undefined where one of them was not looked at. */
export function changeOf(now: Counted, before: Counted): Change | undefined {
  if (now.lookedMs <= 0 || before.lookedMs <= 0) return undefined;
  if (before.count === 0) return now.count === 0 ? 'steady' : 'new';
  const ratio = now.count / now.lookedMs / (before.count / before.lookedMs);
  if (ratio >= leastRatio && now.count >= fewestLouder && chanceOfMore(now, before) < significance) return 'louder';
  if (ratio <= 1 / leastRatio && before.count >= fewestLouder && chanceOfMore(before, now) < significance)
    return 'quieter';
  return 'steady';
}

/** The probability of as many as now, or more, if nothing has changed. */
export function chanceOfMore(now: Counted, before: Counted): number {
  const share = now.lookedMs / (now.lookedMs + before.lookedMs);
  return binomialTail(now.count, now.count + before.count, share);
}

/** P(X >= k) of a binomial with n trials; beyond `exact` trials by the normal approximation. */
function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  const exact = 10_000;
  if (n > exact) return normalTail((k - 0.5 - n * p) / Math.sqrt(n * p * (1 - p)));
  let logTerm = logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let sum = 0;
  for (let i = k; i <= n; i += 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  const few = Math.min(k, n - k);
  let sum = 0;
  for (let i = 1; i <= few; i += 1) sum += Math.log((n - few + i) / i);
  return sum;
}

/** Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17: good to 1e-7. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
