/** What a check is measured in, and how a threshold of it is written: `2s`, `75%`, `100`. */
import { formatDuration, readDuration } from './durations.ts';
import { quoted } from './printable.ts';

/** `ms` is written as a duration, `percent` as `75%`, `count` as a plain number. */
export type QuantityUnit = 'ms' | 'percent' | 'count';

export type QuantityReading = { readonly value: number } | { readonly fault: string };

/** Reads a threshold; the result is in `unit`. What has no unit, or another one, is refused rather than guessed. */
export function readQuantity(input: string | number, unit: QuantityUnit): QuantityReading {
  switch (unit) {
    case 'ms': {
      const reading = readDuration(String(input));
      return 'ms' in reading ? { value: reading.ms } : reading;
    }
    case 'percent':
      return readPercent(input);
    case 'count':
      return readCount(input);
  }
}

/** Writes a threshold as it is read. */
export function formatQuantity(value: number, unit: QuantityUnit): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'percent':
      return `${value}%`;
    case 'count':
      return String(value);
  }
}

function readPercent(input: string | number): QuantityReading {
  const match = typeof input === 'string' ? /^(\d{1,3}(?:\.\d{1,6})?) ?%$/.exec(input) : null;
  if (match === null) {
    if (/^\d{1,3}(\.\d{1,6})?$/.test(String(input))) return { fault: `${input} has no sign: write ${input}%` };
    return { fault: `${shown(input)} is not how a percentage is written: write a number and its sign, such as 99.95%` };
  }
  const value = Number(match[1]);
  return value <= 100 ? { value } : { fault: `${shown(input)} is more than 100%` };
}

function readCount(input: string | number): QuantityReading {
  if (typeof input === 'number' && Number.isFinite(input) && input >= 0) return { value: input };
  return { fault: `${shown(input)} is not how a count is written: write a plain number from 0, such as 100` };
}

function shown(input: string | number): string {
  return typeof input === 'number' ? String(input) : quoted(input);
}
