/**
 * A run as a person follows it: a line for every step when it ends and for everything that is done to the world, what is
 * under way below them, and the summary at the end. Drawn from the engine's events and the final document alone.
 * Progress and summary go to two screens, so that `nanoops … > file` keeps what an on-call engineer would paste.
 */
import { WriteStream } from 'node:tty';
import type { Change } from '../engine/change.ts';
import type { RunEvent } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { runStepText } from '../report/run-step-text.ts';
import type { RunDocument, RunStepDocument } from '../report/schemas.ts';
import { durationText } from '../report/wording.ts';
import { labelledAdvice } from './advice.ts';
import { doingText, resumedSaid, saidOf, type Said, type Told } from './event-lines.ts';
import { localEvent, localRun } from './local-text.ts';
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
import { StepRows, type StepEnd } from './step-rows.ts';
import { plain, truncate, wrap } from './text.ts';

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
  /** True where a prompt shows the questions itself, so that they are not told twice. */
  readonly prompted?: boolean;
  /** What the run was before, where it is taken up again. */
  readonly before?: RunHistory;
}

export interface RunView {
  event(event: RunEvent): void;
  finish(run: RunDocument | RunStepDocument): void;
  /**
   * Leaves the screen to somebody else, until what it returns is called: nothing moves meanwhile, and lines are kept
   * back. May be called several times over.
   */
  hold(): () => void;
}

/** Draws one run, or a step of one. `finish` is called once, after the last event; what moves on the screen stops with the run's last event. */
export function runView(options: RunViewOptions): RunView {
  const { stderr, color, interactive, verbosity } = options;
  const moving = interactive && verbosity >= 0 && stderr instanceof WriteStream;
  return new HumanRunView(options, moving ? oraSpinner(stderr, color.stderr > 0) : undefined);
}

type ChangeEvent = Extract<RunEvent, { type: 'change.intended' | 'change.answered' | 'change.looked-up' }>;

class HumanRunView implements RunView {
  private readonly options: RunViewOptions;
  private readonly spinner: Spinner | undefined;
  private readonly progress: Screen;
  private readonly palette: Palette;
  private readonly width: number;
  private rows: StepRows;
  private dry: boolean;
  private headed = false;
  private readonly running = new Set<string>();
  /** What a step does or waits for now, beside its title. */
  private readonly doing = new Map<string, string>();
  private readonly ends = new Map<string, StepEnd>();
  private readonly changes = new Map<string, Change>();
  /** Steps whose change was begun, and of which no answer is known. */
  private readonly unanswered = new Set<string>();
  private suspended: RunDocument['suspended'];
  private lastSaid = '';
  /** True once something was under way: from then on the line tells how far the run is, also between two steps. */
  private moving = false;
  private holds = 0;
  private kept: string[] = [];

  constructor(options: RunViewOptions, spinner: Spinner | undefined) {
    this.options = options;
    this.spinner = spinner;
    this.progress = { out: options.stderr, color: options.color.stderr > 0, columns: options.columns };
    this.palette = paletteOf(this.progress.color);
    this.width = widthFor(this.progress);
    this.rows = this.rowsOf(options.before?.summaries ?? []);
    this.dry = options.before?.mode === 'dry-run';
    for (const { stepId, change, status } of options.before?.changes ?? []) {
      this.changes.set(stepId, change);
      if (status === 'intended' || status === 'unknown' || status === 'reverting') this.unanswered.add(stepId);
    }
  }

  event(told: RunEvent): void {
    const event = localEvent(told, this.options.timeZone);
    switch (event.type) {
      case 'run.started':
        this.rows = this.rowsOf(event.steps);
        this.dry = event.mode === 'dry-run';
        this.head(event);
        break;
      case 'run.resumed':
        if (this.options.before !== undefined) this.head(this.options.before);
        this.say(resumedSaid(event, this.options.before));
        break;
      case 'step.started':
        this.running.add(event.stepId);
        break;
      case 'step.retried':
        this.doing.set(event.stepId, `${event.errorClass}, ${againText(event.delayMs)}`);
        if (this.verbose) this.print(this.retryLines(event));
        break;
      case 'step.progressed':
        this.progressed(event.stepId, event.detail);
        break;
      case 'step.finished':
        this.running.delete(event.stepId);
        this.doing.delete(event.stepId);
        this.ends.set(event.stepId, event);
        if (!this.quiet) this.print(this.rows.ended(event));
        break;
      case 'change.intended':
      case 'change.answered':
      case 'change.looked-up':
        this.changed(event);
        break;
      case 'approval.requested':
        if (this.options.prompted !== true) this.say(saidOf(event, this.told));
        break;
      case 'approval.given':
      case 'approval.declined':
      case 'approval.lapsed':
      case 'lease.acquired':
      case 'lease.released':
      case 'lease.refused':
      case 'lease.lost':
      case 'run.halted':
      case 'run.undoing':
        this.say(saidOf(event, this.told));
        break;
      case 'run.suspended':
        this.suspended = { reason: event.reason, nextSteps: event.nextSteps };
        this.end(this.suspendedSaid(event));
        return;
      case 'run.finished':
        this.end();
        return;
      case 'run.checkpointed':
        // What the run remembers for itself.
        break;
    }
    this.showProgress();
  }

  finish(run: RunDocument | RunStepDocument): void {
    const { stdout, color, columns, verbosity, timeZone } = this.options;
    const screen = { out: stdout, color: color.stdout > 0, columns };
    if (run.schema === 'nanoops/run-step@1') {
      this.spinner?.stop();
      const { strong } = paletteOf(screen.color);
      writeLines(screen, [
        ...wrap(plain(runStepText(run)), widthFor(screen)),
        ...run.nextSteps.flatMap((step) =>
          labelledAdvice(step, { label: 'next:', painted: strong('next:'), width: widthFor(screen) }),
        ),
      ]);
      return;
    }
    // The commands that go on are told once, with what the run came to.
    const whole = run.suspended === undefined ? { ...run, suspended: this.suspended } : run;
    writeLines(screen, summaryLines(localRun(whole, timeZone), { ...screen, verbosity, timeZone }));
  }

