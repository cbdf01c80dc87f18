/** What a check measured, as people read it. */
import { amount, quantity } from '../cloud/quantity.ts';
import type { ReportCheck } from './report-text.ts';

/** `4.18 s`, `99.84 %`, `140`; empty where nothing was measured. */
export function observedText({ observed }: Pick<ReportCheck, 'observed'>): string {
  if (observed === undefined || observed === null || observed.value === null) return '';
  return valueText(observed.value, observed.unit);
}

/** A value in one of the units that documents have. */
export function valueText(value: number, unit: string): string {
  switch (unit) {
    case 'ms':
      return amount(value, 'ms');
    case 's':
      return amount(value * 1000, 'ms');
    case '%':
      return amount(value, 'percent');
    case 'count':
      return amount(value, 'count');
    default:
      return `${quantity(value, 'count')} ${unit}`;
  }
}

/** True where more is better, as far as the thresholds tell. */
function isHigherBetter({ target, alert }: Pick<ReportCheck, 'target' | 'alert'>): boolean {
  return /^[≥>]/.test(target ?? '') || /^[≤<]/.test(alert ?? '');
}

const inMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, h: 3_600_000, days: 86_400_000 };

/** The number in a threshold such as `>5 s`, in the unit that its check is measured in; undefined for any other text. */
function thresholdIn(text: string | null | undefined, unit: string): number | undefined {
  const [, digits, written = ''] = /^[<>≤≥] ?(\d[\d,]*(?:\.\d+)?)(?: (%|ms|s|h|days))?$/.exec(text ?? '') ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits.replaceAll(',', ''));
  if (unit === 'ms' || unit === 's') {
    const factor = inMs[written];
    return factor === undefined ? undefined : (number * factor) / (inMs[unit] ?? 1);
  }
  return (unit === '%') === (written === '%') ? number : undefined;
}

/**
 * What is drawn of a curve in so many places, as heights between 0 and 1. Each place shows the worst of its share, so
 * that no peak is lost. The alert threshold is on the scale: what should be low stands on zero and is full where it
 * reaches the threshold or its own peak; what should be high is empty there.
 */
export function heightsOf(
  check: Pick<ReportCheck, 'target' | 'alert' | 'observed'>,
  places: number,
): readonly number[] {
  const { observed, alert } = check;
  const values = (observed?.recent ?? []).filter(Number.isFinite);
  const isHigher = isHigherBetter(check);
  const worst = isHigher ? Math.min : Math.max;
  const count = Math.min(places, values.length);
  const shown = Array.from({ length: count }, (_, index) =>
    worst(
      ...values.slice(Math.floor((index * values.length) / count), Math.floor(((index + 1) * values.length) / count)),
    ),
  );
  const limit = thresholdIn(alert, observed?.unit ?? '');
  const scale = [...shown, ...(limit === undefined ? [] : [limit]), ...(isHigher ? [] : [0])];
  const [bottom, top] = [Math.min(...scale), Math.max(...scale)];
  return shown.map((value) => (top > bottom ? (value - bottom) / (top - bottom) : 0));
}
