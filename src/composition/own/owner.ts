/**
 * Whose files are: what somebody else put where a configuration is looked for is no configuration of the user's until the user names
 * it, and its code does not run. Root can do anything anyway; who typed sudo is the user as well. Windows has no such ids.
 */
import { lstat, stat } from 'node:fs/promises';
import type { Io } from '../io.ts';

export interface Stranger {
  readonly path: string;
  readonly uid: number;
}

/** The first of the files and folders that belongs to neither the user nor root, itself or where it leads as a link. */
export async function strangerAmong(paths: readonly string[], env: Io['env']): Promise<Stranger | undefined> {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const trusted = new Set([0, user, ...(user === 0 ? typedSudo(env) : [])]);
  for (const path of paths) {
    for (const look of [lstat, stat]) {
      // What is not there is told by whoever reads it.
      const uid = (await look(path).catch(() => undefined))?.uid;
      if (uid !== undefined && !trusted.has(uid)) return { path, uid };
    }
  }
  return undefined;
}

/** sudo(8), SUDO_UID. */
function typedSudo({ SUDO_UID: uid = '' }: Io['env']): readonly number[] {
  return /^\d{1,10}$/.test(uid) ? [Number(uid)] : [];
}
