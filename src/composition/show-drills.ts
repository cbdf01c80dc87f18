/** Shows schedules and histories of drills in the format that the flags ask for. */
import { noTestCases, outputOf, type StackFlags } from '../commands/flags.ts';
import { NanoopsError } from '../errors.ts';
import type { DrillHistory } from '../use-cases/drill-history.ts';
import type { DrillSchedule } from '../use-cases/drills.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';

type Print = (text: string) => void;

/**
 * `ics`: where the calendar goes, too; `-` for stdout, and nothing else.
 *
 * @throws NanoopsError `CalendarAndOutput` where two things would be printed, `CalendarNotWritten`
 */
export async function showDrillSchedule(
  io: Io,
  flags: StackFlags,
  schedule: DrillSchedule,
  { ics, nowMs }: { readonly ics: string | undefined; readonly nowMs: number },
  print: Print,
): Promise<void> {
  if (ics !== undefined) {
    const isPrinted = ics === '-';
    if (isPrinted && outputOf(flags) !== 'human') {
      throw new NanoopsError('--ics - prints the calendar, and -o or --json something else', {
        code: 'CalendarAndOutput',
        exitCode: 2,
        nextStep: 'give --ics a file, or leave -o out',
      });
    }
    const { icalendar, writeCalendar } = await import('../report/icalendar.ts');
    const calendar = icalendar(schedule, nowMs);
    if (isPrinted) {
      io.stdout.write(calendar);
      return;
    }
    await writeCalendar(io.cwd, ics, calendar);
  }
  switch (outputOf(flags)) {
    case 'json':
      print(jsonText(schedule, 2));
      break;
    case 'ndjson':
      for (const item of schedule.items) print(jsonText(item));
      break;
    case 'junit':
      throw noTestCases();
    case 'markdown': {
      const { scheduleMarkdown } = await import('../report/drill-markdown.ts');
      print(scheduleMarkdown(schedule));
      break;
    }
    case 'human': {
      const { scheduleView } = await import('../terminal/drill-view.ts');
      print(await scheduleView(schedule, { columns: columnsOf(io), color: colorLevel(flags, io, io.stdout) > 0 }));
    }
  }
}

export async function showDrillHistory(
  io: Io,
  flags: StackFlags,
  history: DrillHistory,
  withCoverage: boolean,
  print: Print,
): Promise<void> {
  switch (outputOf(flags)) {
    case 'json':
      print(jsonText(history, 2));
      break;
    case 'ndjson':
      for (const item of history.items) print(jsonText(item));
      break;
    case 'junit':
      throw noTestCases();
    case 'markdown': {
      const { historyMarkdown } = await import('../report/drill-markdown.ts');
      print(historyMarkdown(history, withCoverage));
      break;
    }
    case 'human': {
      const { historyView } = await import('../terminal/drill-view.ts');
      print(
        await historyView(history, {
          columns: columnsOf(io),
          color: colorLevel(flags, io, io.stdout) > 0,
          verbose: flags.verbose === true,
          withCoverage,
        }),
      );
    }
  }
}
