/** What the file system says when it refuses, told as a `StateError`: what, where, what it means, what to do next. */
import { StateError } from '../engine/journal-store.ts';

interface Wording {
  readonly problem: string;
  readonly nextStep: (path: string) => string;
}

const elsewhere = 'or name another folder in XDG_STATE_HOME';

const noSpace: Wording = {
  problem: 'there is no space left on the disk',
  nextStep: (path) => `make room on the disk of ${path}, ${elsewhere}`,
};

const notPermitted: Wording = {
  problem: 'this user may not',
  nextStep: (path) => `give this user the right to read and write ${path}, ${elsewhere}`,
};

const tooManyFiles: Wording = {
  problem: 'too many files are open',
  nextStep: () => 'close other programs or raise the limit (ulimit -n), then try again',
};

const noLinks: Wording = {
  problem: 'this file system cannot do what is needed to keep two processes apart (hard links)',
  nextStep: () =>
    'name a folder on a local disk in XDG_STATE_HOME, or keep the state in DynamoDB (state: in nanoops.yaml)',
};

const linkInTheWay: Wording = {
  problem: 'there is a link where only a file or folder of nanoops’ own may be',
  nextStep: (path) =>
    `look where it leads: ls -ld ${path}; if you made it, put what it leads to in its place, and link the whole folder of the state if it is to lie on another disk`,
};

/** By the system's error code (errno(3)). */
const wordings: Readonly<Record<string, Wording>> = {
  ENOSPC: noSpace,
  EDQUOT: {
    problem: 'the disk quota of this user is used up',
    nextStep: (path) => `remove files of this user on the disk of ${path}, ${elsewhere}`,
  },
  EFBIG: {
    problem: 'the file would be larger than this process may write',
    nextStep: () => 'raise the limit (ulimit -f), then try again',
  },
  EROFS: {
    problem: 'the file system is read-only',
    nextStep: (path) => `mount the file system of ${path} for writing, ${elsewhere}`,
  },
  EACCES: notPermitted,
  EPERM: notPermitted,
  ENOTDIR: {
    problem: 'a part of the path is a file where a folder is needed',
    nextStep: (path) => `look at what stands at ${path}, ${elsewhere}`,
  },
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  ENOTSUP: noLinks,
  EOPNOTSUPP: noLinks,
  ENOSYS: noLinks,
  EMLINK: noLinks,
  ELOOP: linkInTheWay,
};

/** The system's code of an error, `ENOENT` for example; undefined for what did not come from the system. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The `StateError` for what `work` failed with. What the system did not say is a defect or a `StateError` already, and
 * stays as it is. `path` is where, `consequence` what it means.
 */
export function fileError(
  kind: 'unwritable' | 'unreadable',
  error: unknown,
  path: string,
  consequence: string,
): unknown {
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  const wording = wordings[code];
  // Which one of the way to the file is a link, the error knows.
  const at = wording === linkInTheWay && error instanceof Error && 'path' in error ? String(error.path) : path;
  const verb = kind === 'unwritable' ? 'written' : 'read';
  return new StateError(
    kind,
    `${at} cannot be ${verb}: ${wording?.problem ?? 'the system refuses'} (${code}). ${consequence}`,
    wording?.nextStep(at) ?? `look at ${path} and its disk, ${elsewhere}`,
    { cause: error },
  );
}
