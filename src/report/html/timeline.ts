/**
 * The steps as a Gantt chart on the run's own time. Plain HTML whose bars are placed in per cent: it grows with the
 * reader's letters and the paper, wraps on a phone and is read out as a list, none of which a drawn chart does; so no
 * library is needed either.
 */
import { clockText, spanText } from '../objective-text.ts';
import type { RunDocument } from '../schemas.ts';
import { counted, durationText } from '../wording.ts';
import { markup, percentOf, type Content, type Markup } from './html.ts';
import { statusMark } from './marks.ts';

type Step = RunDocument['steps'][number];

interface Lane {
  readonly title: string | undefined;
  readonly steps: readonly Step[];
  /** Where the outage began, if in this lane, and what RTO is counted from; epoch milliseconds. */
  readonly sinceAt: number | undefined;
}

/** A span of the run's time in equal ticks, milliseconds since the run began. */
interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tickMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const ticks = [1, 2, 5, 10, 15, 30]
  .flatMap((each) => [each * second, each * minute])
  .toSorted((a, b) => a - b)
  .concat([1, 2, 3, 6, 12, 24].map((each) => each * hour));

/** As many as find room side by side on a phone. */
const mostTicks = 6;

/** Ids of a drill's way back begin so. */
function isWayBack({ id }: Pick<Step, 'id'>): boolean {
  return id.startsWith('failback-');
}

export function timelineSection(run: RunDocument): Content {
  if (!run.steps.some(isPlaced)) return undefined;
  const begins = run.steps.filter((step) => isWayBack(step) && isPlaced(step)).map(startOf);
  // What a drill does after both ways would stretch the axis of the first.
  const backAt = Math.min(...begins, Number.POSITIVE_INFINITY);
  const isBack = (step: Step): boolean => isWayBack(step) || (isPlaced(step) && startOf(step) >= backAt);
  const there = run.steps.filter((step) => !isBack(step));
  const back = run.steps.filter(isBack);
  const lanes: readonly Lane[] = [
    { title: back.length === 0 ? undefined : 'Way there', steps: there, sinceAt: timeOf(run.recovery?.outageAt) },
    { title: 'Way back', steps: back, sinceAt: timeOf(run.failback?.recovery.outageAt) },
  ];
  return markup`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <p class="faint">
      Times are counted from the start of the run${run.mode === 'dry-run' ? ', on the model’s clock' : ''}.
    </p>
    ${legend(run)}${lanes.map((each) => lane(each, run))}
  </section>`;
}

function timeOf(iso: string | null | undefined): number | undefined {
  return iso === null || iso === undefined ? undefined : Date.parse(iso);
}

function isPredicted({ predictedMs }: Step): boolean {
  return typeof predictedMs === 'number';
}

/** Whether the step has a place on the axis. */
function isPlaced({ startedAt, status }: Step): boolean {
  return startedAt !== null && status !== 'skipped' && status !== 'blocked';
}

function lane({ title, steps, sinceAt }: Lane, run: RunDocument): Content {
  if (steps.length === 0) return undefined;
  const startMs = Date.parse(run.startedAt);
  const placed = steps.filter(isPlaced).toSorted((a, b) => offsetOf(a, startMs) - offsetOf(b, startMs));
  const heading = title === undefined ? undefined : markup`<h3>${title}</h3>`;
  const axis = axisOf(placed, startMs);
  if (axis === undefined) return markup`${heading}${folded(steps)}`;
  const span = axis.toMs - axis.fromMs;
  const since = sinceAt === undefined ? undefined : sinceAt - startMs;
  const isShown = since !== undefined && since >= axis.fromMs && since <= axis.toMs;
  const places = markup`--tick:${percentOf(axis.tickMs, span)};--since:${percentOf((since ?? 0) - axis.fromMs, span)}`;
  return markup`${heading}
    <div class="axis" aria-hidden="true">
      <span>Step</span>
      <span class="ticks">${ticksOf(axis).map(
        (tick) => markup`<span style="left:${percentOf(tick - axis.fromMs, span)}">${clockText(tick)}</span>`,
      )}</span>
      <span class="num">${tookTitle(run)}</span>
      <span class="num">${placed.some(isPredicted) ? 'Predicted' : undefined}</span>
    </div>
    <ol class="gantt${isShown ? ' since' : ''}" style="${places}">
      ${placed.map((step) => row(step, axis, startMs))}
    </ol>
    ${folded(steps)}`;
}

function tookTitle({ mode }: RunDocument): string {
  return mode === 'dry-run' ? 'Would take' : 'Took';
}

function startOf({ startedAt }: Step): number {
  return startedAt === null ? 0 : Date.parse(startedAt);
}

