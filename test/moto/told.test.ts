/**
 * Who hears of runs, against moto: events reach a rule's target, metrics can be read back, and a run is never worse off for a
 * bus or a namespace that takes nothing. moto answers PutEvents for a bus that is not there as if it were.
 */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventBridgeReceiver } from '../../src/aws/notify/eventbridge.ts';
import { openOwnMetrics } from '../../src/aws/own-metrics.ts';
import { eventDocument } from '../../src/report/schemas.ts';
import { notification, ofIncident } from '../notify/stage.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region } from './stack.ts';

const clock = { now: () => Date.now(), sleep: async () => {}, busy: <T>(work: () => Promise<T>) => work() };
const logGroupName = '/aws/events/nanoops';
const bus = 'nano-ops';

describe.skipIf(motoIsAbsent())('an event bus and metrics, against moto', () => {
  let moto: MotoServer;
  let folder: string;
  const settings = () => ({ region, endpoint: moto.url, credentials });
  const options = () => ({ clock, random: Math.random, credentials, endpointUrl: moto.url });

  beforeAll(async () => {
    moto = await startMoto();
    folder = await mkdtemp(join(tmpdir(), 'nanoops-moto-told-'));
    const logs = new CloudWatchLogsClient(settings());
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const events = new EventBridgeClient(settings());
    await events.send(new CreateEventBusCommand({ Name: bus }));
    const rule = { Name: 'all', EventBusName: bus, EventPattern: JSON.stringify({ source: ['nanoops'] }) };
    await events.send(new PutRuleCommand(rule));
    const target = { Id: 'logs', Arn: `arn:aws:logs:${region}:123456789012:log-group:${logGroupName}` };
    await events.send(new PutTargetsCommand({ Rule: 'all', EventBusName: bus, Targets: [target] }));
  }, 180_000);

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });

  afterAll(async () => {
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** What the rule's target was sent, by the detail-type. */
  async function heard(filter: (id: string) => boolean) {
    const logs = new CloudWatchLogsClient(settings());
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    return events
      .map(({ message }) => JSON.parse(message ?? '{}'))
      .filter((each) => filter(String(each.detail.id)))
      .map((each) => ({ type: String(each['detail-type']), detail: eventDocument.parse(each.detail) }));
  }

  it('an incident and a message reach the rule, in the documented form', async () => {
    const receiver = eventBridgeReceiver({ ...options(), bus, region, source: 'nanoops' });
    expect(await receiver.send(ofIncident('opened'))).toMatchObject({
      receiver: 'eventbridge',
      delivered: true,
      detail: expect.stringMatching(/^the bus took it: event \S+$/),
    });
    await receiver.send(notification);
    await receiver.test({ ...notification, key: 'test/1' });
    receiver.close();
    const told = await heard((id) => [ofIncident('opened').key, notification.key, 'test/1'].includes(id));
    expect(told).toMatchObject([
      { type: 'nanoops incident', detail: { change: 'opened', incident: { id: 'INC-7', severity: 'SEV-1' } } },
      { type: 'nanoops message', detail: { severity: 'critical', run: { runbook: 'latency' } } },
      { type: 'nanoops test', detail: { title: notification.title } },
    ]);
  });

  it('metrics are written by a client that can do nothing else', async () => {
    const own = openOwnMetrics({ ...options(), namespace: 'Nanoops', region });
    const at = Math.floor(Date.now() / 60_000) * 60_000;
    await own.put([{ name: 'RTO', unit: 'Seconds', value: 812 }], { Service: 'nano-api' }, at);
    own.close();
    expect(await averageOf('RTO', [{ Name: 'Service', Value: 'nano-api' }])).toEqual([812]);
  });

  async function averageOf(MetricName: string, Dimensions: { Name: string; Value: string }[]) {
    const cloudWatch = new CloudWatchClient(settings());
    const { Datapoints = [] } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'Nanoops',
        MetricName,
        Dimensions,
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 3_600_000),
        Period: 7_200,
        Statistics: ['Average'],
      }),
    );
    return Datapoints.map(({ Average }) => Average);
  }

  async function run(service: string, observed: object, ...words: readonly string[]) {
    const config = { service, regions: { primary: region }, ...observed };
    await writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(config));
    const line = ['runbook', 'run', 'latency', '--yes', '--json', '--endpoint-url', moto.url, ...words];
    const { exitCode, stdout, stderr } = await runMain(line, {
      cwd: folder,
      env: { XDG_STATE_HOME: folder, USER: 'ana' },
    });
    return { exitCode, document: JSON.parse(stdout), stderr };
  }

  const watched = {
    notify: { eventbridge: { bus, region } },
    observability: { metrics: { region } },
  };

  it('a run tells that it began and how it ended, and how long it took', async () => {
    const { document } = await run('watched', watched);
    const told = await heard((id) => id.startsWith(document.runId));
    expect(told).toMatchObject([
      { type: 'nanoops run', detail: { change: 'started', service: 'watched', run: { runbook: 'latency' } } },
      { type: 'nanoops run', detail: { change: 'finished', run: { verdict: document.verdict } } },
    ]);
    const dimensions = Object.entries({ Service: 'watched', Environment: 'prod', Runbook: 'latency' });
    const named = dimensions.map(([Name, Value]) => ({ Name, Value }));
    expect(await averageOf('RunDuration', named)).toEqual([document.durationMs]);
    expect(await averageOf('RunFailures', named)).toEqual([0]);
    expect(await averageOf('RTO', named)).toEqual([]);
  });

  it.each([
    ['a dry run', watched, ['--dry-run']],
    ['a run that nobody watches', {}, []],
  ])('%s tells nothing', async (what, observed, words) => {
    const service = what.replaceAll(' ', '-');
    const { document } = await run(service, observed, ...words);
    expect(await heard((id) => id.startsWith(document.runId))).toEqual([]);
    expect(await averageOf('RunDuration', [{ Name: 'Service', Value: service }])).toEqual([]);
  });

  it('a run ends as it would, where neither can be reached, and says so once', async () => {
    // Nothing listens on port 9 (discard).
    vi.stubEnv('AWS_ENDPOINT_URL_EVENTBRIDGE', 'http://127.0.0.1:9');
    const alone = await run('alone', {});
    vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH', 'http://127.0.0.1:9');
    const config = { service: 'deaf', regions: { primary: region }, ...watched };
    await writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(config));
    const words = ['runbook', 'run', 'latency', '--yes', '--json'];
    const env = { XDG_STATE_HOME: folder, USER: 'ana', AWS_ENDPOINT_URL: moto.url };
    const { exitCode, stdout, stderr } = await runMain(words, { cwd: folder, env });
    expect(exitCode).toBe(alone.exitCode);
    expect(JSON.parse(stdout).verdict).toBe(alone.document.verdict);
    expect(stderr.match(/note: the event bus was not told of everything: /g)).toHaveLength(1);
    expect(stderr.match(/note: the run\u2019s metrics were not written: /g)).toHaveLength(1);
  });
});
