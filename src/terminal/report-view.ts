/**
 * A report of checks on a terminal: the answer, then every check by area, the failing ones first, each with what to do
 * about it. Complete without colour.
 */
import type { RunEvent } from '../engine/events.ts';
import type { ReportDocument } from '../report/schemas.ts';
import {
  areaName,
  groupsOf,
  isOpen,
  reportHeadline,
  lookOf,
  tallyOf,
  type ReportCheck,
  toldApart,
} from '../report/report-text.ts';
import { counted, momentText } from '../report/wording.ts';
import { nextLines } from './advice.ts';
import { localText } from './local-text.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { oraSpinner } from './spinner.ts';
import { padEnd, plain, widthOf, wrap } from './text.ts';

export interface ReportViewOptions {
  readonly columns: number;
  readonly color: boolean;
  /** -1: the answer only; 1: with the evidence. */
  readonly verbosity: -1 | 0 | 1;
  readonly timeZone?: string;
}

const marks = { good: '✓', bad: '!', doubt: '?' } as const;
/** A title longer than this stands on a line of its own. */
const longestTitle = 24;

/** With less beside the titles, text stands below them instead. */
const leastBeside = 32;

interface Look {
  readonly palette: Palette;
  readonly width: number;
  /** Of the titles that text stands beside: none on a narrow screen. */
  readonly titleWidth: number;
  /** Where text begins. */
  readonly left: number;
  readonly isVerbose: boolean;
}

/** Without an end of line. */
export function reportView(report: ReportDocument, options: ReportViewOptions): string {
  const local = (text: string): string => localText(text, report.generatedAt, options.timeZone);
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const { tone, text } = reportHeadline(report);
  const paint = (line: string): string => palette.strong(palette[tone](line));
  if (options.verbosity < 0) return paint(`${marks[tone]} ${plain(local(text))}`);
  const head = wrap(plain(local(text)), width - 2).map((line, index) =>
    paint(`${index === 0 ? marks[tone] : ' '} ${line}`),
  );
  const told = toldApart(report.checks).map((check) => ({ ...check, summary: local(check.summary) }));
  const titles = told.map(({ title }) => widthOf(plain(title)));
  const beside = Math.min(longestTitle, Math.max(0, ...titles));
  const isNarrow = width - beside - 6 < leastBeside;
  const look: Look = {
    palette,
    width,
    titleWidth: isNarrow ? 0 : beside,
    left: isNarrow ? 6 : beside + 6,
    isVerbose: options.verbosity > 0,
  };
  const groups = groupsOf(told).map(({ area, checks }) => [
    palette.strong(areaName(area)),
    ...checks.flatMap((check) => checkLines(check, look)),
  ]);
  const left = told.filter(({ status }) => status === 'not-configured');
  const absent = left.length === 0 ? [] : [absentLines(left, look)];
  const at = momentText(report.generatedAt, undefined, options.timeZone);
  const foot = `${tallyOf(report.checks)} · ${counted(report.api.calls, 'call')}, ${counted(report.api.mutations, 'change')} · ${at}`;
  return [head, ...groups, ...absent, wrap(foot, width).map((line) => palette.faint(line))]
    .map((block) => block.join('\n'))
    .join('\n\n');
}

function checkLines(check: ReportCheck, look: Look): readonly string[] {
  const { palette, width, titleWidth, left } = look;
  const { mark, tone } = lookOf(check);
  const title = plain(check.title);
  const isOwnLine = widthOf(title) > titleWidth;
  const text = wrap(plain(check.summary), Math.max(20, width - left));
  const pad = ' '.repeat(left);
  const start = `  ${palette[tone](mark)} ${padEnd(title, titleWidth)}`;
  const lines = isOwnLine
    ? [start, ...text.map((line) => pad + line)]
    : text.map((line, index) => (index === 0 ? `${start}  ${line}` : pad + line));
  const next =
    isOpen(check) && typeof check.nextStep === 'string'
      ? nextLines(plain(check.nextStep), { palette, room: Math.max(20, width - left - 6), pad })
      : [];
  return [...lines, ...next, ...evidenceLines(check, look)];
}

function evidenceLines(check: ReportCheck, { palette, width, left, isVerbose }: Look): readonly string[] {
  if (!isVerbose) return [];
  return check.evidence.flatMap(({ source, region, detail }) =>
    wrap(`${plain(detail)} [${plain(source)} ${plain(region)}]`, Math.max(20, width - left)).map((line) =>
      palette.faint(' '.repeat(left) + line),
    ),
  );
}

/** What the configuration does not name, by title; with -v each with why. */
function absentLines(checks: readonly ReportCheck[], { palette, width, isVerbose }: Look): readonly string[] {
  if (isVerbose) {
    return [
      palette.strong('Not configured'),
      ...checks.flatMap(({ title, summary }) =>
        wrap(`${plain(title)}: ${plain(summary)}`, width - 4).map(
          (line, index) => `  ${index === 0 ? '–' : ' '} ${line}`,
        ),
      ),
    ];
  }
  const text = `not configured: ${checks.map(({ title }) => plain(title)).join('; ')}`;
  return wrap(text, width - 2).map((line, index) => palette.faint(`${index === 0 ? '–' : ' '} ${line}`));
}

/** One moving line while steps are looked at: which, and how many of how many are done. */
export function lookingSpinner(
  stream: NodeJS.WriteStream,
  color: boolean,
): { event(event: RunEvent): void; stop(): void } {
  const spinner = oraSpinner(stream, color);
  let [all, done] = [0, 0];
  return {
    event(event) {
      if (event.type === 'run.started') all = event.steps.length;
      if (event.type === 'step.finished') done += 1;
      spinner.show(`Looking at both regions, ${done} of ${all}`);
    },
    stop: () => spinner.stop(),
  };
}
