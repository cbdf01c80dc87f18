/**
 * What is known while something is watched, folded from what the watch tells, and its picture: the status as it stands,
 * what changed, how old it is and when it is looked at again. As much of it as the screen holds, what is wrong for longest.
 */
import { changeNote, changesBetween, type CheckChange } from '../report/report-changes.ts';
import { isOpen, stepsToTake, type ReportCheck } from '../report/report-text.ts';
import type { ReportDocument } from '../report/schemas.ts';
import { counted, durationText, momentText, secondText } from '../report/wording.ts';
import type { WatchEvent } from '../use-cases/watch-report.ts';
import { labelledAdvice } from './advice.ts';
import { paletteOf, widthFor } from './screen.ts';
import { absentLine, headLines, partLines, tablesOf, type StatusLook, type TableOptions } from './status-view.ts';
import { plain, wrap } from './text.ts';

type Missed = Extract<WatchEvent, { type: 'missed' }>;

/** So long it is told of a metric that is well again what it was before. */
const recoveredMs = 15 * 60_000;

export class WatchMemory {
  report: ReportDocument | undefined;
  /** Of the last look. */
  missed: Missed | undefined;
  missedCount = 0;
  look = 0;
  isLooking = false;
  nextAt: number | undefined;
  /** Since the look before. */
  changes: readonly CheckChange[] = [];
  /** The newest change of each check that has changed. */
  private readonly changed = new Map<string, CheckChange>();

  take(event: WatchEvent): void {
    this.look = event.look;
    this.isLooking = event.type === 'looking';
    switch (event.type) {
      case 'looking':
        return;
      case 'looked':
        this.changes = this.report === undefined ? [] : changesBetween(this.report, event.document);
        for (const change of this.changes) this.changed.set(change.id, change);
        this.report = event.document;
        this.missed = undefined;
        this.missedCount = 0;
        break;
      case 'missed':
        this.changes = [];
        this.missed = event;
        this.missedCount += 1;
    }
    this.nextAt = event.nextAt;
  }

  noteOf(check: ReportCheck, timeZone: string | undefined): string | undefined {
    const change = this.changed.get(check.id);
    if (change === undefined || this.report === undefined) return undefined;
    const { generatedAt } = this.report;
    const isOld = Date.parse(generatedAt) - Date.parse(change.until) > recoveredMs;
    return isOld && !isOpen(check) ? undefined : changeNote(change, generatedAt, timeZone);
  }
}

export interface PictureOptions {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  readonly timeZone?: string;
  /** Of a simulation whose time runs faster than the watch on one's wrist. */
  readonly timesAsFast?: number;
  /** True where there is a keyboard to leave with. */
  readonly hasKeys: boolean;
}

/** From the fullest to the tersest. */
const densities = [
  { isSpaced: true, detail: 'all', isFolded: false, steps: 0 },
  { isSpaced: false, detail: 'all', isFolded: false, steps: 0 },
  { isSpaced: false, detail: 'none', isFolded: false, steps: 3 },
  { isSpaced: false, detail: 'none', isFolded: true, steps: 3 },
  { isSpaced: false, detail: 'none', isFolded: true, steps: 1 },
] as const;

