/** A check's target and alert threshold, and on which side of them a value lies. */
import { quantity } from '../diagnosis/evidence.ts';

export interface Limit {
  readonly unit: 'ms' | 'percent' | 'count';
  /** Which direction is good. */
  readonly better: 'lower' | 'higher';
  /** True where a value equal to the target meets it: `99.95 % or more`. */
  readonly meetsAtTarget?: boolean;
  /** Missing it is a warning. */
  readonly target?: number;
  /** Crossing it is a breach. */
  readonly alert?: number;
}

/** Missing the target is a warning, crossing the alert threshold a breach. `value` is in the limit's unit. */
export function against(value: number, limit: Limit): 'ok' | 'warning' | 'breach' {
  const { better, target, alert } = limit;
  const isWorse = (than: number): boolean => (better === 'lower' ? value > than : value < than);
  if (alert !== undefined && isWorse(alert)) return 'breach';
  if (target === undefined) return 'ok';
  const isMissed = isWorse(target) || (value === target && limit.meetsAtTarget !== true);
  return isMissed ? 'warning' : 'ok';
}

const day = 86_400_000;
const hour = 3_600_000;

/** `1.2 s`, `67 %`, `140`, `36 h`, `35 days` */
export function amount(value: number, unit: Limit['unit']): string {
  switch (unit) {
    case 'percent':
      return `${percentDigits(value)} %`;
    case 'count':
      return quantity(value, 'count');
    case 'ms':
      if (value >= 3 * day) return `${trimmed(value / day)} days`;
      if (value >= 2 * hour) return `${trimmed(value / hour)} h`;
      return quantity(value, 'ms');
  }
}

/** Where almost all is well, what is missing to the whole is what counts: 99.95 and 99.996 are far apart. */
function percentDigits(value: number): string {
  const rest = 100 - value;
  if (value < 99 || rest <= 0) return trimmed(value);
  const digits = Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(rest))));
  return String(Number(value.toFixed(digits)));
}

function trimmed(value: number): string {
  return quantity(value, 'count');
}

/** `<1 s`, `≥99.95 %`: what meets the target. */
function targetText({ target, unit, better, meetsAtTarget }: Limit): string | undefined {
  if (target === undefined) return undefined;
  const sign = better === 'lower' ? (meetsAtTarget === true ? '≤' : '<') : meetsAtTarget === true ? '≥' : '>';
  return `${sign}${amount(target, unit)}`;
}

/** `>5 s`: what crosses the alert threshold. */
function alertText({ alert, unit, better }: Limit): string | undefined {
  return alert === undefined ? undefined : `${better === 'lower' ? '>' : '<'}${amount(alert, unit)}`;
}

/** Both, as a report holds them. */
export function limitTexts(limit: Limit): { readonly target?: string; readonly alert?: string } {
  const [target, alert] = [targetText(limit), alertText(limit)];
  return { ...(target === undefined ? {} : { target }), ...(alert === undefined ? {} : { alert }) };
}
