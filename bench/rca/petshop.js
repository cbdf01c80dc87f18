/**
 * Reads PetShop folders (Hardt et al., The PetShop Dataset, CLeaR 2024, arXiv:2311.04806) into what the engine takes: the call
 * graph, the normal period, and of an incident the metrics and the symptom. The labelled cause is read apart, to judge answers.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { BadInput, numberOf, parseCsv } from './csv.js';

/** @typedef {import('../../src/diagnosis/root-cause/input.ts').Readings} Readings */
/** @typedef {import('../../src/diagnosis/root-cause/input.ts').CallComponent} CallComponent */
/** @typedef {import('../../src/diagnosis/root-cause/input.ts').Call} Call */
/** @typedef {import('../../src/diagnosis/root-cause/input.ts').HurtComponent} HurtComponent */
/** @typedef {ReadonlyMap<string, Readings>} Metrics by component */
/** @typedef {{ name: string, folder: string, calls: readonly Call[], nodes: readonly string[], normal: Metrics }} Scenario */
/** @typedef {{ scenario: string, split: string, issue: string, metrics: Metrics, symptom: HurtComponent, cause?: string }} Incident */

export const splits = /** @type {const} */ (['train', 'test']);

/** @param {string} folder @returns {Scenario[]} every sub-folder that has a graph */
export function readScenarios(folder) {
  const scenarios = foldersIn(folder)
    .filter((name) => existsSync(join(folder, name, 'graph.csv')))
    .map((name) => readScenario(name, join(folder, name)));
  if (scenarios.length === 0) throw new BadInput(`${folder} holds no scenario: no sub-folder has a graph.csv.`);
  return scenarios;
}

