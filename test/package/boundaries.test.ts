/**
 * The lint rules that hold the architecture do bite: each family is violated in a folder of its own, and the linter
 * must say so. Without this, a rule that a new version of the linter ignores would be green for ever.
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = dirname(dirname(import.meta.dirname));
const oxlint = join(repository, 'node_modules/.bin/oxlint');

/** Files that break a rule: the rule, then what is refused. */
const violations: Readonly<Record<string, { readonly code: string; readonly rule: string }>> = {
  'src/engine/imports-cloud.ts': { code: `export { a } from '../cloud/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/engine/imports-cloud-types.ts': {
    code: `import type { A } from '../cloud/a.ts';\nexport type B = A;`,
    rule: 'nanoops(boundaries)',
  },
  'src/engine/imports-lazily.ts': {
    code: `export const load = async (): Promise<unknown> => import('../cloud/a.ts');`,
    rule: 'nanoops(boundaries)',
  },
  'src/engine/imports-what-it-computes.ts': {
    code: `export const load = async (name: string): Promise<unknown> => import(name);`,
    rule: 'nanoops(boundaries)',
  },
  'src/engine/reads-files.ts': { code: `export { readFile } from 'node:fs/promises';`, rule: 'nanoops(boundaries)' },
  'src/cloud/imports-engine.ts': { code: `export { a } from '../engine/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/diagnosis/imports-engine.ts': { code: `export { a } from '../engine/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/slo/imports-diagnosis.ts': { code: `export { a } from '../diagnosis/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/recovery-lint/imports-runbooks.ts': {
    code: `export { a } from '../runbooks/a.ts';`,
    rule: 'nanoops(boundaries)',
  },
  'src/runbooks/imports-aws.ts': { code: `export { a } from '../aws/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/runbooks/imports-config-values.ts': {
    code: `export { a } from '../config/a.ts';`,
    rule: 'nanoops(boundaries)',
  },
  'src/checks/imports-aws.ts': { code: `export { a } from '../aws/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/use-cases/imports-terminal.ts': { code: `export { a } from '../terminal/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/use-cases/imports-commands.ts': { code: `export { a } from '../commands/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/commands/imports-aws.ts': { code: `export { a } from '../aws/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/commands/imports-main.ts': { code: `export { a } from '../main.ts';`, rule: 'nanoops(boundaries)' },
  'src/aws/imports-sandbox.ts': { code: `export { a } from '../sandbox/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/aws/deep/imports-sandbox.ts': { code: `export { a } from '../../sandbox/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/sandbox/imports-aws.ts': { code: `export { a } from '../aws/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/terminal/imports-config.ts': { code: `export { a } from '../config/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/report/imports-aws.ts': { code: `export { a } from '../aws/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/newcomer/has-no-line.ts': { code: `export { a } from '../engine/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/engine/imports-a-test.ts': { code: `export { a } from '../../test/a.ts';`, rule: 'nanoops(boundaries)' },
  'src/runbooks/calls-the-sdk.ts': {
    code: `export { RDSClient } from '@aws-sdk/client-rds';`,
    rule: 'nanoops(boundaries)',
  },
  'src/use-cases/calls-smithy.ts': { code: `export { x } from '@smithy/core';`, rule: 'nanoops(boundaries)' },
  'src/runbooks/starts-programs.ts': { code: `export { execa } from 'execa';`, rule: 'nanoops(boundaries)' },
  'src/use-cases/declares-flags.ts': { code: `export { Command } from 'commander';`, rule: 'nanoops(boundaries)' },
  'src/report/draws-colour.ts': { code: `export { Chalk } from 'chalk';`, rule: 'nanoops(boundaries)' },
  'src/commands/asks.ts': { code: `export { confirm } from '@inquirer/prompts';`, rule: 'nanoops(boundaries)' },
  'src/terminal/parses-yaml.ts': { code: `export { parse } from 'yaml';`, rule: 'nanoops(boundaries)' },
  'src/terminal/unknown-package.ts': { code: `export { x } from 'left-pad';`, rule: 'nanoops(boundaries)' },
  'src/engine/reads-the-clock.ts': {
    code: `export const now = (): number => Date.now();`,
    rule: 'eslint(no-restricted-properties)',
  },
  'src/cloud/makes-a-date.ts': { code: `export const now = (): Date => new Date();`, rule: 'nanoops(explicit-date)' },
  'src/slo/makes-a-date-text.ts': { code: `export const now = (): string => Date();`, rule: 'nanoops(explicit-date)' },
  'src/diagnosis/throws-dice.ts': {
    code: `export const dice = (): number => Math.random();`,
    rule: 'eslint(no-restricted-properties)',
  },
  'src/runbooks/waits.ts': {
    code: `export const wait = (): unknown => setTimeout(() => 0, 1);`,
    rule: 'eslint(no-restricted-globals)',
  },
  'src/checks/reads-the-environment.ts': {
    code: `export const home = process.env.HOME;`,
    rule: 'eslint(no-restricted-globals)',
  },
  'src/engine/takes-the-long-way.ts': {
    code: `export const now = (): number => globalThis.performance.now();`,
    rule: 'eslint(no-restricted-globals)',
  },
  'src/engine/passes-the-timer-on.ts': {
    code: `export const timer = setTimeout;`,
    rule: 'eslint(no-restricted-globals)',
  },
  'src/aws/cycle-a.ts': {
    code: `import { b } from './cycle-b.ts';\nexport const a = (): number => b();`,
    rule: 'import(no-cycle)',
  },
  'src/aws/cycle-b.ts': {
    code: `import { a } from './cycle-a.ts';\nexport const b = (): number => a();`,
    rule: 'import(no-cycle)',
  },
  'src/aws/floats.ts': {
    code: `const work = async (): Promise<void> => {};\nexport const start = (): void => {\n  work();\n};`,
    rule: 'typescript(no-floating-promises)',
  },
  'src/aws/misuses.ts': {
    code: `export const each = (ids: string[]): void => {\n  ids.forEach(async (id) => Promise.reject(new Error(id)));\n};`,
    rule: 'typescript(no-misused-promises)',
  },
  'src/aws/any.ts': { code: `export const a = (b: any): string => String(b);`, rule: 'typescript(no-explicit-any)' },
  'src/aws/value-import.ts': {
    code: `import { A } from './a.ts';\nexport type B = A;`,
    rule: 'typescript(consistent-type-imports)',
  },
  'src/aws/exits.ts': { code: `export const end = (): never => process.exit(1);`, rule: 'unicorn(no-process-exit)' },
  'src/aws/prints.ts': { code: `export const say = (): void => console.log('x');`, rule: 'eslint(no-console)' },
};

/** Files that use what their folder may use. */
const allowed: Readonly<Record<string, string>> = {
  'src/engine/time.ts': `export const iso = (atMs: number): string => new Date(atMs).toISOString();`,
  'src/runbooks/takes-config-types.ts': `import type { A } from '../config/a.ts';\nexport type B = A;`,
  'src/aws/deep/own-folder.ts': `export { a } from '../a.ts';`,
  'src/aws/sdk.ts': `export { RDSClient } from '@aws-sdk/client-rds';`,
  'src/main.ts': `export { a } from './aws/a.ts';`,
};

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

describe('the lint rules of the architecture', () => {
  let folder: string;
  let found: readonly Diagnostic[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nanoops-boundaries-'));
    await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'scripts/lint-rules.js']) {
      await cp(join(repository, file), join(folder, file));
    }
    const code = Object.entries(violations).map(([path, violation]) => [path, violation.code] as const);
    for (const [path, text] of [...code, ...Object.entries(allowed)]) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), `${text}\n`);
      await writeFile(
        join(folder, 'src', path.split('/')[1] ?? '', 'a.ts'),
        'export const a = 1;\nexport type A = 1;\n',
      ).catch(
        // src/main.ts is no folder.
        () => undefined,
      );
    }
    const { stdout } = await execa(oxlint, ['--format', 'json', 'src'], {
      cwd: folder,
      reject: false,
      stdin: 'ignore',
    });
    // The linter's own JSON; what is used of it is checked by the expectations.
    found = (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
    // The linter asks the type checker, which a busy machine takes its time for.
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(Object.entries(violations))('%s is refused', (path, { rule }) => {
    expect(found.filter(({ filename }) => filename === path).map(({ code }) => code)).toContain(rule);
  });

  test.each(Object.keys(allowed))('%s is allowed', (path) => {
    expect(found.filter(({ filename }) => filename === path)).toEqual([]);
  });
});
