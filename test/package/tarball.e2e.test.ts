/** What a user gets when they install nanoops. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { expect, inject, test } from 'vitest';

const { folder, packedFiles, tarball } = inject('installed');
const inside = (path: string): Promise<string> => readFile(join(folder, 'node_modules/nanoops', path), 'utf8');

test('the tarball holds the executable, the bundle, the licences and the documents, and nothing else', () => {
  const allowed = /^(?:bin|dist)\/|^(?:CHANGELOG\.md|LICENSE|README\.md|package\.json)$/u;
  expect(packedFiles.filter((path) => !allowed.test(path))).toEqual([]);
  expect(packedFiles).toEqual(
    expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/nanoops.js', 'dist/main.js']),
  );
  expect(packedFiles.filter((path) => /(?<!\.d)\.ts$|\.(?:map|yaml|tgz)$/u.test(path))).toEqual([]);
});

test('installing it installs nothing else', async () => {
  const manifest = JSON.parse(await inside('package.json'));
  expect(Object.keys(manifest)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(?!dev).*dependencies$/iu)]),
  );
  const installed = await readdir(join(folder, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['nanoops']);
});

test('installing it runs nothing', async () => {
  // Not even what npm would run in a clone only: some of its versions warn of it.
  expect(JSON.parse(await inside('package.json'))).not.toHaveProperty('scripts');
  expect(packedFiles.filter((path) => path.endsWith('.gyp'))).toEqual([]);
});

test('it carries the licence of what it bundles', async () => {
  const licenses = await inside('dist/THIRD-PARTY-LICENSES.txt');
  const named = licenses.split('\n').flatMap((line) => /^(\S+) \d+\.\d+\.\d+ \(\S+\)$/u.exec(line)?.[1] ?? []);
  expect(named).toEqual(
    expect.arrayContaining(['@aws-sdk/client-rds', '@smithy/core', 'chalk', 'commander', 'yaml', 'zod']),
  );
  expect(licenses).toContain('Permission is hereby granted, free of charge');
  expect(await inside('LICENSE')).toContain('Apache License');
});

test('whoever imports it gets its types, however their compiler resolves them', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(await readFile(tarball)));
  expect(analysis).toMatchObject({ packageName: 'nanoops', types: { kind: 'included' } });
  expect(analysis).toHaveProperty('problems', []);
  const { resolutions } = (analysis.types !== false && analysis.entrypoints['.']) || {};
  // The oldest way, both of Node's, and that of bundlers.
  expect(Object.keys(resolutions ?? {}).toSorted()).toEqual(['bundler', 'node10', 'node16-cjs', 'node16-esm']);
});
