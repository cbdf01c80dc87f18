/**
 * Making another region's cluster the writer: the four ways, each told, looked up, made and waited for here. Which of them is
 * right is the plan's business.
 * Source: Aurora User Guide, "Using switchover or failover in Amazon Aurora Global Database" and "Promoting a read replica
 * to be a DB cluster"; RDS API Reference, SwitchoverGlobalCluster, FailoverGlobalCluster, RemoveFromGlobalCluster,
 * PromoteReadReplicaDBCluster.
 */
import { CloudError } from '../../cloud/errors.ts';
import type { GlobalDatabase } from '../../cloud/recovery-facts.ts';
import { servingOf } from '../../diagnosis/database/statuses.ts';
import type { Change, Look } from '../../engine/change.ts';
import type { ActContext, ObserveContext, Polled } from '../../engine/step.ts';
import { stateText } from '../database-changes.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from '../kit.ts';
import { globalText } from './observations.ts';

type Looking = ObserveContext<RunbookPorts, RunbookSettings>;
type Doing = ActContext<ActPorts, RunbookSettings>;

export type MoveKind = 'switchover' | 'failover' | 'promotion' | 'detach';

type Cluster = { readonly region: string; readonly cluster: string; readonly arn: string };

export type DatabaseMoveInput = {
  readonly kind: MoveKind;
  /** Absent for a promotion. */
  readonly globalCluster?: string;
  readonly from: Cluster;
  readonly to: Cluster;
  /** True of what puts a move back: that move may still be under way, and is waited for. */
  readonly undoes?: boolean;
  /** True where it is not put back, whatever becomes of the run. */
  readonly stays?: boolean;
};

const operations = {
  switchover: 'rds:SwitchoverGlobalCluster',
  failover: 'rds:FailoverGlobalCluster',
  detach: 'rds:RemoveFromGlobalCluster',
  promotion: 'rds:PromoteReadReplicaDBCluster',
} as const satisfies Record<MoveKind, string>;

export const databaseOperations: readonly string[] = Object.values(operations);

export function databaseMove(input: DatabaseMoveInput, lossMs?: number): Change<DatabaseMoveInput> {
  const { kind, globalCluster, from, to } = input;
  return {
    operation: operations[kind],
    // A switchover is asked of the region that writes, everything else of the region that is to.
    region: kind === 'switchover' ? from.region : to.region,
    resource: globalCluster ?? to.cluster,
    // Both move the writer of the global database, one way or the other.
    ...(kind === 'switchover' || kind === 'failover' ? { identity: `aurora-global:${globalCluster ?? ''}` } : {}),
    summary: summaryOf(input),
    before: { writer: `${from.cluster} in ${from.region}` },
    after: { writer: `${to.cluster} in ${to.region}` },
    risk: kind === 'switchover' ? 'reversible' : 'data-loss',
    blastRadius:
      kind === 'switchover'
        ? 'writes fail for a minute or two; nothing is lost'
        : 'what was not copied yet is lost; writes go to another region from then on',
    ...(kind === 'switchover' || lossMs === undefined ? {} : { lossMs }),
    input,
  };
}

function summaryOf({ kind, from, to }: DatabaseMoveInput): string {
  const way = `writer ${from.cluster} in ${from.region} \u2192 ${to.cluster} in ${to.region}`;
  switch (kind) {
    case 'switchover':
      return `${way}, once it has everything`;
    case 'failover':
      return `${way}, with what it has`;
    case 'detach':
      return `${way}, as a cluster of its own, with what it has`;
    case 'promotion':
      return `${way}, promoted with what it has`;
  }
}

/** Only what loses nothing has a way back of the same kind. */
export function reverseDatabaseMove({ input }: Change<DatabaseMoveInput>): Change<DatabaseMoveInput> | undefined {
  if (input.kind !== 'switchover' || input.stays === true) return undefined;
  const { undoes = false, from, to, ...rest } = input;
  return databaseMove({ ...rest, from: to, to: from, ...(undoes ? {} : { undoes: true }) });
}

