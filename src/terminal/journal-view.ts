/**
 * An earlier run for whoever takes it over or writes it up: what it was, how every step ended, who agreed to what, what
 * was changed and when, who held what, and what can be typed next. Drawn from the run's events and what they come to.
 */
import type { Change } from '../engine/change.ts';
import type { RunEvent } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { nextStepOf } from '../engine/open-steps.ts';
import { standingOf } from '../engine/standing.ts';
import type { Mutation } from '../report/change-text.ts';
import { durationText, momentText } from '../report/wording.ts';
import { changeBlocks } from './change-lines.ts';
import { doingText, resumedSaid, saidOf, type Said, type Told } from './event-lines.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { StepRows } from './step-rows.ts';
import { plain, widthOf, wrap } from './text.ts';

export interface JournalViewOptions {
  readonly columns: number;
  readonly color: boolean;
  /** IANA name; the machine's own when absent. */
  readonly timeZone?: string;
  /** Who started the run, where that is known. */
  readonly who?: string;
}

/** Cells of a label and the space after it. */
const labelWidth = 10;
/** Narrower screens have what happened below its time. */
const besideFrom = 80;

type Topic = 'approvals' | 'changes' | 'leases' | 'resumptions';

const topics = ['approvals', 'changes', 'leases', 'resumptions'] as const satisfies readonly Topic[];

const topicTitles = {
  approvals: 'Approvals',
  changes: 'Changes, as they were made',
  leases: 'Leases',
  resumptions: 'Suspended and resumed',
} as const satisfies Record<Topic, string>;

/** The run as text, without an end of line. */
export function journalView(history: RunHistory, events: readonly RunEvent[], options: JournalViewOptions): string {
  return new JournalView(history, options).blocks(events).join('\n');
}

class JournalView {
  private readonly history: RunHistory;
  private readonly options: JournalViewOptions;
  private readonly palette: Palette;
  private readonly width: number;
  private readonly rows: StepRows;

  constructor(history: RunHistory, options: JournalViewOptions) {
    this.history = history;
    this.options = options;
    this.palette = paletteOf(options.color);
    this.width = widthFor(options);
    this.rows = new StepRows(history.summaries, { palette: this.palette, width: this.width, verbose: true });
  }

  blocks(events: readonly RunEvent[]): string[] {
    const said = this.timeline(events);
    const blocks = [
      this.head(),
      ...changeBlocks(this.mutations(), {
        palette: this.palette,
        width: this.width,
        well: this.history.verdict === 'ok',
      }),
      this.steps(),
      ...topics.map((topic) => this.topic(topic, said)),
      this.next(),
    ];
    return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
  }

  private mutations(): Mutation[] {
    const { changes, mode } = this.history;
    return changes.map((each) => ({ ...standingOf(each), ...(mode === 'dry-run' ? { status: 'planned' } : {}) }));
  }

  private head(): string[] {
    const { title, environment, runId, runbook, mode, startedAt, lastAt, resumptions } = this.history;
    const { who } = this.options;
    const again = resumptions === 0 ? '' : `, resumed ${resumptions === 1 ? 'once' : `${resumptions} times`}`;
    return [
      ...wrap(plain(`${title} (${environment})`), this.width).map((line) => this.palette.strong(line)),
      ...this.labelled('run', runId),
      ...this.labelled('runbook', `${runbook} (${mode})`),
      ...(who === undefined ? [] : this.labelled('by', who)),
      ...this.labelled('began', momentText(iso(startedAt), undefined, this.options.timeZone)),
      ...this.labelled('lasted', `${durationText(lastAt - startedAt)}${this.ended() ? '' : ' so far'}${again}`),
      ...this.labelled('verdict', this.verdict(), this.palette.strong),
    ];
  }

  private ended(): boolean {
    return this.history.phase === 'ended';
  }

  private verdict(): string {
    const { verdict, suspended, undoingFor } = this.history;
    const undoing = undoingFor === undefined ? '' : `; what was changed was to be put back: ${undoingFor}`;
    if (suspended !== undefined) return `${verdict ?? 'suspended'}: ${suspended.reason}${undoing}`;
    if (verdict !== undefined) return `${verdict}${undoing}`;
    const next = nextStepOf(this.history);
    if (next !== undefined && this.history.open.length === 0) {
      return `none yet: its steps are carried out one by one, and "${next.id}" comes next`;
    }
    return `none: it still runs, or its process has died${undoing}`;
  }

  private steps(): string[] {
    const { steps, open } = this.history;
    if (steps.length === 0 && open.length === 0) return [];
    return [
      this.palette.strong('Steps'),
      ...steps.flatMap((step) => this.rows.ended({ type: 'step.finished', ...step })),
      ...open.flatMap((stepId) => this.rows.waiting(stepId, 'had begun, and had not ended')),
    ];
  }

  private topic(topic: Topic, all: readonly Timed[]): string[] {
    const lines = all.filter((each) => each.topic === topic).flatMap((each) => this.timed(each));
    return lines.length === 0 ? [] : [this.palette.strong(topicTitles[topic]), ...lines];
  }

  private timeline(events: readonly RunEvent[]): Timed[] {
    const changes = new Map<string, Change>();
    const told: Told = {
      titleOf: (stepId) => this.rows.titleOf(stepId),
      changeOf: (stepId) => changes.get(stepId),
      timeZone: this.options.timeZone,
      dry: this.history.mode === 'dry-run',
    };
    const { once, often } = this.history.isStepwise ? heldOften(events) : { once: events, often: [] };
    const alone = once.flatMap((event) => {
      if (event.type === 'change.intended') changes.set(event.stepId, event.change);
      const entry = entryOf(event, told);
      return entry === undefined ? [] : [{ ...entry, at: event.at }];
    });
    return [...alone, ...often.map((held) => this.held(held))].toSorted((a, b) => a.at - b.at);
  }

