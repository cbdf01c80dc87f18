/** How every diagnosis ranks the causes that it knows: each weighs what was seen, and those that become likely are named. Pure. */
import { Balance, type Evidence } from './evidence.ts';
import { byCodeUnit } from './statistics.ts';

/** What a cause is to a diagnosis: whom it accuses, and how it weighs what was seen. */
export interface KnownCause<Signals> {
  /** The cause's id, for scripts: `slow-query`. */
  readonly id: string;
  /** The component accused; undefined where the stack has none, and the cause is then out of the question. */
  readonly component: (signals: Signals) => string | undefined;
  readonly weigh: (signals: Signals, balance: Balance) => void;
  /** The logarithm of its odds before anything is weighed; lower for what must not be guessed. 1 in 20 unless set. */
  readonly prior?: number;
  /** One line for a person, once the cause is believed. */
  readonly summary: (signals: Signals, component: string) => string;
}

export interface WeighedCause {
  readonly component: string;
  readonly cause: string;
  /** Between 0 and 1. */
  readonly confidence: number;
  readonly summary: string;
  readonly for: readonly Evidence[];
  readonly against: readonly Evidence[];
  readonly missing: readonly Evidence[];
}

export interface RankedCause extends WeighedCause {
  /** From 1. */
  readonly rank: number;
}

/** Less likely than this is not named. */
const leastConfidence = 0.5;

/** Every cause with its confidence, likely or not. */
export function weighCauses<Signals>(
  causes: readonly KnownCause<Signals>[],
  signals: Signals,
): readonly WeighedCause[] {
  return causes.flatMap((cause) => {
    const component = cause.component(signals);
    if (component === undefined) return [];
    const balance = new Balance(cause.prior);
    cause.weigh(signals, balance);
    return [weighedCause(balance, { component, cause: cause.id, summary: cause.summary(signals, component) })];
  });
}

/** What a balance of evidence comes to. */
export function weighedCause(
  balance: Balance,
  named: Pick<WeighedCause, 'component' | 'cause' | 'summary'>,
): WeighedCause {
  return {
    component: named.component,
    cause: named.cause,
    confidence: Number(balance.confidence.toFixed(3)),
    summary: named.summary,
    for: balance.for,
    against: balance.against,
    missing: balance.missing,
  };
}

/** Those that the evidence makes likely, most likely first, and equals by their ids. */
export function likely(weighed: readonly WeighedCause[]): readonly WeighedCause[] {
  return weighed
    .filter((each) => each.confidence >= leastConfidence)
    .toSorted((a, b) => b.confidence - a.confidence || byCodeUnit(a.cause, b.cause));
}

export function ranked(causes: readonly WeighedCause[]): readonly RankedCause[] {
  return causes.map((each, index) => ({ rank: index + 1, ...each }));
}
