/**
 * Who calls whom as a drawn graph: a column for every call away from where requests enter. The table beside it says the same,
 * so that who cannot see the picture misses nothing, and a graph too large to be drawn is left to it.
 */
import type { DependencyEdge, DependencyFigure, DependencyNode } from '../figures.ts';
import { quantity } from '../../cloud/quantity.ts';
import { markup, type Markup } from './html.ts';

const box = { width: 182, height: 48 };
const gap = { across: 190, down: 34 };
const margin = 12;
/** How far a call back bends out. */
const loop = 60;
const mostNodes = 60;
const mostEdges = 120;
/** Characters that find room in a box. */
const longestLabel = 22;

interface Point {
  readonly x: number;
  readonly y: number;
}

export function dependencyMap({ nodes, edges }: DependencyFigure): Markup {
  const isDrawn = nodes.length <= mostNodes && edges.length <= mostEdges;
  return markup`
<section aria-labelledby="map">
<h2 id="map">Map</h2>
<p class="small faint">Beside each call: requests, their average, their 95th percentile.</p>
${isDrawn ? picture(nodes, edges) : markup`<p class="faint">Too many components to be drawn; the table has all calls.</p>`}
</section>`;
}

function picture(nodes: readonly DependencyNode[], edges: readonly DependencyEdge[]): Markup {
  const places = placesOf(nodes);
  const all = [...places.values()];
  const width =
    Math.max(...all.map(({ x }) => x)) +
    box.width +
    margin +
    (edges.some(({ from, to }) => isBack(from, to, places)) ? loop : 0);
  const height = Math.max(...all.map(({ y }) => y)) + box.height + margin;
  return markup`<div class="map" tabindex="0" role="group" aria-label="Map of calls"><svg style="width:${width}px" viewBox="0 0 ${width} ${height}" aria-hidden="true">
${edges.map((edge) => arrow(edge, edges, places))}
${nodes.map((node) => nodeBox(node, places.get(node.id) ?? { x: 0, y: 0 }))}
</svg></div>`;
}

/** Columns are centred on each other. */
function placesOf(nodes: readonly DependencyNode[]): ReadonlyMap<string, Point> {
  const columns = new Map<number, DependencyNode[]>();
  for (const node of nodes) {
    const known = columns.get(node.layer);
    if (known === undefined) columns.set(node.layer, [node]);
    else known.push(node);
  }
  const step = box.height + gap.down;
  const tallest = Math.max(...[...columns.values()].map((column) => column.length));
  const order = [...columns.keys()].toSorted((a, b) => a - b);
  return new Map(
    order.flatMap((layer, column) =>
      (columns.get(layer) ?? []).map(
        (node, row, { length }) =>
          [
            node.id,
            { x: margin + column * (box.width + gap.across), y: margin + (row + (tallest - length) / 2) * step },
          ] as const,
      ),
    ),
  );
}

function isBack(from: string, to: string, places: ReadonlyMap<string, Point>): boolean {
  return (places.get(to)?.x ?? 0) <= (places.get(from)?.x ?? 0);
}

function nodeBox({ label, type }: DependencyNode, { x, y }: Point): Markup {
  return markup`<g><title>${label}</title><rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6"/>
<text x="${x + 12}" y="${y + (type === undefined ? 28 : 20)}">${fitted(label)}</text>
${type === undefined ? undefined : markup`<text class="what" x="${x + 12}" y="${y + 37}">${fitted(type)}</text>`}</g>`;
}

function fitted(text: string): string {
  return text.length <= longestLabel ? text : `${text.slice(0, longestLabel - 1)}…`;
}

/** The words stand at that end which fewer other calls share, above and below the line. */
function arrow(edge: DependencyEdge, edges: readonly DependencyEdge[], places: ReadonlyMap<string, Point>): Markup {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  if (from === undefined || to === undefined) return markup``;
  const start = { x: from.x + box.width, y: from.y + box.height / 2 };
  const back = isBack(edge.from, edge.to, places);
  const end = { x: back ? to.x + box.width : to.x, y: to.y + box.height / 2 };
  const bend = back ? loop : (end.x - start.x) / 2;
  const away = back ? end.x + bend : end.x - bend;
  const sharedBy = (key: 'from' | 'to'): number => edges.filter((other) => other[key] === edge[key]).length;
  const atStart = back || sharedBy('to') > sharedBy('from');
  const at = atStart ? { x: start.x + 8, y: start.y, anchor: 'start' } : { x: end.x - 8, y: end.y, anchor: 'end' };
  const isFailing = (edge.faultRate ?? 0) > 0;
  const look = isFailing ? 'bad' : '';
  const thickness = (1 + Math.log10(1 + edge.requests) / 2).toFixed(1);
  const time = (ms: number | undefined): string => (ms === undefined ? '?' : quantity(ms, 'ms'));
  const words = `${edge.requests.toLocaleString('en')} · ${time(edge.averageMs)} · p95 ${time(edge.p95Ms)}`;
  return markup`<path class="${look}" stroke-width="${thickness}" d="M${start.x} ${start.y} C${start.x + bend} ${start.y} ${away} ${end.y} ${end.x} ${end.y}"/>
<text class="what ${look}" text-anchor="${at.anchor}" x="${at.x}" y="${at.y - 7}">${words}</text>${
    isFailing
      ? markup`<text class="what bad" text-anchor="${at.anchor}" x="${at.x}" y="${at.y + 16}">✗ ${quantity(edge.faultRate ?? 0, 'ratio')} faults</text>`
      : undefined
  }`;
}