  private held({ resource, tokens, from, to }: HeldOften): Timed {
    const until = momentText(iso(to), iso(from), this.options.timeZone);
    const [first = 0] = tokens;
    const text = `held ${resource} while a step was carried out, ${tokens.length} times until ${until} (tokens ${first} to ${tokens.at(-1) ?? first})`;
    return { topic: 'leases', at: from, said: { mark: '·', tone: 'faint', text } };
  }

  private timed({ at, said }: Timed): string[] {
    const start = iso(this.history.startedAt);
    const seconds = iso(at).slice(17, 19);
    const clock = momentText(iso(at), start, this.options.timeZone).replace(/\d\d:\d\d/, `$&:${seconds}`);
    const { faint } = this.palette;
    const mark = this.palette[said.tone](said.mark);
    const narrow = this.width < besideFrom;
    const left = narrow ? '' : `${clock}  `;
    const pad = ' '.repeat(widthOf(left) + 2);
    const room = this.width - pad.length;
    const below = (said.below ?? []).flatMap((text) => wrap(plain(text), room - 2).map((line) => `${pad}  ${line}`));
    const lines = [...wrap(plain(said.text), room).map((line) => pad + line), ...below];
    if (narrow) return [`${mark} ${faint(clock)}`, ...lines];
    const [first = '', ...rest] = lines;
    return [`${faint(left)}${mark} ${first.slice(pad.length)}`, ...rest];
  }

  /** Commands stand alone on their lines and are never broken, so that they can be copied. */
  private next(): string[] {
    const { suspended } = this.history;
    const runId = plain(this.history.runId);
    const next = nextStepOf(this.history);
    const goesOn = next === undefined ? `nanoops runs resume ${runId}` : `nanoops runs step ${runId} ${plain(next.id)}`;
    const mayBeHeld = next === undefined || this.history.open.length > 0;
    const commands =
      suspended !== undefined
        ? suspended.nextSteps.map(plain).filter((step) => step !== '')
        : this.ended()
          ? [`nanoops runs report ${runId}`, `nanoops runs verify ${runId}`]
          : [...(mayBeHeld ? ['nanoops locks list'] : []), goesOn, `nanoops runs abort ${runId}`];
    if (commands.length === 0) return [];
    return [this.palette.strong('Next'), ...commands.map((command) => `  ${this.palette.strong(command)}`)];
  }

  private labelled(label: string, text: string, paint = (line: string): string => line): string[] {
    return wrap(plain(text), this.width - labelWidth).map((line, index) => {
      const left =
        index === 0 ? this.palette.faint(label) + ' '.repeat(labelWidth - label.length) : ' '.repeat(labelWidth);
      return left + paint(line);
    });
  }
}

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

interface Entry {
  readonly topic: Topic;
  readonly said: Said;
}

interface Timed extends Entry {
  readonly at: number;
}

/** A lease that was taken and given back again and again. */
interface HeldOften {
  readonly resource: string;
  readonly tokens: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * Each step of a run that is carried out step by step takes the leases and gives them back, which says nothing. What was not given
 * back, and what was taken once, is left as it is.
 */
function heldOften(events: readonly RunEvent[]): { once: readonly RunEvent[]; often: readonly HeldOften[] } {
  const taken = new Map<string, EventOf<'lease.acquired'>>();
  const pairs = new Map<string, (readonly [EventOf<'lease.acquired'>, EventOf<'lease.released'>])[]>();
  for (const event of events) {
    if (event.type === 'lease.acquired') taken.set(event.resource, event);
    if (event.type !== 'lease.released') continue;
    const before = taken.get(event.resource);
    if (before?.token !== event.token) continue;
    pairs.set(event.resource, [...(pairs.get(event.resource) ?? []), [before, event]]);
  }
  const often = [...pairs.values()].filter(({ length }) => length > 1);
  const folded = new Set<RunEvent>(often.flat(2));
  return {
    once: events.filter((event) => !folded.has(event)),
    often: often.map((held) => ({
      resource: held[0]?.[0].resource ?? '',
      tokens: held.map(([{ token }]) => token),
      from: held[0]?.[0].at ?? 0,
      to: held.at(-1)?.[1].at ?? 0,
    })),
  };
}

/** Where an event belongs and what it says; undefined for what the steps tell already. */
function entryOf(event: RunEvent, told: Told): Entry | undefined {
  switch (event.type) {
    case 'approval.requested':
    case 'approval.given':
    case 'approval.declined':
    case 'approval.lapsed':
      return { topic: 'approvals', said: saidOf(event, told) };
    case 'change.intended':
      return { topic: 'changes', said: { mark: '·', tone: 'faint', text: `about to be sent: ${doingText(event)}` } };
    case 'change.answered':
    case 'change.looked-up':
    case 'run.halted':
    case 'run.undoing':
      return { topic: 'changes', said: saidOf(event, told) };
    case 'lease.acquired':
    case 'lease.released':
    case 'lease.refused':
    case 'lease.lost':
      return { topic: 'leases', said: saidOf(event, told) };
    case 'run.suspended':
      return { topic: 'resumptions', said: saidOf(event, told) };
    case 'run.resumed':
      return event.purpose === 'step' ? undefined : { topic: 'resumptions', said: resumedSaid(event, undefined) };
    case 'run.started':
    case 'run.checkpointed':
    case 'run.finished':
    case 'step.started':
    case 'step.retried':
    case 'step.progressed':
    case 'step.finished':
      return undefined;
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
