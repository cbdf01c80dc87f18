/**
 * Simulates nanoops in emergencies: the real engine, runbooks and AWS clients on the simulated AWS, with everything going
 * wrong that a seed draws. Prints what was simulated; for a seed that fails, the shortest script that still does and what
 * happened in it. Exits with 1 where one fails, or where fewer were played than are wanted at least.
 *
 *   npm run simulate [-- --seeds 1000] [--from 1] [--seed 17] [--within 180] [--at-least 150] [--workers 2] [--trace]
 *   --within: no seed is begun after so many seconds; how many were played is told.
 *   --at-least: so many have to be played all the same; few seeds meet few of the ways in which things go wrong together.
 */
import { once, setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { bundled } from './support/simulation.js';

/** @typedef {typeof import('../test/simulation/simulate.ts')} Simulation */
/** @typedef {import('../test/simulation/simulate.ts').Simulated} Simulated */
/** @typedef {import('../test/simulation/simulate.ts').Failure} Failure */
/** @typedef {{ readonly seed: number, readonly simulated: Simulated }} Told */

/** Simulates the seeds that it is given, one after another, and asks for the next with what came of the last. */
async function work(/** @type {import('node:worker_threads').MessagePort} */ parent) {
  const { module, trace } = workerData;
  // A run's signal is heard by every call and wait under way; more than ten are no leak, and what is one the soak tells.
  setMaxListeners(0);
  /** @type {Simulation} */
  const { simulateSeed } = await import(module);
  /** @type {Partial<Told>} */
  let told = {};
  for (;;) {
    const given = once(parent, 'message');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    parent.postMessage(told);
    const [seed] = await given;
    if (seed === undefined) return;
    // A seed that waits for ever is to end the thread, which another message will not come to.
    parent.unref();
    const { outcome, ...simulated } = await simulateSeed(seed);
    parent.ref();
    // Nobody reads the traces of thousands of seeds, which would be gigabytes.
    told = { seed, simulated: { outcome: trace ? outcome : { ...outcome, trace: [] }, ...simulated } };
  }
}

async function main() {
  const options = parsed();
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-simulate-'));
  try {
    const module = await bundled('simulation/simulate', folder);
    const beganAt = process.cpuUsage();
    const all = await simulateAll(module, options);
    const { user, system } = process.cpuUsage(beganAt);
    tell(options, all, (user + system) / 1_000_000);
    const isTooFew = all.length < options.atLeast;
    if (isTooFew) console.log(tooFewText(all.length, options));
    if (isTooFew || all.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parsed() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      within: { type: 'string' },
      'at-least': { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      trace: { type: 'boolean', default: false },
    },
  });
  /** @param {string} name @param {string} text */
  const whole = (name, text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
      throw new Error(`--${name} wants a whole number from 1 on, not "${text}".`);
    }
    return number;
  };
  const workers = whole('workers', values.workers);
  const within = values.within === undefined ? Number.POSITIVE_INFINITY : whole('within', values.within);
  const atLeast = whole('at-least', values['at-least']);
  const common = { workers, within, atLeast, trace: values.trace };
  if (values.seed !== undefined) return { from: whole('seed', values.seed), seeds: 1, ...common };
  const seeds = whole('seeds', values.seeds);
  if (atLeast > seeds) throw new Error(`--at-least ${atLeast} cannot be met by --seeds ${seeds}.`);
  return { from: whole('from', values.from), seeds, ...common };
}

/** @param {number} played @param {Pick<ReturnType<typeof parsed>, 'within' | 'atLeast'>} wanted */
function tooFewText(played, { within, atLeast }) {
  return `too few: ${played} played in ${within} s, and ${atLeast} are wanted at least. That nothing failed says little; this machine is slow, or others use it.`;
}

