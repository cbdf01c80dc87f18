/** Modules of src/ as they stand, bundled in memory: dist/ holds commands, not what they are made of. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { rolldown } from 'rolldown';

/** @typedef {typeof import('../../src/diagnosis/root-cause/find-root-causes.ts')} Engine */
/** @typedef {typeof import('./recorded-incident.ts')} Recorder */

const root = dirname(dirname(import.meta.dirname));

/** @returns {Promise<Engine>} */
export function loadEngine() {
  return load(join(root, 'src/diagnosis/root-cause/find-root-causes.ts'));
}

/** What runs whole diagnoses on recorded incidents. @returns {Promise<Recorder>} */
export function loadRecorder() {
  return load(join(import.meta.dirname, 'recorded-incident.ts'));
}

/** @param {string} source */
async function load(source) {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-rca-'));
  try {
    const bundle = await rolldown({
      input: { entry: source },
      platform: 'node',
      resolve: { mainFields: ['module', 'main'] },
      moduleTypes: { '.yaml': 'text' },
      transform: { target: 'node20.19' },
      onLog() {},
    });
    await bundle.write({ format: 'esm', dir: folder, entryFileNames: '[name].mjs' });
    await bundle.close();
    return await import(pathToFileURL(join(folder, 'entry.mjs')).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
