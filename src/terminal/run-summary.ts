/**
 * What a run came to, as lines that an on-call engineer reads top down and can paste: the verdict, since when, how long a
 * recovery took and what it lost, what was changed and stays so, the causes with what speaks for and against them, what to do, and what it cost to find out.
 * Complete without colour.
 */
import { confidenceText } from '../cloud/quantity.ts';
import type { RunDocument } from '../report/schemas.ts';
import {
  commandsOf,
  confidenceInWords,
  counted,
  durationText,
  headlineNamesCause,
  headlineOf,
  momentText,
  otherStepsOf,
  type Tone,
} from '../report/wording.ts';
import { adviceLines } from './advice.ts';
import { changeBlocks } from './change-lines.ts';
import { objectiveBlocks } from './objective-lines.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { plain, wrap } from './text.ts';

type Cause = RunDocument['causes'][number];
type Evidence = Cause['for'][number];

export interface SummaryOptions {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: -1 | 0 | 1;
  readonly timeZone?: string;
}

const marks = { good: '✓', bad: '!', doubt: '?' } as const satisfies Record<Tone, string>;

/** Pieces of evidence of each sort for the first cause and for the others, notes and next steps; the rest is counted. */
const shown = { first: 4, other: 1, notes: 5, nextSteps: 5 } as const;

/** Cells of a label and the space after it. */
const labelWidth = 9;

export function summaryLines(run: RunDocument, options: SummaryOptions): string[] {
  const view = new Summary(run, options);
  return options.verbosity < 0 ? view.verdict().slice(0, 1) : view.all();
}

class Summary {
  private readonly run: RunDocument;
  private readonly options: SummaryOptions;
  private readonly palette: Palette;
  private readonly width: number;

  constructor(run: RunDocument, options: SummaryOptions) {
    this.run = run;
    this.options = options;
    this.palette = paletteOf(options.color);
    this.width = widthFor(options);
  }

  all(): string[] {
    const blocks = [
      [...this.verdict(), ...this.since(), ...this.outcome(), ...this.escalation()],
      ...objectiveBlocks(this.run, {
        palette: this.palette,
        width: this.width,
        verbose: this.options.verbosity > 0,
      }),
      ...changeBlocks(this.run.mutations, {
        palette: this.palette,
        width: this.width,
        well: this.run.verdict === 'ok',
      }),
      this.goesOn(),
      ...this.run.causes.map((cause) => this.cause(cause)),
      this.notes(),
      [this.cost()],
    ];
    return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
  }

  verdict(): string[] {
    const { tone, text } = headlineOf(this.run);
    const mark = this.run.verdict === 'failed' ? '✗' : marks[tone];
    const paint = (line: string) => this.palette.strong(this.palette[tone](line));
    if (this.options.verbosity < 0) return [paint(`${mark} ${plain(text)}`)];
    return wrap(plain(text), this.width - 2).map((line, index) => paint(`${index === 0 ? mark : ' '} ${line}`));
  }

  private since(): string[] {
    const { symptom, endedAt } = this.run;
    if (symptom === undefined || symptom.onset === null) return [];
    const moment = (iso: string) => momentText(iso, endedAt, this.options.timeZone);
    const text =
      symptom.endedAt === null
        ? `${moment(symptom.onset)}: ${symptom.summary}`
        : `${moment(symptom.onset)} to ${moment(symptom.endedAt)}: ${symptom.summary}`;
    return this.labelled(symptom.endedAt === null ? 'since' : 'from', text, 2);
  }

  /** What came of acting, where the headline does not say it. */
  private outcome(): string[] {
    const { outcome } = this.run;
    return outcome === undefined || outcome.helped ? [] : this.labelled('outcome', outcome.summary, 2);
  }

  private escalation(): string[] {
    const { escalation } = this.run;
    if (escalation === undefined) return [];
    const { due, summary } = escalation;
    return due
      ? this.labelled('escalate', summary, 2, this.palette.strong)
      : this.labelled('escalate', `not yet: ${summary}`, 2);
  }

  private cause(cause: Cause): string[] {
    const { strong } = this.palette;
    const first = cause.rank === 1;
    const limit = this.options.verbosity > 0 ? Number.POSITIVE_INFINITY : first ? shown.first : shown.other;
    const likelihood = `${confidenceInWords(cause.confidence)}, ${confidenceText(cause.confidence)}`;
    const title = `${cause.rank}. ${plain(cause.cause)} on ${plain(cause.component)}`;
    const summary = first && headlineNamesCause(this.run) ? [] : this.indented(cause.summary, 3);
    return [
      ...wrap(`${title} (${likelihood})`, this.width).map((line, index) =>
        index === 0 ? line.replace(title, () => strong(title)) : `   ${line}`,
      ),
      ...summary,
      ...this.evidence('for', cause.for, limit),
      ...this.evidence('against', cause.against, limit),
      ...this.evidence('missing', cause.missing, limit),
      ...this.remediation(cause),
    ];
  }

