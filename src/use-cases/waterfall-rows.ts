/**
 * The rows in which a trace is shown: each part in its place, except that what X-Ray made up for a call is the call itself, and
 * that the same call made again and again is one row.
 */
import type { Component } from '../diagnosis/self-time.ts';
import type { Placed, Waterfall } from '../diagnosis/waterfall.ts';
import type { WaterfallFigure, WaterfallRow } from '../report/figures.ts';
import { componentDocument } from './trace-kit.ts';
import { nameOfTraced, tracedName, tracedOperation, tracedPath } from './traced-text.ts';

/** So many rows are as much as anybody reads. */
const mostRows = 200;
/** From so many of the same on they are one row. */
const repeated = 4;
const longestLabel = 160;

interface Part {
  readonly placed: Placed;
  readonly label: string;
  readonly callees: Part[];
  readonly selfMs: number | undefined;
  readonly critical: WaterfallRow['critical'];
}

/** `components` has whose each span is. */
export function waterfallFigure(
  waterfall: Waterfall,
  components: ReadonlyMap<Placed['span'], Component>,
): WaterfallFigure {
  const tops = partsOf(waterfall, components);
  const rows: WaterfallRow[] = [];
  // Parts that stand beside each other, the last one on top.
  const waiting: { readonly parts: readonly Part[]; readonly depth: number }[] = groups(tops, 0).toReversed();
  let omitted = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { parts, depth } = next;
    const [first] = parts;
    if (first === undefined) continue;
    if (rows.length >= mostRows) {
      omitted += 1;
      continue;
    }
    rows.push(rowOf(parts, depth, waterfall));
    if (parts.length === 1) waiting.push(...groups(first.callees, depth + 1).toReversed());
  }
  return { totalMs: waterfall.end - waterfall.start, rows, omitted };
}

function partsOf({ placed, start }: Waterfall, components: ReadonlyMap<Placed['span'], Component>): readonly Part[] {
  const byId = new Map<string, Part>();
  const tops: Part[] = [];
  for (const each of placed) {
    const caller = each.span.parentId === undefined ? undefined : byId.get(each.span.parentId);
    const critical = (each.critical ?? []).map((interval) => ({
      startMs: interval.start - start,
      endMs: interval.end - start,
    }));
    if (caller !== undefined && isTheCall(each, caller.placed)) {
      // Its time is the call’s.
      const merged: Part = {
        ...caller,
        selfMs: each.selfMs === undefined ? caller.selfMs : (caller.selfMs ?? 0) + each.selfMs,
        critical: [...caller.critical, ...critical].toSorted((a, b) => a.startMs - b.startMs),
      };
      replace(byId, tops, caller, merged);
      byId.set(each.span.id, merged);
      continue;
    }
    const part: Part = {
      placed: each,
      label: labelOf(each, components.get(each.span)),
      callees: [],
      selfMs: each.selfMs,
      critical,
    };
    byId.set(each.span.id, part);
    (caller?.callees ?? tops).push(part);
  }
  return tops;
}

function isTheCall({ span }: Placed, { span: call }: Placed): boolean {
  return span.inferred === true && !call.segment && span.name === call.name;
}

function replace(byId: Map<string, Part>, tops: Part[], old: Part, fresh: Part): void {
  byId.set(old.placed.span.id, fresh);
  const parentId = old.placed.span.parentId;
  const siblings = (parentId === undefined ? undefined : byId.get(parentId)?.callees) ?? tops;
  const at = siblings.lastIndexOf(old);
  if (at >= 0) siblings[at] = fresh;
}

function labelOf({ span }: Placed, component: Component | undefined): string {
  // A part of the service within itself goes by its own name, and what is called by that of the component.
  const isOwn = component === undefined || component.kind === 'service' || (span.segment && span.inferred !== true);
  const name = isOwn ? nameOfTraced(span) : componentDocument(component).name;
  const what = tracedOperation(span) ?? (span.url === undefined ? undefined : requestText(span));
  const status = span.status !== undefined && span.status >= 400 ? ` ${span.status}` : '';
  return `${name}${what === undefined ? '' : ` ${what}`}${status}`.slice(0, longestLabel);
}

function requestText({ method, url = '' }: Placed['span']): string {
  return `${method === undefined ? '' : `${tracedName(method).slice(0, 20)} `}${tracedPath(url)}`;
}

/** What stands beside each other, with that which is the same, and calls nothing, in one. */
function groups(parts: readonly Part[], depth: number): { readonly parts: readonly Part[]; readonly depth: number }[] {
  const same = new Map<string, Part[]>();
  for (const part of parts) {
    const key = part.callees.length > 0 ? `${part.placed.span.id} ` : part.label;
    const known = same.get(key);
    if (known === undefined) same.set(key, [part]);
    else known.push(part);
  }
  const folded = new Set([...same.values()].filter((some) => some.length >= repeated).flatMap((some) => some.slice(1)));
  return parts
    .filter((part) => !folded.has(part))
    .map((part) => {
      const some = part.callees.length > 0 ? [part] : (same.get(part.label) ?? [part]);
      return { parts: some.length >= repeated ? some : [part], depth };
    });
}

function rowOf(parts: readonly Part[], depth: number, { start, end }: Waterfall): WaterfallRow {
  const spans = parts.map(({ placed }) => placed.span);
  const isOpen = spans.some(({ inProgress }) => inProgress);
  const startMs = Math.min(...spans.map((span) => span.start)) - start;
  const endMs = isOpen ? end - start : Math.max(...spans.map((span) => span.end)) - start;
  const known = parts.flatMap(({ selfMs }) => selfMs ?? []);
  const took = spans.reduce((total, span) => total + span.end - span.start, 0);
  return {
    depth,
    label: `${parts.length > 1 ? `${parts.length} × ` : ''}${parts[0]?.label ?? ''}`,
    startMs,
    endMs,
    tookMs: isOpen ? undefined : took,
    selfMs: known.length === 0 ? undefined : known.reduce((total, ms) => total + ms, 0),
    critical: parts.flatMap(({ critical }) => critical),
    isCritical: parts.some(({ placed, critical }) => placed.critical !== undefined || critical.length > 0),
    isFault: spans.some(({ fault }) => fault),
  };
}
