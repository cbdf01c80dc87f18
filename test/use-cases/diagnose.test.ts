/** `diagnose latency` from a session to its document: what is asked, what is concluded, and what a gap does to it. */
import { describe, expect, test } from 'vitest';
import { CloudError } from '../../src/cloud/errors.ts';
import type { RequestPace } from '../../src/cloud/facts.ts';
import { NanoopsError } from '../../src/errors.ts';
import { runDocument } from '../../src/report/schemas.ts';
import { refusal } from '../fakes/cloud.ts';
import { databaseLoad, moved, silent, traces, traffic, usual, utilisation } from '../diagnosis/latency/pictures.ts';
import { endMs, minutesAgo, minuteMs, seriesOf, times } from '../diagnosis/series.ts';
import { diagnoseOn, healthy, nowMs, slowApi, stackConfig, type FactName } from './stage.ts';

const hot = () => ({
  ...slowApi(),
  serviceUtilisation: utilisation({ cpuAverage: moved(44, 97, '%') }),
  traces: (_service: unknown, _window: unknown, { slowerThanMs }: RequestPace) =>
    traces(slowerThanMs !== undefined ? { ...usual, own: 3_500 } : usual),
});

/** What a person must be told when he typed something that cannot be looked at. */
async function wrongUsage(running: Promise<unknown>): Promise<NanoopsError> {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NanoopsError)) throw new TypeError('expected a NanoopsError', { cause: error });
  expect(error.exitCode).toBe(2);
  return error;
}

describe('the document', () => {
  test('of a healthy API says ok, and is what the schema promises', async () => {
    const { document, cloud } = await diagnoseOn(healthy());
    expect(runDocument.parse(document)).toMatchObject({
      schema: 'nanoops/run@1',
      runbook: 'latency',
      mode: 'observe',
      environment: 'prod',
      verdict: 'ok',
      exitCode: 0,
      symptom: { state: 'none', onset: null, endedAt: null },
      causes: [],
      notes: [],
      mutations: [],
    });
    expect(document.startedAt).toBe(new Date(nowMs).toISOString());
    expect(document.api).toEqual(cloud.usage());
    expect(document.api.calls).toBeGreaterThan(10);
    expect(cloud.unused()).toEqual([]);
  });

  test('of a slow API names the cause, what helps and when it began', async () => {
    const { document } = await diagnoseOn(hot());
    expect(runDocument.parse(document)).toMatchObject({
      verdict: 'attention',
      exitCode: 1,
      symptom: { state: 'ongoing', onset: new Date(minutesAgo(20)).toISOString(), endedAt: null },
      escalation: { due: true, summary: '23 min old (as measured): page the on-call architect' },
    });
    expect(document.causes[0]).toMatchObject({
      rank: 1,
      cause: 'cpu-saturated',
      component: 'nano-api',
      remediation: {
        stepId: 'scale-out',
        command: 'aws ecs update-service --region us-west-2 --cluster nano --service nano-api --desired-count 4',
      },
    });
  });

  test('lists every step of the runbook once, with what it found', async () => {
    const { document, events } = await diagnoseOn(hot());
    const ids = document.steps.map((step) => step.id);
    expect(new Set(ids).size).toBe(ids.length);
    const [started] = events;
    expect(started?.type === 'run.started' ? started.steps.map((step) => step.id) : []).toEqual(ids);
    expect(document.steps.find((step) => step.id === 'service-utilisation')).toMatchObject({
      kind: 'observe',
      status: 'succeeded',
      attempts: 1,
      predictedMs: null,
    });
    expect(document.steps.filter((step) => !['succeeded', 'skipped'].includes(step.status))).toEqual([]);
    for (const step of document.steps) expect(step.detail).not.toBe('');
  });

  test('is the same, to the byte, for the same world', async () => {
    const [first, second] = [await diagnoseOn(hot()), await diagnoseOn(hot())];
    expect(JSON.stringify(second.document)).toBe(JSON.stringify(first.document));
    expect(JSON.stringify(second.events)).toBe(JSON.stringify(first.events));
  });
});