  private evidence(label: string, all: readonly Evidence[], limit: number): string[] {
    const lines = all.slice(0, limit).flatMap((each, index) => {
      const text = this.options.verbosity > 0 ? `${each.detail} [${each.source} ${each.region}]` : each.detail;
      return this.labelled(index === 0 ? label : '', text, 3);
    });
    const rest = all.length - limit;
    if (rest <= 0) return lines;
    return [...lines, this.palette.faint(`${' '.repeat(3 + labelWidth)}and ${rest} more with -v`)];
  }

  /** The command stands alone on its line and is never broken, so that it can be copied. */
  private remediation({ remediation }: Cause): string[] {
    if (remediation === undefined) return [];
    const lines = this.labelled('then', remediation.summary, 3);
    if (remediation.command === undefined) return lines;
    return [...lines, '', `   ${this.palette.strong(plain(remediation.command))}`];
  }

  private notes(): string[] {
    const { notes = [] } = this.run;
    const nextSteps = otherStepsOf(this.run);
    if (notes.length === 0 && nextSteps.length === 0) return [];
    return [
      ...(notes.length === 0 ? [] : [this.palette.strong('Note')]),
      ...this.firstOf(notes, shown.notes, (note) => this.bullet(note)),
      ...this.firstOf(nextSteps, shown.nextSteps, (step) =>
        this.labelledLines('next', adviceLines(plain(step), this.room(2)), 2),
      ),
    ];
  }

  /** As many as are shown, and how many there are more. */
  private firstOf(all: readonly string[], limit: number, linesOf: (text: string) => string[]): string[] {
    const taken = this.options.verbosity > 0 ? all : all.slice(0, limit);
    const rest = all.length - taken.length;
    const more = rest > 0 ? [this.palette.faint(`  and ${rest} more with -v`)] : [];
    return [...taken.flatMap(linesOf), ...more];
  }

  /** Commands stand alone on their lines and are never broken, so that they can be copied. */
  private goesOn(): string[] {
    const nextSteps = commandsOf(this.run);
    if (nextSteps.length === 0) return [];
    const { strong } = this.palette;
    return [strong('Goes on with'), ...nextSteps.map((command) => `  ${strong(plain(command))}`)];
  }

  private cost(): string {
    const { api, mutations, durationMs, endedAt, mode, runId, resumptions = 0 } = this.run;
    const at = momentText(endedAt, undefined, this.options.timeZone);
    const calls = api.calls === null ? 'calls not known' : counted(api.calls, 'call');
    // Calls are those of this process, changes those of the whole run.
    const spent =
      resumptions === 0
        ? `${calls}, ${counted(api.mutations ?? mutations.length, 'change')}`
        : `${counted(mutations.length, 'change')} · resumed ${resumptions === 1 ? 'once' : `${resumptions} times`}, ${calls} since then`;
    // What only looked keeps no journal: nobody can ask for it by its id.
    const id = mode === 'observe' ? '' : ` · run ${plain(runId)}`;
    const text = `${spent} · ${durationText(durationMs)} · ${at}${id}`;
    return wrap(text, this.width)
      .map((line) => this.palette.faint(line))
      .join('\n');
  }

  private labelled(label: string, text: string, indent: number, paint = (line: string) => line): string[] {
    return this.labelledLines(label, wrap(plain(text), this.room(indent)), indent, paint);
  }

  private room(indent: number): number {
    return this.width - indent - labelWidth;
  }

  private labelledLines(
    label: string,
    lines: readonly string[],
    indent: number,
    paint = (line: string) => line,
  ): string[] {
    return lines.map((line, index) => {
      const left =
        index === 0 ? this.palette.faint(label) + ' '.repeat(labelWidth - label.length) : ' '.repeat(labelWidth);
      return `${' '.repeat(indent)}${left}${paint(line)}`;
    });
  }

  private bullet(text: string): string[] {
    return adviceLines(plain(text), this.width - 2).map((line, index) => `${index === 0 ? '–' : ' '} ${line}`);
  }

  private indented(text: string, indent: number): string[] {
    return wrap(plain(text), this.width - indent).map((line) => ' '.repeat(indent) + line);
  }
}