  hold(): () => void {
    this.holds += 1;
    this.spinner?.pause();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.holds -= 1;
      if (this.holds > 0) return;
      const lines = this.kept;
      this.kept = [];
      this.print(lines);
      this.spinner?.resume();
    };
  }

  private get told(): Told {
    return {
      titleOf: (stepId) => this.rows.titleOf(stepId),
      changeOf: (stepId) => this.changes.get(stepId),
      timeZone: this.options.timeZone,
      dry: this.dry,
    };
  }

  private get quiet(): boolean {
    return this.options.verbosity < 0;
  }

  private get verbose(): boolean {
    return this.options.verbosity > 0;
  }

  private rowsOf(steps: ConstructorParameters<typeof StepRows>[0]): StepRows {
    return new StepRows(steps, { palette: this.palette, width: this.width, verbose: this.verbose });
  }

  private print(lines: readonly string[]): void {
    if (this.holds > 0) this.kept.push(...lines);
    else writeLines(this.progress, lines);
  }

  private say(said: Said): void {
    if (this.quiet || (said.minor === true && !this.verbose)) return;
    this.lastSaid = said.text;
    const paint = this.palette[said.tone];
    const whole = said.tone === 'strong' || said.tone === 'faint' ? paint : (line: string) => line;
    const lines = wrap(plain(said.text), this.width - 2).map((line, index) =>
      index === 0 ? `${paint(said.mark)} ${whole(line)}` : `  ${whole(line)}`,
    );
    const below = (said.below ?? []).flatMap((text) =>
      wrap(plain(text), this.width - 6).map((line, index) => `${index === 0 ? '    ' : '      '}${line}`),
    );
    this.print([...lines, ...below]);
  }

  /** What is run, where, and whether anything can be changed by it. */
  private head(run: Pick<RunHistory, 'title' | 'environment' | 'mode' | 'runId'>): void {
    if (this.quiet || this.headed) return;
    this.headed = true;
    const { strong, faint } = this.palette;
    const dry = run.mode === 'dry-run';
    const title = truncate(plain(`${run.title} (${run.environment})${dry ? ', dry run' : ''}`), this.width);
    const dryText = 'Nothing is changed: what would be changed is planned, and what follows from it is assumed.';
    this.print([
      strong(title),
      ...(dry ? wrap(dryText, this.width) : []),
      ...(run.mode === 'execute' ? [faint(truncate(plain(`run ${run.runId}`), this.width))] : []),
      '',
    ]);
  }

  /** Without a terminal nothing moves, so that what is seen is a line each time that it is something else. */
  private progressed(stepId: string, detail: string): void {
    const changed = this.doing.get(stepId) !== detail;
    this.doing.set(stepId, detail);
    if (changed && !this.quiet && (this.spinner === undefined || this.verbose)) {
      this.print(this.rows.waiting(stepId, detail));
    }
  }

  private changed(event: ChangeEvent): void {
    const { stepId } = event;
    switch (event.type) {
      case 'change.intended':
        this.changes.set(stepId, event.change);
        this.unanswered.add(stepId);
        this.doing.set(stepId, doingText(event));
        return;
      case 'change.answered':
        if (event.outcome !== 'unknown') this.unanswered.delete(stepId);
        this.doing.delete(stepId);
        this.say(saidOf(event, this.told));
        return;
      case 'change.looked-up':
        // What only confirms an answer, or that there is something to do, is no news.
        this.say({
          ...saidOf(event, this.told),
          minor: (event.state === 'not-started' || event.state === 'done') && !this.unanswered.has(stepId),
        });
        if (event.state !== 'not-started' && event.state !== 'unknown') this.unanswered.delete(stepId);
        return;
    }
  }

  /** The reason is not told twice in a row: who holds a resource has just been said. */
  private suspendedSaid(event: Extract<RunEvent, { type: 'run.suspended' }>): Said {
    const said = saidOf(event, this.told);
    return this.lastSaid === event.reason ? { ...said, text: 'Suspended' } : said;
  }

  private end(last?: Said): void {
    this.spinner?.stop();
    if (this.quiet) return;
    this.print(this.rows.leftOut([...this.ends.values()]));
    if (last !== undefined) this.say(last);
    this.print(['']);
  }

  /** What the steps do and wait for, in one line. */
  private showProgress(): void {
    const active = [...new Set([...this.running, ...this.doing.keys()])];
    if (this.spinner === undefined || (active.length === 0 && !this.moving)) return;
    this.moving = true;
    const waits = active.map((id) => {
      const now = this.doing.get(id);
      return now === undefined ? this.rows.titleOf(id) : `${this.rows.titleOf(id)} (${plain(now)})`;
    });
    const [first = '', ...others] = waits;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    this.spinner.show(`${this.ends.size} of ${this.rows.count}  ${first}${more}`.trimEnd());
  }

  private retryLines(event: Extract<RunEvent, { type: 'step.retried' }>): string[] {
    const text = `${this.rows.titleOf(event.stepId)}: attempt ${event.attempt}: ${plain(event.reason)}; ${againText(event.delayMs)}`;
    return wrap(text, this.width - 2).map((line) => this.palette.faint(`  ${line}`));
  }
}

function againText(delayMs: number): string {
  return delayMs === 0 ? 'again now' : `again in ${durationText(delayMs)}`;
}
