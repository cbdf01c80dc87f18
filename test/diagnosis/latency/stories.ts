/** What is seen of each cause of latency where it is the cause, and the parts that such stories are made of. */
import type { DeploymentRecord, StoppedTask } from '../../../src/cloud/facts.ts';
import type { LatencyPicture } from '../../../src/diagnosis/latency/picture.ts';
import { minutesAgo } from '../series.ts';
import {
  bucketLoad,
  cacheLoad,
  databaseLoad,
  known,
  logs,
  moved,
  slowIn,
  slowLogEntry,
  steady,
  traffic,
  utilisation,
  zone,
} from './pictures.ts';

export const deployment = (startedMinutesAgo: number, finishedMinutesAgo?: number): DeploymentRecord => ({
  id: 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/7',
  status: 'SUCCESSFUL',
  startedAt: minutesAgo(startedMinutesAgo),
  ...(finishedMinutesAgo === undefined ? {} : { finishedAt: minutesAgo(finishedMinutesAgo) }),
  taskDefinition: 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:42',
  previousTaskDefinitions: ['arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:41'],
});

export const stopped = (more: Partial<StoppedTask>, exitCode = 137, reason?: string): StoppedTask => ({
  taskArn: 'arn:task/1',
  stoppedAt: minutesAgo(10),
  stopCode: 'EssentialContainerExited',
  containers: [{ name: 'api', exitCode, reason }],
  ...more,
});

export const poolLine = 'QueuePool limit of size 20 overflow 10 reached, connection timed out';
export const slowSelect = slowLogEntry('SELECT a FROM nanos WHERE status = 1 ORDER BY rating DESC LIMIT 20', 3);
export const hotCpu = known(utilisation({ cpuAverage: moved(44, 97, '%') }));
export const surge = known(traffic({ requests: moved(600, 1_900) }));
export const coldCache = known(cacheLoad(moved(900, 200), moved(100, 800)));
export const slowDatabase = known(databaseLoad({ selectLatency: moved(8, 250, 'ms'), cpu: moved(30, 85, '%') }));

/** What is seen of each cause where it is the cause. */
export const stories: Record<string, { readonly component: string; readonly seen: Partial<LatencyPicture> }> = {
  'bad-deploy': {
    component: 'nano-api',
    seen: {
      deployments: known([deployment(25, 19)]),
      slowTraces: slowIn({ own: 3_000 }),
      utilisation: known(utilisation({ cpuAverage: moved(44, 80, '%') })),
    },
  },
  'cache-cold': {
    component: 'nano-cache',
    seen: {
      cacheLoad: coldCache,
      databaseLoad: known(
        databaseLoad({ queries: moved(900, 3_000), selectLatency: moved(8, 40, 'ms'), cpu: moved(30, 80, '%') }),
      ),
      slowTraces: slowIn({ database: 3_000 }),
    },
  },
  'connection-pool-exhausted': {
    component: 'nano-api',
    seen: { errorLines: known(logs([19, 60, poolLine])), slowTraces: slowIn({ own: 3_500 }) },
  },
  'cpu-saturated': { component: 'nano-api', seen: { utilisation: hotCpu, slowTraces: slowIn({ own: 3_500 }) } },
  'downstream-dependency': { component: 'moderation.example', seen: { slowTraces: slowIn({ dependency: 3_500 }) } },
  'memory-pressure': {
    component: 'nano-api',
    seen: {
      utilisation: known(utilisation({ memoryAverage: moved(55, 96, '%') })),
      stoppedTasks: known([stopped({})]),
      slowTraces: slowIn({ own: 3_000 }),
    },
  },
  'network-az': {
    component: 'usw2-az2',
    seen: {
      zones: known([
        zone('usw2-az1', steady(0.4, 's')),
        zone('usw2-az2', moved(0.4, 6, 's'), moved(0, 30)),
        zone('usw2-az3', steady(0.4, 's')),
      ]),
      slowTraces: slowIn({ own: 400, database: 2_000, storage: 800 }),
    },
  },
  's3-slow': {
    component: 'nano-zips',
    seen: { bucketLoad: known(bucketLoad(moved(40, 900, 'ms'))), slowTraces: slowIn({ storage: 3_500 }) },
  },
  'slow-query': {
    component: 'nano-db',
    seen: {
      databaseLoad: slowDatabase,
      slowQueries: known(logs([19, 40, slowSelect])),
      slowTraces: slowIn({ database: 3_500 }),
    },
  },
  'traffic-surge': {
    component: 'nano-api',
    seen: { traffic: surge, utilisation: hotCpu, slowTraces: slowIn({ own: 3_000 }) },
  },
};