/** @param {string} folder */
function foldersIn(folder) {
  if (!existsSync(folder)) throw new BadInput(`${folder} does not exist.`);
  if (!statSync(folder).isDirectory()) throw new BadInput(`${folder} is no folder.`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadInput(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** @param {string} name @param {string} folder @returns {Scenario} */
function readScenario(name, folder) {
  const file = join(folder, 'graph.csv');
  const [header = [], ...rows] = parseCsv(read(file), file);
  const nodes = header.slice(1);
  /** @type {Call[]} */
  const calls = [];
  for (const [line, [from = '', ...cells]] of rows.entries()) {
    if (!nodes.includes(from)) throw new BadInput(`${file}:${line + 2} begins with "${from}", which is no column.`);
    for (const [index, cell] of cells.entries()) {
      const to = nodes[index];
      if (to !== undefined && numberOf(cell, `${file}:${line + 2}`) > 0) calls.push({ from, to });
    }
  }
  return { name, folder, nodes, calls, normal: readMetrics(join(folder, 'noissue', 'metrics.csv')) };
}

/** Three lines say component, metric and statistic of each column, a fourth what the first column is. @param {string} file @returns {Metrics} */
function readMetrics(file) {
  const [components = [], metrics = [], statistics = [], index, ...rows] = parseCsv(read(file), file);
  if (index?.[0] !== 'unix_timestamp') throw new BadInput(`${file}:4 does not begin with unix_timestamp.`);
  const columns = components.map((_, column) =>
    rows.map((row, line) => numberOf(row[column] ?? '', `${file}:${line + 5}`)),
  );
  const at = (columns[0] ?? []).map((seconds) => seconds * 1000);
  if (at.some((time, line) => !(time > (at[line - 1] ?? Number.NEGATIVE_INFINITY)))) {
    throw new BadInput(`${file}: its times do not rise.`);
  }
  /** @type {Map<string, Map<string, number[]>>} */
  const byComponent = new Map();
  for (const [column, component] of components.entries()) {
    if (column === 0) continue;
    const own = byComponent.get(component) ?? new Map();
    own.set(`${metrics[column]} ${statistics[column]}`, columns[column] ?? []);
    byComponent.set(component, own);
  }
  return new Map([...byComponent].map(([component, own]) => [component, readingsOf(at, own)]));
}

/** @param {readonly number[]} at @param {ReadonlyMap<string, number[]>} columns @returns {Readings} */
function readingsOf(at, columns) {
  const requests = columns.get('requests Sum');
  const availability = columns.get('availability Average');
  const percentiles = ['p50', 'p90', 'p95', 'p99'].flatMap((name) => {
    const values = columns.get(`latency ${name}`);
    return values === undefined ? [] : [/** @type {const} */ ([name, values])];
  });
  return {
    at,
    requests,
    // Availability is in percent of the requests; what failed is a count.
    faults:
      requests === undefined || availability === undefined
        ? undefined
        : requests.map((count, index) =>
            count === 0 ? 0 : Math.round(count * (1 - (availability[index] ?? Number.NaN) / 100)),
          ),
    meanSeconds: columns.get('latency Average'),
    percentiles: Object.fromEntries(percentiles),
  };
}

/** @param {Scenario} scenario @param {string} split @returns {Incident[]} none where the split is missing */
export function readIncidents(scenario, split) {
  const folder = join(scenario.folder, split);
  if (!existsSync(folder)) return [];
  return foldersIn(folder).map((issue) => ({
    scenario: scenario.name,
    split,
    issue,
    metrics: readMetrics(join(folder, issue, 'metrics.csv')),
    ...readTarget(join(folder, issue, 'target.json')),
  }));
}

/** @param {string} file @returns {{ symptom: HurtComponent, cause?: string }} */
function readTarget(file) {
  /** @type {unknown} */
  let json;
  try {
    json = JSON.parse(read(file));
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(`${file} is no JSON.`, { cause: error });
  }
  const target = field(json, 'target');
  const component = field(target, 'node');
  const kind = field(target, 'metric');
  if (typeof component !== 'string') throw new BadInput(`${file} names no component in target.node.`);
  if (kind !== 'latency' && kind !== 'availability') {
    throw new BadInput(`${file}: target.metric is ${JSON.stringify(kind)}, not "latency" or "availability".`);
  }
  const cause = field(field(json, 'root_cause'), 'node');
  return { symptom: { component, kind }, ...(typeof cause === 'string' ? { cause } : {}) };
}

/** @param {unknown} value @param {string} key @returns {unknown} */
function field(value, key) {
  return typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined;
}

/**
 * PetShop joins X-Ray's name and type of a service with an underscore, where it has a type.
 *
 * @param {string} id
 */
export function nameAndType(id) {
  const parts = /^(.+?)_(AWS::.+|Database::SQL|client|remote)$/u.exec(id);
  return parts === null ? { name: id } : { name: parts[1] ?? id, type: parts[2] };
}

/** @type {Readings} */
const nothing = { at: [] };

/**
 * @param {Scenario} scenario
 * @param {Metrics} normal
 * @param {Metrics} incident
 * @returns {CallComponent[]}
 */
export function componentsOf(scenario, normal, incident) {
  const ids = new Set([...scenario.nodes, ...normal.keys(), ...incident.keys()]);
  return [...ids].map((id) => ({
    id,
    ...nameAndType(id),
    normal: normal.get(id) ?? nothing,
    incident: incident.get(id) ?? nothing,
  }));
}

/**
 * Some points of every component.
 *
 * @param {Metrics} metrics
 * @param {number} from
 * @param {number} to
 * @returns {Metrics}
 */
export function sliceOf(metrics, from, to) {
  return mapColumns(metrics, (column) => column.slice(from, to));
}

/**
 * @param {Metrics} metrics
 * @param {(column: readonly number[], name: string, component: string) => readonly number[]} change
 * @returns {Map<string, Readings>}
 */
export function mapColumns(metrics, change) {
  return new Map(
    [...metrics].map(([component, readings]) => {
      const { requests, faults, meanSeconds, percentiles } = readings;
      return [
        component,
        {
          at: change(readings.at, 'at', component),
          requests: requests && change(requests, 'requests', component),
          faults: faults && change(faults, 'faults', component),
          meanSeconds: meanSeconds && change(meanSeconds, 'mean', component),
          percentiles:
            percentiles &&
            Object.fromEntries(
              Object.entries(percentiles).map(([name, values]) => [name, change(values, name, component)]),
            ),
        },
      ];
    }),
  );
}
