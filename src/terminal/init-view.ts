/** What `init` found, a line each, with why; what is left to say, and what to type next. */
import type { InitDocument } from '../report/init-schema.ts';
import { labelledAdvice } from './advice.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { padEnd, plain, widthOf, wrap } from './text.ts';

export interface InitViewOptions {
  readonly columns: number;
  readonly color: boolean;
  /** Without the findings. */
  readonly isBrief: boolean;
}

type Found = InitDocument['findings'][number];

/** Marks: found, open, absent. */
const marks = { found: '\u2713', ambiguous: '?', absent: '\u00B7' } as const;

export function initView(document: InitDocument, options: InitViewOptions): string {
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const { findings, unseen, notes } = document;
  return [
    ...(options.isBrief ? [] : [...findings.flatMap((each) => findingLines(each, width, palette)), '']),
    ...unseen.flatMap(({ message }) => marked('!', `not looked at: ${plain(message)}`, width, palette.doubt)),
    ...notes.flatMap((note) => marked('!', plain(note), width, palette.doubt)),
    ...(unseen.length + notes.length > 0 ? [''] : []),
    ...outcome(document, width, palette),
    ...readinessLines(document.readiness, width, palette),
    ...labelledAdvice(document.nextStep, { label: 'next:', painted: palette.strong('next:'), width }),
    ...alsoLines(document.also, width, palette),
  ].join('\n');
}

/** The other commands, each with what it tells: beside it, or below where the screen is too narrow. Commands are not broken. */
function alsoLines(also: InitDocument['also'], width: number, { strong, faint }: Palette): readonly string[] {
  const commands = also.map(({ command }) => plain(command));
  const column = Math.max(0, ...commands.map(widthOf));
  const isWide = also.every(({ why }) => 7 + column + 2 + widthOf(why) <= width);
  return also.flatMap(({ why }, at) => {
    const label = at === 0 ? strong('also:') : '     ';
    const command = commands[at] ?? '';
    return isWide
      ? [`${label}  ${padEnd(command, column)}  ${faint(why)}`]
      : [`${label}  ${command}`, ...wrap(why, width - 9).map((line) => `         ${faint(line)}`)];
  });
}

/** For a dry run, whose result is the file itself: what it cannot say well. */
export function initRemarks(document: InitDocument, options: InitViewOptions): string {
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const open = document.findings.filter(({ status }) => status === 'ambiguous');
  const lines = [
    ...open.flatMap((each) => findingLines(each, width, palette)),
    ...document.unseen.flatMap(({ message }) => marked('!', `not looked at: ${plain(message)}`, width, palette.doubt)),
    ...document.notes.flatMap((note) => marked('!', plain(note), width, palette.doubt)),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function outcome(
  { file, written, backup, findings }: InitDocument,
  width: number,
  { good, doubt }: Palette,
): readonly string[] {
  if (!written) return [];
  const open = findings.filter(({ status }) => status === 'ambiguous').length;
  const kept = backup === undefined ? '' : `; the one before is kept as ${backup}`;
  const left = open === 0 ? '' : `; ${open} ${open === 1 ? 'choice is' : 'choices are'} left to you, and commented out`;
  const text = `${file} is written, and valid${kept}${left}`;
  return open === 0 ? marked('\u2713', text, width, good) : marked('?', text, width, doubt);
}

function readinessLines(
  readiness: InitDocument['readiness'],
  width: number,
  { good, bad, doubt, faint }: Palette,
): readonly string[] {
  if ('skipped' in readiness) {
    return marked('\u00B7', `whether a failover is possible was not asked: ${plain(readiness.skipped)}`, width, faint);
  }
  const { verdict, summary, blockers, blocks } = readiness;
  const left = blocks - blockers.length;
  return [
    ...marked(
      blocks > 0 ? '\u2717' : verdict === 'unknown' ? '?' : '\u2713',
      plain(summary),
      width,
      blocks > 0 ? bad : verdict === 'unknown' ? doubt : good,
    ),
    ...blockers.flatMap((each) =>
      wrap(plain(each.summary), width - 4).map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`),
    ),
    ...(left > 0 ? [`  - and ${left} more`] : []),
  ];
}

function findingLines(finding: Found, width: number, { good, doubt, faint }: Palette): readonly string[] {
  switch (finding.status) {
    case 'found':
      return marked(marks.found, `${finding.key} ${plain(String(finding.value))}: ${plain(finding.why)}`, width, good);
    case 'absent':
      return marked(marks.absent, `${finding.key}: ${plain(finding.why)}`, width, faint);
    case 'ambiguous': {
      const names = finding.candidates.map(({ name }) => plain(name));
      const column = Math.min(40, Math.max(...names.map((name) => name.length)));
      return [
        `${doubt(marks.ambiguous)} ${finding.key}: one of these, and nothing says which`,
        ...finding.candidates
          .slice(0, 10)
          .flatMap(({ name, why }) => indented(`${padEnd(plain(name), column)}  ${why}`.trimEnd(), width)),
        ...(finding.candidates.length > 10 ? [`    and ${finding.candidates.length - 10} more`] : []),
        ...indented(`say which: --choose ${finding.key}=<name>`, width),
      ];
    }
  }
}

function indented(text: string, width: number): readonly string[] {
  return wrap(plain(text), width - 4).map((line) => `    ${line}`);
}

function marked(mark: string, text: string, width: number, color: (text: string) => string): readonly string[] {
  return wrap(text, width - 2).map((line, index) => (index === 0 ? `${color(mark)} ${line}` : `  ${line}`));
}
