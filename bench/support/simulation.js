/** What is simulated, as a module that Node.js 20 runs, which runs no TypeScript. */
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { rolldown } from 'rolldown';

const root = dirname(dirname(import.meta.dirname));

/**
 * One file: what is loaded once it is needed would take real time then, and come before or after what else happens in that moment as the
 * machine pleases.
 *
 * @param {string} file below `test/`, without its ending
 * @param {string} folder
 * @returns {Promise<string>} the module's URL
 */
export async function bundled(file, folder) {
  const bundle = await rolldown({
    input: { module: join(root, `test/${file}.ts`) },
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] },
    moduleTypes: { '.yaml': 'text' },
    transform: { target: 'node20.19' },
    onLog() {},
  });
  await bundle.write({
    format: 'esm',
    dir: folder,
    entryFileNames: '[name].mjs',
    codeSplitting: false,
  });
  await bundle.close();
  return pathToFileURL(join(folder, 'module.mjs')).href;
}
