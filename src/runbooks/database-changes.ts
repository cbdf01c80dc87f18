/**
 * What runbooks do to an Aurora cluster: a failover to a reader. Told, looked up, made and waited for here. Whether it is
 * right to do so is for the diagnosis.
 * Source: Aurora User Guide, "High availability for Amazon Aurora"; RDS API Reference, FailoverDBCluster.
 */
import type { DatabaseEvent, DatabaseInstance, DatabaseState } from '../cloud/facts.ts';
import type { DatabaseRef } from '../cloud/stack.ts';
import { servingOf, writerOf } from '../diagnosis/database/statuses.ts';
import type { Change, Look } from '../engine/change.ts';
import type { ActContext, ObserveContext, Polled } from '../engine/step.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from './kit.ts';

type Looking = ObserveContext<RunbookPorts, RunbookSettings>;
type Doing = ActContext<ActPorts, RunbookSettings>;

const minuteMs = 60_000;
/** RDS keeps its events for 14 days; a day less is whole whenever it is asked for. */
export const eventsKeptMs = 13 * 24 * 60 * minuteMs;

export type FailOverInput = {
  readonly database: { readonly region: string; readonly cluster: string };
  /** The instance that is the writer now, and the reader that is to be. */
  readonly writer: string;
  readonly target: string;
  /**
   * The newest failover that RDS told of before, epoch milliseconds: what is newer belongs to this change. Not the time of
   * the plan, so that the same plan of the same cluster stays the same.
   */
  readonly lastFailoverAt?: number;
};

/** What the clock of this machine may be ahead of that of RDS. */
const clocksDifferMs = 10_000;

const ofFailovers: readonly DatabaseEvent['kind'][] = [
  'failover-started',
  'failover-completed',
  'failover-failed',
  'writer-restored',
];

export function failOverChange(
  { region, cluster }: DatabaseRef,
  writer: DatabaseInstance,
  target: DatabaseInstance,
  events: readonly DatabaseEvent[],
): Change<FailOverInput> {
  const times = events.filter(({ kind }) => ofFailovers.includes(kind)).map(({ at }) => at);
  const input = { database: { region, cluster }, writer: writer.id, target: target.id };
  return {
    operation: 'rds:FailoverDBCluster',
    region,
    resource: cluster,
    summary: `writer ${writer.id} \u2192 ${target.id}`,
    before: { writer: writer.id },
    after: { writer: target.id },
    // The volume is shared: what was committed stays; but nobody can make it not have happened.
    risk: 'irreversible',
    blastRadius: 'connections to the cluster break, and writes fail until it is over: typically under 60 s',
    input: times.length === 0 ? input : { ...input, lastFailoverAt: Math.max(...times) },
  };
}

/** Reality decides: sent twice, a failover would go back to where it came from. */
export async function lookAtFailOver(
  { input }: Change<FailOverInput>,
  { ports, clock, sentAt = 0 }: Looking,
): Promise<Look> {
  const { database, writer, target } = input;
  // RDS tells of events late: of one that failed just before this one was asked for, too.
  const lastFailoverAt = Math.max(input.lastFailoverAt ?? 0, sentAt - clocksDifferMs);
  const now = clock.now();
  const from = Math.floor(Math.min(now, Math.max(lastFailoverAt, now - eventsKeptMs)) / minuteMs) * minuteMs;
  const [state, events] = await Promise.all([
    ports.facts.databaseState(database),
    ports.facts.databaseEvents(database, { from, to: now }),
  ]);
  const since = events
    .filter(({ at, kind }) => at > lastFailoverAt && ofFailovers.includes(kind))
    .toSorted((a, b) => b.at - a.at);
  const present = writerOf(state);
  const detail = stateText(state);
  if (present === undefined) return { state: 'unknown', detail: `RDS names no writer: ${detail}` };
  const isMoving = state.status === 'failing-over';
  if (present.id !== writer) return { state: isMoving ? 'in-flight' : 'done', detail };
  if (isMoving) return { state: 'in-flight', detail };
  const failed = since.find(({ kind }) => kind === 'failover-failed' || kind === 'writer-restored');
  const [newest] = since;
  // What failed after another one was completed was none that was asked for here.
  const isOther = since.some(({ kind, at }) => kind === 'failover-completed' && failed !== undefined && at < failed.at);
  if (failed !== undefined && newest?.kind !== 'failover-started' && !isOther) {
    return { state: 'failed', detail: `${failed.message} (${detail})`, isAsBefore: true };
  }
  if (newest?.kind === 'failover-started') return { state: 'in-flight', detail: `${newest.message} (${detail})` };
  if (newest !== undefined) return { state: 'drifted', detail: `${newest.message} (${detail})` };
  const reader = state.instances.find(({ id }) => id === target);
  if (servingOf(state.status) !== 'serving' || reader?.status !== 'available') return { state: 'drifted', detail };
  return { state: 'not-started', detail };
}