function offsetOf(step: Step, startMs: number): number {
  return startOf(step) - startMs;
}

function axisOf(placed: readonly Step[], startMs: number): Axis | undefined {
  if (placed.length === 0) return undefined;
  const from = Math.min(...placed.map((step) => offsetOf(step, startMs)));
  const to = Math.max(
    ...placed.map((step) => offsetOf(step, startMs) + Math.max(step.durationMs, step.predictedMs ?? 0)),
  );
  const least = (to - from) / mostTicks;
  const tickMs = ticks.find((each) => each >= least) ?? Math.ceil(least / (24 * hour)) * 24 * hour;
  const fromMs = Math.floor(from / tickMs) * tickMs;
  // The axis ends soon after the last bar, not at the next tick: half a chart may lie between them.
  return { fromMs, tickMs, toMs: Math.max(to + (to - from) * 0.02, fromMs + second) };
}

function ticksOf({ fromMs, toMs, tickMs }: Axis): readonly number[] {
  const count = Math.floor((toMs - fromMs) / tickMs);
  const all = Array.from({ length: count + 1 }, (_each, index) => fromMs + index * tickMs);
  // The last one would stand out beyond the edge.
  return all.filter((tick) => tick === fromMs || tick < toMs - (toMs - fromMs) * 0.03);
}

function row(step: Step, axis: Axis, startMs: number): Markup {
  const { title, status, durationMs, predictedMs = null, predictedP95Ms = null } = step;
  const span = axis.toMs - axis.fromMs;
  const offset = offsetOf(step, startMs) - axis.fromMs;
  const at = (ms: number): string => percentOf(ms, span);
  // What reaches beyond the edge is cut off there.
  const wide = (ms: number): string => percentOf(Math.min(ms, span - offset), span);
  const tail = percentOf(Math.min(predictedP95Ms ?? 0, span - offset) - (predictedMs ?? 0), span);
  const look = status === 'failed' ? ' failed' : status === 'planned' ? ' predicted' : '';
  return markup`<li>
    <span class="title">${statusMark(status)}${title}</span>
    <span class="track" aria-hidden="true">${
      predictedMs === null
        ? undefined
        : markup`<span class="guess" style="left:${at(offset)};width:${wide(predictedMs)}"></span>`
    }${
      predictedP95Ms === null || predictedMs === null || predictedP95Ms <= predictedMs
        ? undefined
        : markup`<span class="p95" style="left:${at(offset + predictedMs)};width:${tail}"></span>`
    }<span class="fill${look}" style="left:${at(offset)};width:${wide(durationMs)}"></span></span>
    <span class="num"><span class="vh">from ${clockText(offset + axis.fromMs)}, took </span>${spanText(durationMs)}</span>
    <span class="num faint guessed">${
      predictedMs === null ? undefined : markup`<span class="vh">, predicted </span>${durationText(predictedMs)}`
    }</span>
  </li>`;
}

/** Steps without a place on the axis, each sort of them in one line. */
function folded(steps: readonly Step[]): Content {
  const skipped = steps.filter(({ status }) => status === 'skipped');
  const notRun = steps.filter((step) => step.status !== 'skipped' && !isPlaced(step));
  const line = (some: readonly Step[], word: string): Content =>
    some.length === 0
      ? undefined
      : markup`<p class="folded">
          ${counted(some.length, 'step')} ${word}: ${some.map(({ title }) => title).join('; ')}
        </p>`;
  return [line(skipped, 'not needed'), line(notRun, 'not run')];
}

function legend(run: RunDocument): Markup {
  const has = (holds: (step: Step) => boolean): boolean => run.steps.some((step) => isPlaced(step) && holds(step));
  const swatch = (inner: Markup, word: string): Markup =>
    markup`<span><span class="swatch track">${inner}</span>${word}</span>`;
  return markup`<p class="legend" aria-hidden="true">
    ${[
      has(({ status }) => status !== 'planned')
        ? swatch(markup`<span class="fill"></span>`, run.mode === 'dry-run' ? 'looked up' : 'took')
        : undefined,
      has(({ status }) => status === 'planned')
        ? swatch(markup`<span class="fill predicted"></span>`, 'assumed')
        : undefined,
      has(isPredicted) ? swatch(markup`<span class="guess"></span>`, 'predicted') : undefined,
      has(({ predictedP95Ms }) => typeof predictedP95Ms === 'number')
        ? swatch(markup`<span class="p95"></span>`, 'up to the predicted 95th percentile')
        : undefined,
      typeof run.recovery?.outageAt === 'string' ? swatch(markup`<span class="line"></span>`, 'RTO begins') : undefined,
    ]}
  </p>`;
}
