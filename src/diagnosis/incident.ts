/**
 * When an incident began, whether it goes on, and what to compare it with: from the minutes that were measured, and those of them
 * that were bad. What makes a minute bad is for each symptom to say. An onset is measured, unless the operator gave one.
 */
import type { Window } from '../cloud/series.ts';

const minuteMs = 60_000;

/** What every symptom knows of its time. */
export interface Incident {
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
}

/** An incident that there is, or was. */
export interface Struck extends Incident {
  readonly state: 'ongoing' | 'over';
  readonly onset: number;
  readonly firstBadAt: number;
  /** How long it has lasted, or lasted and has been over: `for 12 min`, with both onsets where they differ. */
  readonly when: string;
}

export interface Minutes {
  /** When each measured minute began, rising; epoch milliseconds. */
  readonly at: readonly number[];
  /** The bad ones. */
  readonly bad: ReadonlySet<number>;
  /** What was looked at. */
  readonly window: Window;
  /** Where the operator says that it began. */
  readonly since?: number;
}

/** Minutes at the end that say whether it still hurts: half of those that were measured, and never just one. */
export const recentMinutes = 5;
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

/** Log lines are read from a quarter of an hour before the incident on: more would be costly, and tell little more. */
export const logLeadMs = 15 * minuteMs;

/** The part of that which is compared with the incident. */
export function logsBefore({ during }: Pick<Incident, 'during'>): Window {
  return { from: during.from - logLeadMs, to: during.from - guardMinutes * minuteMs };
}

/** What was measured decides: a given onset may be off by more than a rollout takes. */
export function measuredOnset({ firstBadAt, onset }: Pick<Incident, 'firstBadAt' | 'onset'>): number | undefined {
  return firstBadAt ?? onset;
}

/** Of these, how many were measured in the window's last minutes; undefined where they are enough to judge. */
export function tooFewRecent(at: readonly number[], window: Window): number | undefined {
  const recent = recentOf(at, window).length;
  return recent < recentMeasured ? recent : undefined;
}

/** What is compared where there is no incident. */
export function quietTime(window: Window): Pick<Incident, 'onsetGiven' | 'before' | 'during'> {
  return {
    onsetGiven: false,
    before: beforeOf(window.from, window.to - 15 * minuteMs),
    during: lastMinutes(window, 15),
  };
}

/** The newest incident among these minutes that was asked about; undefined where there is none. */
export function newestIncident({ at, bad, window, since: given }: Minutes): Struck | undefined {
  const recent = recentOf(at, window);
  // What had ended before the operator's onset is not the incident that was asked about.
  const spells = spellsOf(at, bad).filter((spell) => given === undefined || spell.to > given);
  const recentlyBad = recent.filter((minute) => bad.has(minute)).length;
  const isBad = recentlyBad >= recentBad && recentlyBad * 2 >= recent.length;
  const measured = isBad ? spells.at(-1) : spells.findLast((spell) => spell.minutes >= spikeMinutes);
  if (measured === undefined) return undefined;
  const onset = given ?? measured.from;
  const during: Window = { from: onset, to: isBad ? window.to : Math.max(measured.to, onset + minuteMs) };
  // An onset that is given too late must not make the incident's own first minutes the normal period.
  const before = beforeOf(window.from, Math.min(onset, measured.from) - guardMinutes * minuteMs);
  const firstBadAt = given === undefined ? measured.from : firstLasting(spells, measured).from;
  const ago = (moment: number): string => ageText(window.to - moment);
  const differs = Math.abs(onset - firstBadAt) > agreeMs;
  const onsets = `first bad minute ${ago(firstBadAt)} ago, given as ${ago(onset)} ago`;
  const over = `over for ${ago(during.to)} after ${ageText(during.to - (differs ? firstBadAt : onset))}`;
  return {
    state: isBad ? 'ongoing' : 'over',
    onset,
    firstBadAt,
    onsetGiven: given !== undefined,
    ...(isBad ? {} : { endedAt: during.to }),
    before,
    during,
    when: isBad ? (differs ? `(${onsets})` : `for ${ago(onset)}`) : `${over}${differs ? ` (${onsets})` : ''}`,
  };
}

/** A length of time for people: minutes, and hours from two hours on. */
export function ageText(durationMs: number): string {
  const minutes = Math.round(durationMs / minuteMs);
  if (minutes <= 120) return `${minutes} min`;
  const hours = minutes / 60;
  return `${Number(hours.toFixed(hours < 10 ? 1 : 0))} h`;
}

/** The last so many minutes of a window. */
export function lastMinutes(window: Window, minutes: number): Window {
  return { from: Math.max(window.from, window.to - minutes * minuteMs), to: window.to };
}

function recentOf(at: readonly number[], window: Window): readonly number[] {
  return at.filter((minute) => minute >= window.to - recentMinutes * minuteMs);
}

function beforeOf(from: number, to: number): Window {
  return { from: Math.max(from, to - baselineMinutes * minuteMs), to: Math.max(to, from) };
}

interface Spell {
  readonly from: number;
  /** The end of its last bad minute. */
  readonly to: number;
  readonly minutes: number;
}

/** The first spell that is no noise, or the one that was measured where it is the first. */
function firstLasting(spells: readonly Spell[], measured: Spell): Spell {
  return spells.find((spell) => spell === measured || spell.minutes >= spikeMinutes) ?? measured;
}

/** Bad minutes joined into spells; fewer than `calmMinutes` good or missing minutes do not part them. */
function spellsOf(minutes: readonly number[], bad: ReadonlySet<number>): readonly Spell[] {
  const spells: Spell[] = [];
  for (const at of minutes) {
    if (!bad.has(at)) continue;
    const last = spells.at(-1);
    const end = at + minuteMs;
    if (last !== undefined && at - last.to < calmMinutes * minuteMs) {
      spells[spells.length - 1] = { from: last.from, to: end, minutes: last.minutes + 1 };
    } else {
      spells.push({ from: at, to: end, minutes: 1 });
    }
  }
  return spells;
}
