/** The picture, condensed once for all the causes that weigh it: who fails, since when, and what the cluster went through. */
import type { DatabaseEvent, DatabaseInstance, DatabaseState, IngressRule, ServiceState } from '../../cloud/facts.ts';
import type { Source } from '../../cloud/series.ts';
import { evidence, type Evidence } from '../evidence.ts';
import { valueOf, type Known } from '../known.ts';
import { pointsIn, ratioSeries } from '../shift.ts';
import { median, sum } from '../statistics.ts';
import { admissionOf, type Admission } from './admission.ts';
import {
  connectionErrors,
  countByKind,
  type ConnectionError,
  type ConnectionErrorKind,
  type ConnectionErrors,
  type KindCount,
} from './connection-errors.ts';
import type { DatabasePicture } from './picture.ts';
import { servingOf, writerOf, type Serving } from './statuses.ts';

export const minuteMs = 60_000;
/** Fewer lines than this, each within `spellGapMs` of the next, are no incident. */
export const fewestLines = 3;
const spellGapMs = 5 * minuteMs;
/** Minutes at the end that say how many connections there are now. */
const presentMinutes = 5;
/** A failover that began longer ago than this and was never heard of again is not under way any more. */
const longestFailoverMs = 15 * minuteMs;

/** Lines that follow one another closely. */
export interface Spell {
  readonly errors: readonly ConnectionError[];
  readonly from: number;
  readonly lastAt: number;
}

export interface Failovers {
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly failedAt?: number;
  readonly isUnderWay: boolean;
}

/** Connections of the writer, the median before the incident and now. */
export interface Connections {
  readonly before?: number;
  /** Undefined where the writer reported none of late, while it did before. */
  readonly now?: number;
  readonly peak: number;
  /** `peak` by `max_connections`, where that is known. */
  readonly shareOfLimit?: number;
  readonly limit?: number;
  readonly source: Source;
}

export interface DatabaseSignals {
  readonly picture: DatabasePicture;
  /** Undefined where the log could not be read. */
  readonly errors?: ConnectionErrors;
  /** The latest spell that is no noise. */
  readonly spell?: Spell;
  /** What the spell's lines tell of, by kind. */
  readonly kinds: readonly KindCount[];
  readonly state?: DatabaseState;
  readonly writer?: DatabaseInstance;
  /** The worse of the cluster's condition and the writer's. */
  readonly condition?: Serving;
  readonly failovers?: Failovers;
  readonly parameterChanges: readonly DatabaseEvent[];
  /** When RDS last told of the cluster or its writer being unavailable, within what was looked at. */
  readonly outage?: DatabaseEvent;
  readonly connections?: Connections;
  readonly admission?: Admission;
  /** The share of requests that were answered with a 5xx in the last minutes. */
  readonly serverErrorShare?: number;
  readonly service?: ServiceState;
}

export function databaseSignalsOf(picture: DatabasePicture): DatabaseSignals {
  const state = valueOf(picture.database);
  const writer = state && writerOf(state);
  const search = valueOf(picture.errorLines);
  const errors = search && connectionErrors(search, picture.window, { port: state?.port });
  const spell = errors && latestSpell(errors.errors);
  const service = valueOf(picture.service);
  const events = valueOf(picture.events);
  return {
    picture,
    errors,
    spell,
    kinds: spell === undefined ? [] : countByKind(spell.errors, picture.window.to),
    state,
    writer,
    condition: state && conditionOf(state, writer),
    failovers: events && failoversOf(events, picture),
    parameterChanges: eventsIn(picture, 'parameters-changed'),
    outage: eventsIn(picture, 'unavailable').find(
      ({ about }) => about === picture.names.database || about === writer?.id,
    ),
    connections: connectionsOf(picture, spell?.from),
    admission: admission(picture, state, service),
    serverErrorShare: serverErrorShare(picture),
    service,
  };
}

function latestSpell(errors: readonly ConnectionError[]): Spell | undefined {
  const spells: ConnectionError[][] = [];
  for (const error of errors) {
    const open = spells.at(-1);
    const last = open?.at(-1);
    if (open !== undefined && last !== undefined && error.at - last.at <= spellGapMs) open.push(error);
    else spells.push([error]);
  }
  const found = spells.findLast((spell) => spell.length >= fewestLines);
  const first = found?.[0];
  const last = found?.at(-1);
  if (found === undefined || first === undefined || last === undefined) return undefined;
  return { errors: found, from: first.at, lastAt: last.at };
}

/** Without any instance nothing takes connections, whatever the cluster says. */
function conditionOf(state: DatabaseState, writer: DatabaseInstance | undefined): Serving {
  const cluster = servingOf(state.status);
  if (cluster !== 'serving') return cluster;
  if (state.instances.length === 0) return 'down';
  return writer === undefined ? 'serving' : servingOf(writer.status);
}

