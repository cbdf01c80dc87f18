/**
 * A new Aurora cluster from another one's backups: the cluster first, then an instance in it. It takes nothing over by
 * itself: the application has to be pointed at it.
 * Source: Aurora User Guide, "Restoring a DB cluster to a specified time"; RDS API Reference, RestoreDBClusterToPointInTime.
 */
import { firstInstanceOf, longestDatabaseName } from '../cloud/database-names.ts';
import { CloudError } from '../cloud/errors.ts';
import type { DatabaseState } from '../cloud/facts.ts';
import type { DatabaseRef } from '../cloud/stack.ts';
import { servingOf, writerOf } from '../diagnosis/database/statuses.ts';
import type { Change, Look } from '../engine/change.ts';
import type { ActContext, ObserveContext, Polled } from '../engine/step.ts';
import { stateText } from './database-changes.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from './kit.ts';

type Looking = ObserveContext<RunbookPorts, RunbookSettings>;
type Doing = ActContext<ActPorts, RunbookSettings>;
type Database = { readonly region: string; readonly cluster: string };

/** The name of the cluster that a run would restore: the same whenever that run plans it, and another run's is another. */
export function restoredName({ cluster }: DatabaseRef, runId: string): string {
  const tail = `-restored-${(runId.split('-').at(-1) ?? '').slice(-20)}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');
  return `${cluster.slice(0, longestDatabaseName - tail.length - 2).replace(/-+$/, '')}${tail}`;
}

export type RestoreInput = {
  readonly source: Database;
  readonly cluster: string;
  readonly subnetGroup?: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup?: string;
};

export type InstanceInput = {
  readonly database: Database;
  readonly instance: string;
  readonly instanceClass: string;
  readonly engine: string;
};

export interface RestoreChanges {
  readonly cluster: Change<RestoreInput>;
  readonly instance: Change<InstanceInput>;
}

/** In the source's network and with its parameters. Undefined where no instance tells which class carries the load. */
export function restoreChanges(
  { region, cluster: source }: DatabaseRef,
  state: DatabaseState,
  cluster: string,
): RestoreChanges | undefined {
  const instanceClass = (writerOf(state) ?? state.instances[0])?.instanceClass;
  if (instanceClass === undefined) return undefined;
  const { engine, subnetGroup, securityGroups, parameterGroup } = state;
  const network = {
    ...(subnetGroup === undefined ? {} : { subnetGroup }),
    securityGroups: [...securityGroups],
    ...(parameterGroup === undefined ? {} : { parameterGroup }),
  };
  const instance = firstInstanceOf(cluster);
  return {
    cluster: {
      operation: 'rds:RestoreDBClusterToPointInTime',
      region,
      resource: cluster,
      summary: `a new cluster ${cluster} with the data of ${source}, as of the newest restorable moment`,
      before: {},
      after: { cluster, ...network, securityGroups: securityGroups.join(', ') },
      risk: 'reversible',
      blastRadius: `nobody: ${source} stays as it is; the new cluster costs money until somebody deletes it`,
      input: { source: { region, cluster: source }, cluster, ...network },
    },
    instance: {
      operation: 'rds:CreateDBInstance',
      region,
      resource: `${cluster}/${instance}`,
      summary: `its writer ${instance}, ${instanceClass}`,
      before: {},
      after: { instance, instanceClass },
      risk: 'reversible',
      blastRadius: 'nobody: it costs money until somebody deletes it',
      input: { database: { region, cluster }, instance, instanceClass, engine },
    },
  };
}

/** Undefined where there is no such cluster. */
async function stateOf(database: Database, { ports }: Looking): Promise<DatabaseState | undefined> {
  try {
    return await ports.facts.databaseState(database);
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** What RDS gives up: it does not become available any more. */
function isGivenUp(status: string): boolean {
  return /^(?:failed|restore-error|deleting|deleted|inaccessible-|incompatible-)/.test(status);
}

export async function lookAtRestore({ input }: Change<RestoreInput>, context: Looking): Promise<Look> {
  const { source, cluster } = input;
  const state = await stateOf({ region: source.region, cluster }, context);
  if (state === undefined) return { state: 'not-started', detail: `there is no cluster ${cluster}` };
  const detail = `${cluster} is ${state.status}`;
  if (isGivenUp(state.status)) return { state: 'failed', detail };
  return { state: servingOf(state.status) === 'serving' ? 'done' : 'in-flight', detail };
}

export async function applyRestore({ input }: Change<RestoreInput>, { ports }: Doing): Promise<void> {
  const { source, ...restored } = input;
  await ports.changes.restoreCluster(source, restored);
}

export async function pollRestore(
  change: Change<RestoreInput>,
  context: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const { state, detail } = await lookAtRestore(change, context);
  if (state === 'failed') return { state: 'failed', detail };
  return state === 'done'
    ? { state: 'reached', output: { at: context.clock.now() }, detail }
    : { state: 'waiting', detail };
}

export async function lookAtInstance({ input }: Change<InstanceInput>, context: Looking): Promise<Look> {
  const { database, instance } = input;
  const state = await stateOf(database, context);
  if (state === undefined) return { state: 'drifted', detail: `there is no cluster ${database.cluster}` };
  const found = state.instances.find(({ id }) => id === instance);
  if (found === undefined) return { state: 'not-started', detail: stateText(state) };
  const detail = `${instance} is ${found.status}`;
  if (isGivenUp(found.status)) return { state: 'failed', detail };
  return { state: servingOf(found.status) === 'serving' ? 'done' : 'in-flight', detail };
}

export async function applyInstance({ input }: Change<InstanceInput>, { ports }: Doing): Promise<void> {
  const { database, ...instance } = input;
  await ports.changes.createInstance(database, instance);
}

export async function pollInstance(
  change: Change<InstanceInput>,
  context: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const { state, detail } = await lookAtInstance(change, context);
  if (state === 'failed' || state === 'drifted') return { state: 'failed', detail };
  return state === 'done'
    ? { state: 'reached', output: { at: context.clock.now() }, detail }
    : { state: 'waiting', detail };
}
