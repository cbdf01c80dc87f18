/** Packs nanoops and installs the tarball into an empty folder, once a run, for the tests that use it as its users do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

import { pack } from '../../scripts/pack.js';

export interface Installed {
  /** The folder it is installed into: holds `node_modules/nanoops`. */
  readonly folder: string;
  /** The tarball itself. */
  readonly tarball: string;
  /** The paths that the tarball holds, without the leading `package/`. */
  readonly packedFiles: readonly string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    installed: Installed;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-e2e-'));
  const tarball = await pack(folder);
  const { stdout } = await execa('tar', ['--list', '--file', tarball]);
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  // Offline: a package that brings everything along needs no registry.
  await execa('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: folder });
  project.provide('installed', {
    folder,
    tarball,
    packedFiles: stdout.split('\n').map((path) => path.replace(/^package\//u, '')),
  });
  return () => rm(folder, { recursive: true, force: true });
}
