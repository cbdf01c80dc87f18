/** The facts about backups. Few runs ask for them: their module is loaded when one does, while a run's clock stands. */
import type { BackupFacts } from '../../cloud/backup-facts.ts';
import type { FactTools } from './tools.ts';

export function backupFacts(tools: FactTools): BackupFacts {
  const load = () => tools.wiring.clock.busy(() => import('./backup-settings.ts'));
  return {
    databaseBackup: async (database) => (await load()).databaseBackup(tools, database),
    bucketLifecycle: async (bucket) => (await load()).bucketLifecycle(tools, bucket),
    tableBackup: async (table) => (await load()).tableBackup(tools, table),
  };
}
