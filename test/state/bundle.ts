/** Makes a script of the tests runnable by Node as a process of its own: everything that it imports is in it. */
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

export interface BundledScript {
  readonly path: string;
  remove(): Promise<void>;
}

export async function bundleScript(source: URL): Promise<BundledScript> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-script-'));
  // Also for processes of other users.
  await chmod(folder, 0o755);
  const path = join(folder, 'script.mjs');
  const bundle = await rolldown({
    input: fileURLToPath(source),
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'silent',
  });
  await bundle.write({ file: path, format: 'esm', codeSplitting: false });
  await bundle.close();
  return { path, remove: () => rm(folder, { recursive: true }) };
}
