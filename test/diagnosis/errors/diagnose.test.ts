/** The causes of failing requests, each in the story in which it is the cause, and what makes another one of it. */
import { describe, expect, test } from 'vitest';
import type { TraceSample, TraceSpan } from '../../../src/cloud/facts.ts';
import { diagnoseErrors } from '../../../src/diagnosis/errors/diagnose.ts';
import type { ErrorsPicture } from '../../../src/diagnosis/errors/picture.ts';
import { errorSymptom } from '../../../src/diagnosis/errors/symptom.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import { deployment, stopped } from '../latency/stories.ts';
import {
  denied,
  known,
  logs,
  moved,
  notConfigured,
  picture as slowPicture,
  silent,
  steady,
  traces,
  traffic,
  utilisation,
  zone,
} from '../latency/pictures.ts';
import { minutesAgo, windowOf } from '../series.ts';

type Failing = 'own' | 'database' | 'storage' | 'dependency';

/** Failed requests, whose fault began there. */
function failedIn(part: Failing): Known<TraceSample> {
  const sample = traces({ own: 60 }, { own: 60 }, { own: 60 });
  const isFailed = (span: TraceSpan): boolean => span.segment || span.id === part;
  return known({
    ...sample,
    traces: sample.traces.map((trace) => ({
      ...trace,
      spans: trace.spans.map((span) => (isFailed(span) ? { ...span, fault: true } : span)),
    })),
  });
}

function symptomOf(ofTargets: number, ofBalancer = 0) {
  return errorSymptom({
    outcomes: {
      requests: steady(1_000),
      targetServerErrors: moved(0, ofTargets),
      balancerServerErrors: moved(0, ofBalancer),
      balancerUnavailable: silent(),
      targetClientErrors: steady(10),
      balancerClientErrors: silent(),
    },
    window: windowOf(120),
    target: 0.005,
  });
}

function picture(more: Partial<ErrorsPicture> = {}): ErrorsPicture {
  const { region, names, zones, utilisation: use, service, database, bucketLoad, callGraph } = slowPicture();
  return {
    symptom: symptomOf(60),
    region,
    names,
    traffic: known(traffic()),
    zones,
    targets: known([]),
    utilisation: use,
    service,
    deployments: known([]),
    stoppedTasks: known([]),
    database,
    databaseEvents: known([]),
    bucketLoad,
    errorLines: known(logs()),
    failedTraces: notConfigured,
    callGraph,
    changes: notConfigured,
    ...more,
  };
}

const lines = (message: string) => known(logs([19, 60, message]));
const first = (more: Partial<ErrorsPicture>) => {
  const [cause] = diagnoseErrors(picture(more));
  return cause === undefined ? undefined : [cause.cause, cause.component];
};

const own = "AttributeError: 'NoneType' object has no attribute 'entitlements'";
const unreachable = {
  symptom: symptomOf(0, 900),
  traffic: known(
    traffic({ healthyHosts: moved(3, 0), unhealthyHosts: moved(0, 3), targetConnectionErrors: moved(0, 2_000) }),
  ),
};

const stories: readonly (readonly [string, string, Partial<ErrorsPicture>])[] = [
  [
    'bad-deploy',
    'nano-api',
    { deployments: known([deployment(21, 17)]), failedTraces: failedIn('own'), errorLines: lines(own) },
  ],
  ['dependency-failing', 'moderation.example', { failedTraces: failedIn('dependency') }],
  [
    'database-failing',
    'nano-db',
    {
      failedTraces: failedIn('database'),
      errorLines: lines('pymysql.err.OperationalError: (1205, Lock wait timeout exceeded)'),
    },
  ],
  [
    'storage-throttled',
    'nano-zips',
    {
      failedTraces: failedIn('storage'),
      errorLines: lines('An error occurred (SlowDown) when calling the GetObject operation'),
    },
  ],
  [
    'connection-pool-exhausted',
    'nano-api',
    { failedTraces: failedIn('own'), errorLines: lines('QueuePool limit of size 20 overflow 10 reached') },
  ],
  [
    'cache-failing',
    'nano-cache',
    { failedTraces: failedIn('own'), errorLines: lines('redis.exceptions.ConnectionError: Connection refused') },
  ],
  [
    'service-overloaded',
    'nano-api',
    {
      failedTraces: failedIn('own'),
      utilisation: known(utilisation({ cpuAverage: moved(45, 98, '%') })),
      errorLines: lines('ConcurrencyLimitReached: limit of 64 requests'),
    },
  ],
  [
    'memory-pressure',
    'nano-api',
    {
      failedTraces: failedIn('own'),
      stoppedTasks: known([stopped({})]),
      utilisation: known(utilisation({ memoryMaximum: moved(60, 97, '%') })),
      errorLines: lines('MemoryError: Unable to allocate'),
    },
  ],
  ['targets-unreachable', 'nano-api', unreachable],
  [
    'network-az',
    'usw2-az2',
    {
      ...unreachable,
      symptom: symptomOf(0, 60),
      traffic: known(traffic({ targetConnectionErrors: moved(0, 60) })),
      zones: known([zone('usw2-az1', steady(0.4, 's')), zone('usw2-az2', steady(0.4, 's'), moved(0, 60))]),
    },
  ],
];

test.each(stories)('%s of %s is told by what is seen of it', (cause, component, seen) => {
  expect(first(seen)).toEqual([cause, component]);
});

describe('a deployment right before the onset', () => {
  const deployed = { deployments: known([deployment(21, 17)]) };

  test('is not to blame where faults begin at what the service calls', () => {
    const causes = diagnoseErrors(picture({ ...deployed, failedTraces: failedIn('dependency') }));
    expect(causes.map(({ cause }) => cause)).toEqual(['dependency-failing']);
  });

  test('is not to blame where the balancer reaches nobody', () => {
    expect(first({ ...deployed, ...unreachable })?.[0]).toBe('targets-unreachable');
  });

  test('is to blame without traces too, less surely, and what was not read is listed', () => {
    const [cause] = diagnoseErrors(
      picture({ ...deployed, failedTraces: denied('xray: permission'), callGraph: denied('xray: permission') }),
    );
    expect(cause?.cause).toBe('bad-deploy');
    expect(cause?.confidence).toBeLessThan(0.9);
    expect(cause?.missing.map(({ source }) => source)).toEqual(['xray:GetTraceSummaries', 'xray:GetServiceGraph']);
  });

  test('of two hours ago is none', () => {
    expect(first({ deployments: known([deployment(110, 105)]) })).toBeUndefined();
  });
});

test('nothing out of the ordinary is no cause', () => {
  expect(diagnoseErrors(picture())).toEqual([]);
});

test('nothing is named where no more fails than usual', () => {
  expect(diagnoseErrors(picture({ symptom: symptomOf(0), failedTraces: failedIn('own') }))).toEqual([]);
});

test('where no known cause fits, the component is named at which faults begin', () => {
  expect(first({ failedTraces: failedIn('own'), errorLines: lines(own) })).toEqual(['faults-begin-here', 'nano-api']);
});

test('a change of who may reach whom right before the onset is named', () => {
  const change = { at: minutesAgo(22), call: 'ec2:RevokeSecurityGroupIngress', who: 'jonas' };
  const source = { operation: 'cloudtrail:LookupEvents', region: 'us-west-2', detail: 'changes' };
  const [cause] = diagnoseErrors(
    picture({ ...unreachable, changes: known({ changes: [change], truncated: false, source }) }),
  );
  expect(cause?.summary).toContain('by jonas');
});
