/**
 * What the incident is compared with. A normal period near the incident is the base itself. An old one still tells how much a
 * component scatters, but not where it stood when the incident began: load and code drift. Then the incident's own edges are the
 * base, since a window around an incident begins shortly before it and ends when it is over.
 */
import type { Readings } from './input.ts';

export interface Base {
  /** How many points the incident has. */
  readonly window: number;
  /** How many at either end are not judged: they may be before the onset, or after the end. */
  readonly edge: number;
  /** Whether the edges are the base, rather than the normal period. */
  readonly isEdges: boolean;
  /** The incident's first and last point, epoch milliseconds: the normal period may contain them. */
  readonly from: number;
  readonly to: number;
}

/** A base of the week before is near: people take the same hours of another day on purpose. */
const nearMs = 8 * 86_400_000;
/** Of an incident's points, at either end. */
const edgeShare = 0.2;
/** With fewer there are no edges and a middle. */
const fewestForEdges = 3;

/** Undefined where one of the two periods has no point. */
export function chooseBase(normal: Readings, incident: Readings): Base | undefined {
  const from = incident.at[0];
  const to = incident.at.at(-1);
  const first = normal.at[0];
  const last = normal.at.at(-1);
  if (from === undefined || to === undefined || first === undefined || last === undefined) return undefined;
  const gap = Math.max(from - last, first - to, 0);
  const isNear = gap <= Math.max(last - first, nearMs);
  const window = incident.at.length;
  const edge = window < fewestForEdges ? 0 : Math.max(1, Math.floor(window * edgeShare));
  return { window, edge, isEdges: !isNear && edge > 0, from, to };
}

/** Whether a point of the normal period is one of the incident, and so no measure for it. */
export function isIncident(at: number | undefined, { from, to }: Base): boolean {
  return at !== undefined && at >= from && at <= to;
}

/** The points of a normal period that are the incident's, as `[from, to)`. */
export function incidentIn(at: readonly number[], base: Base): { readonly from: number; readonly to: number } {
  const from = at.findIndex((time) => isIncident(time, base));
  return from < 0 ? { from: 0, to: 0 } : { from, to: at.findLastIndex((time) => isIncident(time, base)) + 1 };
}
