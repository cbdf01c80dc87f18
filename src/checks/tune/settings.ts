/** What `tune` is told of the stack beside its references. Plain data. */

/** A pool of connections, of which each process of each task has one. */
export interface PoolSettings {
  readonly size: number;
  readonly overflow: number;
  /** 0 for never. */
  readonly recycleMs: number;
  readonly workersPerTask: number;
  /** False where nobody said so, and the specification's figures are taken. */
  readonly isConfigured: boolean;
}

export interface TuningSettings {
  /** Whether the database and the cache can be connected to. */
  readonly hasDatabaseConnection: boolean;
  readonly hasCacheConnection: boolean;
  readonly pool: PoolSettings;
  /** How long keys may live, in milliseconds, by how they begin: `session:*`. */
  readonly ttls: Readonly<Record<string, number>>;
  readonly cdn?: {
    readonly distribution: string;
    /** What users open. */
    readonly url?: string;
    /** Paths on it. */
    readonly probes: readonly string[];
  };
}
