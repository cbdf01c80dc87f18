/**
 * A run as a person follows it: a line for every step when it ends, what is under way below them, and the summary at the
 * end. Drawn from the engine's events and the final document alone. Progress and summary go to two screens, so that
 * `nanoops … > file` keeps what an on-call engineer would paste.
 */
import { WriteStream } from 'node:tty';
import type { EventBody, RunEvent, StepSummary } from '../engine/events.ts';
import type { RunDocument } from '../report/schemas.ts';
import { counted, durationText } from '../report/wording.ts';
import { summaryLines } from './run-summary.ts';
import {
  paletteOf,
  widthFor,
  writeLines,
  type ColorLevel,
  type Palette,
  type Screen,
  type Writable,
} from './screen.ts';
import { oraSpinner, type Spinner } from './spinner.ts';
import { padEnd, plain, truncate, widthOf, wrap } from './text.ts';

/** -1 says only the verdict, 1 leaves nothing out. */
export type Verbosity = -1 | 0 | 1;

export interface RunViewOptions {
  /** Where the outcome goes. */
  readonly stdout: Writable;
  /** Where steps are told as they end. */
  readonly stderr: Writable;
  readonly color: { readonly stdout: ColorLevel; readonly stderr: ColorLevel };
  readonly columns: number;
  /** True where somebody sits before stderr: what is under way is then shown too, if stderr is a terminal. */
  readonly interactive: boolean;
  readonly verbosity: Verbosity;
  /** IANA name; the machine's own when absent. */
  readonly timeZone?: string;
}

export interface RunView {
  event(event: RunEvent): void;
  finish(run: RunDocument): void;
}

/** Narrower screens have titles and findings below each other. */
const twoColumnsFrom = 80;
/** With this much left for what was found, titles may have all the rest. */
const leastForFindings = 64;
/** Cells that a title may take in all. */
const longestTitle = 56;

type StepEnd = Extract<EventBody, { type: 'step.finished' }>;

/** Draws one run. `finish` is called once, after the last event; what moves on the screen stops with the run's last event. */
export function runView(options: RunViewOptions): RunView {
  const { stderr, color, interactive, verbosity } = options;
  const moving = interactive && verbosity >= 0 && stderr instanceof WriteStream;
  return new HumanRunView(options, moving ? oraSpinner(stderr, color.stderr > 0) : undefined);
}

class HumanRunView implements RunView {
  private readonly options: RunViewOptions;
  private readonly spinner: Spinner | undefined;
  private readonly progress: Screen;
  private readonly palette: Palette;
  private readonly width: number;
  private steps = new Map<string, StepSummary>();
  private readonly running = new Set<string>();
  private readonly pauses = new Map<string, string>();
  private readonly ended = new Map<string, StepEnd>();

  constructor(options: RunViewOptions, spinner: Spinner | undefined) {
    this.options = options;
    this.spinner = spinner;
    this.progress = { out: options.stderr, color: options.color.stderr > 0, columns: options.columns };
    this.palette = paletteOf(this.progress.color);
    this.width = widthFor(this.progress);
  }

  event(event: RunEvent): void {
    switch (event.type) {
      case 'run.started':
        this.steps = new Map(event.steps.map((step) => [step.id, step]));
        if (!this.quiet) this.print([this.palette.strong(this.heading(event)), '']);
        break;
      case 'step.started':
        this.running.add(event.stepId);
        break;
      case 'step.retried':
        this.pauses.set(event.stepId, `${event.errorClass}, again in ${durationText(event.delayMs)}`);
        if (this.verbose) this.print(this.retryLines(event));
        break;
      case 'step.finished':
        this.running.delete(event.stepId);
        this.pauses.delete(event.stepId);
        this.ended.set(event.stepId, event);
        if (!this.quiet) this.print(this.stepLines(event));
        break;
      case 'run.finished':
        this.spinner?.stop();
        if (!this.quiet) this.print([...this.leftOutLines(), '']);
        return;
    }
    this.showProgress();
  }

  finish(run: RunDocument): void {
    const { stdout, color, columns, verbosity, timeZone } = this.options;
    const screen = { out: stdout, color: color.stdout > 0, columns };
    writeLines(screen, summaryLines(run, { ...screen, verbosity, timeZone }));
  }

  private get quiet(): boolean {
    return this.options.verbosity < 0;
  }

  private get verbose(): boolean {
    return this.options.verbosity > 0;
  }

  private print(lines: readonly string[]): void {
    writeLines(this.progress, lines);
  }

