/**
 * A metric over an incident, with numbers where something happened. The line is drawn in a box that is stretched to the
 * page; numbers and values stand beside it as text, so that they stay as large as the reader's. Which number is what, and
 * when, is a list below it.
 */
import { quantity } from '../../cloud/quantity.ts';
import type { PostmortemDocument } from '../incident-schemas.ts';
import { markup, percentOf, type Markup } from './html.ts';

type Series = PostmortemDocument['series'][number];

/** Something that stands out at a moment. */
export interface ChartMark {
  readonly at: string;
  readonly text: string;
}

const size = { width: 1000, height: 260 };
/** So long after the last value a mark is still on the chart. */
export const latestMs = 15 * 60_000;
/** Numbers that would stand closer than this share of the width share a place. */
const closest = 0.045;

/** Nothing where there are too few points. `marks` in order of time. */
export function incidentFigure(series: Series, marks: readonly ChartMark[]): Markup | undefined {
  const points = series.points.map(({ at, value }) => ({ at: Date.parse(at), value }));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const most = Math.max(...points.map(({ value }) => value), 0) || 1;
  // What happened after the last value was measured stands there, too.
  const end = Math.max(last.at, ...marks.map(({ at }) => Math.min(Date.parse(at), last.at + latestMs)));
  const shareOf = (at: number): number => (at - first.at) / (end - first.at);
  const x = (at: number): number => round(shareOf(at) * size.width);
  const y = (value: number): number => round((1 - value / (most * 1.08)) * size.height);
  const shown = marks.filter(({ at }) => Date.parse(at) >= first.at && Date.parse(at) <= end);
  const id = `chart-${series.id}`;
  const text = (value: number): string => quantity(value, unitOf(series));
  return markup`<figure class="forecast incident">
    <figcaption>${series.label}</figcaption>
    <div class="numbers" aria-hidden="true">${grouped(shown, (at) => shareOf(Date.parse(at))).map(
      ({ label, share }) => markup`<span style="left:${percentOf(share, 1)}">${label}</span>`,
    )}</div>
    <div class="plot">
      <svg viewBox="0 0 ${size.width} ${size.height}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-text">
        <title id="${id}-title">${series.label} while the incident lasted</title>
        <desc id="${id}-text">From ${text(first.value)} to ${text(last.value)}, at most ${text(Math.max(...points.map(({ value }) => value)))}.</desc>
        ${shown.map(({ at }) => markup`<path class="moment" d="M${x(Date.parse(at))} 0V${size.height}"/>`)}
        <path class="history" d="${lineOf(points, x, y)}"/>
      </svg>
      <span class="at" aria-hidden="true" style="top:${percentOf(0.08, 1.08)}">${text(most)}</span>
    </div>
    <div class="ticks" aria-hidden="true">
      <span style="left:0">${clock(series.points[0]?.at)}</span>
      <span class="end" style="left:100%">${clock(new Date(end).toISOString())}</span>
    </div>
  </figure>`;
}

/** What the numbers are. */
export function markList(marks: readonly ChartMark[]): Markup | undefined {
  if (marks.length === 0) return undefined;
  return markup`<ol class="moments">${marks.map(
    ({ at, text }) => markup`<li><span class="faint">${clock(at)}</span> ${text}</li>`,
  )}</ol>`;
}

/** Where nothing was measured, the line breaks off. */
function lineOf(
  points: readonly { readonly at: number; readonly value: number }[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const step = Math.min(...points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? 0)));
  return points
    .map(({ at, value }, index) => {
      const before = points[index - 1];
      return `${before !== undefined && at - before.at <= 2 * step ? 'L' : 'M'}${x(at)} ${y(value)}`;
    })
    .join('');
}

function grouped(
  marks: readonly ChartMark[],
  shareOf: (at: string) => number,
): readonly { readonly label: string; readonly share: number }[] {
  const groups: { from: number; to: number; share: number }[] = [];
  for (const [index, { at }] of marks.entries()) {
    const share = shareOf(at);
    const group = groups.at(-1);
    if (group !== undefined && share - group.share < closest) group.to = index + 1;
    else groups.push({ from: index + 1, to: index + 1, share });
  }
  return groups.map(({ from, to, share }) => ({ label: from === to ? String(from) : `${from}–${to}`, share }));
}

function unitOf({ unit }: Series): 's' | 'count' {
  return unit === 's' ? 's' : 'count';
}

function clock(iso: string | undefined): string {
  return iso === undefined ? '' : `${iso.slice(11, 16)} UTC`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
