/**
 * Metrics on a terminal, as somebody wants them who was woken by one of them: what is wrong first, in a line; then every
 * metric in its table and place, against its target and its alert threshold, with where it came from; and below what is not
 * well what that means and what to type. Complete without colour.
 */
import type { ReportDocument } from '../report/schemas.ts';
import {
  isOpen,
  metricTableOf,
  metricTables,
  reportHeadline,
  sectionsOf,
  tallyOf,
  type ReportCheck,
} from '../report/report-text.ts';
import { counted, momentText } from '../report/wording.ts';
import { nextLines } from './advice.ts';
import { headingLine, leftOfName, metricGrid, metricLine, type MetricGrid } from './metric-rows.ts';
import type { ReportViewOptions } from './report-view.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { plain, truncate, widthOf, wrap } from './text.ts';

const marks = { good: '✓', bad: '!', doubt: '?' } as const;

/** Without an end of line. */
export function statusView(report: ReportDocument, options: ReportViewOptions): string {
  const { columns, color, verbosity, timeZone } = options;
  const look = { palette: paletteOf(color), width: widthFor({ columns }) };
  const { palette, width } = look;
  if (verbosity < 0) return headLines(report, { palette, width: Infinity }).join('\n');
  const tables = tablesOf(report, look, { detail: 'all', isVerbose: verbosity > 0 });
  const absent = verbosity > 0 ? absentWithReasons(report, look) : absentLine(report, look);
  const foot = [
    tallyOf(report.checks),
    counted(report.api.calls, 'call'),
    ...(report.until === undefined ? [] : [`data until ${momentText(report.until, report.generatedAt, timeZone)}`]),
    momentText(report.generatedAt, undefined, timeZone),
  ];
  return [headLines(report, look), ...tables, absent, partLines(foot, width).map((line) => palette.faint(line))]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

export interface StatusLook {
  readonly palette: Palette;
  readonly width: number;
}

/** The answer. */
export function headLines(report: ReportDocument, { palette, width }: StatusLook): readonly string[] {
  const { tone, text } = reportHeadline(report);
  return wrap(plain(text), width - 2).map((line, index) =>
    palette.strong(palette[tone](`${index === 0 ? marks[tone] : ' '} ${line}`)),
  );
}

export interface TableOptions {
  /** What is told of metrics that are not well, below them. */
  readonly detail: 'all' | 'none';
  readonly isVerbose?: boolean;
  /** One line for those of a table that are well. */
  readonly isFolded?: boolean;
  /** Ids of what has changed since the last look. */
  readonly changed?: ReadonlySet<string>;
  /** A line on what a metric was before. */
  readonly noteOf?: (check: ReportCheck) => string | undefined;
}

/** The tables, each a block of lines. */
export function tablesOf(
  report: ReportDocument,
  look: StatusLook,
  options: TableOptions,
): readonly (readonly string[])[] {
  const sections = sectionsOf(report);
  const grid = metricGrid(
    sections.flatMap(({ checks }) => checks),
    look.width,
  );
  return sections.map(({ title, checks }) => {
    const isShown = (check: ReportCheck): boolean =>
      options.isFolded !== true || isOpen(check) || options.changed?.has(check.id) === true;
    const rest = checks.filter((check) => !isShown(check));
    return [
      headingLine(title, grid, look.palette),
      ...checks.filter(isShown).flatMap((check) => rowLines(check, grid, look, options)),
      ...(rest.length === 0 ? [] : [foldedLine(rest, look)]),
    ];
  });
}

function foldedLine(checks: readonly ReportCheck[], { palette, width }: StatusLook): string {
  const names = checks.map(({ title }) => plain(title)).join(', ');
  return `  ${palette.good('✓')} ${truncate(names, width - leftOfName)}`;
}

function rowLines(
  check: ReportCheck,
  grid: MetricGrid,
  { palette, width }: StatusLook,
  { detail, isVerbose = false, changed, noteOf }: TableOptions,
): readonly string[] {
  const pad = ' '.repeat(leftOfName + 2);
  const room = width - pad.length;
  const isTold = isVerbose || (detail === 'all' && isOpen(check));
  const note = noteOf?.(check);
  return [
    metricLine(check, grid, palette, changed?.has(check.id)),
    ...(note === undefined ? [] : wrap(plain(note), room).map((line) => pad + line)),
    ...(isTold ? wrap(plain(check.summary), room).map((line) => pad + line) : []),
    ...(isTold && isOpen(check) && typeof check.nextStep === 'string'
      ? nextLines(plain(check.nextStep), { palette, room: room - 6, pad })
      : []),
    ...(isVerbose
      ? check.evidence.flatMap(({ source, region, detail: seen }) =>
          wrap(`${plain(seen)} [${plain(source)} ${plain(region)}]`, room).map((line) => pad + palette.faint(line)),
        )
      : []),
  ];
}

/** What the configuration does not name, in one line; a whole table by its name. */
export function absentLine({ checks }: ReportDocument, { palette, width }: StatusLook): readonly string[] {
  const absent = checks.filter(({ status }) => status === 'not-configured');
  if (absent.length === 0) return [];
  const names = metricTables.flatMap(({ id, title }) => {
    const inTable = (check: ReportCheck): boolean => metricTableOf(check) === id;
    const own = absent.filter(inTable);
    if (own.length > 1 && own.length === checks.filter(inTable).length) return [`${title} (${own.length})`];
    return own.map((check) => plain(check.title));
  });
  return [palette.faint(truncate(`– not configured: ${names.join('; ')}`, width))];
}

function absentWithReasons({ checks }: ReportDocument, { palette, width }: StatusLook): readonly string[] {
  const absent = checks.filter(({ status }) => status === 'not-configured');
  if (absent.length === 0) return [];
  return [
    palette.strong('Not configured'),
    ...absent.flatMap(({ title, summary }) =>
      wrap(`${plain(title)}: ${plain(summary)}`, width - leftOfName).map(
        (line, index) => `  ${index === 0 ? '–' : ' '} ${line}`,
      ),
    ),
  ];
}

/** Parts with dots between them, broken between two of them and nowhere else. */
export function partLines(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = last === undefined ? part : `${last} · ${part}`;
    if (last === undefined || widthOf(longer) > width) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines.flatMap((line) => wrap(line, width));
}
