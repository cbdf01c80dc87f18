/**
 * Who calls whom as a drawn graph: a column for every call away from where requests enter. The table beside it says the same,
 * so that who cannot see the picture misses nothing, and a graph too large to be drawn is left to it.
 */
import type { DependencyEdge, DependencyFigure, DependencyNode } from '../figures.ts';
import { edgeText } from '../dependency-mermaid.ts';
import { markup, type Markup } from './html.ts';

const box = { width: 210, height: 48 };
const gap = { across: 250, down: 34 };
const margin = 12;
const mostNodes = 60;
const mostEdges = 120;
/** Characters that find room in a box. */
const longestLabel = 28;

interface Point {
  readonly x: number;
  readonly y: number;
}

export function dependencyMap({ nodes, edges }: DependencyFigure): Markup {
  const isDrawn = nodes.length <= mostNodes && edges.length <= mostEdges;
  return markup`
<section aria-labelledby="map">
<h2 id="map">Map</h2>
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
    (edges.some(({ from, to }) => isBack(from, to, places)) ? 60 : 0);
  const height = Math.max(...all.map(({ y }) => y)) + box.height + margin;
  return markup`<div class="map"><svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true">
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

/** The words stand near that end which fewer other calls share. */
function arrow(edge: DependencyEdge, edges: readonly DependencyEdge[], places: ReadonlyMap<string, Point>): Markup {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  if (from === undefined || to === undefined) return markup``;
  const start = { x: from.x + box.width, y: from.y + box.height / 2 };
  const back = isBack(edge.from, edge.to, places);
  const end = { x: back ? to.x + box.width : to.x, y: to.y + box.height / 2 };
  const bend = back ? 60 : (end.x - start.x) / 2;
  const controls = [
    { x: start.x + bend, y: start.y },
    { x: back ? end.x + bend : end.x - bend, y: end.y },
  ] as const;
  const isShared =
    edges.filter(({ to: other }) => other === edge.to).length >
    edges.filter(({ from: other }) => other === edge.from).length;
  const share = isShared ? 0.26 : 0.74;
  const at = pointAt([start, ...controls, end], share);
  const isFailing = (edge.faultRate ?? 0) > 0;
  const look = isFailing ? 'bad' : '';
  const thickness = (1 + Math.log10(1 + edge.requests) / 2).toFixed(1);
  return markup`<path class="${look}" stroke-width="${thickness}" d="M${start.x} ${start.y} C${controls[0].x} ${controls[0].y} ${controls[1].x} ${controls[1].y} ${end.x} ${end.y}"/>
<text class="what ${look}" text-anchor="middle" x="${Math.round(at.x)}" y="${Math.round(at.y) - 6}">${edgeText(edge)}</text>`;
}

/** On a cubic Bézier curve. */
function pointAt([a, b, c, d]: readonly [Point, Point, Point, Point], share: number): Point {
  const rest = 1 - share;
  const of = (key: keyof Point): number =>
    rest ** 3 * a[key] + 3 * rest ** 2 * share * b[key] + 3 * rest * share ** 2 * c[key] + share ** 3 * d[key];
  return { x: of('x'), y: of('y') };
}
