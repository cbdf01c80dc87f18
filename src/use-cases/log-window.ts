/** The spans of a log that a command looks at: what was asked for, as long a time before it, and the parts they are searched in. */
import { amount } from '../cloud/quantity.ts';
import type { Window } from '../cloud/series.ts';
import { NanoopsError } from '../errors.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A line can be read some seconds after it was written. */
const arrivalMs = 10_000;
const partMs = 10 * minuteMs;
const mostParts = 24;

export interface LookedAtSpans {
  readonly now: Window;
  readonly before: Window;
}

/** The last hour unless somebody says otherwise. @throws NanoopsError `InvalidWindow` */
export function logSpans(
  nowMs: number,
  { since, until }: { readonly since?: number | undefined; readonly until?: number | undefined },
): LookedAtSpans {
  const invalid = (problem: string): NanoopsError =>
    new NanoopsError(problem, {
      code: 'InvalidWindow',
      exitCode: 2,
      nextStep: 'say which span, for example --since 3h, or --since 2026-11-23T10:00:00Z --until 10m',
    });
  if (until !== undefined && until > nowMs) throw invalid('--until lies in the future');
  if (since !== undefined && since > nowMs) throw invalid('--since lies in the future');
  const to = Math.min(until ?? nowMs - arrivalMs, nowMs - arrivalMs);
  const from = since ?? to - hourMs;
  if (from >= to) throw invalid('--since is not before the end of the span');
  return { now: { from, to }, before: { from: from - (to - from), to: from } };
}

/** A span as documents have it: how many lines it holds, and how much of it was searched. */
export function spanDocument({ from, to }: Window, lines: number, share: number) {
  return { from: iso(from), to: iso(to), lines, searched: Math.round(share * 10_000) / 10_000 };
}

/** In the order in which they are to be searched: the newest first, so that what bounds cut off is the oldest. */
export function partsOf(window: Window): readonly Window[] {
  const length = window.to - window.from;
  const count = Math.min(mostParts, Math.max(1, Math.ceil(length / partMs)));
  const at = (index: number): number => window.from + Math.round((length * index) / count);
  return Array.from({ length: count }, (_, index) => ({ from: at(index), to: at(index + 1) })).toReversed();
}

/** How much of a window was searched, from 0 to 1. */
export function shareOf(covered: readonly Window[], window: Window): number {
  const length = window.to - window.from;
  const seen = covered.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, window.to) - Math.max(from, window.from)),
    0,
  );
  return length <= 0 ? 0 : Math.min(1, seen / length);
}

/** What of the covered spans lies within a window. */
export function within(covered: readonly Window[], window: Window): readonly Window[] {
  return covered.flatMap(({ from, to }) => {
    const part = { from: Math.max(from, window.from), to: Math.min(to, window.to) };
    return part.to > part.from ? [part] : [];
  });
}

/** So that bounds cut off as much of the one as of the other. */
export function alternating<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  return one.flatMap((item, index) => [item, ...(other[index] === undefined ? [] : [other[index]])]);
}

/** FNV-1a of 32 bits (https://www.ietf.org/archive/id/draft-eastlake-fnv-35.html): the same template has the same id. */
export function templateId(template: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(template)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** `1 line`, `1,200 lines` */
export function counted(count: number, noun: string): string {
  return `${amount(count, 'count')} ${noun}${count === 1 ? '' : 's'}`;
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** `12 %`; below one, as much as tells it from none. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 1) return `${value.toFixed(1)} %`;
  return `${value > 99 && value < 100 ? value.toFixed(1) : Math.round(value)} %`;
}
