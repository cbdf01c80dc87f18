/** The engine as it stands in src/, bundled in memory: no command loads it yet, so dist/ does not hold it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { rolldown } from 'rolldown';

/** @typedef {typeof import('../../src/diagnosis/root-cause/find-root-causes.ts')} Engine */

const source = join(dirname(dirname(import.meta.dirname)), 'src/diagnosis/root-cause/find-root-causes.ts');

/** @returns {Promise<Engine>} */
export async function loadEngine() {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-rca-'));
  try {
    const bundle = await rolldown({ input: source, platform: 'node' });
    const file = join(folder, 'engine.mjs');
    await bundle.write({ file, format: 'esm' });
    await bundle.close();
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
