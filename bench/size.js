/**
 * What nanoops costs a user: the size on disk of the packed tarball, installed into an empty folder, and the memory that
 * the main job takes at its peak. Exits with 1 where one is over its limit.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const limitsMb = { disk: 25, memory: 80 };
const mainJob = ['diagnose', 'latency', '--sandbox'];

/** Blocks that are taken, as `du` counts them; bytes. */
function sizeOf(/** @type {string} */ folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    bytes += statSync(join(entry.parentPath, entry.name)).blocks * 512;
  }
  return bytes;
}

/** @param {string} name @param {number} bytes @param {number} limitMb */
function report(name, bytes, limitMb) {
  const megabytes = bytes / 1e6;
  console.log(`${name.padEnd(44)} ${megabytes.toFixed(1).padStart(6)} MB   limit ${limitMb}`);
  if (!(megabytes <= limitMb)) process.exitCode = 1;
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
  // The process says its peak itself, at its end: no tool of the system is needed, and no child is mixed in.
  const preload = join(folder, 'peak.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => require('fs').writeSync(3, String(process.resourceUsage().maxRSS)));\n`,
  );
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...process.env, XDG_CACHE_HOME: folder };
  delete environment.NODE_EXTRA_CA_CERTS;
  for (const run of ['first run, no code cache', 'with code cache']) {
    const { status, output, stderr } = spawnSync(process.execPath, ['--require', preload, executable, ...mainJob], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    // It finds a cause, which is worth somebody's attention: 1.
    if (status !== 1) throw new Error(`nanoops ${mainJob.join(' ')} ended with ${status}: ${stderr}`);
    report(`${mainJob.join(' ')}, ${run}`, Number(output[3]) * 1024, limitsMb.memory);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
