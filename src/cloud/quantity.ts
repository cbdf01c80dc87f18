/** Numbers with their units, as people read them: the same in a summary, in a table and on a page. */
import type { Series } from './series.ts';

/** `254 ms`, `4.18 s`, `83.3 %`, `84 GiB` */
export function quantity(value: number, unit: Series['unit']): string {
  switch (unit) {
    case 's':
      return value >= 1 ? `${trim(value)} s` : `${Math.round(value * 1000)} ms`;
    case 'ms':
      return value >= 1000 ? `${trim(value / 1000)} s` : `${trim(value)} ms`;
    case '%':
      return `${trim(value)} %`;
    case 'ratio':
      return `${trim(value * 100)} %`;
    case 'bytes':
      return bytes(value);
    case 'count':
      return trim(value);
  }
}

/** A confidence between 0 and 1, in whole per cent: evidence weighs, and never makes certain. */
export function confidenceText(confidence: number): string {
  return `${Math.min(99, Math.round(confidence * 100))} %`;
}

/** `24,193,339`; what is after a decimal point stays as it is. */
function grouped(number: string): string {
  const [whole = '', ...rest] = number.split('.');
  return [whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ','), ...rest].join('.');
}

function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
  return `${trim(value / 1024 ** step)} ${units[step]}`;
}

function trim(value: number): string {
  // `0.004`; JavaScript itself turns to `4e-7` from there on.
  if (value !== 0 && Math.abs(value) < 0.01) return String(Number(value.toPrecision(1)));
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return grouped(String(Number(value.toFixed(digits))));
}

const day = 86_400_000;
const hour = 3_600_000;

/** What a check measures: `1.2 s`, `67 %`, `140`, `36 h`, `35 days` */
export function amount(value: number, unit: 'ms' | 'percent' | 'count'): string {
  switch (unit) {
    case 'percent':
      return `${percentDigits(value)} %`;
    case 'count':
      return quantity(value, 'count');
    case 'ms':
      if (value >= 3 * day) return `${trim(value / day)} days`;
      if (value >= 2 * hour) return `${trim(value / hour)} h`;
      return quantity(value, 'ms');
  }
}

/** Where almost all is well, what is missing to the whole is what counts: 99.95 and 99.996 are far apart. */
function percentDigits(value: number): string {
  const rest = 100 - value;
  if (value < 99 || rest <= 0) return trim(value);
  const digits = Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(rest))));
  return String(Number(value.toFixed(digits)));
}
