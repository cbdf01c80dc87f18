/**
 * What RDS tells of a cluster, its instances and its parameter group, in the words of the Aurora User Guide, "Amazon RDS
 * event categories and event messages for Aurora". Follows from the records; backups and moves between regions are not
 * among them.
 */
import { writerAt } from './database-state.ts';
import type { Database, Failover } from './inventory.ts';

export interface DatabaseEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: 'db-cluster' | 'db-instance' | 'db-parameter-group';
  readonly source: string;
  readonly category: string;
  readonly message: string;
}

/** Everything that happens to the cluster, what is still to come included; in no particular order. */
export function databaseEvents(database: Database): readonly DatabaseEvent[] {
  const ofInstances = database.instances.flatMap(({ id, availableAt, deletedAt }): DatabaseEvent[] => [
    { at: availableAt, type: 'db-instance', source: id, category: 'creation', message: 'DB instance created.' },
    ...(deletedAt === undefined
      ? []
      : [
          {
            at: deletedAt,
            type: 'db-instance' as const,
            source: id,
            category: 'deletion',
            message: 'DB instance deleted.',
          },
        ]),
  ]);
  const ofParameters = database.parameterChanges.map(({ at, parameter, value, apply }): DatabaseEvent => ({
    at,
    type: 'db-parameter-group',
    source: database.parameterGroup,
    category: 'configuration change',
    message: `Updated parameter ${parameter} to ${value} with apply method ${apply}.`,
  }));
  const created: DatabaseEvent = {
    at: database.availableAt,
    type: 'db-cluster',
    source: database.cluster,
    category: 'creation',
    message: 'DB cluster created.',
  };
  const ofFailovers = database.failovers.flatMap((failover) => failoverEvents(database, failover));
  // A restored cluster shares its source's parameter group, whose changes are told once.
  return [created, ...ofInstances, ...ofFailovers, ...(database.restoredFrom === undefined ? ofParameters : [])];
}

function failoverEvents(database: Database, failover: Failover): readonly DatabaseEvent[] {
  const { startedAt, movedAt, endedAt, restartedAt, from, to, outcome } = failover;
  const cluster = (at: number, message: string): DatabaseEvent => ({
    at,
    type: 'db-cluster',
    source: database.cluster,
    category: 'failover',
    message,
  });
  const instance = (at: number, source: string, category: string, message: string): DatabaseEvent => ({
    at,
    type: 'db-instance',
    source,
    category,
    message,
  });
  const zoneOf = (id: string) => database.instances.find((each) => each.id === id)?.zone;
  const distance = zoneOf(from) === zoneOf(to) ? 'same' : 'cross';
  const started = cluster(startedAt + 1_000, `Started ${distance} AZ failover to DB instance: ${to}.`);
  if (outcome === 'failed') {
    const failed = 'Cluster failover failed, check the health of your cluster instances and try again.';
    return [
      started,
      cluster(endedAt - 4_000, failed),
      cluster(endedAt, `Promoting previous primary again: ${writerAt(database, endedAt) ?? from}.`),
    ];
  }
  const completed = cluster(endedAt, `Completed failover to DB instance: ${to}.`);
  const restarted = instance(restartedAt, from, 'availability', 'DB instance restarted.');
  if (from === to) {
    const message =
      'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.';
    return [
      started,
      instance(startedAt + 3_000, from, 'recovery', message),
      instance(movedAt, from, 'recovery', 'Recovery of the DB instance is complete.'),
      restarted,
      completed,
    ];
  }
  return [
    started,
    instance(startedAt + 2_000, from, 'availability', 'DB instance shutdown.'),
    instance(movedAt, to, 'availability', 'DB instance restarted.'),
    restarted,
    completed,
  ];
}
