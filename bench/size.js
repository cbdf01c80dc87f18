/**
 * What nanoops costs a user: the size on disk of the packed tarball, installed into an empty folder, and the memory that
 * the main job takes at its peak, asking an AWS over HTTP (the simulated one, in a process of its own). Exits with 1 where
 * one is over its limit. Told without a limit: the very first run, which also writes the code cache, and `--sandbox`,
 * which simulates an AWS in the same process.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const limitsMb = { disk: 25, memory: 80 };

/** Blocks that are taken, as `du` counts them; bytes. */
function sizeOf(/** @type {string} */ folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    bytes += statSync(join(entry.parentPath, entry.name)).blocks * 512;
  }
  return bytes;
}

/** @param {string} name @param {number} bytes @param {number} [limitMb] */
function report(name, bytes, limitMb) {
  const megabytes = bytes / 1e6;
  const limit = limitMb === undefined ? '' : `   limit ${limitMb}`;
  console.log(`${name.padEnd(44)} ${megabytes.toFixed(1).padStart(6)} MB${limit}`);
  if (limitMb !== undefined && !(megabytes <= limitMb)) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'nanoops-size-'));
try {
  const npm = {
    cwd: dirname(import.meta.dirname),
    stdio: /** @type {import('node:child_process').StdioOptions} */ (['ignore', 'pipe', 'ignore']),
  };
  execFileSync('npm', ['pack', '--pack-destination', folder], npm);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--offline', `./${tarball}`], { ...npm, cwd: folder });
  report('installed, on disk', sizeOf(join(folder, 'node_modules')), limitsMb.disk);

  const executable = join(folder, 'node_modules/nanoops/bin/nanoops.js');
  // The process says its peak itself, at its end: VmHWM, since the peak that getrusage tells begins with that of the
  // process that started it (proc(5), getrusage(2)).
  const preload = join(folder, 'peak.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => {
      const fs = require('fs');
      fs.writeSync(3, /VmHWM:\\s*(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
    });`,
  );
  /** @type {NodeJS.ProcessEnv} */
  const environment = {
    ...process.env,
    XDG_CACHE_HOME: folder,
    AWS_ACCESS_KEY_ID: 'sandbox',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  delete environment.NODE_EXTRA_CA_CERTS;

  /** @param {readonly string[]} words */
  const peakOf = (words) => {
    const { status, output, stderr } = spawnSync(process.execPath, ['--require', preload, executable, ...words], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    // It finds a cause, which is worth somebody's attention: 1.
    if (status !== 1) throw new Error(`nanoops ${words.join(' ')} ended with ${status}: ${stderr}`);
    return Number(output[3]) * 1024;
  };

  const configuration = execFileSync(process.execPath, [executable, 'sandbox', 'config'], { env: environment });
  writeFileSync(join(folder, 'nanoops.yaml'), configuration);
  const serving = ['sandbox', 'serve', 'slow-query', '--port', '0', '-o', 'ndjson'];
  const server = spawn(process.execPath, [executable, ...serving], {
    env: { ...environment, NODE_DISABLE_COMPILE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const line = await new Promise((resolve) => server.stdout.once('data', resolve));
    const overHttp = ['diagnose', 'latency', '--endpoint-url', JSON.parse(String(line)).url];
    report('diagnose latency, the first run', peakOf(overHttp));
    report('diagnose latency', peakOf(overHttp), limitsMb.memory);
    report('diagnose latency --sandbox', peakOf(['diagnose', 'latency', '--sandbox']));
  } finally {
    server.kill();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
