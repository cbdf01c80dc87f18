/** What AWS knows of how the cache and the content delivery are set up. */
import type { Source } from './series.ts';
import type { CacheRef } from './stack.ts';

/** The parameter group that the cache's nodes run with. */
export interface CacheParameters {
  readonly group: string;
  /** Of its own default where nobody set it; absent where the group does not know it. */
  readonly maxMemoryPolicy?: string;
  readonly source: Source;
}

/** How a content delivery network treats the paths of one pattern. All in seconds. */
export interface DeliveryBehaviour {
  /** `*` for what no other pattern covers. */
  readonly paths: string;
  /** How long an answer is kept where the origin says nothing. */
  readonly defaultTtlS: number;
  /** How long at least and at most, whatever the origin says. */
  readonly minTtlS: number;
  readonly maxTtlS: number;
  readonly compresses: boolean;
  /** The cache policy's name, or `its own settings` for one that has none. */
  readonly policy: string;
}

export interface Distribution {
  readonly id: string;
  readonly enabled: boolean;
  /** The one for `*` first. */
  readonly behaviours: readonly DeliveryBehaviour[];
  readonly source: Source;
}

export interface Invalidations {
  /** Newest first; epoch milliseconds. */
  readonly newest: readonly { readonly id: string; readonly at: number; readonly isDone: boolean }[];
  /** True where there are older ones beside them. */
  readonly truncated: boolean;
  readonly source: Source;
}

export interface TuningFacts {
  cacheParameters(cache: CacheRef): Promise<CacheParameters>;
  /** CloudFront is of no region; its API is in us-east-1. */
  distribution(id: string): Promise<Distribution>;
  invalidations(id: string): Promise<Invalidations>;
}
