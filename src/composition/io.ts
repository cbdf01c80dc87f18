/** What the program has of the process around it, handed in so that it can run inside a test. */
import type { AwsCall } from '../aws/options.ts';
import type { RunEvent } from '../engine/events.ts';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** The stream itself, for what moves on a screen. */
  readonly stream?: () => NodeJS.WriteStream;
}

export interface Input {
  readonly isTTY?: boolean;
  readonly stream?: () => NodeJS.ReadStream;
}

/** Takes what happens for a structured log. */
export interface Log {
  event(event: RunEvent): void;
  readonly call: (call: AwsCall) => void;
  /** What is said to people beside the result. */
  warn(message: string): void;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absent where there is nothing to read from. */
  readonly stdin?: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts when the process is told to end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
  /** Present where a structured log stands in for what people are shown meanwhile. */
  readonly log?: Log;
  /** Ends the program as SIGINT would: for a keyboard that makes no signal of Ctrl-C. */
  readonly interrupt?: () => void;
}
