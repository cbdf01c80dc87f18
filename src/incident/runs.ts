/** What an incident keeps of a run: enough to tell what it found, did and came to, without its journal. */

export interface RunCause {
  readonly component: string;
  readonly cause: string;
  readonly confidence: number;
  readonly summary: string;
}

export interface RunChange {
  readonly operation: string;
  readonly region: string;
  readonly resource: string;
  readonly status: 'planned' | 'applied' | 'reverted' | 'failed' | 'unknown';
  readonly summary: string;
  /** When its step began. */
  readonly at: number;
}

/** What was lost of one store, as far as it was measured. */
export interface StoreLoss {
  readonly store: string;
  /** Milliseconds of the newest writes; null: not measured. */
  readonly lossMs: number | null;
  readonly basis: string;
}

export interface RunBrief {
  readonly runId: string;
  readonly runbook: string;
  readonly mode: 'observe' | 'dry-run' | 'execute';
  readonly verdict: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** False of one that waits, or whose process died. */
  readonly hasEnded: boolean;
  /** What it came to, in one line. */
  readonly summary: string;
  /** When the trouble began, where the run could tell. */
  readonly onset?: number;
  /** Ranked. */
  readonly causes: readonly RunCause[];
  readonly changes: readonly RunChange[];
  /** It was seen that what it did helped. */
  readonly helped?: boolean;
  /** Of a run that moved the stack to another region. */
  readonly recovery?: {
    /** Milliseconds; null: not measured. */
    readonly rtoMs: number | null;
    readonly rpoMs: number | null;
    readonly stores: readonly StoreLoss[];
    readonly lessons: readonly string[];
  };
}

/** True of a run that changed something which stands. */
export function hasChanged({ mode, changes }: RunBrief): boolean {
  return mode === 'execute' && changes.some(({ status }) => status === 'applied' || status === 'unknown');
}

/** The newest state of each run, in the order in which they began. */
export function newestOfEach(runs: readonly RunBrief[]): readonly RunBrief[] {
  const byId = new Map<string, RunBrief>();
  for (const run of runs) {
    const known = byId.get(run.runId);
    if (known === undefined || run.endedAt >= known.endedAt) byId.set(run.runId, run);
  }
  return [...byId.values()].toSorted((a, b) => a.startedAt - b.startedAt);
}
