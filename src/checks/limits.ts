/** A check's target and alert threshold, and on which side of them a value lies. */
import { amount } from '../cloud/quantity.ts';

export { amount };

export interface Limit {
  readonly unit: 'ms' | 'percent' | 'count';
  /** Which direction is good. */
  readonly better: 'lower' | 'higher';
  /** True where a value equal to the target meets it: `99.95 % or more`. */
  readonly meetsAtTarget?: boolean;
  /** Missing it is a warning. */
  readonly target?: number | undefined;
  /** Crossing it is a breach. */
  readonly alert?: number | undefined;
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

/** `<1 s`, `≥99.95 %`, `0 %`: what meets the target. */
function targetText({ target, unit, better, meetsAtTarget }: Limit): string | undefined {
  if (target === undefined) return undefined;
  // Nothing that is measured is below none.
  if (target === 0 && better === 'lower') return amount(0, unit);
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
