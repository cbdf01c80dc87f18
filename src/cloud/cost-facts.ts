/** Facts about what an account costs. */
import type { Source } from './series.ts';

/** An account, asked with the credentials of one of its regions. */
export interface AccountRef {
  readonly region: string;
  readonly account: string;
}

/** Whole days in UTC, as epoch milliseconds of their beginnings, the last one excluded. */
export interface DaySpan {
  readonly fromDay: number;
  readonly toDay: number;
}

export interface DailyCost {
  /** The beginning of the day in UTC; epoch milliseconds. */
  readonly day: number;
  /** By the service's name on the bill. */
  readonly byService: Readonly<Record<string, number>>;
}

export interface DailyCosts {
  /** As on the bill: `USD`. */
  readonly currency: string;
  /** Oldest first. A day that AWS did not tell of is absent. */
  readonly days: readonly DailyCost[];
  /** When AWS was asked; earlier than now where the answer was kept. Epoch milliseconds. */
  readonly readAt: number;
  /** How many pages it took, each of which costs a cent. */
  readonly pages: number;
  /** Why the answer could not be kept for the next time; absent where it was, or was not meant to be. */
  readonly notKept?: string;
  readonly source: Source;
}

export interface CostFacts {
  /**
   * Unblended costs of one account by day and service, without credits, refunds, taxes and what is booked once a month: those
   * say nothing of use. Costs a cent a page.
   */
  dailyCosts(account: AccountRef, span: DaySpan): Promise<DailyCosts>;
}
