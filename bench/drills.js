/**
 * What moves between regions take on the simulated AWS, over many seeds: the real runbook, engine and SDK clients, each
 * seed a world of its own. Prints recovery times by phase, what was lost, the verdicts and a histogram, and what the dry
 * run predicts. Exits with 1 where the 95th percentile is beyond the objective, the prediction is off by more than 10 % of
 * the median, a verdict is not the expected one, or two regions took writes and the run did not say so.
 *
 *   npm run bench:drills [-- --seeds 500] [--first 1] [--scenario healthy] [--kind drill|failover]
 *       [--mode switchover|failover] [--expect ok] [--workers 2] [--svg <file>] [--html <file>]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { histogram, pageOf, svgOf } from './drills/drawing.js';
import { deviationText, durationText, figuresOf } from './drills/figures.js';
import { bundled } from './support/simulation.js';

/** @typedef {typeof import('../test/use-cases/simulated-moves.ts')} Moves */
/** @typedef {import('../test/use-cases/simulated-moves.ts').MoveFigures} MoveFigures */
/** @typedef {import('../test/use-cases/simulated-moves.ts').MoveCase} MoveCase */
/** @typedef {{ module: string, moveCase: MoveCase, seeds: readonly number[] }} WorkerData */

const allowedDeviation = 0.1;
const phases = /** @type {const} */ (['detect', 'decide', 'execute', 'verify', 'clients']);

/** Moves one seed after another and tells each at once. @param {WorkerData} data */
async function work({ module, moveCase, seeds }) {
  /** @type {Moves} */
  const { moveOnce } = await import(module);
  for (const seed of seeds) {
    const run = await moveOnce(moveCase, seed);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    parentPort?.postMessage(run);
  }
}

