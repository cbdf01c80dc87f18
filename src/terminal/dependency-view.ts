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
/** Narrower screens do without the callers' own errors. */
const roomForErrors = 70;

/** No line is longer than the screen. */
export function dependencyView(figure: DependencyFigure, options: DependencyViewOptions): string {
  const palette = paletteOf(options.color);
  const width = widthFor(options);
  const titles = ['requests', 'average', 'p95', 'faults', ...(width >= roomForErrors ? ['4xx'] : [])];
  const room = width - titles.length * figureWidth;
  const lines = linesOf(figure);
  const longest = Math.max(8, ...lines.map(({ branch, name }) => widthOf(branch) + widthOf(name)));
  const name = Math.min(room, longest);
  return [
    palette.faint(`${padEnd('called', name)}${titles.map(cell).join('')}`),
    ...lines.slice(0, mostLines).map((line) => textOf(line, name, titles.length, palette)),
    ...(lines.length > mostLines
      ? [palette.faint(`… and ${lines.length - mostLines} more: -o json has all of them`)]
      : []),
  ].join('\n');
}

function textOf({ branch, name, edge }: Line, width: number, cells: number, palette: Palette): string {
  const label = padEnd(truncate(`${branch}${name}`, width), width);
  if (edge === undefined) return palette.strong(label.trimEnd());
  const isFailing = (edge.faultRate ?? 0) > 0;
  const faults = cell(`${isFailing ? '! ' : ''}${share(edge.faultRate)}`);
  return [
    label,
    cell(edge.requests.toLocaleString('en')),
    cell(time(edge.averageMs)),
    cell(time(edge.p95Ms)),
    isFailing ? palette.bad(faults) : faults,
    ...(cells > 4 ? [cell(share(edge.errorRate))] : []),
  ].join('');
}

function cell(text: string): string {
  return `${' '.repeat(Math.max(1, figureWidth - widthOf(text)))}${text}`;
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
