/**
 * How long a recovery took and what it lost, as lines: each objective with a bar as long as the objective, the phases and
 * stores behind it, the plan of minutes for who asks for more, and what a reader must know of the data. Complete without
 * colour.
 */
import {
  barCells,
  budgetTotals,
  measuredText,
  objectiveText,
  objectiveViews,
  phasesText,
  spanText,
  splitBrainText,
  stateMark,
  stateText,
  stateTone,
  storeText,
  type BudgetItem,
  type ObjectiveView,
  type Objectives,
  type Recovery,
} from '../report/objective-text.ts';
import type { RunDocument } from '../report/schemas.ts';
import type { Palette } from './screen.ts';
import { padEnd, plain, widthOf, wrap } from './text.ts';

interface ObjectiveLook {
  readonly palette: Palette;
  readonly width: number;
  readonly verbose: boolean;
}

interface Way {
  readonly title: string;
  readonly objectives: Objectives | undefined;
  readonly recovery: Recovery | undefined;
}

/** Cells of `  RTO  ` before a value, and of a bar. */
const indent = 7;
const barWidth = 10;

/** A block of lines for the way there, the way back, and what both showed. */
export function objectiveBlocks(run: RunDocument, look: ObjectiveLook): string[][] {
  const { objectives, recovery, failback } = run;
  const ways: readonly Way[] = [
    { title: failback === undefined ? 'Objectives' : 'Objectives, way there', objectives, recovery },
    ...(failback === undefined ? [] : [{ title: 'Objectives, way back', ...failback }]),
  ];
  return [
    stepLines(run, look),
    ...ways.flatMap((way) => [
      wayLines(way, run.mode, look),
      ...(look.verbose ? [budgetLines(way.recovery?.budget ?? [], way.objectives, look)] : []),
    ]),
    dataLines(run, look),
    lessonLines(run, look),
  ];
}

/** Of a dry run: how long each step would take that takes its time, and what says so. */
function stepLines(run: RunDocument, { palette, width }: ObjectiveLook): string[] {
  if (run.mode !== 'dry-run' || run.objectives === undefined) return [];
  const steps = run.steps.filter(
    ({ status, predictedMs }) => status !== 'skipped' && typeof predictedMs === 'number' && predictedMs >= 1000,
  );
  if (steps.length === 0) return [];
  const cells = steps.map(({ title, predictedMs, predictedP95Ms, predictedFrom, predictedRuns }) => [
    plain(title),
    spanText(predictedMs ?? 0),
    typeof predictedP95Ms === 'number' ? `95 % in ${spanText(predictedP95Ms)}` : '',
    predictedFrom === undefined || predictedFrom === 'model'
      ? 'by the model'
      : `by ${predictedRuns ?? 'past'} ${predictedFrom === 'runs' ? 'runs' : 'simulated runs'}`,
  ]);
  const widths = [0, 1, 2].map((index) => Math.max(...cells.map((each) => widthOf(each[index] ?? ''))));
  const lines = cells.flatMap((each) => {
    const line = `  ${each.map((cell, index) => padEnd(cell, widths[index] ?? 0)).join('  ')}`.trimEnd();
    if (widthOf(line) <= width) return [line];
    return [...indented(each[0] ?? '', width, 2), ...indented(each.slice(1).filter(Boolean).join(', '), width, 4)];
  });
  return [palette.strong('Step by step, from 1 s on'), ...lines];
}

function wayLines({ title, objectives, recovery }: Way, mode: RunDocument['mode'], look: ObjectiveLook): string[] {
  const { palette } = look;
  const lines = [
    ...(objectives === undefined ? [] : rows(objectives, mode, look)),
    ...(recovery?.splitBrain === 'possible' ? marked(palette.bad('!'), splitBrainText, look, 2) : []),
    ...(recovery?.blockers ?? []).flatMap((blocker) => marked(palette.bad('!'), blocker, look, 2)),
  ];
  return lines.length === 0 ? [] : [palette.strong(title), ...lines];
}

function rows(objectives: Objectives, mode: RunDocument['mode'], look: ObjectiveLook): string[] {
  const [rto, rpo] = objectiveViews(objectives, mode);
  const texts = [rto, rpo].map(objectiveText);
  const column = Math.max(...texts.map(widthOf));
  const phases = phasesText(objectives, rto.source);
  return [
    ...row(
      rto,
      column,
      [
        ...(phases === undefined ? [] : [phases]),
        ...(rto.rests === undefined || rto.predictedMs === null ? [] : [predictionText(rto.predictedMs, rto)]),
      ],
      look,
    ),
    ...row(
      rpo,
      column,
      objectives.rpo.stores.map((store) => storeText(store, rpo.source)),
      look,
    ),
  ];
}

/** What the prediction rests on; with its value where that does not stand before it already. */
function predictionText(predictedMs: number, { rests = '', source }: ObjectiveView): string {
  return source === 'predicted' ? `predicted ${rests}` : `predicted ${spanText(predictedMs)} ${rests}`;
}

