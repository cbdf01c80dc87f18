/**
 * What a program prints, kept in part: its beginning, which is its output, and its end, which holds its last line. A
 * program may print without end; what is kept here does not grow.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Mask } from './mask.ts';

const longestOutputBytes = 64 * 1_024;
/** So that a secret which the cut would go through is still seen whole, and masked. */
const marginBytes = 8 * 1_024;
const keptEndBytes = 16 * 1_024;
const longestShown = 200;

export class Printed {
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private end: Buffer = Buffer.alloc(0);
  private cut = false;

  add(chunk: Buffer): void {
    const part = chunk.subarray(0, longestOutputBytes + marginBytes - this.headBytes);
    if (part.length > 0) this.head.push(part);
    this.headBytes += part.length;
    const joined = Buffer.concat([this.end, chunk]);
    this.cut ||= joined.length > keptEndBytes;
    this.end = joined.subarray(-keptEndBytes);
  }

  /** The first 64 KiB, as UTF-8; a character that the cut goes through is left out. */
  output(mask: Mask): string {
    const bytes = Buffer.from(mask(decoded(Buffer.concat(this.head))));
    return decoded(bytes.subarray(0, longestOutputBytes));
  }

  /** The last line that is not blank, without controls; undefined where there is none. */
  lastLine(): string | undefined {
    const lines = this.end.toString('utf8').split(/[\r\n]+/);
    const last = lines.findLastIndex((line) => visible(line) !== '');
    if (last === -1) return undefined;
    // Of a line whose beginning is gone, the rest could be anything: the second half of a password, or of a number.
    return last === 0 && this.cut ? `(a line of more than ${keptEndBytes / 1_024} KiB)` : visible(lines[last] ?? '');
  }
}

/** As a stream: an incomplete character at the end is left out, not replaced. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

function visible(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
}

/** Fit for a line of a report: no controls, 200 characters at most. */
export function shown(text: string): string {
  const characters = Array.from(visible(text));
  return characters.length > longestShown ? `${characters.slice(0, longestShown - 1).join('')}…` : characters.join('');
}
