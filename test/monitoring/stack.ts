/** A stack in two regions, and what its parts are called, for tests of what watches it. */
import { thresholdCheckIds, thresholdDefinitions, type ThresholdCheckId } from '../../src/config/thresholds.ts';
import type { Limit } from '../../src/checks/limits.ts';
import { ownTags } from '../../src/cloud/monitoring.ts';
import type { RegionalStack, Stack } from '../../src/cloud/stack.ts';
import { globalLagMetric } from '../../src/cloud/metrics.ts';
import type { MonitoringSettings, WatchedSite } from '../../src/monitoring/kit.ts';

const [west, east] = ['us-west-2', 'us-east-1'] as const;

const primary: RegionalStack = {
  region: west,
  api: { region: west, loadBalancer: 'app/nano-alb/50dc6c495c0c9188' },
  compute: { region: west, cluster: 'nano', service: 'nano-api' },
  database: { region: west, cluster: 'nano-db' },
  cache: { region: west, replicationGroup: 'nano-cache' },
  storage: { region: west, bucket: 'nano-zips' },
  logs: { database: { region: west, logGroup: '/aws/rds/cluster/nano-db' } },
  business: { region: west, namespace: 'Nano/Business' },
};

const recoveryDatabase = { region: east, cluster: 'nano-db-dr' };

const recovery: RegionalStack = {
  region: east,
  api: { region: east, loadBalancer: 'app/nano-dr/50dc6c495c0c9189' },
  compute: { region: east, cluster: 'nano', service: 'nano-api' },
  database: recoveryDatabase,
  storage: { region: east, bucket: 'nano-zips-dr' },
};

const stack: Stack = {
  service: 'nano-api',
  environment: 'prod',
  primary,
  recovery,
  globalCluster: 'nano-global',
};

const account = '123456789012';

export const primarySite: WatchedSite = {
  half: primary,
  role: 'primary',
  account,
  cacheNodes: ['nano-cache-001', 'nano-cache-002'],
  bucketFilter: 'EntireBucket',
  connectionLimit: 1000,
};

export const recoverySite: WatchedSite = {
  half: recovery,
  role: 'recovery',
  account,
  lagMetric: globalLagMetric(recoveryDatabase, 'AuroraGlobalDBRPOLag', { SourceRegion: west }),
};

/** The specification's thresholds, and those that a test sets. */
export function settingsWith(
  alerts: Partial<Record<ThresholdCheckId, number>> = {},
  more: Partial<MonitoringSettings> = {},
): MonitoringSettings {
  const limits = Object.fromEntries(
    thresholdCheckIds.map((id): readonly [string, Limit] => [
      id,
      { ...thresholdDefinitions[id], ...(alerts[id] === undefined ? {} : { alert: alerts[id] }) },
    ]),
  );
  return {
    stack,
    // Every id is a key of it.
    limits: limits as MonitoringSettings['limits'],
    fewestEvents: 10,
    prefix: 'nano',
    tags: ownTags('nano-api', 'prod'),
    receivers: {
      critical: { email: ['oncall@nano.example'], sms: ['+4915112345678'] },
      warning: { email: ['team@nano.example'], sms: [] },
    },
    ...more,
  };
}
