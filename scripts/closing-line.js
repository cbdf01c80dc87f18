/**
 * A vitest reporter for whoever reads the log from its end: the last line is `N passed, N failed`, alone. A file that
 * does not load and an error outside of any test count as failed; what was skipped is named before.
 */

/** @typedef {import('vitest/node').TestModule} TestModule */

export default class ClosingLine {
  /**
   * @param {ReadonlyArray<TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   * @param {string} reason
   */
  onTestRunEnd(modules, unhandledErrors, reason) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    /** @type {string[]} */
    const skipped = [];
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'pending') continue;
        counts[state] += 1;
        if (state === 'skipped') skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
    }
    // No count may hide that vitest itself calls the run a failure.
    if (reason !== 'passed' && counts.failed === 0) counts.failed = 1;
    const list = skipped.length === 0 ? '' : `skipped (${skipped.length}):\n  ${skipped.join('\n  ')}\n`;
    process.stdout.write(`${list}\n${counts.passed} passed, ${counts.failed} failed\n`);
  }
}
