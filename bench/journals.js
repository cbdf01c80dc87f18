/**
 * What it takes to list, show and verify a journal of very many events: one is made through the real store, and whole
 * processes of nanoops read it. What they take of the processor is told as such, and beside what it takes to do nothing but
 * read the same file and parse its lines, which the machine's speed and load change in the same way. Memory is the peak of the
 * process.
 *
 *   node bench/journals.js [--events 100000] [--rounds 3] [--assert]
 *   --assert: exit 1 where a median is over 1 s of the processor or 100 MB
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { rolldown } from 'rolldown';

import { measured, median } from './support/endpoint.js';

const limits = { seconds: 1, megabytes: 100 };
const root = dirname(import.meta.dirname);
const runId = '20261123T110300Z-latency-abcdef';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    assert: { type: 'boolean', default: false },
  },
});
const events = whole('events', values.events);
const rounds = whole('rounds', values.rounds);
if (!existsSync(join(root, 'dist/main.js'))) throw new Error('Run "npm run build" first.');

/** @param {string} name @param {string} text */
function whole(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 2)
    throw new Error(`--${name} wants a whole number from 2 on, not "${text}".`);
  return number;
}

/** Node.js 20 runs no TypeScript. @param {string} folder @returns {Promise<typeof import('./journals/write.ts')>} */
async function writer(folder) {
  const bundle = await rolldown({
    input: { write: join(root, 'bench/journals/write.ts') },
    platform: 'node',
    transform: { target: 'node20.19' },
  });
  await bundle.write({ format: 'esm', dir: folder, entryFileNames: '[name].mjs' });
  await bundle.close();
  return import(pathToFileURL(join(folder, 'write.mjs')).href);
}

/** Seconds of the processor for what nobody who reads the file can do without. @param {string} file */
function bareSeconds(file) {
  const beganAt = process.cpuUsage();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  let last = 0;
  for (const line of lines) last = JSON.parse(line).event.seq;
  if (last !== events) throw new Error(`the journal holds ${last} events, not ${events}`);
  const { user, system } = process.cpuUsage(beganAt);
  return (user + system) / 1e6;
}

const folder = await mkdtemp(join(tmpdir(), 'nanoops-journals-'));
try {
  const { writeJournal } = await writer(folder);
  await writeJournal(join(folder, 'nanoops'), runId, events);
  const file = join(folder, 'nanoops/runs', runId, 'journal.ndjson');
  console.log(`${events} events, ${(statSync(file).size / 1e6).toFixed(1)} MB, ${rounds} rounds\n`);
  const kinds = [
    ['runs', 'list'],
    ['runs', 'show', runId],
    ['runs', 'verify', runId],
  ];
  /** @type {{ seconds: number, ratio: number, megabytes: number }[][]} */
  const found = kinds.map(() => []);
  // The first round is left out: it writes the code cache.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, words] of kinds.entries()) {
      const bare = bareSeconds(file);
      const { exitCode, stderr, cpuMs, peak } = await measured(words, folder, { XDG_STATE_HOME: folder });
      if (exitCode !== 0) throw new Error(`nanoops ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
      const seconds = cpuMs / 1000;
      if (round > 0) found[index]?.push({ seconds, ratio: seconds / bare, megabytes: peak / 1e6 });
    }
  }
  for (const [index, words] of kinds.entries()) {
    const own = found[index] ?? [];
    const seconds = median(own.map((each) => each.seconds));
    const ratio = median(own.map((each) => each.ratio));
    const megabytes = Math.max(...own.map((each) => each.megabytes));
    const name = `nanoops ${words.slice(0, 2).join(' ')}`;
    console.log(
      `${name.padEnd(20)} ${seconds.toFixed(2)} s of CPU   ${ratio.toFixed(1)} × reading and parsing   ${megabytes.toFixed(0)} MB`,
    );
    const isWithin = seconds <= limits.seconds && megabytes <= limits.megabytes;
    if (values.assert && !isWithin) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
