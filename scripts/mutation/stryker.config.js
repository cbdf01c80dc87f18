// @ts-check
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/engine/*.ts', 'src/aws/guard.ts'],
  testRunner: 'in-process',
  vitest: { configFile: 'scripts/mutation/vitest.config.ts', related: true },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  ignorePatterns: ['/*', '!/src', '!/test', '!/scripts', '!/package.json'],
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation/runner.js'],
  concurrency: 2,
  timeoutMS: 3_000,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: '.cache/stryker/report.json' },
  incremental: true,
  incrementalFile: '.cache/stryker/incremental.json',
  tempDirName: '.cache/stryker/sandbox',
  cleanTempDir: 'always',
};
