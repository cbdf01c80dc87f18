/**
 * Time, as the engine and everything below it sees it. Nobody reads the wall clock or starts a timer of their own: a
 * real run is handed the system's clock, the sandbox a virtual one, and both behave the same.
 */
export interface Clock {
  /** The time now, in milliseconds since the Unix epoch. */
  now(): number;

  /** Resolves after `durationMs`; rejects with the signal's reason as soon as the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;

  /**
   * How many times faster than the machines that this clock is read on; 1 when absent. What is given to machines to
   * answer or to stay alive in is multiplied by it, since nothing there computes any faster.
   */
  readonly pace?: number;

  /**
   * Runs `work` and returns its result. Says that something is under way that does not itself wait on this clock (a
   * request, a file, a module being loaded): a virtual clock stands still meanwhile, except while that work sleeps on
   * it. The system's clock merely calls `work`.
   */
  busy<T>(work: () => Promise<T>): Promise<T>;
}

/** A source of uniformly distributed numbers in [0, 1). Seeded in the sandbox, so that a run can be repeated. */
export type Random = () => number;
