/**
 * Pieces of Markdown (GitHub's dialect) made of foreign text, so that none of it can become markup, HTML, a link or a
 * mention. Whoever writes a document of them adds the markup.
 */
import { plain } from './plain-text.ts';

/** Text that is shown as it is, wherever a line of Markdown may hold text. */
export function text(value: string): string {
  return (
    plain(value)
      .trim()
      .replace(/[\\`*[\]<>&|~$#!{}]/g, String.raw`\$&`)
      // Inside a word it means nothing, and names are full of it.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`)
      .replace(/:(?=\/\/)/g, String.raw`\:`)
      .replace(/\b(www)\./gi, String.raw`$1\.`)
      .replace(/^([-+=])/, String.raw`\$1`)
      .replace(/^(\d+)([.)])(?= |$)/, String.raw`$1\$2`)
      // A backslash does not keep a mention from being one; an invisible joiner behind the sign does.
      .replace(/@(?=[\w-])/g, '@\u2060')
  );
}

/** Text in a monospaced font, on one line. */
export function code(value: string): string {
  const shown = plain(value);
  const fence = '`'.repeat(longestRun(shown) + 1);
  const padded = /^`|`$|^ .* $/.test(shown) ? ` ${shown} ` : shown;
  return `${fence}${padded}${fence}`;
}

/** Code inside a cell of a table, where a bar would end the cell even so. */
function cellCode(value: string): string {
  return code(value).replaceAll('|', String.raw`\|`);
}

/** A block to copy from. */
export function codeBlock(value: string, language = ''): string {
  return fenced(value.split('\n').map(plain), language);
}

/** The same of a text of nanoops' own, as it is to the last sign. */
export function sourceBlock(source: string, language: string): string {
  return fenced(source.trimEnd().split('\n'), language);
}

/** Between fences that are longer than any in the lines, as they are shown. */
function fenced(lines: readonly string[], language: string): string {
  const fence = '`'.repeat(Math.max(3, ...lines.map((line) => longestRun(line) + 1)));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

function longestRun(value: string): number {
  return Math.max(0, ...(value.match(/`+/g) ?? []).map((run) => run.length));
}

export interface MarkdownColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** True for names and commands. */
  readonly code?: boolean;
  readonly right?: boolean;
}

export function table<Row>(rows: readonly Row[], columns: readonly MarkdownColumn<Row>[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => text(title))),
    line(columns.map(({ right }) => (right === true ? '---:' : '---'))),
    ...rows.map((row) =>
      line(
        columns.map((column) => {
          const value = column.value(row);
          if (value === '') return '';
          return column.code === true ? cellCode(value) : text(value);
        }),
      ),
    ),
  ].join('\n');
}
