/**
 * Lists as tables without borders, fitted to the screen: every column keeps what it needs, and the last one takes the
 * rest and breaks its lines. Where the rest would be too little to read, items stand below each other instead.
 */
import type { ListDocument } from '../report/schemas.ts';
import { localText } from './local-text.ts';
import { paletteOf, widthFor } from './screen.ts';
import { plain, widthOf, wrap } from './text.ts';

/** A column of a list: `text` takes it from an item. */
export interface Column {
  readonly title: string;
  readonly text: (item: ListDocument['items'][number]) => string;
}

export interface TableOptions {
  readonly columns: number;
  readonly color: boolean;
  /** What is said where there are no items. */
  readonly whenEmpty?: string;
  readonly timeZone?: string;
  /** The moment near to which times without a day lie, ISO 8601. */
  readonly reference?: string;
}

/** Cells between columns. */
const gap = 2;
/** With less than this for the last column, a table is no help. */
const leastLast = 24;
const leastLabelled = 4;

/** The items as text, without an end of line. Says so where there are none. */
export async function listTable(
  { items }: ListDocument,
  columns: readonly Column[],
  options: TableOptions,
): Promise<string> {
  const { faint } = paletteOf(options.color);
  if (items.length === 0) {
    return wrap(options.whenEmpty ?? 'nothing to list', widthFor(options))
      .map((line) => faint(line))
      .join('\n');
  }
  const local = (text: string): string => localText(text, options.reference, options.timeZone);
  const rows = items.map((item) => columns.map((column) => plain(local(column.text(item))).trim()));
  const titles = columns.map((column) => plain(column.title));
  const natural = titles.map((title, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const width = widthFor(options);
  const before = natural.slice(0, -1).reduce((sum, each) => sum + each + gap, 0);
  const last = Math.min(natural.at(-1) ?? 0, width - before);
  if (last < Math.min(natural.at(-1) ?? 0, leastLast)) return stacked(rows, titles, width, options);

  const { default: CliTable } = await import('cli-table3');
  const drawn = new CliTable({
    chars: { ...noBorders, middle: ' '.repeat(gap) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    head: titles.map((title) => faint(title)),
    colWidths: [...natural.slice(0, -1), last],
  });
  drawn.push(
    ...rows.map((row) => row.map((cell, index) => (index === row.length - 1 ? wrap(cell, last).join('\n') : cell))),
  );
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
} as const;

/** Where there are many columns, what a value is has to stand beside it. */
function stacked(
  rows: readonly (readonly string[])[],
  titles: readonly string[],
  width: number,
  { color }: TableOptions,
): string {
  const { strong } = paletteOf(color);
  const isLabelled = titles.length >= leastLabelled;
  return rows
    .map(([first = '', ...rest]) => {
      const lines = rest.flatMap((cell, index) => {
        if (isLabelled && cell === '') return [];
        return wrap(isLabelled ? `${titles[index + 1] ?? ''}: ${cell}` : cell, width - 2);
      });
      return [strong(first), ...lines.map((line) => `  ${line}`)].join('\n');
    })
    .join('\n');
}
