/** What a check measured before, as a small curve: drawn, and told in words to who does not see it. */
import { heightsOf, valueText } from '../observed-text.ts';
import type { ReportCheck } from '../report-text.ts';
import { markup, type Markup } from './html.ts';

const size = { width: 120, height: 28 };
/** As many as minutes in an hour, which is what most curves hold. */
const mostPoints = 60;

/** Nothing where there is no curve: one point is none. */
export function curve(check: ReportCheck): Markup | undefined {
  const heights = heightsOf(check, mostPoints);
  if (heights.length < 2) return undefined;
  const { width, height } = size;
  const points = heights.map((each, index) => {
    const x = (index * width) / (heights.length - 1);
    return `${Number(x.toFixed(1))} ${Number(((1 - each) * height).toFixed(1))}`;
  });
  return markup`<svg class="curve" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${inWords(check)}"><path d="M${points.join('L')}"/></svg>`;
}

/** `Latency p99: 61 values, from 400 ms to 4.88 s, first 410 ms, last 4.18 s` */
function inWords({ title, observed }: ReportCheck): string {
  const values = (observed?.recent ?? []).filter(Number.isFinite);
  const text = (value: number | undefined): string => valueText(value ?? 0, observed?.unit ?? '');
  return `${title}: ${values.length} values, from ${text(Math.min(...values))} to ${text(Math.max(...values))}, first ${text(values[0])}, last ${text(values.at(-1))}`;
}
