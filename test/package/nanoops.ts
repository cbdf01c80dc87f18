/** Runs the installed nanoops as a process of its own, as a shell would. */
import { join } from 'node:path';

import { execa, type Options } from 'execa';
import { inject } from 'vitest';

export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects for an exit code. The working folder is the empty one it is installed into, unless `options` say else. */
export async function nanoops(args: readonly string[], options: Options = {}): Promise<Ended> {
  const { folder } = inject('installed');
  const { exitCode, stdout, stderr } = await execa(join(folder, 'node_modules/.bin/nanoops'), args, {
    cwd: folder,
    stdin: 'ignore',
    reject: false,
    ...options,
    env: { XDG_CACHE_HOME: join(folder, 'cache'), ...options.env },
  });
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}
