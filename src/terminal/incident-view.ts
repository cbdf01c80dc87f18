/**
 * An incident on a terminal, for somebody who was asleep a minute ago: how bad, how it stands, what is due next and what
 * to type for it; then who does what, what is known, and what happened.
 */
import type { IncidentDocument } from '../report/incident-schemas.ts';
import { causeText, impactLine, itemText, offsetText, stateText } from '../report/incident-text.ts';
import { counted, momentText } from '../report/wording.ts';
import { labelledAdvice } from './advice.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { padEnd, plain, truncate, widthOf, wrap } from './text.ts';

export interface IncidentViewOptions {
  readonly columns: number;
  readonly color: boolean;
  /** All of the timeline, and the kept lines of logs. */
  readonly verbose: boolean;
  /** IANA name; the machine's own when absent. */
  readonly timeZone?: string;
}

/** So many entries of the timeline are shown, the newest, unless all are asked for. */
const shownEntries = 14;
/** So many lines of each log, cut to the screen. */
const shownLines = 12;
/** Cells of a label and the space after it. */
const labelWidth = 12;

/** Without an end of line. */
export function incidentView(document: IncidentDocument, options: IncidentViewOptions): string {
  const view = new View(document, options);
  return view.blocks([view.head(), view.process(), view.known(), view.timeline(), view.logs(), view.next()]);
}

/** What was just done, and what is due next. */
export function incidentBrief(document: IncidentDocument, options: IncidentViewOptions): string {
  const view = new View(document, options);
  return view.blocks([view.done(), view.wanted(), view.next()]);
}

class View {
  private readonly document: IncidentDocument;
  private readonly options: IncidentViewOptions;
  private readonly palette: Palette;
  private readonly width: number;

  constructor(document: IncidentDocument, options: IncidentViewOptions) {
    this.document = document;
    this.options = options;
    this.palette = paletteOf(options.color);
    this.width = widthFor(options);
  }

  blocks(all: readonly (readonly string[])[]): string {
    return all
      .filter((block) => block.length > 0)
      .map((block) => block.join('\n'))
      .join('\n\n');
  }

  head(): readonly string[] {
    const { id, service, environment, detectedAt, asOf, state, simulated } = this.document;
    const last = state === 'resolved' ? (this.document.resolvedAt ?? asOf) : asOf;
    const since = offsetText(Date.parse(last) - Date.parse(detectedAt));
    const where = `${id} · ${service} (${environment})${simulated ? ' · simulated' : ''}`;
    return [
      ...this.title(),
      ...wrap(plain(where), this.width).map((line) => this.palette.faint(line)),
      ...wrap(plain(`${stateText(this.document)} · ${since} · noticed ${this.moment(detectedAt)}`), this.width),
    ];
  }

  private title(): readonly string[] {
    const { severity, title, state } = this.document;
    const isOver = state === 'resolved';
    const mark = isOver ? '✓ ' : '! ';
    const paint = isOver
      ? this.palette.good
      : severity === 'SEV-1' || severity === 'SEV-2'
        ? this.palette.bad
        : this.palette.doubt;
    return wrap(plain(`${severity} ${title}`), this.width - 2).map((line, index) =>
      this.palette.strong(paint(`${index === 0 ? mark : '  '}${line}`)),
    );
  }

  done(): readonly string[] {
    const { done, id, severity, title } = this.document;
    const line = `${id}: ${done ?? stateText(this.document)}`;
    return [
      ...wrap(plain(line), this.width).map((each) => this.palette.strong(each)),
      ...wrap(plain(`${severity} ${title}`), this.width),
      ...this.told(),
    ];
  }

  private told(): readonly string[] {
    const { told, simulated } = this.document;
    const at = told.at(-1)?.at;
    const newest = told.filter((each) => each.at === at);
    const names = (some: typeof newest): string => some.map(({ receiver }) => receiver).join(', ');
    const taken = newest.filter(({ delivered }) => delivered);
    const failed = newest.filter((each) => !each.delivered && !each.simulated);
    const lines = [
      ...(newest.length === 0
        ? [simulated ? 'nobody is told: simulated' : 'nobody is told: no receiver is configured (notify)']
        : []),
      ...(taken.length === 0 ? [] : [`told: ${names(taken)}`]),
      ...(newest.some((each) => each.simulated) ? ['nobody is told: simulated'] : []),
      ...failed.map(({ receiver, detail }) => `! could not tell ${receiver}: ${detail}`),
    ];
    return lines.flatMap((line) => wrap(plain(line), this.width)).map((line) => this.palette.faint(line));
  }

  /** The whole process. */
  process(): readonly string[] {
    return this.items(this.document.checklist, 'Process');
  }

  /** What is not done. */
  wanted(): readonly string[] {
    const open = this.document.checklist.filter(({ status }) => status === 'overdue' || status === 'due');
    return this.items(open.slice(0, 5), 'Due');
  }

