/** Evidence: what was seen, where it was read, and how much it weighs for or against a cause. */
import type { Source } from '../cloud/series.ts';
import type { Known } from './known.ts';

/** One thing that was seen, or that could not be. */
export interface Evidence {
  /** The operation that it was read with, for example `cloudwatch:GetMetricData`. */
  readonly source: string;
  readonly region: string;
  readonly detail: string;
}

/** `detail` becomes one line, and is cut where a log or a statement in it goes on for too long to be read. */
export function evidence(source: Pick<Source, 'operation' | 'region'>, detail: string): Evidence {
  return { source: source.operation, region: source.region, detail: oneLine(detail) };
}

const longestDetail = 500;

function oneLine(text: string): string {
  const line = text
    .slice(0, 4 * longestDetail)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > longestDetail ? `${line.slice(0, longestDetail - 1)}\u2026` : line;
}

/** Why something is not known, as evidence that is missing; undefined where it is known or nothing was to be known. */
export function missingEvidence(known: Known<unknown>, operation: string, region: string): Evidence | undefined {
  if (known.known || known.because === 'skipped') return undefined;
  return evidence({ operation, region }, known.reason);
}

export { quantity } from '../cloud/quantity.ts';

/**
 * Evidence on a balance. Weights are logarithms of odds (natural), so that they add up, and 3 turns 1 in 20 into even
 * odds; a cause starts at the prior and ends with a confidence between 0 and 1.
 */
export class Balance {
  readonly for: Evidence[] = [];
  readonly against: Evidence[] = [];
  readonly missing: Evidence[] = [];
  private logOdds: number;

  constructor(prior = -3) {
    this.logOdds = prior;
  }

  favour(weight: number, seen: Evidence): void {
    this.logOdds += weight;
    this.for.push(seen);
  }

  oppose(weight: number, seen: Evidence): void {
    this.logOdds -= weight;
    this.against.push(seen);
  }

  /** Something that would have told, and was not to be had. It moves nothing. */
  miss(unseen: Evidence): void {
    this.missing.push(unseen);
  }

  get confidence(): number {
    return 1 / (1 + Math.exp(-this.logOdds));
  }
}
