/**
 * Is the API slow, since when, and is it still? Judged on p99 a minute: percentiles are never averaged, so the answer
 * counts minutes. An onset is measured, unless the operator gave one.
 */
import type { Point, Series, Window } from '../cloud/series.ts';
import { quantity } from './evidence.ts';
import { pointsIn } from './shift.ts';
import { deviation, median } from './statistics.ts';

const minuteMs = 60_000;

export interface Symptom {
  readonly state: 'ongoing' | 'over' | 'none' | 'unknown';
  /** Epoch milliseconds of the first bad minute. */
  readonly onset?: number;
  /** Epoch milliseconds of the incident's first bad minute as measured, whatever onset was given. */
  readonly firstBadAt?: number;
  /** True where the operator gave the onset. */
  readonly onsetGiven: boolean;
  /** Epoch milliseconds of the first good minute after it, where it is over. */
  readonly endedAt?: number;
  /** The normal period, against which everything else is compared. */
  readonly before: Window;
  /** The incident; without one, the latest minutes. */
  readonly during: Window;
  /** p99 in seconds, the median of the normal period's minutes and of the incident's bad ones. */
  readonly p99Before?: number;
  readonly p99During?: number;
  readonly summary: string;
}

export interface SymptomInput {
  readonly p99: Series;
  readonly requests: Series;
  /** What was looked at. */
  readonly window: Window;
  /** Where the operator says that it began. */
  readonly since?: number;
  /** Seconds; a p99 above it misses the objective. */
  readonly targetSeconds: number;
}

/** Minutes at the end that say whether it still hurts: half of those that were measured, and never just one. */
const recentMinutes = 5;
const recentMeasured = 3;
const recentBad = 2;
/** Bad minutes in a row that make an incident of the past; fewer are noise. */
const spikeMinutes = 3;
/** Good minutes in a row that end an incident. */
const calmMinutes = 3;
/** A normal period of this length is enough, and a nearer one is a better comparison. */
const baselineMinutes = 60;
/** A given onset this near to the measured one agrees with it. */
const agreeMs = 3 * minuteMs;
/** Minutes left out before the onset: the first signs may be earlier than the first bad minute. */
const guardMinutes = 3;

export function latencySymptom(input: SymptomInput): Symptom {
  const { p99, window } = input;
  const points = pointsIn(p99, window);
  const recent = points.filter((point) => point.at >= window.to - recentMinutes * minuteMs);
  const given = input.since;
  const quiet = { before: beforeOf(window.from, window.to - 15 * minuteMs), during: lastMinutes(window, 15) };
  if (recent.length < recentMeasured) {
    return { state: 'unknown', onsetGiven: false, ...quiet, summary: silence(input, recent.length) };
  }

  const bad = judge(points, input.targetSeconds, given);
  // What had ended before the operator's onset is not the incident that was asked about.
  const spells = spellsOf(points, bad).filter((spell) => given === undefined || spell.to > given);
  const recentlyBad = recent.filter((point) => bad.has(point.at)).length;
  const isBad = recentlyBad >= recentBad && recentlyBad * 2 >= recent.length;
  const measured = isBad ? spells.at(-1) : spells.findLast((spell) => spell.minutes >= spikeMinutes);
  if (measured === undefined) {
    const p99During = median(recent.map((point) => point.value));
    const target = quantity(input.targetSeconds, 's');
    const summary = `p99 ${quantity(p99During ?? 0, 's')}, within its target of ${target}; no incident in the window`;
    return { state: 'none', onsetGiven: false, ...quiet, p99During, summary };
  }

  const onset = given ?? measured.from;
  const during: Window = { from: onset, to: isBad ? window.to : Math.max(measured.to, onset + minuteMs) };
  // An onset that is given too late must not make the incident's own first minutes the normal period.
  const before = beforeOf(window.from, Math.min(onset, measured.from) - guardMinutes * minuteMs);
  const p99Before = median(pointsIn(p99, before).map((point) => point.value));
  // A given onset may lie well before the trouble: its good minutes do not describe the trouble.
  const badMinutes = pointsIn(p99, during).filter((point) => bad.has(point.at));
  const p99During = median(badMinutes.map((point) => point.value));
  const change = `p99 ${p99Before === undefined ? '' : `${quantity(p99Before, 's')} → `}${quantity(p99During ?? 0, 's')}`;
  const firstBadAt = given === undefined ? measured.from : firstLasting(spells, measured).from;
  const ago = (at: number): string => ageText(window.to - at);
  const differs = Math.abs(onset - firstBadAt) > agreeMs;
  const onsets = `first bad minute ${ago(firstBadAt)} ago, given as ${ago(onset)} ago`;
  const over = `over for ${ago(during.to)} after ${ageText(during.to - (differs ? firstBadAt : onset))}`;
  const ongoing = differs ? `${change} (${onsets})` : `${change} for ${ago(onset)}`;
  const summary = isBad ? ongoing : `${change}, ${over}${differs ? ` (${onsets})` : ''}`;
  return {
    state: isBad ? 'ongoing' : 'over',
    onset,
    firstBadAt,
    onsetGiven: given !== undefined,
    ...(isBad ? {} : { endedAt: during.to }),
    before,
    during,
    p99Before,
    p99During,
    summary,
  };
}

