/** Evidence: what was seen, where it was read, and how much it weighs for or against a cause. */
import type { Series, Source } from '../cloud/series.ts';

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

export function quantity(value: number, unit: Series['unit']): string {
  switch (unit) {
    case 's':
      return value >= 1 ? `${trim(value)} s` : `${Math.round(value * 1000)} ms`;
    case 'ms':
      return value >= 1000 ? `${trim(value / 1000)} s` : `${trim(value)} ms`;
    case '%':
      return `${trim(value)} %`;
    case 'ratio':
      return `${trim(value * 100)} %`;
    case 'bytes':
      return bytes(value);
    case 'count':
      return trim(value);
  }
}

function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
  return `${trim(value / 1024 ** step)} ${units[step]}`;
}

function trim(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return value.toExponential(0);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

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