describe('what is looked at', () => {
  test('is three hours up to the last minute that CloudWatch has whole', async () => {
    const { cloud } = await diagnoseOn(healthy());
    expect(cloud.questions('apiTraffic')[0]?.[1]).toEqual({ from: endMs - 180 * minuteMs, to: endMs });
  });

  test('ends where --until says', async () => {
    const { cloud } = await diagnoseOn(healthy(), { until: minutesAgo(30) + 12_345 });
    expect(cloud.questions('apiTraffic')[0]?.[1]).toEqual({ from: minutesAgo(210), to: minutesAgo(30) });
  });

  test('never reaches into minutes that are not there yet, though --until says now', async () => {
    const { cloud } = await diagnoseOn(healthy(), { until: nowMs });
    expect(cloud.questions('apiTraffic')[0]?.[1].to).toBe(endMs);
  });

  test('with --since begins two hours before it, and takes the onset from it', async () => {
    const { cloud, document } = await diagnoseOn(hot(), { since: minutesAgo(25) + 31_000 });
    expect(cloud.questions('apiTraffic')[0]?.[1]).toEqual({ from: minutesAgo(145), to: endMs });
    expect(document.symptom?.onset).toBe(new Date(minutesAgo(25)).toISOString());
    expect(document.escalation?.summary).toContain('28 min old (as given)');
  });

  test('error lines are read for the incident, traces for the latest minutes and for an hour ago', async () => {
    const { cloud } = await diagnoseOn(hot());
    const [slow, normal] = cloud.questions('traces');
    expect(slow?.slice(1, 3)).toEqual([{ from: minutesAgo(10), to: endMs }, { slowerThanMs: 1_000 }]);
    expect(normal?.slice(1, 3)).toEqual([{ from: minutesAgo(70), to: minutesAgo(60) }, { fasterThanMs: 1_000 }]);
    expect(cloud.questions('errorLines')[0]?.[1]).toEqual({ from: minutesAgo(35), to: endMs });
  });

  test('with a given onset, traces are of the time since and of the time before', async () => {
    const { cloud } = await diagnoseOn(hot(), { since: minutesAgo(5) });
    const [slow, normal] = cloud.questions('traces');
    expect(slow?.[1]).toEqual({ from: minutesAgo(5), to: endMs });
    expect(normal?.[1]).toEqual({ from: minutesAgo(18), to: minutesAgo(8) });
  });

  test('flow logs are looked up for the network alone', async () => {
    expect((await diagnoseOn(hot())).cloud.questions('flowLogs')).toEqual([]);
  });

  test('is the primary region, or the one that --region names', async () => {
    const { apiTraffic, zoneTraffic, targetHealth, ...rest } = healthy();
    const { cloud, document } = await diagnoseOn(
      { ...rest, apiTraffic, zoneTraffic, targetHealth },
      { region: 'us-east-1', cloudRegion: 'us-east-1' },
    );
    expect(cloud.questions('apiTraffic')[0]?.[0].loadBalancer).toBe('app/nano-alb-dr/1');
    expect(cloud.questions('databaseState')[0]?.[0].cluster).toBe('nano-db-dr');
    expect(document.steps.find((step) => step.id === 'cache-load')).toMatchObject({
      status: 'skipped',
      detail: 'cache.replicationGroup is not configured',
    });
  });

  test('is judged by the targets of the configuration', async () => {
    const strict = { ...stackConfig, objectives: { checks: { 'api-latency-p99': { target: '300ms', alert: '3s' } } } };
    const facts = { ...healthy(), serviceGraphs: slowApi().serviceGraphs };
    expect((await diagnoseOn(facts, { config: strict })).document.verdict).toBe('attention');
  });
});

describe('wrong usage ends before anything is asked', () => {
  test.each([
    ['an unknown region', { region: 'eu-west-1' }, /eu-west-1: this stack has no part there/],
    ['--since in the future', { since: nowMs + minuteMs }, /--since lies in the future/],
    ['--since two minutes ago', { since: minutesAgo(2) }, /less than 3 minutes before the end/],
    ['--since after --until', { since: minutesAgo(30), until: minutesAgo(60) }, /--since is not before --until/],
    ['--until in the future', { until: nowMs + 3_600_000 }, /--until lies in the future/],
    ['--since 16 days ago', { since: nowMs - 16 * 86_400_000 }, /more than 15 days back/],
    ['--since whose normal period is too old', { since: nowMs - 15 * 86_400_000 + minuteMs }, /more than 15 days back/],
  ])('%s', async (_what, options, message) => {
    const error = await wrongUsage(diagnoseOn({}, options));
    expect(error.message).toMatch(message);
    expect(error.nextStep).not.toBe('');
  });

  test('names the regions that there are', async () => {
    expect((await wrongUsage(diagnoseOn({}, { region: 'us-wset-2' }))).nextStep).toContain('us-west-2, us-east-1');
  });

  test('four minutes ago is enough', async () => {
    expect((await diagnoseOn(healthy(), { since: minutesAgo(4) })).document.verdict).toBe('ok');
  });
});

