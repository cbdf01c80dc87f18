/**
 * Whose files are: what somebody else put where a configuration is looked for is no configuration of the user's until the user names
 * it, and its code does not run. Root can do anything anyway; who typed sudo is the user as well. Windows has no such ids.
 */
import { lstat, stat } from 'node:fs/promises';
import { shellLine } from '../../cloud/shell-line.ts';
import { NanoopsError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { nameFrom } from './name-from.ts';

interface Stranger {
  readonly path: string;
  readonly uid: number;
}

export interface Foreign {
  /** The configuration, which was found, or kept by a journal, and not named. */
  readonly config: string;
  /** What must not be a stranger's besides. */
  readonly others?: readonly string[];
  /** What would run, as people read it, and what becomes of it now. */
  readonly shown: string;
  readonly refusal: string;
  /** What it would do; absent: it would run. */
  readonly risk?: string;
  /** True of a configuration that a run's journal has. */
  readonly isKept?: boolean;
}

/**
 * Before anything of it is run. CI is no consent: what it checks out may be anybody's.
 *
 * @throws NanoopsError `OwnFileOfSomebodyElse`
 */
export async function refuseStrangers(
  { config, others = [], shown, refusal, risk = 'what it holds would run with your rights', isKept = false }: Foreign,
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
): Promise<void> {
  const stranger = await strangerAmong([config, ...others], env);
  if (stranger === undefined) return;
  const consent = shellLine('-c', nameFrom(cwd, config));
  throw new NanoopsError(
    `${shown} ${refusal}: ${nameFrom(cwd, stranger.path)} belongs to somebody else (uid ${stranger.uid}), and was ${isKept ? 'kept with the run' : 'found'}, not named`,
    {
      code: 'OwnFileOfSomebodyElse',
      exitCode: 2,
      details: [`${risk}; whoever names the configuration says that it may: ${consent}`],
      nextStep: `read ${shown}, then type the command again with ${consent}`,
    },
  );
}

/** The first of the files and folders that belongs to neither the user nor root, itself or where it leads as a link. */
async function strangerAmong(paths: readonly string[], env: Io['env']): Promise<Stranger | undefined> {
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
