/**
 * How often the answer is empty when nothing is wrong. As PetShop's authors define it: the normal period is split at 50 %, 60 %, … of
 * its length, what lies before is normal, what lies after is the "incident". And on windows as long as an incident, one after another
 * over the normal period, the rest of which is normal; once where it is, and once as if the normal period were months older.
 */
import { componentsOf, mapColumns, sliceOf } from './petshop.js';

/** @typedef {import('./petshop.js').Scenario} Scenario */
/** @typedef {import('./petshop.js').HurtComponent} HurtComponent */
/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {{ empty: number, all: number }} Share */

/** An incident's length, in points. */
const window = 5;
const splits = [0.5, 0.6, 0.7, 0.8, 0.9];
/** Half a year, in milliseconds: longer than a normal period counts as near. */
const age = 182 * 86_400_000;

/**
 * @param {Engine} engine
 * @param {Scenario} scenario
 * @param {HurtComponent} symptom
 * @param {number} step points from one window to the next
 */
export function specificityOf(engine, scenario, symptom, step) {
  const { normal, calls } = scenario;
  const points = Math.max(...[...normal.values()].map(({ at }) => at.length));
  const isEmpty = (/** @type {ReturnType<typeof componentsOf>} */ components) =>
    engine.findRootCauses({ components, calls, symptom }).status !== 'found';
  /** @type {Share} */ const authors = { empty: 0, all: 0 };
  for (const share of splits) {
    const at = Math.floor(points * share);
    authors.all += 1;
    if (isEmpty(componentsOf(scenario, sliceOf(normal, 0, at), sliceOf(normal, at, points)))) authors.empty += 1;
  }
  /** @type {Share} */ const near = { empty: 0, all: 0 };
  /** @type {Share} */ const old = { empty: 0, all: 0 };
  const older = mapColumns(normal, (column, name) => (name === 'at' ? column.map((time) => time - age) : column));
  for (let from = 0; from + window <= points; from += step) {
    const calm = sliceOf(normal, from, from + window);
    for (const [share, before] of /** @type {const} */ ([
      [near, normal],
      [old, older],
    ])) {
      share.all += 1;
      if (isEmpty(componentsOf(scenario, before, calm))) share.empty += 1;
    }
  }
  return { authors, near, old };
}
