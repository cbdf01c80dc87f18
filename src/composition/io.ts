/** What the program has of the process around it, handed in so that it can run inside a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** The stream itself, for what moves on a screen. */
  readonly stream?: () => NodeJS.WriteStream;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts when the process is told to end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
}
