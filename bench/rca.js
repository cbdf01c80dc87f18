/**
 * How often the root-cause engine is right. On a folder of PetShop data (Hardt et al., CLeaR 2024): incidents by scenario and symptom,
 * how often the labelled cause is the first answer or among the first three, and how often the answer is empty when nothing is wrong,
 * beside what the authors' baseline reached. With --synthetic, incidents made by moving faults around the same graph over its calm
 * windows. The engine is given the graph, the metrics and the symptom,
 * nothing else.
 *
 *   npm run bench:rca -- <folder> [--split train|test] [--predictions <file>] [--step 1]
 *   npm run bench:rca -- <folder> --synthetic [--seeds 5] [--verbose]
 *
 * Exits with 2 where arguments or files are wrong.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { BadInput } from './rca/csv.js';
import { loadEngine } from './rca/engine.js';
import { componentsOf, readIncidents, readScenarios, splits } from './rca/petshop.js';
import { specificityOf } from './rca/specificity.js';
import { kinds, makeIncident, namedBy, positionsOf, stageOf } from './rca/synthetic.js';

/** @typedef {import('./rca/engine.js').Engine} Engine */
/** @typedef {import('./rca/petshop.js').Scenario} Scenario */
/** @typedef {import('./rca/petshop.js').Incident} Incident */
/** @typedef {import('./rca/specificity.js').Share} Share */

/** Published figures of the authors' anomaly traversal over train and test together; data set's notebook. @type {Record<string, string>} */
const baseline = {
  'low_traffic latency': '0.571  0.571  0.167',
  'low_traffic availability': '0.833  1.000  1.000',
  'high_traffic latency': '0.571  0.786  0.333',
  'high_traffic availability': '0.667  1.000  1.000',
};

/** @param {string} name @param {string | undefined} text @param {number} fallback @param {number} least */
function wholeNumber(name, text, fallback, least) {
  const number = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new BadInput(`--${name} ${text}: a whole number from ${least} on is wanted.`);
  return number;
}

function argumentsOf() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        split: { type: 'string' },
        predictions: { type: 'string' },
        step: { type: 'string' },
        synthetic: { type: 'boolean' },
        seeds: { type: 'string' },
        verbose: { type: 'boolean' },
      },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0)
      throw new BadInput('One folder is wanted: npm run bench:rca -- <folder>');
    const wanted = splits.filter((split) => values.split === undefined || split === values.split);
    if (wanted.length === 0) throw new BadInput(`--split ${values.split}: it is "train" or "test".`);
    if (values.synthetic === true && (values.predictions ?? values.split ?? values.step) !== undefined) {
      throw new BadInput('--synthetic makes its own incidents: it takes no --split, --predictions or --step.');
    }
    if (values.synthetic !== true && (values.seeds ?? values.verbose) !== undefined) {
      throw new BadInput('--seeds and --verbose belong to --synthetic.');
    }
    return {
      folder,
      wanted,
      predictions: values.predictions,
      step: wholeNumber('step', values.step, 1, 1),
      isSynthetic: values.synthetic === true,
      seeds: wholeNumber('seeds', values.seeds, 5, 1),
      isVerbose: values.verbose === true,
    };
  } catch (error) {
    if (error instanceof TypeError) throw new BadInput(error.message, { cause: error });
    throw error;
  }
}

/** @param {Engine} engine @param {Scenario} scenario @param {Incident} incident */
function answer(engine, scenario, { metrics, symptom }) {
  const components = componentsOf(scenario, scenario.normal, metrics);
  return engine.findRootCauses({ components, calls: scenario.calls, symptom });
}

/** @param {readonly boolean[]} flags */
function share(flags) {
  return flags.length === 0 ? '    –' : (flags.filter(Boolean).length / flags.length).toFixed(3);
}

/** @param {Share} counted */
function shareOf({ empty, all }) {
  return all === 0 ? '    –' : (empty / all).toFixed(3);
}

