/**
 * Plays simulated runs one after another in one process, and tells whether memory or handles grow with their number. Short
 * runs: a program that does not start and a dry run of the same, with everything that a seed lets go wrong. Samples are taken after
 * a collection of garbage that is forced; growth is a slope that stands out of the samples' own scatter, whatever the level.
 *
 *   npm run simulate:soak [-- --runs 10000] [--from 1] [--any] [--leak]
 *   --any: whatever a seed draws, which takes twice as long; what goes wrong in it fails the soak, so that it counts as simulated too
 *   --leak: each run leaves something behind, which has to be found
 *   Exits with 1 where something grows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { bundled } from './support/simulation.js';
import { growthOf } from './support/trend.js';

/** So many samples are taken; the first fifth is the warming up: code is compiled, and what is remembered fills. */
const samples = 50;
const warming = 0.2;
/** Growth that matters: in 10,000 runs a process would take so much more. */
const matters = { 'heap, MB': 20, 'outside the heap, MB': 20, handles: 5 };

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collect = runInNewContext('gc');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    any: { type: 'boolean', default: false },
    leak: { type: 'boolean', default: false },
  },
});
const runs = whole('runs', values.runs, samples);
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
  const { heapUsed, external } = process.memoryUsage();
  return {
    'heap, MB': heapUsed / 1e6,
    'outside the heap, MB': external / 1e6,
    handles: process.getActiveResourcesInfo().length,
  };
}

const folder = await mkdtemp(join(tmpdir(), 'nanoops-soak-'));
try {
  /** @type {typeof import('../test/simulation/simulate.ts')} */
  const { simulateSeed } = await import(await bundled('simulation/simulate', folder));
  /** @type {unknown[]} */
  const left = [];
  /** @type {{ runs: number, held: Awaited<ReturnType<typeof held>> }[]} */
  const taken = [];
  const beganAt = process.cpuUsage();
  let played = 0;
  let failed = 0;
  let seed = from;
  for (; played < runs; seed += 1) {
    const { outcome, failure } = await simulateSeed(seed, { story, shrinks: false });
    played += outcome.runs;
    if (failure !== undefined) {
      failed += 1;
      console.log(`seed ${seed} fails: ${failure.violations.map(({ detail }) => detail).join('; ')}`);
    }
    if (values.leak) left.push(Array.from({ length: 500 }, (_, index) => `${seed} ${index}`));
    if (played >= (taken.length + 1) * (runs / samples)) taken.push({ runs: played, held: await held() });
  }
  const { user, system } = process.cpuUsage(beganAt);
  console.log(
    `${played} runs of seeds ${from} to ${seed - 1} in one process, ${failed} failed, ${((user + system) / 1e6).toFixed(0)} s of CPU`,
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
} finally {
  await rm(folder, { recursive: true, force: true });
}