/** Newest first. */
function eventsIn({ events, window }: DatabasePicture, kind: DatabaseEvent['kind']): readonly DatabaseEvent[] {
  return (valueOf(events) ?? [])
    .filter((event) => event.kind === kind && event.at >= window.from && event.at < window.to)
    .toSorted((a, b) => b.at - a.at);
}

function failoversOf(events: readonly DatabaseEvent[], { window }: DatabasePicture): Failovers {
  const seen = events.filter(({ at }) => at < window.to);
  const newest = (...kinds: readonly DatabaseEvent['kind'][]): number | undefined => {
    const times = seen.filter(({ kind }) => kinds.includes(kind)).map(({ at }) => at);
    return times.length === 0 ? undefined : Math.max(...times);
  };
  const startedAt = newest('failover-started');
  const completedAt = newest('failover-completed');
  // Where the old writer is promoted again, the failover came to nothing.
  const failedAt = newest('failover-failed', 'writer-restored');
  const endedAt = Math.max(completedAt ?? -Infinity, failedAt ?? -Infinity);
  const isUnderWay = startedAt !== undefined && startedAt > endedAt && startedAt >= window.to - longestFailoverMs;
  return { startedAt, completedAt, failedAt, isUnderWay };
}

function connectionsOf(picture: DatabasePicture, onset: number | undefined): Connections | undefined {
  const series = valueOf(picture.databaseLoad)?.connections;
  if (series === undefined) return undefined;
  const { window } = picture;
  const presentFrom = window.to - presentMinutes * minuteMs;
  const calmTo = Math.min(presentFrom, onset ?? presentFrom);
  const calm = pointsIn(series, { from: window.from, to: calmTo }).map(({ value }) => value);
  const present = pointsIn(series, { from: presentFrom, to: window.to }).map(({ value }) => value);
  if (calm.length === 0 && present.length === 0) return undefined;
  const hurt = pointsIn(series, { from: Math.min(presentFrom, onset ?? presentFrom), to: window.to });
  const peak = Math.max(0, ...hurt.map(({ value }) => value));
  const limit = valueOf(picture.connectionLimit);
  return {
    before: median(calm),
    // The latest three of them: a fall to zero must not be hidden by the minutes before it.
    now: median(present.slice(-3)),
    peak,
    ...(limit === undefined || limit <= 0 ? {} : { limit, shareOfLimit: peak / limit }),
    source: series.source,
  };
}

/** True where the writer had connections and has none now. */
export function haveConnectionsGone({ before, now }: Connections): boolean {
  return before !== undefined && before >= 2 && now !== undefined && now <= Math.max(0.05 * before, 0.5);
}

/** True where the writer reported its connections before, and reports nothing now. */
export function isWriterSilent({ before, now }: Connections): boolean {
  return before !== undefined && now === undefined;
}

/** True where connections are at the limit, or as near to it as to leave nothing for a pool that grows. */
export function isAtLimit(connections: Connections | undefined): boolean {
  return (connections?.shareOfLimit ?? 0) >= 0.95;
}

function admission(
  picture: DatabasePicture,
  state: DatabaseState | undefined,
  service: ServiceState | undefined,
): Admission | undefined {
  const rules = valueOf(picture.ingress);
  if (rules === undefined || state === undefined || service === undefined) return undefined;
  const own: readonly IngressRule[] = rules.filter(({ group }) => state.securityGroups.includes(group));
  const caller = { groups: service.securityGroups, addresses: picture.serviceAddresses ?? [] };
  const { port } = state;
  if (port === undefined || state.securityGroups.length === 0) return undefined;
  return admissionOf(own, caller, port);
}

function serverErrorShare(picture: DatabasePicture): number | undefined {
  const traffic = valueOf(picture.traffic);
  if (traffic === undefined) return undefined;
  const shares = ratioSeries('5xx', [traffic.targetServerErrors, traffic.balancerServerErrors], [traffic.requests]);
  const present = { from: picture.window.to - presentMinutes * minuteMs, to: picture.window.to };
  return shares === undefined ? undefined : median(pointsIn(shares, present).map(({ value }) => value));
}

export function countOfKind(signals: DatabaseSignals, kind: ConnectionErrorKind): KindCount | undefined {
  return signals.kinds.find((each) => each.kind === kind);
}

/** The share of the spell's lines that are of these kinds; 0 without a spell. */
export function shareOfKinds(signals: DatabaseSignals, ...kinds: readonly ConnectionErrorKind[]): number {
  const total = sum(signals.kinds.map(({ count }) => count));
  const own = sum(signals.kinds.filter(({ kind }) => kinds.includes(kind)).map(({ count }) => count));
  return total === 0 ? 0 : own / total;
}

/** Why something is not known, as evidence that is missing; nothing where it is known or was not to be known. */
export function missing(known: Known<unknown>, operation: string, region: string): readonly Evidence[] {
  if (known.known || known.because === 'skipped') return [];
  return [evidence({ operation, region }, known.reason)];
}
