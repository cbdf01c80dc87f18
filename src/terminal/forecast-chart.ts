/**
 * The users as a chart of characters: the days that were, the trend with its band, and the tier that they are within. Drawn
 * here: what there is for it (asciichart) draws one line, knows no band and no time between points, and stands still since
 * 2020.
 */
import { countText, dayDate, projectedOn, type ChartFigures } from '../report/forecast-text.ts';
import type { Palette } from './screen.ts';
import { widthOf } from './text.ts';

type Ink = 'history' | 'trend' | 'limit' | 'band' | 'none';

const signs: Readonly<Record<Ink, string>> = { history: '•', trend: '─', limit: '┄', band: '░', none: ' ' };

export function forecastChart(
  figures: ChartFigures,
  { width, height, palette }: { readonly width: number; readonly height: number; readonly palette: Palette },
): readonly string[] {
  const { least, most, limit } = figures;
  const valueAt = (row: number): number => most - ((row + 0.5) * (most - least)) / height;
  const labelled = new Map([0, Math.floor((height - 1) / 2), height - 1].map((row) => [row, countText(valueAt(row))]));
  if (limit !== undefined) labelled.set(rowOf(limit, figures, height), countText(limit));
  const labelWidth = Math.max(...[...labelled.values()].map(widthOf));
  const columns = Math.max(16, width - labelWidth - 3);
  const cells = cellsOf(figures, { columns, height });
  const paint: Readonly<Record<Ink, (text: string) => string>> = {
    history: palette.strong,
    trend: (text) => text,
    limit: palette.doubt,
    band: palette.faint,
    none: (text) => text,
  };
  const rows = cells.map((line, row) => {
    const label = (labelled.get(row) ?? '').padStart(labelWidth);
    return `${palette.faint(`${label} │`)}${painted(line, paint)}`.trimEnd();
  });
  return [...rows, ...axis(figures, columns, labelWidth).map((line) => palette.faint(line))];
}

function rowOf(value: number, { least, most }: ChartFigures, height: number): number {
  const row = Math.floor(((most - value) / (most - least)) * height);
  return Math.min(height - 1, Math.max(0, row));
}

function columnOf(day: number, { from, to }: ChartFigures, columns: number): number {
  return Math.min(columns - 1, Math.max(0, Math.floor(((day - from) / (to - from)) * columns)));
}

/** Row by row. What is drawn later lies above. */
function cellsOf(
  figures: ChartFigures,
  { columns, height }: { readonly columns: number; readonly height: number },
): readonly (readonly Ink[])[] {
  const { history, projection, limit, least, most, from, to } = figures;
  const cells: Ink[][] = Array.from({ length: height }, () => Array.from({ length: columns }, () => 'none' as const));
  const put = (row: number, column: number, ink: Ink): void => {
    const line = cells[row];
    if (line !== undefined) line[column] = ink;
  };
  const row = (value: number): number => rowOf(value, figures, height);
  const columnsOfDays = Array.from({ length: columns }, (_, column) => from + ((column + 0.5) * (to - from)) / columns);
  for (const [column, day] of columnsOfDays.entries()) {
    const values = projectedOn(projection, day);
    if (values === undefined || values.low > most || values.high < least) continue;
    for (let each = row(values.high); each <= row(values.low); each += 1) put(each, column, 'band');
  }
  if (limit !== undefined) for (const column of columnsOfDays.keys()) put(row(limit), column, 'limit');
  for (const [column, day] of columnsOfDays.entries()) {
    const values = projectedOn(projection, day);
    if (values !== undefined) put(row(values.central), column, 'trend');
  }
  for (const { day, value } of history) put(row(value), columnOf(day, figures, columns), 'history');
  return cells;
}

/** Colours where they change, not around every cell. */
function painted(line: readonly Ink[], paint: Readonly<Record<Ink, (text: string) => string>>): string {
  let text = '';
  for (let start = 0; start < line.length;) {
    const ink = line[start] ?? 'none';
    const next = line.findIndex((each, index) => index > start && each !== ink);
    const end = next === -1 ? line.length : next;
    text += paint[ink](signs[ink].repeat(end - start));
    start = end;
  }
  return text;
}

/** The line below, with the first day, today and the last. */
function axis(figures: ChartFigures, columns: number, labelWidth: number): readonly string[] {
  const { from, to, today } = figures;
  const at = columnOf(today, figures, columns);
  const line = Array.from({ length: columns }, (_, column) => (column === at ? '┬' : '─')).join('');
  const pad = ' '.repeat(labelWidth + 2);
  const [first, last] = [dayDate(from), dayDate(to)];
  const middle = Math.max(0, at - 2);
  // Where today is too near to an end, it stands without its name: the mark on the axis is still there.
  const isApart = middle > first.length && middle + 5 < columns - last.length;
  const words = isApart
    ? `${first.padEnd(middle)}${'today'.padEnd(columns - middle - last.length)}${last}`
    : `${first.padEnd(columns - last.length)}${last}`;
  return [`${' '.repeat(labelWidth)} └${line}`, `${pad}${words}`];
}