async function main() {
  const options = parsed();
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-drills-'));
  try {
    const module = await bundled('use-cases/simulated-moves', folder);
    const beganAt = process.cpuUsage();
    /** @type {Moves} */
    const { predictMove } = await import(module);
    const prediction = await predictMove(options.moveCase, options.first);
    const runs = await moveAll(module, options);
    const { user, system } = process.cpuUsage(beganAt);
    const problems = tell(options, runs, prediction, (user + system) / 1000);
    await draw(options, runs, prediction);
    for (const problem of problems) console.error(`! ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parsed() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      first: { type: 'string', default: '1' },
      scenario: { type: 'string', default: 'healthy' },
      kind: { type: 'string', default: 'drill' },
      mode: { type: 'string', default: 'switchover' },
      expect: { type: 'string', default: 'ok' },
      workers: { type: 'string', default: String(availableParallelism()) },
      svg: { type: 'string' },
      html: { type: 'string' },
    },
  });
  const { scenario, kind, mode, expect, svg, html } = values;
  const [seeds, first, workers] = [values.seeds, values.first, values.workers].map(Number);
  for (const count of [seeds, first, workers]) {
    if (!Number.isInteger(count) || Number(count) < 1)
      throw new Error('--seeds, --first and --workers want whole numbers.');
  }
  if (kind !== 'drill' && kind !== 'failover') throw new Error(`--kind is drill or failover, not "${kind}".`);
  if (mode !== 'switchover' && mode !== 'failover') throw new Error(`--mode is switchover or failover, not "${mode}".`);
  /** @type {MoveCase} */
  const moveCase = { scenario, kind, mode };
  return { moveCase, expect, svg, html, seeds: Number(seeds), first: Number(first), workers: Number(workers) };
}

/** @typedef {ReturnType<typeof parsed>} Options */
/** @typedef {import('../test/use-cases/simulated-moves.ts').MovePrediction} Prediction */

/** @param {string} module @param {Options} options @returns {Promise<MoveFigures[]>} by seed */
async function moveAll(module, { moveCase, seeds, first, workers }) {
  /** @type {MoveFigures[]} */
  const runs = [];
  const all = Array.from({ length: seeds }, (_, index) => first + index);
  const isTerminal = process.stderr.isTTY;
  const some = (/** @type {number} */ number) =>
    new Promise((resolve, reject) => {
      /** @type {WorkerData} */
      const data = { module, moveCase, seeds: all.filter((_, index) => index % workers === number) };
      const worker = new Worker(new URL(import.meta.url), { workerData: data });
      worker.on('message', (/** @type {MoveFigures} */ run) => {
        runs.push(run);
        if (isTerminal) process.stderr.write(`\r${runs.length} of ${seeds} `);
      });
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, (_, number) => some(number)));
  if (isTerminal) process.stderr.write('\r\u001B[K');
  if (runs.length !== seeds) throw new Error(`${runs.length} of ${seeds} runs came to an end`);
  return runs.toSorted((a, b) => a.seed - b.seed);
}

/** Those that were measured. @param {readonly (number | null | undefined)[]} values */
const known = (values) => values.flatMap((each) => (each === null || each === undefined ? [] : [each]));

/** The figures, a row each, under their heading. @param {readonly MoveFigures[]} runs @param {Prediction} prediction */
function rowsOf(runs, prediction) {
  /** @param {string} name @param {readonly (number | null | undefined)[]} values @param {number | null} [predicted] */
  const row = (name, values, predicted) => {
    const { n, min, median, p95, max } = figuresOf(known(values));
    const told = predicted === undefined || predicted === null ? '' : durationText(predicted);
    return [name, String(n), ...[min, median, p95, max].map(durationText), told];
  };
  const stores = [...new Set(runs.flatMap(({ lossMs }) => Object.keys(lossMs)))];
  const hasBack = runs.some(({ backMs }) => backMs !== null);
  return [
    ['', 'n', 'min', 'median', 'p95', 'max', 'dry run'],
    row(
      'RTO',
      runs.map(({ rtoMs }) => rtoMs),
      prediction.rtoMs,
    ),
    ...phases.map((phase) =>
      row(
        `  ${phase}`,
        runs.map((run) => run.phases?.[phase]),
        prediction.phases?.[phase],
      ),
    ),
    ...(hasBack
      ? [
          row(
            'RTO of the way back',
            runs.map(({ backMs }) => backMs),
          ),
        ]
      : []),
    ...stores.map((store) =>
      row(
        `RPO ${store}`,
        runs.map(({ lossMs }) => lossMs[store]),
      ),
    ),
  ];
}

/** @param {readonly MoveFigures[]} runs @param {Prediction} prediction @returns {import('./drills/drawing.js').Mark[]} */
function marksOf(runs, { rtoMs }) {
  const { median, p95 } = figuresOf(known(runs.map((run) => run.rtoMs)));
  return [
    { name: 'median', atMs: median },
    { name: 'p95', atMs: p95 },
    ...(rtoMs === null ? [] : [{ name: 'dry run', atMs: rtoMs }]),
  ];
}

const titleOf = (/** @type {Options} */ { moveCase: { scenario, kind, mode }, seeds }) =>
  `Simulated RTO of a ${kind} (${mode}) in ${scenario}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;

/** Prints it all. @param {Options} options @param {readonly MoveFigures[]} runs @param {Prediction} prediction @param {number} cpuMs @returns {string[]} what is not as it must be, a line each */
function tell(options, runs, prediction, cpuMs) {
  const rows = rowsOf(runs, prediction);
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)));
  console.log(`${titleOf(options)}\n`);
  for (const row of rows) {
    const cells = row.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
    );
    console.log(cells.join('  ').trimEnd());
  }
  /** @type {Map<string, number>} */
  const verdicts = new Map();
  for (const { verdict } of runs) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  console.log(`\nVerdicts: ${[...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(', ')}`);
  const rtosMs = known(runs.map(({ rtoMs }) => rtoMs));
  const { median, p95 } = figuresOf(rtosMs);
  if (rtosMs.length > 0) console.log(`\n${histogram(rtosMs, marksOf(runs, prediction)).join('\n')}`);
  const predictedMs = prediction.rtoMs;
  if (predictedMs !== null && rtosMs.length > 0) {
    console.log(
      `\nThe dry run predicts ${durationText(predictedMs)}: ${deviationText(predictedMs, median)} of the median, ${durationText(median)}.`,
    );
  }
  console.log(`${(cpuMs / 1000).toFixed(0)} s of CPU, ${(cpuMs / 1000 / runs.length).toFixed(2)} s a seed.`);
  const seedsOf = (/** @type {readonly MoveFigures[]} */ some) => some.map(({ seed }) => seed).join(', ');
  const others = runs.filter(({ verdict }) => verdict !== options.expect);
  const hidden = runs.filter(({ hidesTwoWriters }) => hidesTwoWriters);
  const isOff = predictedMs !== null && Math.abs(predictedMs / median - 1) > allowedDeviation;
  return [
    ...(others.length > 0 ? [`${others.length} verdicts are not ${options.expect}: seeds ${seedsOf(others)}`] : []),
    ...(hidden.length > 0 ? [`two regions took writes and the run does not say so: seeds ${seedsOf(hidden)}`] : []),
    ...(options.expect === 'ok' && rtosMs.length === 0 ? ['no recovery time was measured'] : []),
    ...(options.expect === 'ok' && predictedMs === null ? ['the dry run predicts nothing'] : []),
    ...(p95 > prediction.targetMs ? [`p95 is beyond the objective of ${durationText(prediction.targetMs)}`] : []),
    ...(isOff ? [`the prediction is off by more than ${allowedDeviation * 100} % of the median`] : []),
  ];
}

/** @param {Options} options @param {readonly MoveFigures[]} runs @param {Prediction} prediction */
async function draw(options, runs, prediction) {
  if (options.svg === undefined && options.html === undefined) return;
  const values = known(runs.map(({ rtoMs }) => rtoMs));
  const marks = marksOf(runs, prediction);
  const { min, max } = figuresOf(values);
  const title = titleOf(options);
  const description = `From ${durationText(min)} to ${durationText(max)}; ${marks
    .map(({ name, atMs }) => `${name} ${durationText(atMs)}`)
    .join(', ')}; the objective is ${durationText(prediction.targetMs)}.`;
  const svg = svgOf({ title, description, values, marks });
  if (options.svg !== undefined) await writeFile(options.svg, svg);
  if (options.html !== undefined) {
    await writeFile(options.html, pageOf({ title, description, svg, rows: rowsOf(runs, prediction) }));
  }
}

// The SDK's warning about Node.js 20 is noise here; workers inherit it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
if (isMainThread) await main();
else await work(workerData);
