/**
 * How the tests run: `pure` and `unit` in this process's workers, `moto` against another team's AWS emulator, `e2e` on the packed
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

/**
 * Those that make no whole worlds share a thread and its modules, which saves most of the time that importing takes. What a test
 * keeps would stay in memory until the thread ends: worlds would fill it.
 */
const pure = [
  'test/{capacity,checks,config,diagnosis,drills,logs,monitoring,notify,recovery-lint,report,slo,terminal}/**/*.test.ts',
  'test/aws/!(credentials|sealed).test.ts',
  'test/engine/*.test.ts',
  'test/engine/acting/!(survival).test.ts',
  'test/runbooks/{latency,move,database-unavailable}/**/*.test.ts',
  'test/sandbox/**/*.test.ts',
];

export default defineConfig({
  plugins: [yamlText()],
  test: {
    setupFiles: ['./test/support/property-seed.ts'],
    // By default one processor is left idle, which is half of two.
    maxWorkers: '100%',
    // Four tests at a time share what may be two processors.
    testTimeout: 45_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
    reporters: ['default', './scripts/closing-line.js'],
    projects: [
      // Threads begin sooner than processes; where processes are started, they have to be processes themselves.
      project('pure', { pool: 'threads', isolate: false, include: pure }),
      project('unit', {
        pool: 'threads',
        include: ['test/**/*.test.ts'],
        exclude: ['test/{moto,e2e}/**', 'test/**/*.e2e.test.ts', ...pure],
      }),
      project('moto', { pool: 'forks', include: ['test/moto/**/*.test.ts'] }),
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/**/*.e2e.test.ts'],
          globalSetup: './test/package/install-tarball.ts',
          testTimeout: 60_000,
        },
      },
    ],
  },
});
