/**
 * Stands in for `vitest` in tests that are run again and again in one process: takes in what they declare, and runs none of
 * it. Their `expect` is vitest's own.
 *
 * @typedef {() => unknown} Body
 * @typedef {{ readonly id: string, readonly file: string, readonly before: readonly Body[], readonly run: Body, readonly after: readonly Body[] }} Collected
 * @typedef {{ file: string, readonly tests: Collected[] }} Collection
 * @typedef {{ readonly name: string, readonly before: Body[], readonly after: Body[] }} Group
 */

export { expect } from 'vitest';

/** Where the runner finds it, which does not import this module: it is part of the bundle. */
export const collectionName = Symbol.for('nanoops.mutation.collection');

/** @type {Collection} */
const collection = Reflect.get(globalThis, collectionName);

/** @type {Group[]} */
const groups = [];
/** What stands outside of all groups, of each file. @type {Map<string, Group>} */
const outermost = new Map();

function around() {
  const outer = outermost.get(collection.file) ?? { name: collection.file, before: [], after: [] };
  outermost.set(collection.file, outer);
  return [outer, ...groups];
}

/** @param {string} name @param {() => void} body */
export function describe(name, body) {
  groups.push({ name, before: [], after: [] });
  body();
  groups.pop();
}
describe.each = eachOf(describe);

/** @param {string} name @param {Body} run */
export function it(name, run) {
  const within = around();
  const title = within.map((group) => group.name).join(' > ');
  const same = collection.tests.filter(({ id }) => id.startsWith(`${title} > ${name}`)).length;
  collection.tests.push({
    id: `${title} > ${name}${same === 0 ? '' : ` (${same + 1})`}`,
    file: collection.file,
    before: within.flatMap((group) => group.before),
    run,
    after: within.toReversed().flatMap((group) => group.after),
  });
}
it.each = eachOf(it);

export { it as test };

/** @param {Body} hook */
export function beforeEach(hook) {
  around().at(-1)?.before.push(hook);
}

/** @param {Body} hook */
export function afterEach(hook) {
  around().at(-1)?.after.push(hook);
}

/** Types are not judged here. */
export function expectTypeOf() {
  return /** @type {unknown} */ (new Proxy(() => undefined, { get: expectTypeOf, apply: expectTypeOf }));
}

/** @param {(name: string, run: () => void) => void} declare */
function eachOf(declare) {
  /** @param {readonly unknown[]} rows */
  return (rows) => {
    /** @param {string} name @param {(...values: unknown[]) => void} body */
    return (name, body) => {
      for (const [index, row] of rows.entries()) {
        declare(`${name} [${index}]`, () => (Array.isArray(row) ? body(...row) : body(row)));
      }
    };
  };
}
