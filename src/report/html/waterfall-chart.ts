/** A trace as a chart of bars on one axis, built as a run's timeline is: a list that is read out, wraps and prints. */
import { quantity } from '../../cloud/quantity.ts';
import type { WaterfallFigure, WaterfallRow } from '../figures.ts';
import { counted } from '../wording.ts';
import { markup, percentOf, type Markup } from './html.ts';

/** Deeper parts stand no farther to the right. */
const deepest = 10;
const ticks = 4;

export function waterfallChart({ rows, totalMs, omitted }: WaterfallFigure): Markup {
  const places = Array.from({ length: ticks }, (_, index) => (totalMs * index) / ticks);
  return markup`
<section aria-labelledby="waterfall">
<h2 id="waterfall">Waterfall</h2>
<p class="legend" aria-hidden="true">
<span><span class="swatch track"><span class="fill"></span></span>what the whole waited for</span>
<span><span class="swatch track"><span class="guess"></span></span>under way</span>
</p>
<div class="axis" aria-hidden="true">
<span>Part</span>
<span class="ticks">${places.map(
    (ms) => markup`<span style="left:${percentOf(ms, totalMs)}">${quantity(ms, 'ms')}</span>`,
  )}</span>
<span class="num">Took</span>
<span class="num">In itself</span>
</div>
<ol class="gantt" style="--tick:${percentOf(1, ticks)}">
${rows.map((row) => rowOf(row, totalMs))}
</ol>
${omitted > 0 ? markup`<p class="folded">${counted(omitted, 'more part')}, which the JSON document has.</p>` : undefined}
</section>`;
}

function rowOf(row: WaterfallRow, totalMs: number): Markup {
  const { label, depth, startMs, endMs, tookMs, selfMs, critical, isCritical, isFault } = row;
  const place = (from: number, to: number): Markup =>
    markup`left:${percentOf(from, totalMs)};width:${percentOf(to - from, totalMs)}`;
  const steps = Math.min(depth, deepest);
  return markup`<li>
<span class="title${isFault ? ' fault' : ''}" style="margin-left:${String(steps * 0.9)}rem">${isFault ? '✗ ' : ''}${label}${
    isCritical ? markup`<span class="vh"> (the whole waited for it)</span>` : undefined
  }</span>
<span class="track" aria-hidden="true"><span class="guess" style="${place(startMs, endMs)}"></span>${critical.map(
    (part) => markup`<span class="fill${isFault ? ' failed' : ''}" style="${place(part.startMs, part.endMs)}"></span>`,
  )}</span>
<span class="num"><span class="vh">from ${quantity(startMs, 'ms')}, took </span>${
    tookMs === undefined ? 'open' : quantity(tookMs, 'ms')
  }</span>
<span class="num faint guessed">${
    selfMs === undefined ? undefined : markup`<span class="vh">, in itself </span>${quantity(selfMs, 'ms')}`
  }</span>
</li>`;
}
