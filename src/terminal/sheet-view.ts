/** A sheet on a terminal: the answer, its tables fitted to the screen, then what is to be said of single rows. */
import { isUnmarked, toneOf, type Sheet, type SheetTable } from '../report/sheet.ts';
import { counted, momentText } from '../report/wording.ts';
import { labelledAdvice } from './advice.ts';
import { dependencyView } from './dependency-view.ts';
import { localText } from './local-text.ts';
import { paletteOf, widthFor } from './screen.ts';
import { listTable, type TableOptions } from './table.ts';
import { plain, wrap } from './text.ts';
import { waterfallView } from './waterfall-view.ts';

export interface SheetViewOptions {
  readonly columns: number;
  readonly color: boolean;
  /** -1: the answer only; 1: with the details of every row. */
  readonly verbosity: -1 | 0 | 1;
  readonly timeZone?: string;
}

const marks = { good: '✓', bad: '!', doubt: '?' } as const;

/** Without an end of line. */
export async function sheetView(sheet: Sheet, options: SheetViewOptions): Promise<string> {
  const local = (text: string): string => plain(localText(text, sheet.generatedAt, options.timeZone));
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const tone = toneOf(sheet);
  const isPlain = isUnmarked(sheet);
  const paint = (line: string): string => palette.strong(isPlain ? line : palette[tone](line));
  const mark = isPlain ? '' : `${marks[tone]} `;
  if (options.verbosity < 0) return paint(`${mark}${local(sheet.headline)}`);
  const head = wrap(local(sheet.headline), width - mark.length).map((line, index) =>
    paint(`${index === 0 ? mark : ' '.repeat(mark.length)}${line}`),
  );
  const figures = [
    sheet.waterfall === undefined ? '' : waterfallView(sheet.waterfall, options),
    sheet.dependencies === undefined ? '' : dependencyView(sheet.dependencies, options),
  ];
  const tables = await Promise.all(
    sheet.tables
      .filter(({ rows, isDrawn }) => rows.length > 0 && isDrawn !== true)
      .map(
        async (table) =>
          `${palette.strong(plain(table.title))}\n${await tableOf(table, { ...options, reference: sheet.generatedAt })}`,
      ),
  );
  const details = sheet.details
    .filter(({ isMinor }) => !isMinor || options.verbosity > 0)
    .map(({ title, lines }) =>
      [
        ...wrap(local(title), width).map((line) => palette.strong(line)),
        ...lines.flatMap((line) => wrap(plain(line), width - 2).map((each) => `  ${each}`)),
      ].join('\n'),
    );
  const next = sheet.nextSteps.flatMap((step) =>
    labelledAdvice(step, { label: 'next', painted: palette.faint('next'), width }),
  );
  const remarks = sheet.remarks.flatMap((remark) => wrap(local(remark), width));
  const foot = `${counted(sheet.calls, 'call')} · ${momentText(sheet.generatedAt, undefined, options.timeZone)}`;
  return [head.join('\n'), ...figures, ...tables, ...details, remarks.join('\n'), next.join('\n'), palette.faint(foot)]
    .filter((block) => block !== '')
    .join('\n\n');
}

function tableOf({ columns, rows }: SheetTable, options: TableOptions): Promise<string> {
  return listTable(
    { schema: 'nanoops/list@1', items: rows.map((_, index) => ({ id: String(index) })) },
    columns.map(({ title }, index) => ({
      title,
      text: ({ id }) => rows[Number(id)]?.[index] ?? '',
    })),
    options,
  );
}
