/** What is said beside the result, on stderr: a line, which a terminal would break in the middle of words. Names of others' making are in it. */
import { columnsOf } from './columns.ts';
import { plain } from '../report/plain-text.ts';
import type { Io } from './io.ts';

export function aside(
  label: 'note' | 'warning',
  text: string,
  io: Pick<Io, 'stdout' | 'stderr' | 'env'>,
  details: readonly string[] = [],
): void {
  const columns = io.stderr.isTTY === true ? columnsOf(io) : Infinity;
  const lines = [
    broken(`${label}: ${plain(text)}`, columns),
    ...details.map((each) => broken(plain(each), columns, '  ')),
  ];
  io.stderr.write(`${lines.join('\n')}\n`);
}

function broken(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = indent;
  let begins = true;
  for (const word of text.split(' ')) {
    if (!begins && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = begins ? `${line}${word}` : `${line} ${word}`;
    begins = false;
  }
  return [...lines, line].join('\n');
}