export async function applyFailOver({ input }: Change<FailOverInput>, { ports }: Doing): Promise<void> {
  await ports.changes.failOverCluster(input.database, input.target);
}

/** How a failover ended: with another writer, or with the old one again. */
export interface FailedOver {
  readonly failedOver: boolean;
  /** In one line. */
  readonly why: string;
  readonly writer?: string;
  /** When it was seen, epoch milliseconds. */
  readonly at: number;
}

/** Until the change of roles is seen and the cluster is available; that it came to nothing is an end, too. */
export async function pollFailOver(change: Change<FailOverInput>, context: Looking): Promise<Polled<FailedOver>> {
  const seen = await lookAtFailOver(change, context);
  const at = context.clock.now();
  if (seen.state === 'failed') {
    const why = `the failover came to nothing: ${seen.detail}`;
    return {
      state: 'reached',
      output: { failedOver: false, why, at },
      detail: why,
      takenBack: seen.isAsBefore === true,
    };
  }
  if (seen.state !== 'done') return { state: 'waiting', detail: seen.detail };
  const state = await context.ports.facts.databaseState(change.input.database);
  const writer = writerOf(state);
  const detail = stateText(state);
  if (servingOf(state.status) !== 'serving' || writer?.status !== 'available') return { state: 'waiting', detail };
  const why = `${writer.id} is the writer`;
  return { state: 'reached', output: { failedOver: true, why, writer: writer.id, at }, detail };
}

/** Until a failover that somebody else began is over. */
export async function pollAwaited(
  database: DatabaseRef,
  since: number,
  { ports, clock }: Looking,
): Promise<Polled<FailedOver>> {
  const at = clock.now();
  const from = Math.floor(since / minuteMs) * minuteMs;
  const [state, events] = await Promise.all([
    ports.facts.databaseState(database),
    ports.facts.databaseEvents(database, { from, to: at }),
  ]);
  const writer = writerOf(state);
  const detail = stateText(state);
  const [newest] = events
    .filter((event) => event.at >= since && ofFailovers.includes(event.kind))
    .toSorted((a, b) => b.at - a.at);
  if (state.status === 'failing-over' || newest?.kind === 'failover-started') return { state: 'waiting', detail };
  if (newest?.kind === 'failover-failed' || newest?.kind === 'writer-restored') {
    const why = `the failover came to nothing: ${newest.message}`;
    return { state: 'reached', output: { failedOver: false, why, at }, detail: why };
  }
  if (servingOf(state.status) !== 'serving' || writer?.status !== 'available') return { state: 'waiting', detail };
  const why = `${writer.id} is the writer`;
  return { state: 'reached', output: { failedOver: true, why, writer: writer.id, at }, detail };
}

export function stateText({ status, instances }: DatabaseState): string {
  const told = instances.map((each) => `${each.id} ${each.role} ${each.status}`).join(', ');
  return `the cluster is ${status}${told === '' ? ', without instances' : `; ${told}`}`;
}
