/**
 * Error lines as patterns: what happened how often, now and in the time before, and what of it is new or louder. Takes
 * lines in any number; holds patterns only.
 */
import type { LogLine } from '../cloud/facts.ts';
import type { Window } from '../cloud/series.ts';
import { changeOf, chanceOfMore, type Change } from './change.ts';
import { Clusters, type Cluster } from './clusters.ts';
import { tellingOf, type ErrorLevel } from './line.ts';
import { Variables } from './variables.ts';

export interface Pattern {
  readonly template: string;
  /** The worst of its lines. */
  readonly level: ErrorLevel;
  readonly count: number;
  readonly before: number;
  /** Epoch milliseconds; of the lines now. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The newest, without secrets. */
  readonly example: string;
  /** The log streams that it was in, the loudest first. */
  readonly streams: readonly { readonly name: string; readonly count: number }[];
  /** Undefined where there is nothing to compare with. */
  readonly change?: Change;
  /** True where it calls for somebody to look. */
  readonly isAnomaly: boolean;
}

export interface Period {
  readonly lines: readonly LogLine[];
  /** How long was looked, in ms. */
  readonly lookedMs: number;
}

export interface Patterns {
  /** Anomalies first, then by how often. Only what happens now. */
  readonly patterns: readonly Pattern[];
  /** Lines that found no place among the patterns. */
  readonly others: number;
}

/** A pattern that was counted earlier. */
export interface EarlierPattern {
  readonly template: string;
  readonly level: ErrorLevel;
  readonly count: number;
}

export interface Earlier {
  readonly patterns: readonly EarlierPattern[];
  readonly lookedMs: number;
}

/**
 * So many lines of a new pattern call for somebody, unless they are critical: then one does. What happens now and then is
 * not new because it paused for an hour.
 */
const fewestNew = 5;
/** Of the whole list: among ten patterns, one in twenty each would be chance every other time (C. E. Bonferroni, 1936). */
const newSignificance = 0.05;
const mostStreams = 200;

interface Tally {
  level: ErrorLevel;
  count: number;
  before: number;
  firstAt: number;
  lastAt: number;
  example: string;
  readonly streams: Map<string, number>;
}

/** The lines of two periods, against each other. */
export function patternsOf(now: Period, before: Period | undefined): Patterns {
  const book = new Book();
  for (const line of inOrder(before?.lines ?? [])) book.add(line, 'before');
  for (const line of inOrder(now.lines)) book.add(line, 'now');
  return book.patterns(now, before);
}

/** Lines against patterns that were counted earlier. */
export function patternsAgainst(now: Period, earlier: Earlier | undefined): Patterns {
  const book = new Book();
  for (const pattern of earlier?.patterns ?? []) book.know(pattern);
  for (const line of inOrder(now.lines)) book.add(line, 'now');
  return book.patterns(now, earlier);
}

/** Templates depend on the order in which lines come: it has to be the same whoever asks. */
function inOrder(lines: readonly LogLine[]): readonly LogLine[] {
  return lines.toSorted((a, b) => a.at - b.at || compare(a.stream, b.stream) || compare(a.message, b.message));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

class Book {
  private readonly clusters = new Clusters();
  private readonly variables = new Variables();
  private readonly tallies = new Map<Cluster, Tally>();
  private others = 0;

  know({ template, level, count }: EarlierPattern): void {
    const cluster = this.clusters.add(template.split(' '));
    if (cluster !== undefined) this.tallyOf(cluster, level).before += count;
  }

  add({ at, stream, message }: LogLine, period: 'before' | 'now'): void {
    const { level, text } = tellingOf(message);
    const cluster = this.clusters.add(this.variables.words(text));
    if (cluster === undefined) {
      if (period === 'now') this.others += 1;
      return;
    }
    const tally = this.tallyOf(cluster, level);
    if (level === 'critical') tally.level = level;
    if (period === 'before') {
      tally.before += 1;
      return;
    }
    if (tally.count === 0) tally.firstAt = at;
    tally.count += 1;
    tally.lastAt = at;
    tally.example = text;
    const known = tally.streams.get(stream);
    if (known !== undefined || tally.streams.size < mostStreams) tally.streams.set(stream, (known ?? 0) + 1);
  }

  patterns(now: Period, before: Omit<Period, 'lines'> | undefined): Patterns {
    const tallies = [...merged(this.tallies)].filter(([, { count }]) => count > 0);
    const significance = newSignificance / Math.max(1, tallies.length);
    const found = tallies.map(([template, tally]) => patternFrom(template, tally, now, before, significance));
    return {
      patterns: found.toSorted(
        (a, b) => Number(b.isAnomaly) - Number(a.isAnomaly) || b.count - a.count || (a.template < b.template ? -1 : 1),
      ),
      others: this.others,
    };
  }

  private tallyOf(cluster: Cluster, level: ErrorLevel): Tally {
    const known = this.tallies.get(cluster);
    if (known !== undefined) return known;
    const made: Tally = { level, count: 0, before: 0, firstAt: 0, lastAt: 0, example: '', streams: new Map() };
    this.tallies.set(cluster, made);
    return made;
  }
}

/** Two clusters may have come to the same template. */
function merged(tallies: ReadonlyMap<Cluster, Tally>): ReadonlyMap<string, Tally> {
  const byTemplate = new Map<string, Tally>();
  for (const [cluster, tally] of tallies) {
    const template = cluster.words.join(' ');
    const known = byTemplate.get(template);
    byTemplate.set(template, known === undefined ? tally : together(known, tally));
  }
  return byTemplate;
}

function together(one: Tally, other: Tally): Tally {
  if (one.count === 0 || other.count === 0) {
    const seen = one.count === 0 ? other : one;
    return { ...seen, before: one.before + other.before };
  }
  const newest = one.lastAt >= other.lastAt ? one : other;
  const streams = new Map(one.streams);
  for (const [name, count] of other.streams) streams.set(name, (streams.get(name) ?? 0) + count);
  return {
    level: one.level === 'critical' ? one.level : other.level,
    count: one.count + other.count,
    before: one.before + other.before,
    firstAt: Math.min(one.firstAt, other.firstAt),
    lastAt: newest.lastAt,
    example: newest.example,
    streams,
  };
}

function patternFrom(
  template: string,
  { level, count, before, firstAt, lastAt, example, streams }: Tally,
  now: Period,
  earlier: Omit<Period, 'lines'> | undefined,
  significance: number,
): Pattern {
  const counted = { count, lookedMs: now.lookedMs };
  const countedBefore = { count: before, lookedMs: earlier?.lookedMs ?? 0 };
  const change = changeOf(counted, countedBefore);
  const isNew =
    change === 'new' &&
    (level === 'critical' || (count >= fewestNew && chanceOfMore(counted, countedBefore) < significance));
  return {
    template,
    level,
    count,
    before,
    firstAt,
    lastAt,
    example,
    streams: [...streams]
      .map(([name, lines]) => ({ name, count: lines }))
      .toSorted((a, b) => b.count - a.count || compare(a.name, b.name)),
    ...(change === undefined ? {} : { change }),
    isAnomaly: isNew || change === 'louder',
  };
}

/** How long some spans are together, in ms. */
export function lengthOf(spans: readonly Window[]): number {
  return spans.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
}
