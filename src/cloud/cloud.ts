/** The port through which everything above reaches a cloud: facts, and changes where a run may act. */
import type { Changes } from './changes.ts';
import type { Facts } from './facts.ts';

/** What was asked of the cloud's API, counted below everything else. */
export interface ApiUsage {
  readonly calls: number;
  /** Calls that change something. */
  readonly mutations: number;
  /** Calls by `service:Operation`. */
  readonly byOperation: Readonly<Record<string, number>>;
}

export interface Cloud {
  readonly facts: Facts;
  /** Refused by the adapter's guard, as a defect, where the cloud was opened to look only. */
  readonly changes: Changes;
  /**
   * Says which operations (`service:Operation`) will be called in a region, so that what takes time before a first call
   * can be done while other answers are awaited. Contacts nothing.
   */
  prepare(region: string, operations: readonly string[]): void;
  /** What has been asked so far, retries included. */
  usage(): ApiUsage;
  /** Closes connections; the cloud cannot be used afterwards. */
  close(): void;
}
