/** What the program has of the process around it, handed in so that it can run inside a test. */
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

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absent where there is nothing to read from. */
  readonly stdin?: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts when the process is told to end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
  /** Ends the program as SIGINT would: for a keyboard that makes no signal of Ctrl-C. */
  readonly interrupt?: () => void;
}
