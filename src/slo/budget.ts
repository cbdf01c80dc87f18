/** An objective's error budget: the share of bad events that it allows, and how much of that is left. Pure. */
import { badShare, type Sum } from './tally.ts';

export interface Budget {
  /** The budget as time: what an outage in which everything fails may last, over the window. */
  readonly totalMs: number;
  /** Below zero where more was spent than there was. */
  readonly leftMs: number;
  /** The share that is left; 1 where nothing was spent. */
  readonly left: number;
}

/** `allowed`: the share of bad events that the objective allows: 0.0005 for 99.95 %. Undefined where nothing was measured. */
export function budgetOf(sum: Pick<Sum, 'all' | 'bad'>, allowed: number, windowMs: number): Budget | undefined {
  const share = badShare(sum);
  if (share === undefined) return undefined;
  const totalMs = windowMs * allowed;
  const left = allowed === 0 ? (share === 0 ? 1 : -Infinity) : 1 - share / allowed;
  return { totalMs, left, leftMs: allowed === 0 ? -windowMs * share : totalMs * left };
}
