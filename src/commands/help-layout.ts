/**
 * What a command's help ends with, fitted to the screen: paragraphs, and lines of what can be typed with what it does. It is
 * written as on a wide screen, an entry a line: two spaces, the command, two spaces or more, what it does. Pure.
 */

interface Entry {
  readonly typed: string;
  readonly does: string;
}

/** Before what belongs to a line above. */
const indent = '      ';

export function laidOut(text: string, columns: number): string {
  const lines: string[] = [];
  let words: string[] = [];
  let entries: Entry[] = [];
  const flush = () => {
    if (words.length > 0) lines.push(...wrapped(words.join(' '), columns));
    if (entries.length > 0) lines.push(...entryLines(entries, columns));
    [words, entries] = [[], []];
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) {
      if (words.length > 0) flush();
      entries = withLine(entries, line);
      continue;
    }
    if (entries.length > 0 || line === '') flush();
    if (line === '' || line.endsWith(':')) lines.push(line);
    else words.push(line);
  }
  flush();
  return lines.join('\n');
}

/** A line may go on with the one above: with the command after a backslash, with what it does where it stands far to the right. */
function withLine(entries: readonly Entry[], line: string): Entry[] {
  const before = entries.at(-1);
  if (before?.typed.endsWith(' \\') === true) {
    return [...entries.slice(0, -1), { ...before, typed: `${before.typed.slice(0, -2)} ${line.trim()}` }];
  }
  if (before !== undefined && line.startsWith(' '.repeat(12))) {
    return [...entries.slice(0, -1), { ...before, does: `${before.does} ${line.trim()}`.trim() }];
  }
  const [, typed = '', does = ''] = /^ *(.*?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
  return [...entries, { typed, does }];
}

/** What an entry does stands beside it, in a column, where it fits; else below. */
function entryLines(entries: readonly Entry[], columns: number): readonly string[] {
  const told = entries.filter(({ does }) => does !== '');
  const fits = (width: number): boolean =>
    told.every(({ typed, does }) => typed.length > width || width + 4 + does.length <= columns);
  const width = Math.max(0, ...told.map(({ typed }) => typed.length).filter(fits));
  const beside = ' '.repeat(width + 4);
  return entries.flatMap(({ typed, does }) => {
    if (does !== '' && typed.length <= width) return [`  ${typed.padEnd(width)}  ${does}`];
    const left = width > 0 && beside.length + does.length <= columns ? beside : indent;
    return [
      ...typedLines(typed, columns),
      ...(does === '' ? [] : wrapped(does, columns - left.length)).map((line) => left + line),
    ];
  });
}

/** A command that is longer than the screen is broken before its flags, as a shell reads it. */
function typedLines(typed: string, columns: number): readonly string[] {
  if (typed.length + 2 <= columns) return [`  ${typed}`];
  const lines: string[] = [];
  let line = '';
  for (const part of typed.split(/ (?=-|[>|] )/)) {
    if (line !== '' && line.length + 1 + part.length + indent.length + 2 > columns) {
      lines.push(line);
      line = part;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line].map((each, at) => `${at === 0 ? '  ' : indent}${each}${at === lines.length ? '' : ' \\'}`);
}

/** Broken at spaces; never after a number, which counts or names what follows it. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(/(?<!(?:^| )\d+) +/)) {
    if (line !== '' && line.length + 1 + part.length > columns) {
      lines.push(line);
      line = part;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line];
}
