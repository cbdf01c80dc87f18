/**
 * What the statuses of a cluster and of its instances mean for those who want to connect.
 * Source: Aurora User Guide, "Viewing DB cluster status" and "Viewing DB instance status in an Aurora cluster".
 */
import type { DatabaseInstance, DatabaseState } from '../../cloud/facts.ts';

/**
 * - `serving`: connections are taken
 * - `failing-over`: a reader becomes the writer
 * - `down`: no connection is taken, and another writer would not change that
 * - `interrupted`: connections may be refused for a while; also every status that is not known here
 */
export type Serving = 'serving' | 'failing-over' | 'down' | 'interrupted';

const serving = new Set([
  'available',
  'backing-up',
  'modifying',
  'storage-optimization',
  'storage-config-upgrade',
  'storage-initialization',
  'update-iam-db-auth',
  'resetting-master-credentials',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'configuring-associated-roles',
  'configuring-activity-stream',
]);

const down = new Set([
  'stopped',
  'stopping',
  'starting',
  'creating',
  'deleting',
  'storage-full',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'restore-error',
  'migration-failed',
  'cloning-failed',
]);

export function servingOf(status: string): Serving {
  if (serving.has(status)) return 'serving';
  if (status === 'failing-over') return 'failing-over';
  return down.has(status) ? 'down' : 'interrupted';
}

/** Statuses of a writer alone that a failover to a reader gets around. */
const ownTrouble = new Set([
  'failed',
  'rebooting',
  'restarting',
  'incompatible-network',
  'incompatible-option-group',
  'incompatible-parameters',
  'incompatible-restore',
  'insufficient-capacity',
]);

export function isOwnTrouble(instance: DatabaseInstance): boolean {
  return ownTrouble.has(instance.status);
}

export function writerOf(state: DatabaseState): DatabaseInstance | undefined {
  return state.instances.find(({ role }) => role === 'writer');
}
