/** Schedules and histories of drills on a terminal: tables, and what is remarked under them. */
import {
  coverageColumns,
  historyColumns,
  historyRemarks,
  scheduleColumns,
  scheduleRemarks,
  type DrillColumn,
} from '../report/drill-text.ts';
import type { DrillHistory } from '../use-cases/drill-history.ts';
import type { DrillSchedule } from '../use-cases/drills.ts';
import { widthFor } from './screen.ts';
import { listTable, type TableOptions } from './table.ts';
import { plain, wrap } from './text.ts';

/** Without an end of line. */
export async function scheduleView(schedule: DrillSchedule, options: TableOptions): Promise<string> {
  const table = await tableOf(schedule.items, scheduleColumns(schedule), options);
  return blocks(table, remarks(scheduleRemarks(schedule), options));
}

export interface HistoryViewOptions extends TableOptions {
  readonly verbose: boolean;
  /** Every step, and when it was last carried out. */
  readonly withCoverage: boolean;
}

/** Without an end of line. */
export async function historyView(history: DrillHistory, options: HistoryViewOptions): Promise<string> {
  const { items, coverage } = history;
  return blocks(
    items.length === 0 ? '' : await tableOf(items, historyColumns(options.verbose), options),
    remarks(historyRemarks(history), options),
    options.withCoverage ? await tableOf(coverage.steps, coverageColumns, options) : '',
  );
}

function blocks(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

function remarks(texts: readonly string[], options: TableOptions): string {
  return texts.flatMap((text) => wrap(plain(text), widthFor(options))).join('\n');
}

/** Rows that have no id of a list are given their place as one. */
function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly DrillColumn<Row>[],
  options: TableOptions,
): Promise<string> {
  const items = rows.map((_, index) => ({ id: String(index) }));
  return listTable(
    { schema: 'nanoops/list@1', items },
    columns.map(({ title, text }) => ({
      title,
      text: ({ id }) => {
        const row = rows[Number(id)];
        return row === undefined ? '' : text(row);
      },
    })),
    options,
  );
}