/** @param {Engine} engine @param {readonly Scenario[]} scenarios @param {ReturnType<typeof argumentsOf>} options */
function accuracy(engine, scenarios, { wanted, predictions, step, folder }) {
  /** @type {{ incident: Incident, ranked: readonly string[] }[]} */
  const answered = [];
  for (const scenario of scenarios) {
    for (const split of wanted) {
      const incidents = readIncidents(scenario, split);
      if (incidents.length === 0) console.error(`${scenario.name} has no incidents in ${split}.`);
      for (const incident of incidents) {
        const found = answer(engine, scenario, incident);
        if (found.status === 'could-not-tell') {
          console.error(`${scenario.name} ${split} ${incident.issue}: ${found.summary}`);
        }
        const ranked = found.status === 'found' ? found.causes.map(({ component }) => component) : [];
        answered.push({ incident, ranked });
      }
    }
  }
  if (predictions !== undefined) {
    const rows = answered.map(({ incident: { scenario, split, issue }, ranked }) => ({
      scenario,
      split,
      issue,
      ranked,
    }));
    writeFileSync(predictions, `${JSON.stringify(rows, undefined, 2)}\n`);
  }
  if (answered.length === 0) throw new BadInput(`${folder} holds no incident in ${wanted.join(' or ')}.`);
  console.log('                            incidents  top-1  top-3  specificity           | baseline');
  console.log('                                                     authors  near   old   | top-1  top-3  specificity');
  /** @type {boolean[]} */ const firsts = [];
  /** @type {boolean[]} */ const thirds = [];
  for (const scenario of scenarios) {
    for (const kind of /** @type {const} */ (['latency', 'availability'])) {
      const own = answered.filter(
        ({ incident }) => incident.scenario === scenario.name && incident.symptom.kind === kind,
      );
      const symptom = own[0]?.incident.symptom;
      if (symptom === undefined) continue;
      const labelled = own.filter(({ incident }) => incident.cause !== undefined);
      const first = labelled.map(({ incident, ranked }) => ranked[0] === incident.cause);
      const third = labelled.map(({ incident, ranked }) => ranked.slice(0, 3).some((each) => each === incident.cause));
      firsts.push(...first);
      thirds.push(...third);
      const { authors, near, old } = specificityOf(engine, scenario, symptom, step);
      const name = `${scenario.name} ${kind}`;
      console.log(
        `${name.padEnd(27)} ${String(own.length).padStart(9)}  ${share(first)}  ${share(third)}  ${shareOf(authors)}    ${shareOf(near)}  ${shareOf(old)} | ${baseline[name] ?? '–'}`,
      );
    }
  }
  console.log(`${'all'.padEnd(27)} ${String(answered.length).padStart(9)}  ${share(firsts)}  ${share(thirds)}`);
}

/** @param {Engine} engine @param {readonly Scenario[]} scenarios @param {ReturnType<typeof argumentsOf>} options */
function synthetic(engine, scenarios, { seeds, isVerbose }) {
  /** @type {Map<string, boolean[]>} */
  const flags = new Map();
  const note = (/** @type {string} */ name, /** @type {boolean} */ isRight) => {
    flags.set(name, [...(flags.get(name) ?? []), isRight]);
  };
  for (const scenario of scenarios) {
    const symptom =
      splits.flatMap((split) => readIncidents(scenario, split))[0]?.symptom.component ?? busiestEntry(scenario);
    if (symptom === undefined) continue;
    const stage = stageOf(scenario, symptom);
    for (const kind of kinds) {
      for (const [number, position] of positionsOf(stage).entries()) {
        for (let seed = 1; seed <= seeds; seed += 1) {
          for (const isOld of [false, true]) {
            const made = makeIncident(stage, kind, position, seed * 1009 + number, isOld);
            if (made === undefined) continue;
            const components = componentsOf(scenario, made.normal, made.incident);
            const found = engine.findRootCauses({ components, calls: made.calls, symptom: made.symptom });
            const [first] = found.status === 'found' ? found.causes : [];
            const truth = namedBy(scenario, position);
            const isRight = first?.component === truth;
            const type = truth.includes('_') ? truth.slice(truth.lastIndexOf('_') + 1) : truth;
            note('1 all', isRight);
            note(`2 ${isOld ? 'normal period months older' : 'normal period around it'}`, isRight);
            note(`3 ${kind}`, isRight);
            note(`4 ${type}`, isRight);
            if (!isRight && isVerbose) {
              console.log(
                `${scenario.name}, ${kind}, seed ${seed}${isOld ? ', old' : ''}: ${truth}, not ${first?.component ?? found.status}`,
              );
            }
          }
        }
      }
    }
  }
  console.log('                                           incidents  top-1');
  for (const [name, all] of [...flags].toSorted(([a], [b]) => (a[0] ?? '').localeCompare(b[0] ?? ''))) {
    console.log(`${name.slice(2).padEnd(42)} ${String(all.length).padStart(9)}  ${share(all)}`);
  }
}

/** Of the components that nobody calls, the one that is asked most. @param {Scenario} scenario */
function busiestEntry({ nodes, calls, normal }) {
  const called = new Set(calls.map(({ to }) => to));
  const asked = (/** @type {string} */ node) =>
    (normal.get(node)?.requests ?? []).reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
  return nodes.filter((node) => !called.has(node)).toSorted((a, b) => asked(b) - asked(a))[0];
}

try {
  const options = argumentsOf();
  const scenarios = readScenarios(options.folder);
  const engine = await loadEngine();
  if (options.isSynthetic) synthetic(engine, scenarios, options);
  else accuracy(engine, scenarios, options);
} catch (error) {
  if (!(error instanceof BadInput)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
