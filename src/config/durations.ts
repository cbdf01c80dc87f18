/**
 * Durations and times as people type them, in the file and on the command line: `90s`, `15m`, `1h30m`, and ISO 8601
 * with a zone. Knows no clock: whoever asks says what time it is.
 */
import { NanoopsError } from '../errors.ts';
import { quoted } from './printable.ts';

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Largest unit first, each at most once. */
const pattern = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** The same rule for a JSON Schema, which also refuses the empty text. */
export const durationPattern = '^(?=.)(\\d+d)?(\\d+h)?(\\d+m(?!s))?(\\d+s)?(\\d+ms)?$';

export type DurationReading = { readonly ms: number } | DurationFault;

interface DurationFault {
  /** What is wrong and how it is written, in one sentence. */
  readonly fault: string;
  /** The same in two parts, for who shows them apart. */
  readonly problem: string;
  readonly advice?: string;
}

/** Reads a duration; a fault says what is wrong with it and how it is written. */
export function readDuration(text: string): DurationReading {
  const match = text === '' ? null : pattern.exec(text);
  if (match === null) return durationFault(text);
  const [, days, hours, minutes, seconds, milliseconds] = match;
  const ms =
    Number(days ?? 0) * unitMs.d +
    Number(hours ?? 0) * unitMs.h +
    Number(minutes ?? 0) * unitMs.m +
    Number(seconds ?? 0) * unitMs.s +
    Number(milliseconds ?? 0);
  if (!Number.isSafeInteger(ms)) return faultOf(`${quoted(text)} is too long a duration to be counted`);
  return { ms };
}

/**
 * Milliseconds of a duration such as `90s`. Throws a NanoopsError, code `InvalidDuration`, which names `flag` where the
 * text came with one: `--timeout: "soon" is no duration`.
 */
export function parseDuration(text: string, flag?: string): number {
  const reading = readDuration(text);
  if ('ms' in reading) return reading.ms;
  throw new NanoopsError(`${flagged(flag)}${reading.problem}`, {
    code: 'InvalidDuration',
    exitCode: 2,
    nextStep: sentence(reading.advice ?? howWritten),
  });
}

const howWritten = 'write a whole number and its unit: 500ms, 90s, 15m, 1h, 2d or 1h30m';

function flagged(flag: string | undefined): string {
  return flag === undefined ? '' : `${flag}: `;
}

function sentence(advice: string): string {
  return `${advice.charAt(0).toUpperCase()}${advice.slice(1)}${/[?.]$/.test(advice) ? '' : '.'}`;
}

/** The shortest way to write a duration that `parseDuration` reads back: `90m` is written `1h30m`. Rounds to whole ms. */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(Math.abs(durationMs));
  if (rest === 0) return '0s';
  let text = durationMs < 0 ? '-' : '';
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

const instant = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
/** The year 0 of ISO 8601, as far back as the form of a time goes. */
const earliest = Date.parse('0000-01-01T00:00Z');
const dateAlone = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Epoch milliseconds of a point in time: an ISO 8601 time with its zone, or a duration, which counts back from `nowMs`.
 * A time or date without a zone is refused rather than guessed: the same text would mean another hour on another
 * machine. Throws a NanoopsError, code `InvalidTime`, which names `flag` where the text came with one. `besides`: what whoever asks
 * reads as well, for the advice.
 */
export function parseInstantOrDuration(
  text: string,
  nowMs: number,
  flag?: string,
  besides: readonly string[] = [],
): number {
  const invalidTime = (problem: string, nextStep: string): NanoopsError =>
    new NanoopsError(`${flagged(flag)}${problem}`, { code: 'InvalidTime', exitCode: 2, nextStep });
  const duration = readDuration(text);
  if ('ms' in duration) {
    const at = nowMs - duration.ms;
    if (at >= earliest) return at;
    throw invalidTime(
      `${quoted(text)} ago lies before the first year that can be written`,
      'Say a shorter one: 15m, 1h, 7d.',
    );
  }
  const match = instant.exec(text);
  if (match === null) {
    if (dateAlone.test(text)) {
      throw invalidTime(
        `${text} is a date without a time and a zone`,
        `Write when it starts and where: ${text}T00:00Z.`,
      );
    }
    // A few digits are a duration whose unit was forgotten; many are a count of seconds since 1970.
    if (/^\d{1,6}$/.test(text)) throw invalidTime(duration.problem, sentence(duration.advice ?? howWritten));
    throw invalidTime(
      `${quoted(text)} is neither a time nor a duration`,
      `Write ${[...besides, 'an ISO 8601 time with its zone (2026-11-23T10:00Z, 2026-11-23T11:00+01:00)'].join(', ')}, or how long ago (15m, 1h).`,
    );
  }
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  if (zone === undefined) {
    throw invalidTime(`${text} has no time zone`, `Add it: ${text}Z for UTC, or ${text}+01:00.`);
  }
  const offsetMs = zoneOffsetMs(zone);
  const at = utcTime(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second ?? 0));
  if (at === undefined || offsetMs === undefined) {
    throw invalidTime(`${text} is no time that exists`, 'Check day, hour and zone: 2026-11-23T10:00Z.');
  }
  return at + Number((fraction ?? '').padEnd(3, '0').slice(0, 3)) - offsetMs;
}

/**
 * Epoch milliseconds of a time in UTC; undefined for one that does not exist, such as February 30th. Months count from 1.
 */
export function utcTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59) return undefined;
  return date.setUTCHours(hour, minute, second);
}

function zoneOffsetMs(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * unitMs.h + minutes * unitMs.m);
}

const wordUnits: readonly (readonly [RegExp, keyof typeof unitMs])[] = [
  [/^(ms|msecs?|millis|milliseconds?)$/, 'ms'],
  [/^(s|secs?|seconds?)$/, 's'],
  [/^(m|mins?|minutes?)$/, 'm'],
  [/^(h|hrs?|hours?)$/, 'h'],
  [/^(d|days?)$/, 'd'],
];

function faultOf(problem: string, advice?: string): DurationFault {
  return { problem, advice, fault: advice === undefined ? problem : `${problem}: ${advice}` };
}

function durationFault(text: string): DurationFault {
  if (text.trim() === '') return faultOf('the duration is empty', 'write 90s, 15m or 1h');
  if (/^\d{1,15}$/.test(text)) {
    const written = `${text}s, ${text}m or ${text}h`;
    const problem = `${text} has no unit`;
    return { problem: `${problem}: ${written}?`, fault: `${problem}: write ${written}` };
  }
  if (text.startsWith('-')) return faultOf(`${quoted(text)} is negative`, 'a duration is written 90s, 15m or 1h');
  const [, count = '', word = ''] = /^(\d{1,9}(?:[.,]\d{1,3})?) ?([a-z]{1,12})$/.exec(text.trim().toLowerCase()) ?? [];
  const unit = wordUnits.find(([known]) => known.test(word))?.[1];
  if (unit !== undefined) {
    const ms = Math.round(Number(count.replace(',', '.')) * unitMs[unit]);
    const suggestion = /^\d+$/.test(count) ? `${count}${unit}` : formatDuration(ms);
    return faultOf(`${quoted(text)} is not how a duration is written`, `write ${suggestion}`);
  }
  return faultOf(`${quoted(text)} is no duration`, howWritten);
}
