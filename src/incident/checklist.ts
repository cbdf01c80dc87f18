/**
 * The process of an incident as a list with times: what is due by when, what is done, and how late it was. The times are
 * those of the specification's section 9.2, counted from T+0.
 */
import { earliest } from './earliest.ts';
import type { Incident } from './incident.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** After these, and then every quarter of an hour. */
const updateMinutes = [5, 15, 30] as const;
const updateEveryMinutes = 15;
/** So many that nobody gave are listed, the newest. */
const mostMissed = 3;

export interface ChecklistItem {
  readonly id: string;
  readonly title: string;
  readonly dueAt: number;
  /**
   * - `done`: in time, or late by `lateMs`.
   * - `due`: there is time left.
   * - `overdue`: by `lateMs`.
   * - `missed`: its time is over and another one is due by now.
   */
  readonly status: 'done' | 'due' | 'overdue' | 'missed';
  readonly doneAt?: number;
  /** By how much; absent where it is not late. */
  readonly lateMs?: number;
  /** What to type to get it done, without `nanoops incident` and the id. */
  readonly command: string;
}

/** What is known from elsewhere than the incident's own events. */
export interface Signs {
  /** When a run named a cause. */
  readonly diagnosedAt?: number;
  /** When a run was seen to have helped. */
  readonly mitigatedAt?: number;
}

/** Everything that the process asks for, in the order of its times. */
export function checklistOf(incident: Incident, nowMs: number, signs: Signs): readonly ChecklistItem[] {
  const { detectedAt, resolvedAt } = incident;
  const diagnosedAt = earliest(incident.diagnosedAt, signs.diagnosedAt);
  const mitigatedAt = earliest(incident.mitigatedAt, signs.mitigatedAt, resolvedAt);
  const at = (minutes: number): number => detectedAt + minutes * minuteMs;
  const item = (
    id: string,
    title: string,
    dueAt: number,
    doneAt: number | undefined,
    command: string,
  ): ChecklistItem => ({ id, title, dueAt, ...standing(dueAt, doneAt, nowMs), command });
  const items = [
    item('acknowledge', 'acknowledged', at(2), incident.acknowledgedAt, 'ack'),
    item('tell', 'stakeholders told', at(2), firstTold(incident), 'update "…"'),
    item('diagnose', 'root cause named', at(5), diagnosedAt, 'update --root-cause "…"'),
    item('impact', 'impact determined', at(5), incident.impactAt, 'update --impact "…"'),
    ...updatesOf(incident, nowMs),
    item('mitigate', 'mitigated', at(15), mitigatedAt, 'update --mitigated'),
    item('resolve', 'service restored', at(60), resolvedAt, 'resolve'),
    ...(resolvedAt === undefined ? [] : afterwards(incident, resolvedAt, item)),
  ];
  return items.toSorted((a, b) => a.dueAt - b.dueAt);
}

type MakeItem = (
  id: string,
  title: string,
  dueAt: number,
  doneAt: number | undefined,
  command: string,
) => ChecklistItem;

function afterwards(incident: Incident, resolvedAt: number, item: MakeItem): readonly ChecklistItem[] {
  const dueAt = resolvedAt + dayMs;
  const written = incident.postmortems.find(({ at }) => at >= resolvedAt)?.at;
  const assigned = incident.actions.length > 0 && incident.actions.every(({ owner }) => owner !== undefined);
  const lastAction = incident.events.findLast(({ type }) => type === 'action.added')?.at;
  return [
    item('postmortem', 'post-mortem written', dueAt, written, 'postmortem --report postmortem.md'),
    item('actions', 'action items assigned', dueAt, assigned ? lastAction : undefined, 'update --action "…" --owner …'),
  ];
}

/**
 * The status updates of the process. Each update counts once: for the first time that it is not too early for, up to when
 * the next one is due. From then on nobody is asked for the earlier one any more.
 */
function updatesOf({ detectedAt, resolvedAt, updates }: Incident, nowMs: number): readonly ChecklistItem[] {
  const end = resolvedAt ?? nowMs;
  const left = updates.map(({ at }) => at);
  const items: ChecklistItem[] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const minutes of updateTimes()) {
    const dueAt = detectedAt + minutes * minuteMs;
    // What falls due after the end was never asked for; while there is none, one is to come.
    if (resolvedAt === undefined ? before >= end : dueAt >= end) break;
    const next = detectedAt + nextUpdate(minutes) * minuteMs;
    const counted = left.findIndex((at) => at > before && at <= next);
    const [doneAt] = counted === -1 ? [] : left.splice(counted, 1);
    const own = standing(dueAt, doneAt, nowMs);
    const isMissed = own.status === 'overdue' && (nowMs >= next || resolvedAt !== undefined);
    items.push({
      id: `update-${minutes}`,
      title: `status update at T+${minutes} min`,
      dueAt,
      ...own,
      ...(isMissed ? { status: 'missed' as const } : {}),
      command: 'update "…"',
    });
    before = dueAt;
  }
  // An incident that was left open would fill the screen with them.
  const missed = items.filter(({ status }) => status === 'missed').slice(-mostMissed);
  return items.filter((item) => item.status !== 'missed' || missed.includes(item));
}

function* updateTimes(): Generator<number> {
  for (let minutes: number = updateMinutes[0]; ; minutes = nextUpdate(minutes)) yield minutes;
}

function nextUpdate(minutes: number): number {
  return updateMinutes.find((each) => each > minutes) ?? minutes + updateEveryMinutes;
}

function standing(dueAt: number, doneAt: number | undefined, nowMs: number) {
  if (doneAt !== undefined) {
    return { status: 'done' as const, doneAt, ...(doneAt > dueAt ? { lateMs: doneAt - dueAt } : {}) };
  }
  return nowMs > dueAt ? { status: 'overdue' as const, lateMs: nowMs - dueAt } : { status: 'due' as const };
}

/** The first that anybody but the on-call heard of it: of a receiver that took it, or in a status update. */
function firstTold({ told, updates, events }: Incident): number | undefined {
  const received = told.filter(({ delivered, simulated }) => delivered || simulated === true).map(({ at }) => at);
  const [opening] = events;
  const said = opening?.type === 'incident.opened' && opening.publicText !== undefined ? [opening.at] : [];
  return earliest(...received, ...said, ...updates.map(({ at }) => at));
}
