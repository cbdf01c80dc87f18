/**
 * Runs one of the operator's programs: without a shell, without input, in a process group of its own that is ended as a
 * whole when its time is up. Keeps a bounded part of what it prints, and says in one line what it came to. Does not know
 * what it is for.
 */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import type { ProgramAnswer } from '../cloud/outside.ts';
import type { Clock } from '../engine/clock.ts';
import type { Mask } from './mask.ts';
import { Printed, shown } from './printed.ts';
import { ProcessGroup, type ProcessGroups } from './process-group.ts';
import { limited, TimeIsUp } from './time-limit.ts';

export interface ProgramOptions {
  /** The program and its arguments; a relative path is one from `cwd`. */
  readonly exec: readonly string[];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mask: Mask;
  readonly clock: Clock;
  /** Any of them ends it. */
  readonly signals: readonly AbortSignal[];
  readonly limitMs: number;
  /** How long it is given to end by itself, between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Those that are running; it is one of them until it ends. */
  readonly groups: ProcessGroups;
}

/** What it came to, and its last line as it was printed, which may hold a secret. */
export interface Ran extends ProgramAnswer {
  readonly lastLine?: string;
  /** False where it could not be started, and so did nothing and says nothing. */
  readonly isStarted: boolean;
}

/** What it printed may still be on its way once it has ended; what it left running may hold the pipe for ever. */
const lastWordsMs = 1_000;

/**
 * `ok` where it exited with 0. Its group is gone before this resolves or rejects, where it was ended by force; what it
 * left running when it ended by itself is its own business.
 *
 * @throws the reason of a signal that aborted.
 */
export async function runProgram(options: ProgramOptions): Promise<Ran> {
  const { clock, signals, limitMs } = options;
  return limited(clock, limitMs, signals, (signal) => run(options, signal));
}

async function run(
  { exec, cwd, env, mask, clock, limitMs, graceMs, groups }: ProgramOptions,
  signal: AbortSignal,
): Promise<Ran> {
  const [file = '', ...words] = exec;
  const out = new Printed();
  const err = new Printed();
  const child = execa(file, words, {
    cwd,
    env,
    extendEnv: false,
    preferLocal: false,
    shell: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    // Its group is ended instead, see below.
    detached: true,
    cleanup: false,
    reject: false,
    verbose: 'none',
  });
  child.stdout.on('data', (chunk: Buffer) => out.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.add(chunk));
  const group = child.pid === undefined ? undefined : new ProcessGroup(child.pid, clock);
  if (group !== undefined) groups.add(group);
  let ending: Promise<void> | undefined;
  const stop = (): void => {
    ending ??= group?.end(graceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  const silence = new AbortController();
  child.once('exit', () => {
    // It has come to what it has come to.
    signal.removeEventListener('abort', stop);
    void deafen();
  });
  const deafen = async (): Promise<void> => {
    if (!(await passes(lastWordsMs, clock, silence.signal))) return;
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const { exitCode, signal: killedBy, code } = await child;
  signal.removeEventListener('abort', stop);
  silence.abort(new Error('all was said'));
  await ending;
  if (group !== undefined) groups.remove(group);
  if (ending !== undefined && !(signal.reason instanceof TimeIsUp)) throw signal.reason;

  const output = out.output(mask);
  const lastLine = out.lastLine();
  const complaint = err.lastLine();
  const failed = (reason: string): Ran => ({
    ok: false,
    detail: shown(mask(complaint === undefined ? reason : `${reason}: ${complaint}`)),
    output,
    lastLine,
    isStarted: true,
  });
  if (ending !== undefined) return failed(`it had not ended after ${limitMs / 1_000} s and was stopped`);
  if (exitCode === 0)
    return { ok: true, detail: shown(mask(lastLine ?? 'exit code 0')), output, lastLine, isStarted: true };
  if (exitCode !== undefined) return failed(`exit code ${exitCode}`);
  if (killedBy !== undefined) return failed(`ended by ${killedBy}`);
  return { ...failed(`${file}: ${await whyNotStarted(file, cwd, code)}`), isStarted: false };
}

/** False where `signal` cuts it short. */
async function passes(durationMs: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(durationMs * (clock.pace ?? 1), signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

async function whyNotStarted(file: string, cwd: string, code: string | undefined): Promise<string> {
  const isPath = file.includes('/');
  if (code === 'ENOENT' && !isPath) return 'not found in PATH';
  if (code === 'ENOENT') {
    return (await isThere(resolve(cwd, file)))
      ? 'could not be started; what its first line (#!) names is not there'
      : "not found; paths are relative to nanoops.yaml's folder";
  }
  if (code === 'EACCES' || code === 'EPERM') return 'not executable: chmod +x';
  return `could not be started (${code ?? 'unknown reason'})`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Why it cannot be looked at does not matter: the program was not started for the same reason.
    return false;
  }
}