/** @param {string} module @param {ReturnType<typeof parsed>} options @returns {Promise<Simulated[]>} by seed */
async function simulateAll(module, { from, seeds, workers, within, trace }) {
  const latest = performance.now() + within * 1000;
  /** @type {Map<number, Simulated>} */
  const done = new Map();
  let next = from;
  const isTerminal = process.stderr.isTTY;
  const some = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { module, trace },
        // Simulated worlds leave much behind: with room for it V8 collects less often.
        resourceLimits: { maxYoungGenerationSizeMb: 192 },
      });
      /** @type {number | undefined} */
      let given;
      worker.on('message', (/** @type {Partial<Told>} */ { seed, simulated }) => {
        if (seed !== undefined && simulated !== undefined) {
          done.set(seed, simulated);
          if (simulated.failure !== undefined) console.log(failureText(simulated.failure));
          if (isTerminal) process.stderr.write(`\r${done.size} of ${seeds} `);
        }
        given = next < from + seeds && performance.now() < latest ? next : undefined;
        if (given !== undefined) next += 1;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
        worker.postMessage(given);
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        if (given === undefined) resolve(undefined);
        else reject(new Error(`seed ${given} never ended: nothing is left to happen in it, and it waits`));
      });
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, some));
  if (isTerminal) process.stderr.write('\r\u001B[K');
  return [...done].toSorted(([a], [b]) => a - b).map(([, simulated]) => simulated);
}

/** @param {Failure} failure */
function failureText({ seed, violations, script, trace }) {
  const most = 400;
  const left = trace.length - most;
  return [
    `seed ${seed} fails:`,
    ...violations.map(({ invariant, detail }) => `  ${invariant}: ${detail}`),
    `the shortest script that still does:`,
    `  ${JSON.stringify(script)}`,
    `what happens:`,
    ...(left > 0 ? [`  … ${left} lines before`] : []),
    ...trace.slice(-most).map((line) => `  ${line}`),
    `again: npm run simulate -- --seed ${seed}`,
    '',
  ].join('\n');
}

/** @param {ReturnType<typeof parsed>} options @param {readonly Simulated[]} all @param {number} cpuSeconds */
function tell({ trace, seeds, within }, all, cpuSeconds) {
  const sum = (/** @type {(outcome: Simulated['outcome']) => number} */ of) =>
    all.reduce((total, { outcome }) => total + of(outcome), 0);
  /** @param {readonly string[]} words */
  const counted = (words) => {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts].toSorted(([, a], [, b]) => b - a).map(([word, count]) => `${word} ${count}`);
  };
  /** @type {Map<string, number>} */
  const faults = new Map();
  for (const { outcome } of all) {
    for (const [kind, times] of Object.entries(outcome.faults)) faults.set(kind, (faults.get(kind) ?? 0) + times);
  }
  if (trace)
    for (const { outcome } of all) console.log(`${JSON.stringify(outcome.script)}\n${outcome.trace.join('\n')}\n`);
  const failed = all.flatMap(({ failure }) => failure?.seed ?? []);
  const rows = [
    [
      'seeds',
      `${all.length}, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}${all.length < seeds ? `; ${within} s were over before the other ${seeds - all.length}` : ''}`,
    ],
    ['runs', `${sum(({ runs }) => runs)}, taken up again ${sum(({ resumptions }) => resumptions)} times`],
    ['runbooks', counted(all.flatMap(({ outcome }) => outcome.script.runbooks)).join(', ')],
    ['verdicts', counted(all.flatMap(({ outcome }) => outcome.verdicts)).join(', ')],
    ['calls', `${sum(({ calls }) => calls)}, of which changed the world ${sum(({ changes }) => changes)}`],
    ['faults', `${[...faults.values()].reduce((total, times) => total + times, 0)}`],
    ...[...faults].toSorted(([, a], [, b]) => b - a).map(([kind, times]) => [`  ${kind}`, `${times}`]),
    ['simulated time', `${(sum(({ virtualMs }) => virtualMs) / 3_600_000).toFixed(0)} h`],
    ['CPU', `${cpuSeconds.toFixed(0)} s, ${(all.length / cpuSeconds).toFixed(2)} seeds a second of it`],
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  for (const [name = '', value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
}

// The SDK's warning about Node.js 20 is noise here; workers inherit it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
if (isMainThread) await main();
else if (parentPort !== null) await work(parentPort);
