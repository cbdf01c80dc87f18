/**
 * A question as a person sees it before answering: what is asked, what would be different and for whom, what speaks for
 * it, until when. Everything that the answer is bound to is shown, and nothing of it is cut off.
 */
import type { Change } from '../engine/change.ts';
import type { AskedQuestion } from '../engine/approval.ts';
import { changeText, differencesIn, riskText } from '../report/change-text.ts';
import { durationText, momentText } from '../report/wording.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { padEnd, plain, widthOf, wrap } from './text.ts';

export interface QuestionViewOptions {
  readonly columns: number;
  readonly color: boolean;
  /** IANA name; the machine's own when absent. */
  readonly timeZone?: string;
}

/** Cells of a label and the space after it. */
const labelWidth = 7;

/** The question as lines, an empty one before it. */
export function questionLines(question: AskedQuestion, options: QuestionViewOptions): string[] {
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const { changes, facts, kind } = question;
  const bound = changes.length === 0 ? '' : ` (plan ${plain(question.hash)})`;
  return [
    '',
    ...wrap(`${plain(question.title)}${bound}`, width).map((line) => palette.strong(line)),
    ...wrap(plain(question.question), width),
    ...changesLines(changes, width, palette),
    ...(facts.length === 0 ? [] : ['', ...facts.flatMap((fact) => marked('–', plain(fact), width))]),
    '',
    ...wrap(deadlineText(question, options.timeZone, kind), width),
  ];
}

/** `by 12:34 CET`, or nothing where it is open for ever. */
export function deadlineClock(deadlineAt: number, timeZone: string | undefined): string {
  const iso = new Date(deadlineAt).toISOString();
  return momentText(iso, iso, timeZone);
}

function deadlineText(
  { deadlineAt }: AskedQuestion,
  timeZone: string | undefined,
  kind: AskedQuestion['kind'],
): string {
  if (deadlineAt === undefined) return kind === 'manual' ? 'Say so when it is done.' : 'There is no deadline.';
  const what = kind === 'manual' ? 'Say so by' : 'Answer by';
  return `${what} ${deadlineClock(deadlineAt, timeZone)}; no answer counts as no.`;
}

/** Changes that are told one by one in full. */
const mostInFull = 8;

/** Of many, each is told by what it does and by what sets it apart from being put back: nobody reads pages of the same. */
function changesLines(changes: readonly Change[], width: number, palette: Palette): string[] {
  if (changes.length <= mostInFull) return changes.flatMap((change) => ['', ...changeLines(change, width, palette)]);
  const isAll = changes.every(({ risk }) => risk === 'reversible');
  const reversible = isAll
    ? 'Each can be put back as it was.'
    : 'Each can be put back as it was, except where it says so.';
  return [
    '',
    ...wrap(reversible, width),
    '',
    ...changes.flatMap((change) => [
      ...marked('–', plain(changeText(change)), width),
      ...(change.risk === 'reversible' ? [] : riskLines(change, width - 2, palette).map((line) => `  ${line}`)),
    ]),
  ];
}

function changeLines(change: Change, width: number, palette: Palette): string[] {
  const indent = '  ';
  const room = width - indent.length;
  const head = `${plain(change.operation)} on ${plain(change.resource)} in ${plain(change.region)}`;
  return [
    ...wrap(head, room).map((line) => palette.strong(line)),
    ...differenceLines(change, room - 2).map((line) => `  ${line}`),
    ...labelled('what', change.summary, room, palette),
    ...labelled('feels', change.blastRadius, room, palette),
    ...riskLines(change, room, palette),
  ].map((line) => indent + line);
}

/** Names, values before and values after, in columns; below each other where they are too long for that. */
function differenceLines(change: Change, room: number): string[] {
  const rows = differencesIn(change).map(({ name, before, after }) => ({
    name: plain(name),
    before: plain(before),
    after: plain(after),
  }));
  const nameWidth = Math.max(0, ...rows.map(({ name }) => widthOf(name)));
  const beforeWidth = Math.max(0, ...rows.map(({ before }) => widthOf(before)));
  const afterWidth = Math.max(0, ...rows.map(({ after }) => widthOf(after)));
  if (nameWidth + 2 + beforeWidth + 3 + afterWidth <= room) {
    return rows.map(
      ({ name, before, after }) => `${padEnd(name, nameWidth)}  ${padEnd(before, beforeWidth)} → ${after}`,
    );
  }
  return rows.flatMap(({ name, before, after }) => [
    ...wrap(name, room),
    ...marked(' ', before, room),
    ...marked('→', after, room),
  ]);
}

function riskLines(change: Change, room: number, palette: Palette): string[] {
  const paint =
    change.risk === 'reversible' ? (line: string) => line : (line: string) => palette.strong(palette.bad(line));
  return labelled('risk', riskOf(change), room, palette, paint);
}

function riskOf({ risk, lossMs }: Change): string {
  if (risk !== 'data-loss') return riskText(risk);
  return lossMs === undefined
    ? 'data loss: what was written may be lost, and nobody knows how much'
    : `data loss: up to ${durationText(lossMs)} of what was written may be lost`;
}

function labelled(
  label: string,
  text: string,
  room: number,
  { faint }: Palette,
  paint = (line: string): string => line,
): string[] {
  return wrap(plain(text), room - labelWidth).map((line, index) => {
    const left = index === 0 ? faint(label) + ' '.repeat(labelWidth - label.length) : ' '.repeat(labelWidth);
    return left + paint(line);
  });
}

function marked(mark: string, text: string, width: number): string[] {
  return wrap(text, width - 2).map((line, index) => `${index === 0 ? mark : ' '} ${line}`);
}
