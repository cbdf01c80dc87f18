/**
 * How the tests run: `unit` in this process's workers, `moto` against another team's AWS emulator, `e2e` on the packed
 * tarball. All of them see a machine without an account: no AWS settings, no terminal, one time zone, a home of their own.
 */
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

import { yamlText } from './scripts/yaml-text-plugin.js';
import { plainEnvironment } from './test/package/plain-environment.ts';

// Workers and the processes that tests start inherit it from here.
plainEnvironment(process.env);

type ProjectConfig = NonNullable<TestProjectInlineConfiguration['test']>;

/** What runs in this process, where the SDK's warning about Node 20 is noise; processes of their own have to keep it quiet. */
const project = (name: string, more: Pick<ProjectConfig, 'pool' | 'isolate' | 'include' | 'exclude'>) => ({
  extends: true as const,
  test: {
    ...more,
    name,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});

export default defineConfig({
  plugins: [yamlText()],
  test: {
    setupFiles: ['./test/support/property-seed.ts'],
    // By default one processor is left idle, which is half of two.
    maxWorkers: '100%',
    // Four tests at a time share what may be two processors, and others may use them too.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    unstubEnvs: true,
    reporters: ['default', './scripts/closing-line.js'],
    projects: [
      // Files share their thread and its modules: to import all of them anew for each file takes longer than most files' tests.
      // Threads begin sooner than processes; where processes are started, they have to be processes themselves.
      project('unit', {
        pool: 'threads',
        isolate: false,
        include: ['test/**/*.test.ts'],
        exclude: ['test/{moto,e2e}/**', 'test/**/*.e2e.test.ts'],
      }),
      project('moto', { pool: 'forks', isolate: false, include: ['test/moto/**/*.test.ts'] }),
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/**/*.e2e.test.ts'],
          globalSetup: './test/package/install-tarball.ts',
          testTimeout: 240_000,
        },
      },
    ],
  },
});
