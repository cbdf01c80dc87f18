/**
 * Can the service not reach its database, since when, and is it still so? Judged on the application's log; where that could
 * not be read, on what cannot be misread: a cluster that is down, connections that are gone while requests fail.
 */
import { quantity } from '../evidence.ts';
import { valueOf } from '../known.ts';
import { ratioSeries } from '../shift.ts';
import { ageText } from '../incident.ts';
import { recentMinutes } from './connection-errors.ts';
import { haveConnectionsGone, isAtLimit, minuteMs, type DatabaseSignals, type Spell } from './signals.ts';

export interface ConnectionSymptom {
  readonly state: 'ongoing' | 'over' | 'none' | 'unknown';
  /** Epoch milliseconds of the first failed connection; an earlier one may not have been read. */
  readonly onset?: number;
  /** Epoch milliseconds of the last failed connection, where it is over. */
  readonly endedAt?: number;
  readonly summary: string;
}

/** At this share of 5xx, requests fail; below, they merely fail now and then. */
const failingShare = 0.05;

export function connectionSymptom(signals: DatabaseSignals): ConnectionSymptom {
  const { spell, errors, picture } = signals;
  const { window } = picture;
  const beyondLog = unavailableBeyondLog(signals);
  if (spell !== undefined) {
    const isRecent = spell.lastAt >= window.to - recentMinutes * minuteMs;
    const onset = onsetOf(signals, spell);
    const told = toldBy(signals, spell);
    if (isRecent) return { state: 'ongoing', onset, summary: `${told}, for ${ageText(window.to - onset)}` };
    const silent = beyondLog ?? (hasNobodyToComplain(signals) ? 'no task of the service runs' : undefined);
    const ago = ageText(window.to - spell.lastAt);
    if (silent !== undefined) {
      return { state: 'ongoing', onset, summary: `${told}, the last one ${ago} ago, but it is not over: ${silent}` };
    }
    if (isPresentUnread(signals)) {
      return { state: 'unknown', onset, summary: `${told}, the last one ${ago} ago, but newer lines were not read` };
    }
    const lasted = ageText(spell.lastAt - onset);
    return { state: 'over', onset, endedAt: spell.lastAt, summary: `${told} within ${lasted}; none for ${ago}` };
  }
  if (beyondLog !== undefined) return { state: 'ongoing', summary: `${beyondLog}; ${logSays(signals)}` };
  if (errors === undefined) {
    return { state: 'unknown', summary: `whether the service reaches its database is unknown: ${logSays(signals)}` };
  }
  if (isPresentUnread(signals)) {
    return {
      state: 'unknown',
      summary: 'the log\u2019s newest lines were not read: the search was cut short before them',
    };
  }
  const span = ageText(window.to - window.from);
  const few = errors.errors.length;
  const found = few === 0 ? 'no connection error' : `only ${few} connection ${few === 1 ? 'error' : 'errors'}`;
  return { state: 'none', summary: `${found} among the log\u2019s error lines in ${span}` };
}

function toldBy({ kinds, errors, serverErrorShare }: DatabaseSignals, spell: Spell): string {
  const all = spell.errors.length;
  const parts = kinds.map(({ kind, count }) => (kinds.length === 1 ? kind : `${count} ${kind}`));
  const atLeast = errors?.truncated === true ? 'at least ' : '';
  const failing =
    serverErrorShare === undefined || serverErrorShare < failingShare
      ? ''
      : `, ${quantity(serverErrorShare, 'ratio')} of requests answered with 5xx`;
  return `${atLeast}${all} connection errors in the log (${parts.join(', ')})${failing}`;
}

/**
 * The first failed connection. A search that was cut short does not reach back to it: then requests that failed without a
 * break before the lines tell how long it has been so.
 */
function onsetOf({ errors, picture }: DatabaseSignals, spell: Spell): number {
  const traffic = valueOf(picture.traffic);
  if (errors?.truncated !== true || traffic === undefined) return spell.from;
  const shares = ratioSeries('5xx', [traffic.targetServerErrors, traffic.balancerServerErrors], [traffic.requests]);
  const before = (shares?.points ?? []).filter(({ at }) => at < spell.from).toSorted((a, b) => b.at - a.at);
  const calm = before.findIndex(({ value }) => value < failingShare);
  const failing = before.slice(0, calm < 0 ? before.length : calm);
  return Math.min(spell.from, failing.at(-1)?.at ?? spell.from);
}

/** What shows without any log that the database cannot be used now. */
function unavailableBeyondLog(signals: DatabaseSignals): string | undefined {
  const { condition, state, writer, connections, serverErrorShare = 0, picture } = signals;
  const { database } = picture.names;
  if (state !== undefined && (condition === 'down' || condition === 'failing-over')) {
    const status = state.status === 'available' ? writer?.status : state.status;
    return status === undefined ? `${database} has no instance` : `${database} is ${status}`;
  }
  if (connections === undefined || serverErrorShare < failingShare) return undefined;
  const failing = `${quantity(serverErrorShare, 'ratio')} of requests are answered with 5xx`;
  if (haveConnectionsGone(connections)) return `the writer of ${database} has no connections left while ${failing}`;
  if (isAtLimit(connections)) return `connections to ${database} are at their limit while ${failing}`;
  return undefined;
}

/** A search that took too long ends before it has come to the present. */
function isPresentUnread({ errors, picture: { window } }: DatabaseSignals): boolean {
  return errors !== undefined && errors.readTo < window.to - recentMinutes * minuteMs;
}

/** A service without a task logs nothing: that it went quiet does not mean that it recovered. */
function hasNobodyToComplain({ service }: DatabaseSignals): boolean {
  return service !== undefined && service.desired > 0 && service.running === 0;
}

function logSays({ picture: { errorLines } }: DatabaseSignals): string {
  return errorLines.known ? 'its log tells of no connection errors' : `its log was not read (${errorLines.reason})`;
}
