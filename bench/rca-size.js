/**
 * What the root-cause engine costs on a large graph: 5,000 components, 20,000 calls (some in circles), a day of points of five minutes,
 * an incident of an hour. Once with one slow component deep in the graph, and once where everything is slow, the worst there can be.
 * Prints the median time of a diagnosis and the peak of memory, the input included; exits with 1 where either takes longer than a
 * second or more than 300 MB, or where the one slow component is not the first answer.
 *
 *   npm run bench:rca-size
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { loadEngine } from './rca/engine.js';
import { chanceOf } from './rca/synthetic.js';

/** @typedef {import('../src/diagnosis/root-cause/input.ts').Readings} Readings */

const limits = { seconds: 1, megabytes: 300 };
const size = { components: 5000, calls: 20_000, normal: 288, incident: 12 };
const period = 300_000;
const rounds = 5;
const start = Date.UTC(2026, 0, 1);
/** Each is called by the one with a third of its number, among others: this one is six calls from the entry. */
const culprit = 1000;

const chance = chanceOf(1);

/** @type {{ from: number, to: number }[]} */
const calls = [];
for (let node = 1; node < size.components; node += 1) calls.push({ from: Math.floor(node / 3), to: node });
while (calls.length < size.calls) {
  calls.push({ from: Math.floor(chance() * size.components), to: 1 + Math.floor(chance() * (size.components - 1)) });
}
const onTheWay = new Set([culprit]);
for (let node = culprit; node > 0; node = Math.floor(node / 3)) onTheWay.add(Math.floor(node / 3));

const normalTimes = Array.from({ length: size.normal }, (_, index) => start + index * period);

/** @param {number} from @param {number} points @param {number} slower seconds that each request takes longer @returns {Readings} */
function readings(from, points, slower) {
  const noisy = (/** @type {number} */ value) => value * (0.95 + 0.1 * chance());
  const filled = (/** @type {() => number} */ make) => Array.from({ length: points }, make);
  const column = (/** @type {number} */ value) => filled(() => noisy(value) + slower);
  return {
    at: points === size.normal ? normalTimes : normalTimes.slice(0, points).map((time) => time - start + from),
    requests: filled(() => Math.round(noisy(500))),
    faults: filled(() => (chance() < 0.02 ? 1 : 0)),
    meanSeconds: column(0.05),
    percentiles: { p50: column(0.04), p90: column(0.08), p95: column(0.1), p99: column(0.2) },
  };
}

const normals = Array.from({ length: size.components }, () => readings(start, size.normal, 0));

/** @param {(node: number) => number} slower */
function inputOf(slower) {
  return {
    components: normals.map((normal, node) => ({
      id: `service-${node}`,
      name: `service-${node}`,
      normal,
      incident: readings(start + size.normal * period, size.incident, slower(node)),
    })),
    calls: calls.map(({ from, to }) => ({ from: `service-${from}`, to: `service-${to}` })),
    symptom: /** @type {const} */ ({ component: 'service-0', kind: 'latency' }),
  };
}

/** @type {Record<string, (node: number) => number>} seconds that a component is slower */
const cases = {
  'one is slow': (node) => (onTheWay.has(node) ? 0.05 : 0),
  'all are slow': () => 0.05,
};

/** @param {string} name */
async function measure(name) {
  const engine = await loadEngine();
  const input = inputOf(cases[name] ?? (() => 0));
  /** @type {number[]} */
  const times = [];
  let first = '';
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    const answer = engine.findRootCauses(input);
    times.push((performance.now() - begun) / 1000);
    first = answer.status === 'found' ? (answer.causes[0]?.component ?? '') : answer.status;
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const peak = Number(/VmHWM:\s*(\d+)/u.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN) / 1024;
  console.log(
    `${name.padEnd(14)} ${median.toFixed(2)} s (limit ${limits.seconds}), at the peak ${peak.toFixed(0)} MB (limit ${limits.megabytes}), the input included, first answer ${first}`,
  );
  const isRight = name !== 'one is slow' || first === `service-${culprit}`;
  if (!(median < limits.seconds && peak < limits.megabytes && isRight)) process.exitCode = 1;
}

// A process each, since the peak of a process is that of all it ever did.
const [wanted] = process.argv.slice(2);
if (wanted !== undefined) await measure(wanted);
else {
  for (const name of Object.keys(cases)) {
    const { status } = spawnSync(process.execPath, [import.meta.filename, name], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}