/** Lines of the picture, no more than the screen has. */
export function watchPicture(memory: WatchMemory, options: PictureOptions): readonly string[] {
  const { columns, rows, color, timeZone } = options;
  const look: StatusLook = { palette: paletteOf(color), width: Math.min(widthFor({ columns }), Math.max(1, columns)) };
  const { report } = memory;
  const top = staleLines(memory, look, timeZone);
  const foot = footLines(memory, look, options);
  if (report === undefined) {
    const waiting = top.length > 0 ? [] : [look.palette.faint('The first look is under way.')];
    return fitted([...top, ...waiting, ''], foot, rows, look);
  }
  const body = (density: (typeof densities)[number]): readonly string[] => {
    const { isSpaced, detail, isFolded, steps } = density;
    const tableOptions: TableOptions = {
      detail,
      isFolded,
      changed: new Set(memory.changes.map(({ id }) => id)),
      noteOf: (check) => memory.noteOf(check, timeZone),
    };
    const next = stepsToTake(report.checks.filter(isOpen))
      .slice(0, steps)
      .flatMap(({ nextStep }) => nextLines(nextStep, look));
    const blocks = [
      [...top, ...headLines(report, look), ...next],
      ...tablesOf(report, look, tableOptions),
      absentLine(report, look),
    ].filter((block) => block.length > 0);
    const space = isSpaced ? [''] : [];
    return blocks.flatMap((block, index) => (index === 0 ? block : [...space, ...block])).concat(space);
  };
  const all = densities.map(body);
  const shown = all.find((lines) => lines.length + foot.length <= rows) ?? all.at(-1) ?? [];
  return fitted(shown, foot, rows, look);
}

/** What there is no room for is cut off above the foot, and said. */
function fitted(
  lines: readonly string[],
  foot: readonly string[],
  rows: number,
  { palette }: StatusLook,
): readonly string[] {
  if (lines.length + foot.length <= rows) return [...lines, ...foot];
  const room = Math.max(0, rows - foot.length - 1);
  const more = palette.faint(`… ${counted(lines.length - room, 'line')} more: make the window higher`);
  return [...lines.slice(0, room), more, ...foot].slice(0, Math.max(1, rows));
}

/** Since when nothing was seen, and why: before everything else, since all below is of then. */
function staleLines(
  { report, missed, missedCount }: WatchMemory,
  { palette, width }: StatusLook,
  timeZone: string | undefined,
): readonly string[] {
  if (missed === undefined) return [];
  const { reason, nextStep } = missed.failure;
  const since =
    report === undefined
      ? 'Nothing seen yet'
      : `Stale: nothing seen since ${secondText(Date.parse(report.generatedAt), timeZone)}`;
  const text = `${since} (${counted(missedCount, 'look')} failed): ${plain(reason)}`;
  return [
    ...wrap(text, width - 2).map((line, index) => palette.strong(palette.doubt(`${index === 0 ? '?' : ' '} ${line}`))),
    ...(nextStep === undefined ? [] : nextLines(nextStep, { palette, width })),
    ...(report === undefined ? [] : ['']),
  ];
}

function nextLines(nextStep: string, { palette, width }: StatusLook): readonly string[] {
  return labelledAdvice(nextStep, { label: 'next', painted: palette.faint('next'), width, indent: '  ' });
}

function footLines(
  { report, missed, changes, look: count, isLooking, nextAt }: WatchMemory,
  { palette, width }: StatusLook,
  { timeZone, timesAsFast, hasKeys }: PictureOptions,
): readonly string[] {
  const parts = [
    ...(report === undefined ? [] : seenTexts(report, timeZone)),
    ...(report === undefined || missed !== undefined ? [] : [counted(report.api.calls, 'call')]),
    ...(changes.length === 0 ? [] : [`* ${counted(changes.length, 'change')} since the look before`]),
    isLooking || nextAt === undefined
      ? `look ${count} is under way`
      : `look ${count + 1} at ${secondText(nextAt, timeZone)}`,
    ...(timesAsFast === undefined ? [] : [`simulated time, ${timesAsFast} times as fast`]),
    ...(hasKeys ? ['q leaves'] : []),
  ];
  return partLines(parts, width).map((line) => palette.faint(line));
}

/** `seen 11:03:30 UTC`, `data until 11:01 UTC, 2 min 30 s old then` */
function seenTexts({ generatedAt, until }: ReportDocument, timeZone: string | undefined): readonly string[] {
  const seen = `seen ${secondText(Date.parse(generatedAt), timeZone)}`;
  if (until === undefined) return [seen];
  const age = durationText(Math.floor((Date.parse(generatedAt) - Date.parse(until)) / 1000) * 1000);
  return [seen, `data until ${momentText(until, generatedAt, timeZone)}, ${age} old then`];
}
