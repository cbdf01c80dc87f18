/** Facts about logs themselves: which groups there are, and what is in them over longer spans, within bounds that are told. */
import type { LogLine } from './facts.ts';
import type { Source, Window } from './series.ts';
import type { DatabaseRef, LogGroupRef } from './stack.ts';

export interface LogGroup {
  readonly name: string;
  /** Undefined: its lines never expire. */
  readonly retentionDays?: number;
  readonly createdAt?: number;
}

export type LogContent =
  /** Lines at ERROR or CRITICAL, structured or plain. */
  | 'errors'
  /** Every line. */
  | 'all';

export interface PortionBounds {
  /** The most lines that are taken from each span. */
  readonly linesEach: number;
  /** The most calls in all; a span that they do not suffice for is covered in part or not at all. */
  readonly calls: number;
}

/** A part of a log. */
export interface LogPortion {
  /** In order of time. */
  readonly lines: readonly LogLine[];
  /** What of the wanted spans was searched, in order of time. */
  readonly covered: readonly Window[];
  readonly source: Source;
}

/** What says whether slow statements are logged, and where to; a parameter that nobody set is absent. */
export interface SlowLogSettings {
  /** CloudWatch log exports that are on: `error`, `slowquery`, `general`, `audit`. */
  readonly exports: readonly string[];
  readonly slowQueryLog?: string;
  readonly longQueryTime?: string;
  readonly logOutput?: string;
  readonly source: Source;
}

export interface LogFacts {
  /** All groups whose names begin with `prefix`. */
  logGroups(region: string, prefix: string): Promise<readonly LogGroup[]>;
  /** What is in some spans of a log, taken in the order given until the bounds are reached. */
  logPortion(
    group: LogGroupRef,
    content: LogContent,
    spans: readonly Window[],
    bounds: PortionBounds,
  ): Promise<LogPortion>;
  /** By the writer's own parameter group, and the cluster's where that says nothing. */
  slowLogSettings(database: DatabaseRef): Promise<SlowLogSettings>;
}
