/**
 * A runbook's step graph on a terminal: one line a step, in an order in which everything stands below what it needs.
 * Every step that something leads to has a rail at the left: it begins at the first step that feeds it, is joined by the
 * others, and ends at the step itself. Ways that follow from other ways are left out.
 */
import type { StepKind, StepSummary } from '../engine/events.ts';
import { stepGraph, type StepNode } from '../report/step-graph.ts';
import { paletteOf, widthFor } from './screen.ts';
import { padEnd, plain, widthOf, wrap } from './text.ts';

export interface Graph {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly steps: readonly StepSummary[];
}

export interface GraphViewOptions {
  readonly columns: number;
  readonly color: boolean;
}

const marks = {
  observe: '○',
  decide: '◆',
  approve: '?',
  act: '●',
  wait: '…',
  verify: '✓',
  notify: '»',
  manual: '□',
} as const satisfies Record<StepKind, string>;

const meanings = {
  observe: 'looks',
  decide: 'concludes',
  approve: 'asks for consent',
  act: 'changes something',
  wait: 'waits',
  verify: 'makes sure',
  notify: 'tells somebody',
  manual: 'is done by a person',
} as const satisfies Record<StepKind, string>;

/** The graph as text, without an end of line. */
export function graphView(graph: Graph, options: GraphViewOptions): string {
  const { strong, faint } = paletteOf(options.color);
  const width = widthFor(options);
  const rows = railsOf(stepGraph(graph.steps));
  const rails = Math.max(0, ...rows.map((row) => row.rail.length));
  const idWidth = Math.max(0, ...rows.map(({ step }) => widthOf(plain(step.id))));
  const kinds = (Object.keys(marks) as StepKind[]).filter((kind) => graph.steps.some((step) => step.kind === kind));
  const lines = rows.flatMap(({ step, rail, below }) => {
    const id = plain(step.id);
    const room = width - rails - 3 - idWidth - 2;
    const left = `${faint(rail.padEnd(rails, rail.endsWith('─') ? '─' : ' '))}${marks[step.kind]} `;
    if (room < 20) return [`${left}${id}`];
    const [first = '', ...rest] = wrap(plain(step.title), room);
    const pad = ' '.repeat(2 + idWidth + 2);
    return [
      `${left}${strong(id)}${' '.repeat(idWidth - widthOf(id))}  ${first}`,
      ...rest.map((line) => `${faint(padEnd(below, rails))}${pad}${line}`),
    ];
  });
  return [
    ...wrap(`${plain(graph.id)}: ${plain(graph.title)}`, width).map((line) => strong(line)),
    ...wrap(plain(graph.summary), width),
    '',
    ...lines,
    '',
    ...wrap(legendOf(kinds), width).map((line) => faint(line)),
  ].join('\n');
}

function legendOf(kinds: readonly StepKind[]): string {
  const shapes = kinds.map((kind) => `${marks[kind]} ${meanings[kind]}`);
  return [...shapes, 'a line leads down to the step where it ends'].join('; ');
}

interface Row {
  readonly step: StepSummary;
  readonly rail: string;
  /** The rails that go on below, for lines that belong to the same step. */
  readonly below: string;
}

function railsOf(nodes: readonly StepNode[]): Row[] {
  const feeds = new Map<string, string[]>();
  for (const node of nodes) for (const need of node.needs) feeds.set(need, [...(feeds.get(need) ?? []), node.step.id]);
  /** The step that each rail leads to. */
  const open: (string | undefined)[] = [];
  return nodes.map(({ step }) => {
    const ending = open.indexOf(step.id);
    const before = [...open];
    if (ending >= 0) open[ending] = undefined;
    const targets = feeds.get(step.id) ?? [];
    for (const target of targets) if (!open.includes(target)) open[freeRail(open, before)] = target;
    const joined = targets.map((target) => open.indexOf(target));
    const rail = draw(before, open, ending, joined);
    return { step, rail, below: open.map((target) => (target === undefined ? '  ' : '│ ')).join('') };
  });
}

/** A rail that ended in this very row is not used again in it: it would look as if it went on. */
function freeRail(open: readonly (string | undefined)[], before: readonly (string | undefined)[]): number {
  const free = open.findIndex((target, index) => target === undefined && before[index] === undefined);
  return free >= 0 ? free : open.length;
}

function draw(
  before: readonly (string | undefined)[],
  after: readonly (string | undefined)[],
  ending: number,
  joined: readonly number[],
): string {
  const touched = [...joined, ...(ending >= 0 ? [ending] : [])];
  const from = Math.min(...touched, Number.POSITIVE_INFINITY);
  let text = '';
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    const up = before[index] !== undefined;
    const down = after[index] !== undefined;
    const right = index >= from;
    if (!touched.includes(index)) {
      text += (up ? '│' : right ? '─' : ' ') + (right ? '─' : ' ');
      continue;
    }
    const left = index > from;
    const corner = up && down ? (left ? '┼' : '├') : up ? (left ? '┴' : '╰') : left ? '┬' : '╭';
    text += `${corner}─`;
  }
  return text.trimEnd();
}
