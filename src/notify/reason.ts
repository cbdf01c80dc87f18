/** Why something was not sent, in words that may be shown. */
import { CloudError } from '../cloud/errors.ts';
import { NanoopsError } from '../errors.ts';

/** The words of errors that are made to be read. Any other message might hold an address or a key. */
export function reasonOf(error: unknown): string {
  if (error instanceof CloudError || error instanceof NanoopsError) return error.message;
  return `nanoops itself failed to send it (${error instanceof Error ? error.name : typeof error})`;
}