/** What an objective is made of stands on its line where there is room, else below it. */
function row(
  view: ObjectiveView,
  column: number,
  parts: readonly string[],
  { palette, width }: ObjectiveLook,
): string[] {
  const { faint, strong } = palette;
  const paint = palette[stateTone(view.state)];
  const state = `${stateMark(view.state)} ${stateText(view.state)}`;
  const text = padEnd(objectiveText(view), column);
  const head = `  ${view.name}  ${text}  ${bar(view)}  ${state}`;
  const shown = `  ${strong(view.name)}  ${text}  ${bar(view)}  ${paint(state)}`;
  if (widthOf(head) > width) {
    return [
      `  ${strong(view.name)}  ${bar(view)}  ${paint(state)}`,
      ...indented(objectiveText(view), width),
      ...parts.flatMap((part) => indented(part, width).map((line) => faint(line))),
    ];
  }
  const [only = '', ...others] = parts.map(plain);
  const gap = ' '.repeat(Math.max(3, indent + column + 2 + barWidth + 2 + widest + 3 - widthOf(head)));
  if (others.length === 0 && only !== '' && widthOf(head) + widthOf(gap) + widthOf(only) <= width) {
    return [`${shown}${gap}${faint(only)}`];
  }
  return [shown, ...parts.flatMap((part) => indented(part, width).map((line) => faint(line)))];
}

/** Cells of the usual `✓ met` and `✗ missed`, so that what follows stands in one column. */
const widest = 8;

function bar(view: ObjectiveView): string {
  if (view.valueMs === null) return '·'.repeat(barWidth);
  const filled = barCells(view, barWidth);
  return (view.source === 'predicted' ? '▒' : '█').repeat(filled) + '░'.repeat(barWidth - filled);
}

function budgetLines(
  budget: readonly BudgetItem[],
  objectives: Objectives | undefined,
  { palette, width }: ObjectiveLook,
): string[] {
  if (budget.length === 0) return [];
  const total = {
    title: 'From end to end',
    ...budgetTotals(budget, objectives),
  };
  const cells = [...budget, total].map(({ title, plannedMs, predictedMs, measuredMs }) => [
    plain(title),
    `planned ${spanText(plannedMs)}`,
    predictedMs === null ? 'not predicted' : `predicted ${spanText(predictedMs)}`,
    measuredMs === null ? 'not measured' : `measured ${measuredText(measuredMs)}`,
  ]);
  const widths = [0, 1, 2].map((index) => Math.max(...cells.map((each) => widthOf(each[index] ?? ''))));
  const lines = cells.flatMap((each) => {
    const line = `  ${each.map((cell, index) => padEnd(cell, widths[index] ?? 0)).join('  ')}`;
    if (widthOf(line) <= width) return [line];
    return [...indented(each[0] ?? '', width, 2), ...indented(each.slice(1).join(', '), width, 4)];
  });
  return [palette.strong('Against the plan of minutes'), ...lines];
}

function dataLines({ recovery, failback }: RunDocument, look: ObjectiveLook): string[] {
  const { good, bad, doubt, strong } = look.palette;
  const lines = [
    ...(recovery?.consistency ?? []).map((check) => ({ ...check, way: '' })),
    ...(failback?.recovery.consistency ?? []).map((check) => ({ ...check, way: ' (way back)' })),
  ].flatMap(({ program, ok, detail, way }) => {
    const mark = ok === null ? doubt('?') : ok ? good('✓') : bad('✗');
    const word = ok === null ? 'not known' : ok ? 'consistent' : 'not consistent';
    return marked(mark, `${program}${way}: ${word}${detail === '' ? '' : `, ${detail}`}`, look, 0);
  });
  return lines.length === 0 ? [] : [strong('Data'), ...lines];
}

function lessonLines({ recovery, failback }: RunDocument, look: ObjectiveLook): string[] {
  const lessons = [...(recovery?.lessons ?? []), ...(failback?.recovery.lessons ?? [])];
  if (lessons.length === 0) return [];
  return [look.palette.strong('Lessons'), ...lessons.flatMap((lesson) => marked('–', lesson, look, 0))];
}

function marked(mark: string, text: string, { width }: ObjectiveLook, by: number): string[] {
  const left = ' '.repeat(by);
  return wrap(plain(text), width - by - 2).map((line, index) => `${left}${index === 0 ? mark : ' '} ${line}`);
}

function indented(text: string, width: number, by = indent): string[] {
  return parted(plain(text), width - by).map((line) => ' '.repeat(by) + line);
}

/** Broken between the parts of a list with dots, where it is one. */
function parted(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(' · ')) {
    const longer = lines.length === 0 ? part : `${lines.at(-1) ?? ''} · ${part}`;
    if (widthOf(longer) <= room) lines.splice(-1, 1, longer);
    else lines.push(...wrap(part, room));
  }
  return lines;
}
