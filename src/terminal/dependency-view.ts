/** Who calls whom on a terminal: a tree from where requests enter, each line a kind of call and how it went. */
import { quantity } from '../cloud/quantity.ts';
import type { DependencyEdge, DependencyFigure } from '../report/figures.ts';
import { paletteOf, widthFor, type Palette } from './screen.ts';
import { padEnd, plain, truncate, widthOf } from './text.ts';

interface DependencyViewOptions {
  readonly columns: number;
  readonly color: boolean;
}

interface Line {
  /** What stands before the name, so that the lines read as a tree. */
  readonly branch: string;
  readonly name: string;
  /** Absent of what nothing calls. */
  readonly edge?: DependencyEdge;
}

/** More lines than anybody reads. */
const mostLines = 200;
const deepest = 12;
const figureWidth = 9;
/** Narrower screens do without the callers' own errors, and the narrowest without counts. */
const roomForErrors = 70;
const roomForCounts = 48;

/** No line is longer than the screen. */
export function dependencyView(figure: DependencyFigure, options: DependencyViewOptions): string {
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const figures = figuresFor(width);
  const room = width - figures.length * figureWidth;
  const lines = linesOf(figure);
  const longest = Math.max(8, ...lines.map(({ branch, name }) => widthOf(branch) + widthOf(name)));
  const name = Math.min(room, longest);
  return [
    palette.faint(`${padEnd('called', name)}${figures.map(({ title }) => cell(title)).join('')}`),
    ...lines.slice(0, mostLines).map((line) => textOf(line, name, figures, palette)),
    ...(lines.length > mostLines
      ? [palette.faint(`… and ${lines.length - mostLines} more: -o json has all of them`)]
      : []),
  ].join('\n');
}

interface Figure {
  readonly title: string;
  readonly text: (edge: DependencyEdge) => string;
  readonly isBad?: (edge: DependencyEdge) => boolean;
}

function figuresFor(width: number): readonly Figure[] {
  const isFailing = ({ faultRate = 0 }: DependencyEdge): boolean => faultRate > 0;
  return [
    ...(width >= roomForCounts
      ? [{ title: 'requests', text: ({ requests }: DependencyEdge) => requests.toLocaleString('en') }]
      : []),
    { title: 'average', text: ({ averageMs }) => time(averageMs) },
    { title: 'p95', text: ({ p95Ms }) => time(p95Ms) },
    { title: 'faults', text: (edge) => `${isFailing(edge) ? '! ' : ''}${share(edge.faultRate)}`, isBad: isFailing },
    ...(width >= roomForErrors ? [{ title: '4xx', text: ({ errorRate }: DependencyEdge) => share(errorRate) }] : []),
  ];
}

function textOf({ branch, name, edge }: Line, width: number, figures: readonly Figure[], palette: Palette): string {
  const label = padEnd(truncate(`${branch}${name}`, width), width);
  if (edge === undefined) return palette.strong(label.trimEnd());
  const cells = figures.map(({ text, isBad }) => (isBad?.(edge) === true ? palette.bad : String)(cell(text(edge))));
  return `${label}${cells.join('')}`;
}

function cell(text: string): string {
  const fitted = truncate(text, figureWidth - 1);
  return `${' '.repeat(figureWidth - widthOf(fitted))}${fitted}`;
}

function time(ms: number | undefined): string {
  return ms === undefined ? '?' : quantity(ms, 'ms');
}

function share(rate: number | undefined): string {
  return rate === undefined ? '?' : quantity(rate, 'ratio');
}

interface Waiting {
  readonly id: string;
  readonly edge: DependencyEdge | undefined;
  readonly branch: string;
  /** What stands before what it calls. */
  readonly below: string;
  readonly depth: number;
}

/** Each component's calls are told once, where it is first seen. */
function linesOf({ nodes, edges }: DependencyFigure): readonly Line[] {
  const labels = new Map(nodes.map(({ id, label }) => [id, plain(label)]));
  const called = new Map<string, DependencyEdge[]>();
  for (const edge of edges) {
    const known = called.get(edge.from);
    if (known === undefined) called.set(edge.from, [edge]);
    else known.push(edge);
  }
  const told = new Set<string>();
  const seen = new Set<string>();
  const lines: Line[] = [];
  const walk = (root: string): void => {
    const waiting: Waiting[] = [{ id: root, edge: undefined, branch: '', below: '', depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { id, edge, branch, below, depth } = next;
      const callees = called.get(id) ?? [];
      const isTold = told.has(id) && callees.length > 0;
      lines.push({
        branch,
        name: `${labels.get(id) ?? id}${isTold ? ' ↑' : ''}`,
        ...(edge === undefined ? {} : { edge }),
      });
      seen.add(id);
      if (isTold) continue;
      told.add(id);
      const deeper = callees.map((call, index): Waiting => {
        const isLast = index === callees.length - 1;
        const isDeep = depth >= deepest;
        return {
          id: call.to,
          edge: call,
          branch: isDeep ? `${below}… ` : `${below}${isLast ? '└ ' : '├ '}`,
          below: isDeep ? below : `${below}${isLast ? '  ' : '│ '}`,
          depth: depth + 1,
        };
      });
      waiting.push(...deeper.toReversed());
    }
  };
  // By their layers, so that what requests enter through comes first.
  for (const { id } of nodes.toSorted((a, b) => a.layer - b.layer)) if (!seen.has(id)) walk(id);
  return lines;
}
