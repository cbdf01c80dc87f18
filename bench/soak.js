/**
 * Plays runs one after another in one process, and tells whether memory, handles or open files grow with their number. Short runs:
 * a program that does not start and a dry run of the same, with everything that a seed lets go wrong. Those are simulated, and open
 * nothing; every fiftieth is wired instead: the whole program, with its journals and leases in files and a socket to the simulated AWS.
 * Samples are taken after a collection of garbage that is forced; growth is a slope that stands out of the samples' own scatter,
 * whatever the level.
 *
 *   npm run simulate:soak [-- --runs 10000] [--from 1] [--wired 50] [--any] [--leak] [--leak-handles]
 *   --wired: one run in so many is wired; 1: each of them
 *   --any: whatever a seed draws, which takes twice as long; what goes wrong in it fails the soak, so that it counts as simulated too
 *   --leak: each run leaves something behind, which has to be found
 *   --leak-handles: each wired run leaves a file and a connection open, which has to be found
 *   Exits with 1 where something grows.
 */
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { bundled } from './support/simulation.js';
import { growthOf } from './support/trend.js';

/** @typedef {typeof import('../test/simulation/wired.ts')} Played */

/** So many samples are taken, or as many as there are runs; the first fifth is the warming up: code is compiled, and what is remembered fills. */
const mostSamples = 50;
const leastSamples = 13;
const warming = 0.2;
/** Growth that matters: in 10,000 runs a process would take so much more. */
const matters = { 'heap, MB': 20, 'outside the heap, MB': 20, handles: 5, 'open files': 5 };

setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collect = runInNewContext('gc');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    wired: { type: 'string', default: '50' },
    any: { type: 'boolean', default: false },
    leak: { type: 'boolean', default: false },
    'leak-handles': { type: 'boolean', default: false },
  },
});
const runs = whole('runs', values.runs, leastSamples);
const samples = Math.min(mostSamples, runs);
const wiredEvery = whole('wired', values.wired, 1);
const from = whole('from', values.from, 1);
/** @type {Partial<import('../test/simulation/script.ts').Script>} */
const story = values.any ? {} : { runbooks: ['crash-loop'], scenario: 'crash-loop', maxTasks: 12 };

/** @param {string} name @param {string} text @param {number} least */
function whole(name, text, least) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) {
    throw new Error(`--${name} wants a whole number from ${least} on, not "${text}".`);
  }
  return number;
}

/** What a process holds once nothing is left to be collected. */
async function held() {
  // What was aborted or closed is let go in later turns of the event loop; what that held, when garbage is collected once more.
  for (let round = 0; round < 2; round += 1) {
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  const openFiles = await settledFiles();
  const { heapUsed, external } = process.memoryUsage();
  return {
    'heap, MB': heapUsed / 1e6,
    'outside the heap, MB': external / 1e6,
    // What keeps the process going. A connection that waits for its next request does not, nor does a file.
    handles: process.getActiveResourcesInfo().length,
    'open files': openFiles,
  };
}

/** How many files and sockets are open, once that stays as it is: what is closed is gone when the system has seen it. */
async function settledFiles() {
  let last = Number.NaN;
  for (let look = 0, same = 0; look < 100 && same < 3; look += 1) {
    const { length } = await readdir('/dev/fd');
    same = length === last ? same + 1 : 0;
    last = length;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return last;
}

/** @type {unknown[]} */
const leftOpen = [];

/** What a program leaves that forgets its journal's file and the connections of its client. @param {string} url */
async function leaveOpen(url) {
  const agent = new Agent({ keepAlive: true });
  leftOpen.push(agent, await open('/dev/null'));
  await new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().once('end', () => resolve(undefined))).once('error', reject);
  });
}

const folder = await mkdtemp(join(tmpdir(), 'nanoops-soak-'));
try {
  /** @type {Played} */
  const { simulateSeed, openWired } = await import(await bundled('simulation/wired', folder));
  const wired = await openWired(folder);
  /** @type {unknown[]} */
  const left = [];
  /** @type {{ runs: number, held: Awaited<ReturnType<typeof held>> }[]} */
  const taken = [];
  const beganAt = process.cpuUsage();
  let played = 0;
  let overWire = 0;
  let changes = 0;
  let failed = 0;
  let seed = from;
  /** @param {number} number @returns {Promise<{ runs: number, faults: readonly string[] }>} `faults`: what must not be */
  const playWired = async (number) => {
    const run = await wired.play(number);
    overWire += 1;
    changes += run.changes;
    if (values['leak-handles']) await leaveOpen(wired.url);
    return { runs: 1, faults: run.faults };
  };
  /** @type {typeof playWired} */
  const simulate = async (number) => {
    const { outcome, failure } = await simulateSeed(number, { story, shrinks: false });
    return { runs: outcome.runs, faults: failure?.violations.map(({ detail }) => detail) ?? [] };
  };
  for (; played < runs; seed += 1) {
    const { runs: more, faults } = await (seed % wiredEvery === 0 ? playWired(seed) : simulate(seed));
    played += more;
    if (faults.length > 0) {
      failed += 1;
      console.log(`seed ${seed} fails: ${faults.join('; ')}`);
    }
    if (values.leak) left.push(Array.from({ length: 500 }, (_, index) => `${seed} ${index}`));
    if (played >= (taken.length + 1) * (runs / samples)) taken.push({ runs: played, held: await held() });
  }
  const { user, system } = process.cpuUsage(beganAt);
  await wired.close();
  console.log(
    `${played} runs of seeds ${from} to ${seed - 1} in one process, ${overWire} of them wired with ${changes} changes, ${failed} failed, ${((user + system) / 1e6).toFixed(0)} s of CPU`,
  );
  const steady = taken.slice(Math.floor(taken.length * warming));
  let grows = false;
  for (const [name, most] of Object.entries(matters)) {
    const points = steady.map((each) => ({
      x: each.runs,
      y: Object.entries(each.held).find(([key]) => key === name)?.[1] ?? 0,
    }));
    const { slope, surely } = growthOf(points);
    const inAll = surely * 10_000;
    const isGrowth = inAll > most;
    grows ||= isGrowth;
    const [first, last] = [points[0]?.y ?? 0, points.at(-1)?.y ?? 0];
    console.log(
      `${name.padEnd(22)} ${first.toFixed(1)} to ${last.toFixed(1)}   ${(slope * 10_000).toFixed(2)} in 10,000 runs, surely ${inAll.toFixed(2)} of ${most}   ${isGrowth ? 'GROWS' : 'steady'}`,
    );
  }
  if (grows || failed > 0) process.exitCode = 1;
  if (values.leak) console.log(`left behind on purpose: ${left.length}`);
  if (values['leak-handles']) console.log(`left open on purpose: ${leftOpen.length}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
