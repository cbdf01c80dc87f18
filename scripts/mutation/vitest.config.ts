/** The same tests in vitest itself, to see that it comes to the same: `npm run mutate -- --testRunner vitest --mutate <file>`. */
import { defineConfig } from 'vitest/config';

import { yamlText } from '../yaml-text-plugin.js';
import { tests } from './tests.js';

export default defineConfig({
  plugins: [yamlText()],
  test: {
    include: tests.filter((each) => !each.startsWith('!')),
    exclude: tests.filter((each) => each.startsWith('!')).map((each) => each.slice(1)),
    setupFiles: ['./test/support/property-seed.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 20_000,
  },
});
