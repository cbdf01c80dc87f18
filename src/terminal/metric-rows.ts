/**
 * Metrics as rows of one grid: mark, name, value, curve, target, alert. Numbers end in the same cell and units begin in
 * the same one, over all tables. What does not fit is left out in a fixed order, the curve first, the value never.
 */
import { heightsOf, observedText } from '../report/observed-text.ts';
import { lookOf, type ReportCheck } from '../report/report-text.ts';
import type { Palette } from './screen.ts';
import { sparkline } from './sparkline.ts';
import { padEnd, plain, truncate, widthOf } from './text.ts';

/** A number and its unit, each in a column of its own. */
interface FigureColumn {
  readonly title: string;
  readonly numberWidth: number;
  /** With the space before it; 0 where none has one. */
  readonly unitWidth: number;
}

/** The cells of every row, so that all tables stand in one grid. */
export interface MetricGrid {
  readonly titleWidth: number;
  readonly measured: FigureColumn;
  readonly over: number;
  /** 0: there is no room for a curve. */
  readonly curve: number;
  readonly target: FigureColumn | undefined;
  readonly alert: FigureColumn | undefined;
}

/** Cells before the name: whether it changed, the mark, and spaces. */
export const leftOfName = 4;
const gap = 2;
const widestTitle = 24;
/** A narrower curve shows nothing, a wider one no more than an hour by the minute. */
const curveWidths = { least: 5, most: 60 };
/** From here on there is room to say over which time something was measured. */
const roomy = 100;

export function metricGrid(checks: readonly ReportCheck[], width: number): MetricGrid {
  const titleWidth = Math.min(widestTitle, Math.max(0, ...checks.map(({ title }) => widthOf(plain(title)))));
  const measured = figureColumn('measured', checks.map(observedText));
  const target = figureColumn(
    'target',
    checks.map((check) => check.target ?? ''),
  );
  const alert = figureColumn(
    'alert',
    checks.map((check) => check.alert ?? ''),
  );
  const longestWindow = Math.max(0, ...checks.map((check) => widthOf(windowOf(check))));
  const over = width < roomy || longestWindow === 0 ? 0 : Math.max(longestWindow, 'over'.length);
  const left = width - leftOfName - titleWidth - taken(measured) - (over === 0 ? 0 : gap + over);
  const hasAlert = taken(alert) <= left;
  const hasTarget = hasAlert && taken(alert) + taken(target) <= left;
  const free = left - (hasAlert ? taken(alert) : 0) - (hasTarget ? taken(target) : 0) - gap;
  const longest = Math.max(0, ...checks.map((check) => check.observed?.recent?.length ?? 0));
  const curve =
    free < curveWidths.least || longest < 2
      ? 0
      : Math.min(free, curveWidths.most, Math.max(longest, curveWidths.least));
  return {
    titleWidth,
    measured,
    over,
    curve,
    target: hasTarget && target.numberWidth > 0 ? target : undefined,
    alert: hasAlert && alert.numberWidth > 0 ? alert : undefined,
  };
}

function figureColumn(title: string, texts: readonly string[]): FigureColumn {
  const parts = texts.map(figureParts);
  const unitWidth = Math.max(0, ...parts.map(({ unit }) => (unit === '' ? 0 : widthOf(unit) + 1)));
  const numberWidth = Math.max(0, ...parts.map(({ number }) => widthOf(number)));
  return { title, unitWidth, numberWidth: numberWidth === 0 ? 0 : Math.max(numberWidth, widthOf(title) - unitWidth) };
}

function taken({ numberWidth, unitWidth }: FigureColumn): number {
  return numberWidth === 0 ? 0 : gap + numberWidth + unitWidth;
}

/** `<1 s` is `<1` and `s`; a text that begins with no number stands for itself. */
function figureParts(text: string): { readonly number: string; readonly unit: string } {
  const shown = plain(text);
  const [, number, unit] = /^([<>≤≥]? ?-?\d[\d.,e+-]*) (\S.*)$/.exec(shown) ?? [];
  return number === undefined || unit === undefined ? { number: shown, unit: '' } : { number, unit };
}

function figureCell(text: string, { numberWidth, unitWidth }: FigureColumn): string {
  const { number, unit } = figureParts(text);
  const start = ' '.repeat(Math.max(0, numberWidth - widthOf(number))) + number;
  return padEnd(unit === '' ? start : `${start} ${unit}`, numberWidth + unitWidth);
}

function titleCell({ title, numberWidth, unitWidth }: FigureColumn): string {
  return ' '.repeat(numberWidth + unitWidth - widthOf(title)) + title;
}

function windowOf({ observed }: ReportCheck): string {
  return plain(observed?.window ?? '');
}

/** A table's heading: its name, and what the columns are. */
export function headingLine(title: string, grid: MetricGrid, palette: Palette): string {
  const { measured, over, curve, target, alert } = grid;
  const cells = [
    ...(measured.numberWidth === 0 ? [] : [titleCell(measured)]),
    ...(over === 0 ? [] : [padEnd('over', over)]),
    ...(curve === 0 ? [] : [' '.repeat(curve)]),
    ...[target, alert].flatMap((column) => (column === undefined ? [] : [titleCell(column)])),
  ];
  const name = plain(title);
  const labels = cells.map((cell) => ' '.repeat(gap) + cell).join('');
  return (
    palette.strong(name) + palette.faint(padEnd('', leftOfName + grid.titleWidth - widthOf(name)) + labels).trimEnd()
  );
}

/** `hasChanged`: since the last look. */
export function metricLine(check: ReportCheck, grid: MetricGrid, palette: Palette, hasChanged = false): string {
  const { titleWidth, measured, over, curve, target, alert } = grid;
  const { mark, tone } = lookOf(check);
  const paint = palette[tone];
  const isWell = tone === 'good' || tone === 'faint';
  const value = figureCell(observedText(check), measured);
  const heights = curve === 0 ? [] : heightsOf(check, curve);
  const drawn = ' '.repeat(curve - heights.length) + (isWell ? palette.faint : paint)(sparkline(heights));
  const space = ' '.repeat(gap);
  const cells = [
    ...(measured.numberWidth === 0 ? [] : [space + (isWell ? value : paint(value))]),
    ...(over === 0 ? [] : [space + palette.faint(padEnd(windowOf(check), over))]),
    ...(curve === 0 ? [] : [space + drawn]),
    ...(target === undefined ? [] : [space + figureCell(check.target ?? '', target)]),
    ...(alert === undefined ? [] : [space + figureCell(check.alert ?? '', alert)]),
  ];
  const name = padEnd(truncate(plain(check.title), titleWidth), titleWidth);
  const before = hasChanged ? palette.strong('*') : ' ';
  return `${before} ${paint(mark)} ${name}${cells.join('')}`.trimEnd();
}