/** Asked of the region that takes over: the other one may be gone. */
export async function lookAtDatabaseMove({ input }: Change<DatabaseMoveInput>, { ports }: Looking): Promise<Look> {
  const { kind, globalCluster, from, to } = input;
  if (kind === 'promotion') {
    const state = await ports.facts.databaseState(to);
    const detail = `${to.cluster}: ${stateText(state)}`;
    if (state.status === 'promoting') return { state: 'in-flight', detail };
    if (state.replicatesFrom !== undefined) return { state: 'not-started', detail };
    return { state: servingOf(state.status) === 'serving' ? 'done' : 'in-flight', detail };
  }
  // The region that an undone switchover leads to is as good a witness as the other one.
  const seen = await globalOf(globalCluster ?? '', to.region, ports);
  const member = seen?.members.find(({ arn }) => arn === to.arn);
  if (kind === 'detach') {
    const detail = seen === undefined ? 'the global database is gone' : globalText(seen);
    if (seen?.moving !== undefined) return { state: 'drifted', detail: `another move is under way: ${detail}` };
    if (member?.isWriter === true) return { state: 'drifted', detail: `it is the writer already: ${detail}` };
    if (member !== undefined) return { state: 'not-started', detail };
    const state = await ports.facts.databaseState(to);
    return { state: servingOf(state.status) === 'serving' ? 'done' : 'in-flight', detail: stateText(state) };
  }
  if (seen === undefined) return { state: 'drifted', detail: `there is no global database ${globalCluster ?? ''}` };
  const detail = globalText(seen);
  if (member === undefined) return { state: 'drifted', detail: `${to.cluster} is not part of it: ${detail}` };
  const { moving } = seen;
  if (moving !== undefined) {
    const isOwn = moving.to === undefined || moving.to === to.arn || (input.undoes === true && moving.to === from.arn);
    return isOwn
      ? { state: 'in-flight', detail }
      : { state: 'drifted', detail: `another move is under way: ${detail}` };
  }
  if (member.isWriter) return { state: 'done', detail };
  const writer = seen.members.find(({ isWriter }) => isWriter);
  return writer?.arn === from.arn ? { state: 'not-started', detail } : { state: 'drifted', detail };
}

async function globalOf(
  globalCluster: string,
  region: string,
  { facts }: RunbookPorts,
): Promise<GlobalDatabase | undefined> {
  try {
    return await facts.globalDatabase({ region, globalCluster });
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

export async function applyDatabaseMove({ input }: Change<DatabaseMoveInput>, { ports }: Doing): Promise<void> {
  const { kind, globalCluster = '', from, to } = input;
  switch (kind) {
    case 'switchover':
      return ports.changes.switchOverGlobal({ region: from.region, globalCluster }, to.arn);
    case 'failover':
      return ports.changes.failOverGlobal({ region: to.region, globalCluster }, to.arn);
    case 'detach':
      return ports.changes.removeFromGlobal({ region: to.region, globalCluster }, to.arn);
    case 'promotion':
      return ports.changes.promoteReplica(to);
  }
}

/** When the change of roles was seen, epoch milliseconds. */
export interface Moved {
  readonly at: number;
  /** The host that follows the new writer. */
  readonly endpoint?: string;
}

/** Until the roles have changed and the new writer is there; merely "available" it was before. */
export async function pollDatabaseMove(change: Change<DatabaseMoveInput>, context: Looking): Promise<Polled<Moved>> {
  const seen = await lookAtDatabaseMove(change, context);
  if (seen.state === 'drifted') return { state: 'failed', detail: seen.detail };
  if (seen.state !== 'done') return { state: 'waiting', detail: seen.detail };
  const state = await context.ports.facts.databaseState(change.input.to);
  const up = state.instances.find(({ role, status }) => role === 'writer' && servingOf(status) === 'serving');
  if (servingOf(state.status) !== 'serving' || up === undefined) {
    return { state: 'waiting', detail: `${seen.detail}; ${change.input.to.cluster}: ${stateText(state)}` };
  }
  return {
    state: 'reached',
    output: { at: context.clock.now(), ...(state.endpoint === undefined ? {} : { endpoint: state.endpoint }) },
    detail: `${up.id} in ${change.input.to.region} is the writer`,
  };
}
