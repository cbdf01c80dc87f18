/**
 * Whether, and how richly, a stream is coloured: the flag first, then NO_COLOR (https://no-color.org), then FORCE_COLOR
 * (as Node.js reads it), then whether the stream is a terminal.
 */
import type { CommonFlags } from '../commands/flags.ts';
import type { ColorLevel } from '../terminal/screen.ts';
import type { Io, Output } from './io.ts';

export function colorLevel(flags: CommonFlags, io: Pick<Io, 'env'>, stream: Output): ColorLevel {
  const { NO_COLOR, FORCE_COLOR, TERM, COLORTERM } = io.env;
  if (flags.color === false) return 0;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return 0;
  if (FORCE_COLOR !== undefined) return forced(FORCE_COLOR);
  if (stream.isTTY !== true || TERM === 'dumb') return 0;
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit') return 3;
  return TERM?.includes('256') === true ? 2 : 1;
}

function forced(value: string): ColorLevel {
  switch (value) {
    case '0':
    case 'false':
      return 0;
    case '2':
      return 2;
    case '3':
      return 3;
    default:
      return 1;
  }
}
