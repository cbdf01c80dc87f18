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
}

export async function runMain(argv: readonly string[], options: RunMainOptions = {}): Promise<Ended> {
  const heard = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      heard[name] += text;
    },
    isTTY: options.isTTY ?? false,
    columns: options.columns ?? 100,
  });
  const exitCode = await main(argv, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: options.env ?? {},
    cwd: options.cwd ?? '/nonexistent',
    signal: options.signal ?? new AbortController().signal,
  });
  return { exitCode, ...heard };
}
