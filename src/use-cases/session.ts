/** What a use case works with: one configured stack, one cloud, one clock. Composed in one place, handed down. */
import type { Cloud } from '../cloud/cloud.ts';
import type { Stack } from '../cloud/stack.ts';
import type { Config } from '../config/schema.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { RunEvent } from '../engine/events.ts';

export interface Session {
  readonly config: Config;
  readonly stack: Stack;
  readonly cloud: Cloud;
  /**
   * Finds the credentials, and makes sure that they are of the configured account: before anything else is asked of the
   * cloud, and after everything that can be wrong without asking it.
   */
  verify(region: string): Promise<void>;
  /** What an `aws` command needs to reach the same account: `--profile`, `--endpoint-url`. */
  readonly awsOptions: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the process is told to end. */
  readonly signal: AbortSignal;
  /** Where a run's events go as they happen. */
  readonly emit: (event: RunEvent) => void;
}
