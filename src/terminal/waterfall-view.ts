/** A trace on a terminal: a tree of its parts, each with its bar on one axis, how long it took, and how long in itself. */
import type { WaterfallFigure, WaterfallRow } from '../report/figures.ts';
import { quantity } from '../cloud/quantity.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { padEnd, plain, truncate, widthOf } from './text.ts';

interface WaterfallViewOptions {
  readonly columns: number;
  readonly color: boolean;
}

/** Cells of a figure, with the gap before it. */
const figureWidth = 9;
/** Deeper parts stand no farther to the right. */
const deepest = 8;
const marks = { critical: '●', own: '█', under: '─', open: '┄' } as const;

interface Layout {
  readonly name: number;
  readonly bar: number;
}

/** No line is longer than the screen. */
export function waterfallView({ rows, totalMs, omitted }: WaterfallFigure, options: WaterfallViewOptions): string {
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const left = width - 2 - 1 - 2 * figureWidth;
  const bar = Math.min(64, Math.max(7, Math.round(left * 0.36)));
  const layout = { bar, name: left - bar };
  const branches = branchesOf(rows.map(({ depth }) => depth));
  return [
    palette.faint(`  ${padEnd('part', layout.name)} ${axis(totalMs, bar)}${figure('took')}${figure('self')}`),
    ...rows.map((row, index) => line(row, branches[index] ?? '', layout, totalMs, palette)),
    ...(omitted > 0 ? [palette.faint(`  … and ${omitted} more: -o json has all of them`)] : []),
    palette.faint(truncate(`  ${marks.critical} ${marks.own} what the whole waited for`, width)),
  ].join('\n');
}

function line(row: WaterfallRow, branch: string, { name, bar }: Layout, totalMs: number, palette: Palette): string {
  const label = truncate(`${branch}${row.isFault ? '! ' : ''}${plain(row.label)}`, name);
  const paint = row.isFault ? palette.bad : row.isCritical ? palette.strong : (text: string) => text;
  const took = row.tookMs === undefined ? 'open' : quantity(shown(row.tookMs), 'ms');
  const self = row.selfMs === undefined ? '' : quantity(shown(row.selfMs), 'ms');
  const mark = row.isCritical ? palette.strong(marks.critical) : ' ';
  return `${mark} ${paint(padEnd(label, name))} ${barOf(row, bar, totalMs, palette)}${figure(took)}${figure(self)}`.trimEnd();
}

function figure(text: string): string {
  const fitted = truncate(text, figureWidth - 1);
  return `${' '.repeat(figureWidth - widthOf(fitted))}${fitted}`;
}

/** Below a tenth of a millisecond nobody needs to know. */
function shown(ms: number): number {
  return ms < 0.05 ? 0 : ms;
}

function axis(totalMs: number, width: number): string {
  const end = quantity(shown(totalMs), 'ms');
  return widthOf(end) + 2 > width ? ' '.repeat(width) : `0${end.padStart(width - 1)}`;
}

function barOf(row: WaterfallRow, width: number, totalMs: number, palette: Palette): string {
  const cellMs = totalMs > 0 ? totalMs / width : 1;
  const first = Math.min(width - 1, Math.max(0, Math.floor(row.startMs / cellMs)));
  const last = Math.min(width - 1, Math.max(first, Math.ceil(row.endMs / cellMs) - 1));
  const shares = Array.from({ length: last - first + 1 }, (_, index) =>
    criticalShare(row, (first + index) * cellMs, cellMs),
  );
  const most = Math.max(...shares);
  const cells = shares.map((share) => {
    if (share >= 0.5 || (share > 0 && share === most && most < 0.5)) return marks.own;
    return row.tookMs === undefined ? marks.open : marks.under;
  });
  const paint = row.isFault ? palette.bad : palette.faint;
  const drawn = cells.map((cell) => (cell === marks.own ? palette.strong(cell) : paint(cell))).join('');
  return `${' '.repeat(first)}${drawn}${' '.repeat(width - 1 - last)}`;
}

/** How much of a cell is time that the whole waited for. */
function criticalShare({ critical }: WaterfallRow, from: number, cellMs: number): number {
  return critical.reduce(
    (sum, { startMs, endMs }) => sum + Math.max(0, Math.min(endMs, from + cellMs) - Math.max(startMs, from)) / cellMs,
    0,
  );
}

/** What stands before each label, so that the rows read as a tree. */
function branchesOf(depths: readonly number[]): readonly string[] {
  const hasNext = depths.map(() => false);
  const later = new Set<number>();
  for (let index = depths.length - 1; index >= 0; index -= 1) {
    const depth = depths[index] ?? 0;
    for (const each of later) if (each > depth) later.delete(each);
    hasNext[index] = later.has(depth);
    later.add(depth);
  }
  const path: boolean[] = [];
  return depths.map((depth, index) => {
    path.length = Math.min(path.length, depth);
    path[depth] = hasNext[index] ?? false;
    if (depth === 0) return '';
    if (depth > deepest) return `${'  '.repeat(deepest - 1)}… `;
    const above = path.slice(1, depth).map((goesOn) => (goesOn ? '│ ' : '  '));
    return `${above.join('')}${hasNext[index] ? '├ ' : '└ '}`;
  });
}
