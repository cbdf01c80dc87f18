/** Writes a capture where nothing is yet, for its owner alone. */
import { constants } from 'node:fs';
import { access, lstat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Capture } from '../capture/capture.ts';
import { shellLine } from '../cloud/shell-line.ts';
import { NanoopsError } from '../errors.ts';
import { jsonText } from '../report/json-text.ts';

/**
 * Before anything is looked at: what was seen is not to be lost for a name that is taken.
 *
 * @throws NanoopsError `CaptureNotWritten`, exit code 2
 */
export async function checkCapturePath(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (!isAbsent(error)) throw notWritten(path, reasonOf(error), 2, error);
    const reason = `the folder ${JSON.stringify(folder)} does not exist`;
    throw notWritten(path, reason, 2, error, shellLine('mkdir', '-p', folder));
  }
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined) throw notWritten(path, taken, 2);
}

/**
 * An answer to a line, so that two captures can be compared.
 *
 * @throws NanoopsError `CaptureNotWritten`, exit code 5; a file that is there is never replaced
 */
export async function writeCapture(path: string, { answers, ...head }: Capture): Promise<string> {
  const lines = answers.map((answer) => jsonText(answer)).join(',\n');
  const text = `${jsonText({ ...head, answers: [] }).replace(/\[\]\}$/, '[')}\n${lines}\n]}\n`;
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw notWritten(path, exists ? taken : reasonOf(error), 5, error);
  }
  return path;
}

const taken = 'there is a file already';

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function notWritten(
  path: string,
  reason: string,
  exitCode: 2 | 5,
  cause?: unknown,
  nextStep = reason === taken ? 'choose another name: --to <file>' : 'make room or choose another folder: --to <file>',
): NanoopsError {
  return new NanoopsError(`the capture ${JSON.stringify(path)} cannot be written: ${reason}`, {
    code: 'CaptureNotWritten',
    exitCode,
    nextStep,
    cause,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