  private heading(event: Extract<EventBody, { type: 'run.started' }>): string {
    return truncate(plain(`${event.title} (${event.environment})`), this.width);
  }

  private titleOf(stepId: string): string {
    return plain(this.steps.get(stepId)?.title ?? stepId);
  }

  /** What the steps wait for, in one line. */
  private showProgress(): void {
    if (this.spinner === undefined || this.running.size === 0) return;
    const waits = [...this.running].map((id) => {
      const pause = this.pauses.get(id);
      return pause === undefined ? this.titleOf(id) : `${this.titleOf(id)} (${pause})`;
    });
    const [first = '', ...others] = waits;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    this.spinner.show(`${this.ended.size} of ${this.steps.size}  ${first}${more}`);
  }

  private stepLines(end: StepEnd): string[] {
    const { good, bad, doubt, faint } = this.palette;
    switch (end.status) {
      case 'succeeded':
        return this.endLines(good('✓'), end, 1);
      case 'unknown':
        return this.endLines(doubt('?'), end, 2);
      case 'failed':
        return this.endLines(bad('✗'), end, Number.POSITIVE_INFINITY);
      case 'skipped':
        return this.verbose ? this.endLines(faint('–'), end, 1) : [];
      case 'blocked':
        return this.verbose ? this.endLines(faint('·'), end, 1) : [];
    }
  }

  /** Titles in one column and findings in another where there is room for both, below each other elsewhere. */
  private endLines(mark: string, end: StepEnd, lines: number): string[] {
    const title = this.titleOf(end.stepId);
    const note = this.noteOf(end);
    const column = this.titleColumn();
    if (column === undefined) {
      const room = this.width - 2;
      const found = this.found(end, room, lines).map((line) => `  ${line}`);
      return [`${mark} ${truncate(title, room - widthOf(note))}${this.palette.faint(note)}`, ...found];
    }
    const left = padEnd(truncate(title, longestTitle), column);
    const room = this.width - 2 - widthOf(left) - 2 - widthOf(note);
    const [first = '', ...rest] = this.found(end, room, lines);
    return [
      `${mark} ${left}  ${first}${this.palette.faint(note)}`,
      ...rest.map((line) => ' '.repeat(widthOf(left) + 4) + line),
    ];
  }

  /** What a step found, in at most so many lines; in as many as it takes for who asks for everything. */
  private found(end: StepEnd, room: number, lines: number): string[] {
    const all = wrap(plain(end.detail), room);
    if (this.verbose || all.length <= lines) return all;
    const last = all.slice(lines - 1).join(' ');
    return [...all.slice(0, lines - 1), truncate(last, room)];
  }

  private noteOf(end: StepEnd): string {
    const notes: string[] = [];
    if (end.attempts > 1) notes.push(`${end.attempts} attempts`);
    if (end.durationMs >= 1000 || (this.verbose && end.attempts > 0)) notes.push(durationText(end.durationMs));
    return notes.length === 0 ? '' : `  ${notes.join(', ')}`;
  }

  /** Cells for titles, or undefined where the screen is too narrow for two columns. A longer title runs over. */
  private titleColumn(): number | undefined {
    if (this.width < twoColumnsFrom) return undefined;
    const longest = Math.max(0, ...[...this.steps.keys()].map((id) => widthOf(this.titleOf(id))));
    return Math.min(longest, Math.max(Math.floor(this.width * 0.4), this.width - leastForFindings));
  }

  private retryLines(event: Extract<EventBody, { type: 'step.retried' }>): string[] {
    const text = `${this.titleOf(event.stepId)}: attempt ${event.attempt}: ${plain(event.reason)}; again in ${durationText(event.delayMs)}`;
    return wrap(text, this.width - 2).map((line) => this.palette.faint(`  ${line}`));
  }

  /** What did not run, in as few words as possible: who wants to know why asks with -v. */
  private leftOutLines(): string[] {
    if (this.verbose) return [];
    const ends = [...this.ended.values()];
    return [
      ...this.collapsed(
        '–',
        'not needed',
        ends.filter((end) => end.status === 'skipped'),
      ),
      ...this.collapsed(
        '·',
        'not run',
        ends.filter((end) => end.status === 'blocked'),
      ),
    ];
  }

  private collapsed(mark: string, why: string, ends: readonly StepEnd[]): string[] {
    if (ends.length === 0) return [];
    const titles = ends.map((end) => this.titleOf(end.stepId)).join('; ');
    const text = truncate(`${counted(ends.length, 'step')} ${why}: ${titles}`, this.width - 2);
    return [this.palette.faint(`${mark} ${text}`)];
  }
}