/** A length of time for people: minutes, and hours from two hours on. */
export function ageText(durationMs: number): string {
  const minutes = Math.round(durationMs / minuteMs);
  if (minutes <= 120) return `${minutes} min`;
  const hours = minutes / 60;
  return `${Number(hours.toFixed(hours < 10 ? 1 : 0))} h`;
}

/** The first spell that is no noise, or the one that was measured where it is the first. */
function firstLasting(spells: readonly Spell[], measured: Spell): Spell {
  return spells.find((spell) => spell === measured || spell.minutes >= spikeMinutes) ?? measured;
}

function beforeOf(from: number, to: number): Window {
  return { from: Math.max(from, to - baselineMinutes * minuteMs), to: Math.max(to, from) };
}

function lastMinutes(window: Window, minutes: number): Window {
  return { from: Math.max(window.from, window.to - minutes * minuteMs), to: window.to };
}

function silence(input: SymptomInput, measuredMinutes: number): string {
  const requests = pointsIn(input.requests, lastMinutes(input.window, recentMinutes));
  if (requests.length === 0 && measuredMinutes === 0) {
    return 'neither latency nor requests were reported in the last 5 minutes: no traffic, an outage, or lost telemetry';
  }
  return measuredMinutes === 0
    ? 'requests were reported in the last 5 minutes, but no latency'
    : `latency was reported in only ${measuredMinutes} of the last 5 minutes: too little to judge`;
}

/**
 * The bad minutes. A minute is bad when p99 misses the target, or when it is far above what is normal here and at least
 * half the target: three times the median and eight deviations. Normal is the calmer half of what precedes the incident.
 */
function judge(points: readonly Point[], targetSeconds: number, since: number | undefined): ReadonlySet<number> {
  const past = since === undefined ? points : points.filter((point) => point.at < since);
  const values = past.map((point) => point.value);
  const middle = median(values) ?? targetSeconds;
  const calm = values.filter((value) => value <= middle);
  const normal = median(calm) ?? targetSeconds;
  const unusual = Math.max(normal * 3, normal + 8 * (deviation(calm) ?? 0), targetSeconds / 2);
  const limit = Math.min(targetSeconds, unusual);
  return new Set(points.filter((point) => point.value > limit).map((point) => point.at));
}

interface Spell {
  readonly from: number;
  /** The end of its last bad minute. */
  readonly to: number;
  readonly minutes: number;
}

/** Bad minutes joined into spells; fewer than `calmMinutes` good or missing minutes do not part them. */
function spellsOf(points: readonly Point[], bad: ReadonlySet<number>): readonly Spell[] {
  const spells: Spell[] = [];
  for (const point of points) {
    if (!bad.has(point.at)) continue;
    const last = spells.at(-1);
    const end = point.at + minuteMs;
    if (last !== undefined && point.at - last.to < calmMinutes * minuteMs) {
      spells[spells.length - 1] = { from: last.from, to: end, minutes: last.minutes + 1 };
    } else {
      spells.push({ from: point.at, to: end, minutes: 1 });
    }
  }
  return spells;
}
