/**
 * What starting nanoops costs beside starting Node.js: whole processes, each kind in turn so that a slow moment of the
 * machine hits all of them, and the median of the ratios within a round.
 *
 *   node bench/startup.js [--rounds 40] [--assert]     --assert: exit 1 where a ratio is over 1.4
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const limit = 1.4;
const executable = join(dirname(import.meta.dirname), 'bin/nanoops.js');
if (!existsSync(join(dirname(import.meta.dirname), 'dist/main.js'))) throw new Error('Run "npm run build" first.');

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' }, assert: { type: 'boolean' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds wants a whole number, not "${values.rounds}".`);

const cacheHome = mkdtempSync(join(tmpdir(), 'nanoops-bench-'));
/** @type {NodeJS.ProcessEnv} */
const environment = { ...process.env, XDG_CACHE_HOME: cacheHome };
// Adds 70 to 80 ms to every start of Node 20, and would flatter the ratio.
delete environment.NODE_EXTRA_CA_CERTS;
delete environment.NODE_OPTIONS;

const uncached = { NODE_DISABLE_COMPILE_CACHE: '1' };
/** @type {{ name: string, args: string[], extra?: NodeJS.ProcessEnv, asserted: boolean }[]} */
const kinds = [
  { name: 'node -e 0', args: ['-e', '0'], asserted: false },
  { name: 'nanoops --help', args: [executable, '--help'], asserted: true },
  { name: 'nanoops --version', args: [executable, '--version'], asserted: true },
  { name: 'nanoops --help, no code cache', args: [executable, '--help'], extra: uncached, asserted: false },
];

/** @param {(typeof kinds)[number]} kind @returns {number} milliseconds */
function measure({ name, args, extra }) {
  const startedAt = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...environment, ...extra }, encoding: 'utf8' });
  const elapsedMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return elapsedMs;
}

const median = (/** @type {number[]} */ values_) =>
  values_.toSorted((a, b) => a - b)[values_.length >> 1] ?? Number.NaN;

try {
  for (const kind of kinds) measure(kind);
  const times = Array.from({ length: rounds }, () => kinds.map(measure));
  console.log(`Node ${process.version}, ${rounds} rounds; limit ${limit}\n`);
  for (const [index, { name, asserted }] of kinds.entries()) {
    const elapsedMs = median(times.map((round) => round[index] ?? Number.NaN));
    const ratio = median(times.map((round) => (round[index] ?? Number.NaN) / (round[0] ?? Number.NaN)));
    console.log(`${name.padEnd(30)} ${elapsedMs.toFixed(1).padStart(6)} ms   ${ratio.toFixed(2)} ×`);
    if (asserted && values.assert === true && !(ratio <= limit)) process.exitCode = 1;
  }
} finally {
  rmSync(cacheHome, { recursive: true, force: true });
}