describe('a gap', () => {
  const optional: readonly FactName[] = [
    'zoneTraffic',
    'targetHealth',
    'serviceUtilisation',
    'serviceState',
    'deployments',
    'stoppedTasks',
    'scalingLimits',
    'databaseState',
    'databaseLoad',
    'cacheLoad',
    'bucketLoad',
    'errorLines',
    'slowQueries',
    'traces',
  ];

  test.each(optional)('%s is refused: a healthy API is unknown then, and the reason is given', async (fact) => {
    const { document } = await diagnoseOn({ ...healthy(), [fact]: refusal(fact) });
    expect(runDocument.parse(document)).toMatchObject({ verdict: 'unknown', exitCode: 3, symptom: { state: 'none' } });
    expect(document.notes).toEqual([refusal(fact).message]);
  });

  test.each(optional)('%s is refused: a slow API needs attention all the same, and the gap is told', async (fact) => {
    const { document } = await diagnoseOn({ ...hot(), [fact]: refusal(fact) });
    expect(runDocument.parse(document)).toMatchObject({ verdict: 'attention', exitCode: 1 });
    expect(document.notes).toContain(refusal(fact).message);
  });

  test('without the latency itself nothing is concluded, and nothing hangs', async () => {
    const { document } = await diagnoseOn({ ...hot(), apiTraffic: refusal('apiTraffic') });
    expect(runDocument.parse(document)).toMatchObject({ verdict: 'unknown', exitCode: 3, causes: [] });
    expect(document.symptom?.summary).toBe(`it is unknown whether the API is slow: ${refusal('apiTraffic').message}`);
    expect(document.notes).toEqual([refusal('apiTraffic').message]);
    expect(document.steps.find((step) => step.id === 'api-traffic')).toMatchObject({ status: 'unknown', attempts: 1 });
    expect(document.steps.find((step) => step.id === 'diagnosis')?.status).toBe('blocked');
  });

  test('an expired token is told once, with all that it hid and the one thing to type', async () => {
    const nextStep = 'aws sso login --profile prod, then try again';
    const refused = Object.keys(healthy()).map((fact) => [
      fact,
      new CloudError('credentials-expired', `${fact}: the token has expired.`, {
        ...refusal('caller').details,
        nextStep,
      }),
    ]);
    const { document } = await diagnoseOn(Object.fromEntries(refused));
    expect(runDocument.parse(document)).toMatchObject({ verdict: 'unknown', exitCode: 3, nextSteps: [nextStep] });
    expect(document.notes).toHaveLength(1);
    expect(document.notes?.[0]).toMatch(
      /^apiTraffic: the token has expired\. Not read because of it: Latency and requests at the balancer; .*; Traces/,
    );
    expect(document.steps.find((step) => step.id === 'zones')).toMatchObject({ status: 'unknown', nextStep });
    expect(document.steps.find((step) => step.id === 'symptom')).not.toHaveProperty('nextStep');
  });

  test('each thing that is denied is told by itself, and what to allow for each', async () => {
    const told = { ...healthy(), zoneTraffic: refusal('zoneTraffic'), deployments: refusal('deployments') };
    const { document } = await diagnoseOn(told);
    expect(document.notes).toEqual([refusal('zoneTraffic').message, refusal('deployments').message]);
    expect(document.nextSteps).toEqual(['allow cloudwatch:GetMetricData', 'allow ecs:ListServiceDeployments']);
  });

  test('a run that lacks nothing has nothing to do next', async () => {
    expect((await diagnoseOn(healthy())).document.nextSteps).toEqual([]);
  });

  test('telemetry that is silent is named, and is not healthy', async () => {
    const load = databaseLoad({ cpu: silent('%'), connections: silent() });
    const { document } = await diagnoseOn({ ...healthy(), databaseLoad: load });
    expect(document.verdict).toBe('unknown');
    expect(document.notes?.join('\n')).toMatch(/database CPU: CloudWatch holds no data/);
    expect(document.notes?.join('\n')).toMatch(/database connections: CloudWatch holds no data/);
  });

  test('no latency at all is unknown, though every call succeeded', async () => {
    const dark = traffic({
      latencyP50: silent('s'),
      latencyP95: silent('s'),
      latencyP99: silent('s'),
      requests: silent(),
    });
    const { document } = await diagnoseOn({ ...healthy(), apiTraffic: dark });
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3, symptom: { state: 'unknown' }, causes: [] });
    const statusOf = (id: string) => document.steps.find((step) => step.id === id)?.status;
    expect(['api-traffic', 'symptom', 'diagnosis', 'conclusion'].map(statusOf)).toEqual([
      'succeeded',
      'unknown',
      'unknown',
      'unknown',
    ]);
    const detailOf = (id: string) => document.steps.find((step) => step.id === id)?.detail;
    expect(detailOf('api-traffic')).toBe('p99 not reported, p50 not reported, no requests reported');
    expect(detailOf('diagnosis')).toBe('it cannot be judged: whether the API is slow is unknown');
  });

  test('telemetry that ended an hour ago is not told as if it were of now', async () => {
    const load = databaseLoad({ connections: seriesOf([...times(120, 40), ...times(60, undefined)]) });
    const { document } = await diagnoseOn({ ...healthy(), databaseLoad: load });
    const { detail } = document.steps.find((step) => step.id === 'database-load') ?? {};
    expect(detail).toMatch(/^CPU [\d.]+ %, no connections reported, SELECT /);
  });

  test('a gap keeps the last step from being a success, and it says why', async () => {
    const { document } = await diagnoseOn({ ...healthy(), zoneTraffic: refusal('zoneTraffic') });
    expect(document.steps.at(-1)).toMatchObject({
      status: 'unknown',
      detail: expect.stringMatching(/no incident in the window; but not everything could be looked at$/),
    });
  });

  test('parts that are not configured never count', async () => {
    const { service, regions, api } = stackConfig;
    const { apiTraffic, zoneTraffic, targetHealth } = healthy();
    const { document, cloud } = await diagnoseOn(
      { apiTraffic, zoneTraffic, targetHealth },
      { config: { service, regions, api } },
    );
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0, notes: [] });
    expect(cloud.unused()).toEqual([]);
    expect(document.steps.find((step) => step.id === 'database-load')).toMatchObject({ status: 'skipped' });
  });

  test('an API that is not configured cannot be called healthy', async () => {
    const { service, regions } = stackConfig;
    const { document } = await diagnoseOn({}, { config: { service, regions } });
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(document.symptom?.summary).toBe('it is unknown whether the API is slow: api.loadBalancer is not configured');
    expect(document.nextSteps).toEqual(['add api.loadBalancer to nanoops.yaml: it tells whether the API is slow']);
    expect(document.steps.at(-1)?.status).toBe('unknown');
  });

  test('what is throttled is tried again before it is a gap', async () => {
    let calls = 0;
    const { databaseState } = slowApi();
    const { document, clock } = await diagnoseOn({
      ...healthy(),
      databaseState: () => {
        calls += 1;
        if (calls < 3) throw refusal('databaseState', 'throttled');
        return databaseState;
      },
    });
    expect(document.verdict).toBe('ok');
    expect(document.steps.find((step) => step.id === 'database-state')).toMatchObject({
      status: 'succeeded',
      attempts: 3,
    });
    expect(clock.now()).toBeGreaterThan(nowMs);
  });
});

describe('the end of a run before its time', () => {
  test('its limit: what was not seen is a gap, and is not healthy', async () => {
    const { document } = await diagnoseOn(
      { ...healthy(), slowQueries: () => new Promise(() => undefined) },
      { timeoutMs: 30_000 },
    );
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3, durationMs: 30_000 });
    expect(document.notes).toEqual(["the run's limit of 30 s was reached"]);
  });

  test('an interruption: 130, and a document all the same', async () => {
    const { document, cloud } = await diagnoseOn({}, { signal: AbortSignal.abort() });
    expect(runDocument.parse(document)).toMatchObject({ verdict: 'interrupted', exitCode: 130, api: { calls: 0 } });
    expect(cloud.asked).toEqual([]);
  });

  test('a defect fails the run, and is told as one of nanoops', async () => {
    const broken = { ...healthy(), zoneTraffic: new TypeError('undefined is not a function') };
    const { document } = await diagnoseOn(broken);
    expect(document).toMatchObject({ verdict: 'failed', exitCode: 5, causes: [] });
    expect(document.notes?.join()).toMatch(/a defect of nanoops.*TypeError: undefined is not a function/);
  });
});
