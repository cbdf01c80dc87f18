/**
 * moto, an AWS emulator of another team (https://github.com/getmoto/moto), as a server on a free port of this machine.
 * Every test file starts and stops its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MotoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Where moto is absent its tests are skipped, and say so; in CI its absence is a failure. */
export function motoIsAbsent(): boolean {
  const absent = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status !== 0;
  if (absent && process.env['CI'] !== undefined) {
    throw new Error("moto_server is not on the PATH: pipx install 'moto[server]'");
  }
  if (absent)
    process.stderr.write("moto_server is not on the PATH, its tests are skipped: pipx install 'moto[server]'\n");
  return absent;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const longestStartMs = 30_000;

export async function startMoto(): Promise<MotoServer> {
  // Tests make clients of their own, whose notice about old versions of Node would stand in the output.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // What it records it writes into a file.
  const folder = mkdtempSync(join(tmpdir(), 'nanoops-moto-'));
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, MOTO_RECORDER_FILEPATH: join(folder, 'recording') },
    stdio: ['ignore', 'ignore', 'pipe'],
    // moto is Python under a shim: the whole group is ended with it.
    detached: true,
  });
  let complaints = '';
  server.stderr.on('data', (chunk) => (complaints += String(chunk)));
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const close = async () => {
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + longestStartMs;
  while (performance.now() < deadline && server.exitCode === null) {
    const ready = await fetch(`${url}/moto-api/data.json`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await close();
  throw new Error(`moto_server did not start: ${complaints}`);
}
