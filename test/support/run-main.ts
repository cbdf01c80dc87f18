/** Runs the program in this process, as a shell would: words in; exit code, stdout and stderr out. */
import { main } from '../../src/main.ts';

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunMainOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly columns?: number;
  readonly isTTY?: boolean;
  /** A person: a keyboard, and a screen for questions. stderr then is a terminal. */
  readonly terminal?: { readonly stdin: NodeJS.ReadStream; readonly output: NodeJS.WriteStream };
  /** Told what is written to stdout, as it is. */
  readonly onStdout?: (text: string) => void;
}

export async function runMain(argv: readonly string[], options: RunMainOptions = {}): Promise<Ended> {
  const heard = { stdout: '', stderr: '' };
  const { terminal, onStdout } = options;
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      heard[name] += text;
      if (name === 'stdout') onStdout?.(text);
    },
    isTTY: options.isTTY ?? (name === 'stderr' && terminal !== undefined),
    columns: options.columns ?? 100,
    ...(terminal === undefined ? {} : { stream: () => terminal.output }),
  });
  const exitCode = await main(argv, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    ...(terminal === undefined ? {} : { stdin: { isTTY: true, stream: () => terminal.stdin } }),
    env: options.env ?? {},
    cwd: options.cwd ?? '/nonexistent',
    signal: options.signal ?? new AbortController().signal,
  });
  return { exitCode, ...heard };
}
