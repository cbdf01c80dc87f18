/** Schedules and histories of drills as Markdown. */
import type { DrillHistory } from '../use-cases/drill-history.ts';
import type { DrillSchedule } from '../use-cases/drills.ts';
import {
  coverageColumns,
  historyColumns,
  historyRemarks,
  scheduleColumns,
  scheduleRemarks,
  type DrillColumn,
} from './drill-text.ts';
import * as markdown from './markdown.ts';

/** With an end of line. */
export function scheduleMarkdown(schedule: DrillSchedule): string {
  return page([tableOf(schedule.items, scheduleColumns(schedule)), ...scheduleRemarks(schedule).map(markdown.text)]);
}

/** With an end of line. `withCoverage`: every step, too. */
export function historyMarkdown(history: DrillHistory, withCoverage: boolean): string {
  return page([
    ...(history.items.length === 0 ? [] : [tableOf(history.items, historyColumns(true))]),
    ...historyRemarks(history).map(markdown.text),
    ...(withCoverage ? [tableOf(history.coverage.steps, coverageColumns)] : []),
  ]);
}

function page(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

function tableOf<Row>(rows: readonly Row[], columns: readonly DrillColumn<Row>[]): string {
  return markdown.table(
    rows,
    columns.map(({ title, text }, index) => ({ title, value: text, code: index === 0 })),
  );
}
