/** What a sheet shows besides words and tables, as plain data: whoever draws it decides how. Its words may hold text from data. */

/** Parts of a trace on one axis, callers above what they called. */
export interface WaterfallFigure {
  readonly totalMs: number;
  readonly rows: readonly WaterfallRow[];
  /** Rows that are not shown. */
  readonly omitted: number;
}

export interface WaterfallRow {
  readonly depth: number;
  readonly label: string;
  /** Since the trace began. */
  readonly startMs: number;
  readonly endMs: number;
  /** Undefined where it has not ended. */
  readonly tookMs: number | undefined;
  readonly selfMs: number | undefined;
  /** What of its own time the whole waited for; empty off the critical path. */
  readonly critical: readonly { readonly startMs: number; readonly endMs: number }[];
  readonly isCritical: boolean;
  /** True where it failed by its own fault. */
  readonly isFault: boolean;
}

/** Who calls whom. */
export interface DependencyFigure {
  readonly nodes: readonly DependencyNode[];
  readonly edges: readonly DependencyEdge[];
}

export interface DependencyNode {
  readonly id: string;
  readonly label: string;
  readonly type: string | undefined;
  /** How many calls it is away from where requests enter. */
  readonly layer: number;
}

export interface DependencyEdge {
  /** Ids of nodes. */
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  readonly averageMs: number | undefined;
  readonly p95Ms: number | undefined;
  /** Between 0 and 1: failed by the callee's own fault, and answered with 4xx. */
  readonly faultRate: number | undefined;
  readonly errorRate: number | undefined;
}
