/** Writes a capture where nothing is yet, for its owner alone. */
import { writeFile } from 'node:fs/promises';
import type { Capture } from '../capture/capture.ts';
import { NanoopsError } from '../errors.ts';

/**
 * An answer to a line, so that two captures can be compared.
 *
 * @throws NanoopsError `CaptureNotWritten`, exit code 5; a file that is there is never replaced
 */
export async function writeCapture(path: string, { answers, ...head }: Capture): Promise<string> {
  const lines = answers.map((answer) => JSON.stringify(answer)).join(',\n');
  const text = `${JSON.stringify({ ...head, answers: [] }).replace(/\[\]\}$/, '[')}\n${lines}\n]}\n`;
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new NanoopsError(
      `the capture ${JSON.stringify(path)} could not be written: ${exists ? 'there is a file already' : reasonOf(error)}`,
      {
        code: 'CaptureNotWritten',
        exitCode: 5,
        nextStep: exists ? 'choose another name: --to <file>' : 'make room or choose another folder: --to <file>',
        cause: error,
      },
    );
  }
  return path;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
