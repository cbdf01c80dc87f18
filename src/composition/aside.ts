/** What is said beside the result, on stderr: a line, which a terminal would break in the middle of words. Names of others' making are in it. */
import { columnsOf } from './columns.ts';
import { plain } from '../report/plain-text.ts';
import type { Io } from './io.ts';

export function aside(label: 'note' | 'warning', text: string, io: Pick<Io, 'stdout' | 'stderr' | 'env'>): void {
  const whole = `${label}: ${plain(text)}`;
  io.stderr.write(`${io.stderr.isTTY === true ? broken(whole, columnsOf(io)) : whole}\n`);
}

function broken(text: string, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
