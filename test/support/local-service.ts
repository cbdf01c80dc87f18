/** Servers of others as processes of this machine, each with a folder and a port of its own, for one test file. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where it is absent its tests are skipped, and say so; in CI its absence is a failure. */
export function isAbsent(program: string, install: string): boolean {
  const absent = spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined;
  if (!absent) return false;
  const text = `${program} is not on the PATH: ${install}`;
  if (process.env['CI'] !== undefined) throw new Error(text);
  process.stderr.write(`${text}; its tests are skipped\n`);
  return true;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export interface LocalService {
  readonly folder: string;
  /** Kills it at once: nothing of it is kept. */
  stop(): Promise<void>;
}

const longestStartMs = 60_000;

/** `isUp` is asked until it says so; rejects with what the program wrote where it ends before, or takes too long. */
export async function startService(
  command: (folder: string) => readonly [program: string, ...words: string[]],
  isUp: (folder: string) => Promise<boolean>,
  prepare: (folder: string) => void = () => {},
): Promise<LocalService> {
  const folder = mkdtempSync(join(tmpdir(), 'nanoops-service-'));
  prepare(folder);
  const [program, ...words] = command(folder);
  const server: ChildProcess = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let written = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk: Buffer) => (written = (written + chunk.toString()).slice(-4_000)));
  }
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const giveUpAt = Date.now() + longestStartMs;
  while (!(await isUp(folder))) {
    if (server.exitCode !== null || Date.now() > giveUpAt) {
      await stop();
      throw new Error(`${program} did not start: ${written}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { folder, stop };
}
