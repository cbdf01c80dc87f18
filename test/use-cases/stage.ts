/** A session on a fake cloud: a stack like the specification's, a virtual clock at 12:02:30, and answers to every fact. */
import { fakeInspection } from '../fakes/inspection.ts';
import { RecordingOutside } from '../support/recording-outside.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { Facts } from '../../src/cloud/facts.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { latency } from '../../src/runbooks/latency.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { runRunbook, type RunRequest } from '../../src/use-cases/run-runbook.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { valueOf } from '../../src/diagnosis/known.ts';
import { FakeCloud, type Told } from '../fakes/cloud.ts';
import { picture, steady, traffic, zone } from '../diagnosis/latency/pictures.ts';
import { endMs } from '../diagnosis/series.ts';
import { nothingNamed } from '../support/nothing-named.ts';

/** The last complete minute that CloudWatch has whole then ends at `endMs`. */
export const nowMs = endMs + 150_000;

export const stackConfig = {
  service: 'nano-api',
  environment: 'prod',
  regions: { primary: 'us-west-2', recovery: 'us-east-1' },
  api: {
    loadBalancer: 'app/nano-alb/50dc6c495c0c9188',
    targetGroup: 'targetgroup/nano-api/73e2d6bc24d8a067',
    recovery: { loadBalancer: 'app/nano-alb-dr/1', targetGroup: 'targetgroup/nano-api-dr/1' },
  },
  compute: { cluster: 'nano', service: 'nano-api', maxTasks: 20 },
  database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' },
  cache: { replicationGroup: 'nano-cache' },
  storage: { bucket: 'nano-zips', replicaBucket: 'nano-zips-dr' },
  logs: { application: '/aws/ecs/nano-api', database: '/aws/rds/cluster/nano-db' },
  tracing: { service: 'nano-api' },
};

function answer<T>(known: Parameters<typeof valueOf<T>>[0]): T {
  const value = valueOf(known);
  if (value === undefined) throw new TypeError('the picture holds no such answer');
  return value;
}

/** What every fact answers while p99 is high and nothing else is out of the ordinary. */
export function slowApi() {
  const seen = picture();
  return {
    apiTraffic: answer(seen.traffic),
    zoneTraffic: answer(seen.zones),
    targetHealth: [{ id: '10.0.0.1', state: 'healthy' }],
    serviceUtilisation: answer(seen.utilisation),
    serviceState: answer(seen.service),
    deployments: answer(seen.deployments),
    stoppedTasks: answer(seen.stoppedTasks),
    scalingLimits: () => undefined,
    databaseState: answer(seen.database),
    databaseLoad: answer(seen.databaseLoad),
    cacheLoad: answer(seen.cacheLoad),
    bucketLoad: () => valueOf(seen.bucketLoad),
    errorLines: answer(seen.errorLines),
    slowQueries: answer(seen.slowQueries),
    traces: answer(seen.slowTraces),
    serviceGraphs: (traced, windows) =>
      windows.map(() => ({
        components: [],
        calls: [],
        truncated: false,
        dangling: 0,
        source: { operation: 'xray:GetServiceGraph', region: traced.region, detail: 'all that was traced' },
      })),
  } satisfies Told;
}

export function healthy(): Omit<ReturnType<typeof slowApi>, 'serviceGraphs'> {
  const calm = steady(0.4, 's');
  // Calls are looked at in an incident alone.
  const { serviceGraphs: _unasked, ...facts } = slowApi();
  return {
    ...facts,
    apiTraffic: traffic({ latencyP50: steady(0.1, 's'), latencyP95: steady(0.3, 's'), latencyP99: calm }),
    zoneTraffic: [zone('usw2-az1', calm), zone('usw2-az2', calm)],
  };
}

export interface StageOptions extends Partial<Omit<RunRequest, 'runbook'>> {
  readonly config?: Record<string, unknown>;
  readonly signal?: AbortSignal;
  readonly cloudRegion?: string;
}

/** Runs the latency diagnosis; gives the document, the cloud and the events. */
export async function diagnoseOn(told: Told, options: StageOptions = {}) {
  const { config: raw, signal, cloudRegion, ...asked } = options;
  const clock = new VirtualClock(nowMs);
  const cloud = new FakeCloud(told, { region: cloudRegion ?? 'us-west-2', clock });
  const events: RunEvent[] = [];
  const config = parseConfig(raw ?? stackConfig, 'a test');
  const session: Session = {
    config,
    stack: stackOf(config),
    cloud,
    outside: new RecordingOutside({}).outside,
    named: nothingNamed,
    inspection: fakeInspection(),
    isSimulated: false,
    verify: () => Promise.resolve(),
    awsOptions: [],
    clock,
    random: () => 0.5,
    signal: signal ?? new AbortController().signal,
    emit: (event) => events.push(event),
  };
  const document = await runRunbook(session, { runbook: latency, mode: 'observe', ...asked });
  return { document, cloud, events, clock };
}

export type FactName = keyof Facts;
