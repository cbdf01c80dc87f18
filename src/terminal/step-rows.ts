/**
 * Lines of steps: titles in one column and findings in another where there is room for both, below each other elsewhere.
 * What ended, what is waited for, and what did not run.
 */
import type { EventBody, StepSummary } from '../engine/events.ts';
import { counted, durationText } from '../report/wording.ts';
import type { Palette } from './screen.ts';
import { padEnd, plain, truncate, widthOf, wrap } from './text.ts';

export type StepEnd = Extract<EventBody, { type: 'step.finished' }>;

/** Narrower screens have titles and findings below each other. */
const twoColumnsFrom = 80;
/** With this much left for what was found, titles may have all the rest. */
const leastForFindings = 64;
/** Cells that a title may take in all. */
const longestTitle = 56;
/** Cells of `observed`, `assumed` and `unknown`, and the space after them. */
const basisWidth = 10;

interface Row {
  readonly mark: string;
  readonly title: string;
  readonly text: string;
  /** A word before the text, in a column of its own. */
  readonly lead?: string;
  readonly note: string;
  readonly lines: number;
}

export class StepRows {
  private readonly steps: ReadonlyMap<string, StepSummary>;
  private readonly palette: Palette;
  private readonly width: number;
  private readonly verbose: boolean;

  constructor(
    steps: readonly StepSummary[],
    look: { readonly palette: Palette; readonly width: number; readonly verbose: boolean },
  ) {
    this.steps = new Map(steps.map((step) => [step.id, step]));
    this.palette = look.palette;
    this.width = look.width;
    this.verbose = look.verbose;
  }

  get count(): number {
    return this.steps.size;
  }

  titleOf(stepId: string): string {
    return plain(this.steps.get(stepId)?.title ?? stepId);
  }

  /** How a step ended. Empty for what is told together at the end, but for who asks for everything. */
  ended(end: StepEnd): string[] {
    const { good, bad, doubt, faint, strong } = this.palette;
    const all = Number.POSITIVE_INFINITY;
    switch (end.status) {
      case 'succeeded':
        return this.endLines(good('✓'), end, 1);
      case 'unknown':
        return this.endLines(doubt('?'), end, 2);
      case 'failed':
        return this.endLines(bad('✗'), end, all);
      case 'suspended':
        return this.endLines(doubt('‖'), end, all, 'waits: ');
      case 'rolled-back':
        return this.endLines(strong('←'), end, all, 'put back: ');
      case 'planned':
        return this.endLines(strong('›'), end, 2, this.steps.get(end.stepId)?.kind === 'act' ? 'planned: ' : '');
      case 'skipped':
        return this.verbose ? this.endLines(faint('–'), end, 1) : [];
      case 'blocked':
        return this.verbose ? this.endLines(faint('·'), end, 1) : [];
    }
  }

  /** What a step that waits sees now. */
  waiting(stepId: string, detail: string): string[] {
    const { faint } = this.palette;
    return this.rowLines({ mark: faint('…'), title: this.titleOf(stepId), text: plain(detail), note: '', lines: 1 });
  }

  /** What did not run, in as few words as possible: who wants to know why asks with -v. */
  leftOut(ends: readonly StepEnd[]): string[] {
    if (this.verbose) return [];
    return [...this.collapsed('–', 'not needed', ends, 'skipped'), ...this.collapsed('·', 'not run', ends, 'blocked')];
  }

  private collapsed(mark: string, why: string, all: readonly StepEnd[], status: StepEnd['status']): string[] {
    const ends = all.filter((end) => end.status === status);
    if (ends.length === 0) return [];
    const titles = ends.map((end) => this.titleOf(end.stepId)).join('; ');
    const text = truncate(`${counted(ends.length, 'step')} ${why}: ${titles}`, this.width - 2);
    return [this.palette.faint(`${mark} ${text}`)];
  }

  /** `word` says the status where the mark alone would not be understood, unless the finding says it itself. */
  private endLines(mark: string, end: StepEnd, lines: number, word = ''): string[] {
    const detail = plain(end.detail);
    return this.rowLines({
      mark,
      title: this.titleOf(end.stepId),
      text: detail.includes(word.replace(': ', '')) ? detail : word + detail,
      lead: end.basis,
      note: this.noteOf(end),
      lines,
    });
  }

  private rowLines({ mark, title, text, lead, note, lines }: Row): string[] {
    const { faint } = this.palette;
    const leadWidth = lead === undefined ? 0 : basisWidth;
    const before = lead === undefined ? '' : faint(padEnd(lead, basisWidth));
    const column = this.titleColumn();
    if (column === undefined) {
      const room = this.width - 2;
      const found = this.found(text, room - leadWidth, lines).map(
        (line, index) => `  ${index === 0 ? before : ' '.repeat(leadWidth)}${line}`,
      );
      return [`${mark} ${truncate(title, room - widthOf(note))}${faint(note)}`, ...found];
    }
    const left = padEnd(truncate(title, longestTitle), column);
    const room = this.width - 2 - widthOf(left) - 2 - leadWidth - widthOf(note);
    const found = this.found(text, room, lines);
    return found.map((line, index) => {
      const start = index === 0 ? `${mark} ${left}  ${before}` : ' '.repeat(widthOf(left) + 4 + leadWidth);
      return start + line + (index === found.length - 1 ? faint(note) : '');
    });
  }

  /** What a step found, in at most so many lines; in as many as it takes for who asks for everything. */
  private found(text: string, room: number, lines: number): string[] {
    const all = wrap(text, room);
    if (this.verbose || all.length <= lines) return all;
    const last = all.slice(lines - 1).join(' ');
    return [...all.slice(0, lines - 1), truncate(last, room)];
  }

  /** Cells for titles, or undefined where the screen is too narrow for two columns. A longer title runs over. */
  private titleColumn(): number | undefined {
    if (this.width < twoColumnsFrom) return undefined;
    const longest = Math.max(0, ...[...this.steps.keys()].map((id) => widthOf(this.titleOf(id))));
    return Math.min(longest, Math.max(Math.floor(this.width * 0.4), this.width - leastForFindings));
  }

  private noteOf(end: StepEnd): string {
    const kind = this.steps.get(end.stepId)?.kind;
    // Who waits looks as often as it takes: that is no trouble, as a second attempt is.
    const looks = kind === 'wait' || kind === 'verify';
    const notes: string[] = [];
    if (end.attempts > 1 && (!looks || this.verbose)) notes.push(`${end.attempts} ${looks ? 'looks' : 'attempts'}`);
    if (end.durationMs >= 1000 || (this.verbose && end.attempts > 0)) notes.push(durationText(end.durationMs));
    return notes.length === 0 ? '' : `  ${notes.join(', ')}`;
  }
}