  private items(items: IncidentDocument['checklist'], title: string): readonly string[] {
    if (items.length === 0) return [];
    const { detectedAt, asOf } = this.document;
    const column = Math.max(...items.map((item) => widthOf(item.title))) + 2;
    return [
      this.palette.strong(title),
      ...items.map((item) => {
        const { mark, paint } = this.look(item.status);
        return `${paint(mark)} ${padEnd(item.title, column)}${paint(itemText(item, detectedAt, asOf))}`;
      }),
    ];
  }

  private look(status: IncidentDocument['checklist'][number]['status']) {
    const { good, bad, doubt, faint } = this.palette;
    const looks = {
      done: { mark: '✓', paint: good },
      due: { mark: '·', paint: faint },
      overdue: { mark: '✗', paint: bad },
      missed: { mark: '–', paint: doubt },
    } as const;
    return looks[status];
  }

  known(): readonly string[] {
    const { roles, impact, actions, evidence, gaps } = this.document;
    const nobody = (who: string | null): string => who ?? 'nobody';
    return [
      ...this.labelled('commander', nobody(roles.commander)),
      ...(roles.communications === null ? [] : this.labelled('speaks', roles.communications)),
      ...(roles.operations === null ? [] : this.labelled('does', roles.operations)),
      ...this.labelled('cause', causeText(this.document)),
      ...this.labelled('impact', impactLine(impact)),
      ...actions.flatMap(({ text, owner, due }) =>
        this.labelled('action', `${text} (${owner ?? 'nobody'}${due === null ? '' : `, by ${due}`})`),
      ),
      ...(evidence === null ? [] : this.labelled('logs', this.logsText(evidence))),
      ...[...gaps, ...(evidence?.gaps ?? [])].flatMap((gap) => this.labelled('not seen', gap)),
    ];
  }

  private logsText({ logs, logsLiveUntil }: NonNullable<IncidentDocument['evidence']>): string {
    const lines = logs.reduce((sum, each) => sum + each.lines.length, 0);
    const kept = `${counted(lines, 'line')} kept`;
    if (lines === 0) return `${kept}; nothing was logged as an error`;
    return `${kept}${logs.some(({ isPart }) => isPart) ? ' of more' : ''}; ${
      logsLiveUntil === null
        ? 'until when the rest lives is not known'
        : `the rest lives until ${this.moment(logsLiveUntil)}`
    }`;
  }

  timeline(): readonly string[] {
    const { timeline } = this.document;
    const shown = this.options.verbose ? timeline : timeline.slice(-shownEntries);
    const left = timeline.length - shown.length;
    return [
      this.palette.strong('Timeline'),
      ...(left === 0
        ? []
        : [this.palette.faint(`${counted(left, 'earlier entry').replace('entrys', 'entries')}: -v shows them`)]),
      ...shown.flatMap(({ offsetMs, text, source, mark }) =>
        this.entry(offsetText(offsetMs), text, source, mark !== null),
      ),
    ];
  }

  private entry(offset: string, text: string, source: string, stands: boolean): readonly string[] {
    const indent = 11;
    const said = plain(text);
    const from = plain(source);
    const lines = wrap(said, this.width - indent);
    // Where it is known from stands beside it where there is room, and below it elsewhere.
    const last = lines.at(-1) ?? '';
    const fits = indent + widthOf(last) + 2 + widthOf(from) <= this.width;
    const painted = lines.map((line) => (stands ? this.palette.strong(line) : line));
    const rows = fits
      ? painted.map((line, index) => (index === lines.length - 1 ? `${line}  ${this.palette.faint(from)}` : line))
      : [...painted, ...wrap(from, this.width - indent).map((line) => this.palette.faint(line))];
    return rows.map((line, index) => `${index === 0 ? padEnd(offset, indent) : ' '.repeat(indent)}${line}`);
  }

  logs(): readonly string[] {
    const { evidence } = this.document;
    if (!this.options.verbose || evidence === null) return [];
    return evidence.logs
      .filter(({ lines }) => lines.length > 0)
      .flatMap(({ group, region, lines }, index) => [
        ...(index === 0 ? [] : ['']),
        this.palette.strong(plain(`${group} (${region})`)),
        ...lines
          .slice(0, shownLines)
          .map(({ at, message }) => truncate(plain(`${at.slice(11, 19)}Z ${message}`), this.width)),
        ...(lines.length > shownLines
          ? [this.palette.faint(`and ${counted(lines.length - shownLines, 'more line')}: -o json has them whole`)]
          : []),
      ]);
  }

  next(): readonly string[] {
    const painted = this.palette.faint('next');
    return this.document.nextSteps.flatMap((step) =>
      labelledAdvice(step, { label: 'next', painted, width: this.width }),
    );
  }

  private labelled(label: string, text: string): readonly string[] {
    return wrap(plain(text), this.width - labelWidth).map(
      (line, index) => `${this.palette.faint(padEnd(index === 0 ? label : '', labelWidth))}${line}`,
    );
  }

  private moment(iso: string): string {
    return momentText(iso, this.document.asOf, this.options.timeZone);
  }
}
