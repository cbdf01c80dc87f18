/** A line of a log, and a group of streams whose lines can be computed for any minute. */
export interface LogEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly stream: string;
  readonly message: string;
}

export interface LogSource {
  readonly group: string;
  /** Infinite where lines never expire. */
  readonly retentionDays: number;
  /** Streams that had lines in the time before `at`, newest first. */
  streams(at: number): readonly string[];
  /** The minute's lines, oldest first. */
  events(minute: number): readonly LogEvent[];
}
