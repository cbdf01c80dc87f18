/**
 * Runs the tests of the engine and the guard in the process that judges mutants, without vitest around them: a mutant costs
 * milliseconds then, where a worker of vitest costs a third of a second to begin. The same tests, the same `expect`.
 *
 * What a mutant lets go wrong outside of a test (a rejection that nobody takes) is not held against it, so that the score is
 * never too good. A test that does not end is ended by Stryker, which ends this process and begins another.
 *
 * @typedef {import('./collected.js').Collected} Collected
 * @typedef {import('./collected.js').Collection} Collection
 * @typedef {Record<string, number>} Hits
 * @typedef {{ activeMutant?: string, currentTestId?: string, hitCount?: number, hitLimit?: number,
 *   mutantCoverage?: { readonly static: Hits, readonly perTest: Record<string, Hits> } }} Namespace
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setImmediate as turn } from 'node:timers/promises';
import { rolldown } from 'rolldown';
import { globSync } from 'tinyglobby';

import { yamlText } from '../yaml-text-plugin.js';
import { tests } from './tests.js';

/** Where mutated code asks which mutant it is to be. */
const namespaceName = '__stryker__';
/** In Stryker's copy of the project, which is removed in the end. */
const bundleFolder = 'bundled-tests';
const collectionName = Symbol.for('nanoops.mutation.collection');
/** Turns of the event loop in which what a test left running comes to its end before the next mutant is judged. */
const settlingTurns = 50;

class InProcess {
  /** @type {Namespace} */
  #namespace = Reflect.get(globalThis, namespaceName) ?? {};
  /** @type {Collection} */
  #collection = { file: '', tests: [] };
  /** Tests that saw mutants, the last one first: what sees one often sees the next. @type {readonly string[]} */
  #keen = [];
  /** The files whose tests it has. @type {Set<string>} */
  #collected = new Set();

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    process.on('unhandledRejection', () => undefined);
    Reflect.set(globalThis, namespaceName, this.#namespace);
    Reflect.set(globalThis, collectionName, this.#collection);
    await bundle([seed, ...testFiles()]);
    await this.#collect(seed);
  }

  /** Takes in the tests of a file, once. A mutant in the engine needs none of the SDK that those of the guard bring along. */
  async #collect(/** @type {string} */ file) {
    if (this.#collected.has(file)) return;
    this.#collected.add(file);
    this.#collection.file = file;
    await import(pathToFileURL(join(process.cwd(), bundleFolder, entryOf(file))).href);
  }

  async dryRun() {
    for (const file of testFiles()) await this.#collect(file);
    const results = [];
    for (const test of this.#collection.tests) {
      this.#namespace.currentTestId = test.id;
      const startedAt = performance.now();
      const failure = await failureOf(test);
      const common = { id: test.id, name: test.id, fileName: test.file, timeSpentMs: performance.now() - startedAt };
      results.push(
        failure === undefined ? { ...common, status: 0 } : { ...common, status: 1, failureMessage: failure },
      );
    }
    delete this.#namespace.currentTestId;
    return { status: 'complete', tests: results, mutantCoverage: this.#namespace.mutantCoverage };
  }

  /** @param {{ readonly activeMutant: { readonly id: string }, readonly testFilter?: readonly string[], readonly hitLimit?: number }} options */
  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    for (const file of testFiles()) {
      if (testFilter === undefined || testFilter.some((id) => id.startsWith(file))) await this.#collect(file);
    }
    const filter = testFilter && new Set(testFilter);
    const covering = this.#collection.tests.filter(({ id }) => filter === undefined || filter.has(id));
    const ordered = covering.toSorted((a, b) => this.#keenness(a) - this.#keenness(b));
    Object.assign(this.#namespace, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      let nrOfTests = 0;
      for (const test of ordered) {
        nrOfTests += 1;
        const failure = await failureOf(test);
        if (hitLimit !== undefined && (this.#namespace.hitCount ?? 0) > hitLimit) {
          return { status: 'timeout', reason: `it was reached more than ${hitLimit} times` };
        }
        if (failure === undefined) continue;
        this.#keen = [test.id, ...this.#keen.filter((id) => id !== test.id)];
        return { status: 'killed', killedBy: [test.id], failureMessage: failure, nrOfTests };
      }
      return { status: 'survived', nrOfTests };
    } finally {
      for (let turns = 0; turns < settlingTurns; turns += 1) await turn();
      delete this.#namespace.activeMutant;
    }
  }

  /** @param {Collected} test */
  #keenness({ id }) {
    const place = this.#keen.indexOf(id);
    return place === -1 ? this.#keen.length : place;
  }
}

/** What a test fails with; undefined where it passes. @param {Collected} test */
async function failureOf({ before, run, after }) {
  let failure;
  try {
    for (const hook of before) await hook();
    await run();
  } catch (error) {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`;
  }
  for (const hook of after) await hook();
  return failure;
}

/** What makes tests of properties draw the same values each time. */
const seed = 'test/support/property-seed.ts';

/** @returns {readonly string[]} */
const testFiles = () => globSync(tests).toSorted();

/** @param {string} file */
const entryOf = (file) => `${file.replaceAll('/', '-')}.mjs`;

/**
 * Bundles the tests, each file for itself and what they share; what comes from packages stays outside. Once for all
 * processes: of several that do so at a time, the first to end wins.
 *
 * @param {readonly string[]} files
 */
async function bundle(files) {
  if (existsSync(bundleFolder)) return;
  const here = import.meta.dirname;
  const build = await rolldown({
    input: Object.fromEntries(files.map((file) => [file.replaceAll('/', '-'), file])),
    platform: 'node',
    plugins: [
      yamlText(),
      {
        name: 'collected-tests',
        resolveId(source, importer) {
          if (importer === undefined || /^[./]/.test(source)) return undefined;
          const isTest = source === 'vitest' && relative(here, importer) !== 'collected.js';
          return isTest ? join(here, 'collected.js') : { id: source, external: true };
        },
      },
    ],
  });
  const own = await mkdtemp(`${bundleFolder}-`);
  await build.write({ dir: own, format: 'esm', entryFileNames: '[name].mjs' });
  await build.close();
  await rename(own, bundleFolder).catch(async (error) => {
    await rm(own, { recursive: true });
    if (!existsSync(bundleFolder)) throw error;
  });
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcess }];
