/** A watch where there is no screen to draw on: a line for each change, and one for each look, to be read in a log later. */
import { changeNote } from '../report/report-changes.ts';
import { observedText } from '../report/observed-text.ts';
import { isOpen, lookOf, reportHeadline, tallyOf, type ReportCheck } from '../report/report-text.ts';
import { momentText, secondText } from '../report/wording.ts';
import type { WatchEvent } from '../use-cases/watch-report.ts';
import { paletteOf } from './screen.ts';
import { plain } from './text.ts';
import type { WatchMemory } from './watch-picture.ts';

export interface WatchLinesOptions {
  readonly color: boolean;
  /** True: changes and failed looks only. */
  readonly isQuiet: boolean;
  readonly timeZone?: string;
}

const marks = { good: '✓', bad: '!', doubt: '?' } as const;

/** The lines that an event gives, once the memory has taken it. At the first look all that is not well is told. */
export function watchLines(
  event: WatchEvent,
  memory: WatchMemory,
  { color, isQuiet, timeZone }: WatchLinesOptions,
): readonly string[] {
  const palette = paletteOf(color);
  const begun = (at: number): string => {
    const iso = new Date(at).toISOString();
    return `${momentText(iso, undefined, timeZone).slice(0, 10)} ${secondText(at, timeZone)}`;
  };
  switch (event.type) {
    case 'looking':
      return [];
    case 'missed': {
      const { reason, nextStep } = event.failure;
      const since =
        memory.report === undefined ? '' : `; the last picture is of ${begun(Date.parse(memory.report.generatedAt))}`;
      const next = nextStep === undefined ? '' : `; next: ${plain(nextStep)}`;
      return [`${begun(event.at)}  ${palette.doubt('?')} look ${event.look} failed: ${plain(reason)}${since}${next}`];
    }
    case 'looked': {
      const { document } = event;
      const changes = new Map(memory.changes.map((change) => [change.id, change]));
      const told = document.checks.filter((check) => changes.has(check.id) || (event.look === 1 && isOpen(check)));
      const line = (check: ReportCheck): string => {
        const { mark, tone, word } = lookOf(check);
        const change = changes.get(check.id);
        const parts = [
          `${plain(check.area)}: ${plain(check.title)} is ${word}${valueText(check)}`,
          ...(change === undefined ? [] : [changeNote(change, document.generatedAt, timeZone)]),
          ...(isOpen(check) && observedText(check) === '' ? [plain(check.summary)] : []),
          ...(isOpen(check) && typeof check.nextStep === 'string' ? [`next: ${plain(check.nextStep)}`] : []),
        ];
        return `${begun(event.at)}  ${palette[tone](mark)} ${parts.join('; ')}`;
      };
      const { tone } = reportHeadline(document);
      const until =
        document.until === undefined
          ? ''
          : `; data until ${momentText(document.until, document.generatedAt, timeZone)}`;
      const next = event.nextAt === undefined ? '' : `; next look ${secondText(event.nextAt, timeZone)}`;
      const heartbeat = `${begun(event.at)}  ${palette[tone](marks[tone])} look ${event.look}: ${tallyOf(document.checks)}${until}${next}`;
      return [...told.map(line), ...(isQuiet ? [] : [heartbeat])];
    }
  }
}

/** `: 4.14 s (target <2 s, alert >3 s)` */
function valueText(check: ReportCheck): string {
  const value = observedText(check);
  if (value === '') return '';
  const limits = [
    ...(typeof check.target === 'string' ? [`target ${plain(check.target)}`] : []),
    ...(typeof check.alert === 'string' ? [`alert ${plain(check.alert)}`] : []),
  ];
  return `: ${plain(value)}${limits.length === 0 ? '' : ` (${limits.join(', ')})`}`;
}
