/** The cluster that a scenario starts from, with the history that the scenario's faults leave behind. */
import { hexNoise } from '../random.ts';
import type { InventoryPlan } from './build-inventory.ts';
import { plannedFailover } from './database-changes.ts';
import { outageAt, promotableAt, writerAt } from './database-state.ts';
import type { Database, DatabaseInstance } from './inventory.ts';
import type { RegionNames } from './names.ts';

const DAY_MS = 86_400_000;
const INSTANCE_CLASS = 'db.r6g.large';
const ENGINE_VERSION = '8.0.mysql_aurora.3.08.2';

/** A writer and a reader in the primary region, a reader of the global database in the other one. */
export function buildDatabase(
  plan: InventoryPlan,
  role: 'primary' | 'recovery',
  names: RegionNames,
  zones: readonly string[],
  securityGroup: string,
): Database {
  const resource = (key: string) =>
    `${hexNoise(plan.seed, role, key)}${hexNoise(plan.seed, role, key, 'b')}${hexNoise(plan.seed, role, key, 'c')}`.toUpperCase();
  const cluster = names.databaseCluster;
  const createdAt = plan.startMs - 400 * DAY_MS;
  const faults = role === 'primary' ? plan.faults : [];
  const deletedAt = faults.find((fault) => fault.effect === 'readers-deleted')?.from;
  const instance = (number: number): DatabaseInstance => ({
    id: `${cluster}-${number}`,
    zone: zones[number - 1] ?? '',
    resourceId: `db-${resource(`instance-${number}`)}`,
    instanceClass: INSTANCE_CLASS,
    createdAt,
    availableAt: createdAt,
    ...(number > 1 && deletedAt !== undefined && { deletedAt }),
  });
  const headless = plan.faults.some((fault) => fault.effect === 'secondary-headless');
  const instances = role === 'primary' ? [instance(1), instance(2)] : headless ? [] : [instance(1)];
  const versioned = plan.faults.find((fault) => fault.effect === 'engine-version' && fault.side === role);
  const database: Database = {
    cluster,
    resourceId: `cluster-${resource('cluster')}`,
    endpointId: `c${hexNoise(plan.seed, role, 'endpoint')}xyz`,
    engineVersion: versioned?.effect === 'engine-version' ? versioned.version : ENGINE_VERSION,
    instances,
    createdAt,
    availableAt: createdAt,
    terms: role === 'primary' ? [{ from: 0, writer: `${cluster}-1` }] : [],
    failovers: [],
    subnetGroup: `${cluster}-subnets`,
    securityGroups: [securityGroup],
    parameterGroup: `${cluster}-params`,
    parameterChanges: faults.flatMap((fault) =>
      fault.effect === 'parameters-changed'
        ? [{ at: fault.from, parameter: fault.parameter, value: fault.value, apply: fault.apply }]
        : [],
    ),
  };
  return faults.reduce((known, fault) => {
    const writer = writerAt(known, fault.from);
    if (fault.effect !== 'failover' || writer === undefined) return known;
    const failover = plannedFailover(plan, known, {
      at: fault.from,
      writer,
      reader: promotableAt(known, faults, fault.from)[0]?.id,
      fails: false,
      hostGone: outageAt(known, faults, writer, fault.from) !== undefined,
      moveAfterMs: fault.moveAfterMs,
    });
    return { ...known, failovers: [...known.failovers, failover] };
  }, database);
}
