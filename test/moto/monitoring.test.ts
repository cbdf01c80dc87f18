/**
 * Alarms, topics, rules and the dashboard, made in two regions of moto through the command line. moto keeps what it is given
 * and evaluates none of it. It has no composite alarms: those are kept on the way to it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { ListSubscriptionsByTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlanDocument, RunDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';
import { CompositeAlarms } from './composite-alarms.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { regionalProxy, type RegionalProxy } from './regional-proxy.ts';
import { credentials } from './stack.ts';

const [west, east] = ['us-west-2', 'us-east-1'] as const;
const account = '123456789012';
const prefix = 'nanoops-nano-api-prod';
const foreignAlarm = {
  AlarmName: `${prefix}-made-by-hand`,
  Namespace: 'AWS/ECS',
  MetricName: 'CPUUtilization',
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 99,
  ComparisonOperator: 'GreaterThanThreshold',
} as const;

const stack = {
  service: 'nano-api',
  regions: { primary: west, recovery: east },
  api: {
    loadBalancer: 'app/nano-alb/50dc6c495c0c9188',
    recovery: { loadBalancer: 'app/nano-dr-alb/50dc6c495c0c9189' },
  },
  compute: { cluster: 'nano', service: 'nano-api' },
  database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr', globalCluster: 'nano-global' },
  cache: { replicationGroup: 'nano-cache' },
  business: { namespace: 'Nano/Business' },
  alerts: { critical: { email: ['oncall@nano.example'], sms: ['+4915112345678'] } },
};

describe.skipIf(motoIsAbsent())('alarms and the dashboard against moto', { timeout: 120_000 }, () => {
  let moto: MotoServer;
  let proxy: RegionalProxy;
  let folder: string;
  const composites = new CompositeAlarms();
  let refused: readonly string[] = [];

  const settings = (region: string) => ({ region, endpoint: moto.url, credentials });
  const alarmsIn = async (region: string): Promise<readonly MetricAlarm[]> => {
    const found = await new CloudWatchClient({ ...settings(region), endpoint: proxy.url }).send(
      new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])];
  };
  const configure = (config: object) => writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(config));
  const run = async (...words: readonly string[]) => {
    const ended = await runMain([...words, '--json', '--endpoint-url', proxy.url], {
      cwd: folder,
      env: { ...process.env, XDG_STATE_HOME: folder, USER: 'ana' },
    });
    return { ...ended, document: JSON.parse(ended.stdout) };
  };
  const plan = async (...words: readonly string[]) => {
    const { exitCode, document } = await run('alerts', 'plan', ...words);
    return { exitCode, document: document as PlanDocument };
  };
  const apply = async (...words: readonly string[]) => {
    const { exitCode, document } = await run('alerts', 'apply', ...words);
    return { exitCode, document: document as RunDocument };
  };

  beforeAll(async () => {
    moto = await startMoto();
    // A clock that runs faster: CloudWatch takes no more than three alarms a second, which nanoops heeds.
    proxy = await regionalProxy(moto.url, { composites, speed: 20, refuses: () => refused });
    folder = await mkdtemp(join(tmpdir(), 'nanoops-moto-alarms-'));
    await new ElastiCacheClient(settings(west)).send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'nano-cache',
        ReplicationGroupDescription: 'nano',
        NumCacheClusters: 2,
      }),
    );
    await new CloudWatchClient(settings(west)).send(new PutMetricAlarmCommand(foreignAlarm));
    await configure(stack);
  }, 180_000);

  beforeEach(() => {
    refused = [];
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });

  afterAll(async () => {
    await proxy?.close();
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('puts everything back where one change is refused, and says what it was', async () => {
    refused = [`${west} PutTargets`];
    const { exitCode, document } = await apply('--region', west, '--yes');
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 5, verdict: 'failed' });
    const statuses = document.mutations.map(({ operation, status }) => `${operation} ${status}`);
    expect(statuses).toContain('events:PutTargets failed');
    expect(statuses).toContain('events:PutRule reverted');
    // Those who are asked to agree have their mail already: that their topic went again is all that can be done.
    expect(statuses.filter((each) => each.endsWith('applied'))).toEqual(['sns:Subscribe applied']);
    expect(await alarmsIn(west)).toHaveLength(1);
  });

  it('makes what is missing, once: then the plan is empty, and applying it again changes nothing', async () => {
    const first = await plan();
    expect(first.exitCode).toBe(1);
    expect(first.document.counts).toMatchObject({ update: 0, delete: 0, unchanged: 0, foreign: 1 });

    const made = await apply('--approve', `approve-plan@${first.document.plan}`);
    expect({ exitCode: made.exitCode, verdict: made.document.verdict }).toEqual({ exitCode: 0, verdict: 'ok' });
    expect(made.document.mutations).toHaveLength(first.document.counts.create);
    expect(new Set(made.document.mutations.map(({ status }) => status))).toEqual(new Set(['applied']));
    // Nothing is made before what it is made of.
    const order = made.document.mutations.filter(({ region }) => region === west).map(({ resource }) => resource);
    expect(order.indexOf(`${prefix}-critical`)).toBeLessThan(order.indexOf(`${prefix}-alert-availability`));
    expect(order.indexOf(`${prefix}-alert-availability`)).toBeLessThan(order.indexOf(`${prefix}-api-failing`));

    const second = await apply('--yes');
    expect(second.exitCode).toBe(0);
    expect(second.document).toMatchObject({ verdict: 'ok', mutations: [], api: { mutations: 0 } });
    const after = await plan();
    expect(after.exitCode).toBe(0);
    expect(after.document).toMatchObject({ verdict: 'ok', plan: null, changes: [] });
    expect(after.document.counts.unchanged).toBe(first.document.counts.create);
  });

  it('leaves what others made as it is, and makes alarms that say what the rules do', async () => {
    const alarms = new Map((await alarmsIn(west)).map((alarm) => [alarm.AlarmName, alarm]));
    expect(alarms.get(foreignAlarm.AlarmName)).toMatchObject(foreignAlarm);
    const topic = (name: string) => `arn:aws:sns:${west}:${account}:${prefix}-${name}`;
    expect(alarms.get(`${prefix}-alert-cpu-sustained`)).toMatchObject({
      Threshold: 75,
      EvaluationPeriods: 10,
      DatapointsToAlarm: 10,
      TreatMissingData: 'missing',
      AlarmActions: [topic('warning')],
    });
    expect(alarms.get(`${prefix}-slo-burn-3d-long`)).toMatchObject({ Threshold: 0.05, EvaluationPeriods: 1 });
    expect(alarms.get(`${prefix}-slo-burn-3d-long`)?.Metrics?.[1]?.MetricStat?.Period).toBe(3 * 86_400);
    expect(alarms.get(`${prefix}-api-failing`)).toMatchObject({ AlarmActions: [topic('critical')] });
    // What shows that requests fail pages through that one alarm alone.
    expect(alarms.get(`${prefix}-alert-error-rate`)?.AlarmActions).toEqual([]);
    const eastern = new Map((await alarmsIn(east)).map((alarm) => [alarm.AlarmName, alarm]));
    // A dead region copies nothing, and cannot say so.
    expect(eastern.get(`${prefix}-alert-replication-lag`)).toMatchObject({ TreatMissingData: 'breaching' });

    const { Targets } = await new EventBridgeClient(settings(west)).send(
      new ListTargetsByRuleCommand({ Rule: `${prefix}-crashes` }),
    );
    expect(Targets).toMatchObject([{ Arn: topic('warning') }]);
    const { Subscriptions = [] } = await new SNSClient(settings(west)).send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topic('critical') }),
    );
    expect(Subscriptions.map(({ Protocol, Endpoint }) => [Protocol, Endpoint])).toEqual([
      ['email', 'oncall@nano.example'],
      ['sms', '+4915112345678'],
    ]);
  });

  it('follows the configuration: alters what differs, attribute by attribute, and deletes what is not wanted, last', async () => {
    const topic = `arn:aws:sns:${west}:${account}:${prefix}-critical`;
    await new SNSClient(settings(west)).send(
      new SubscribeCommand({ TopicArn: topic, Protocol: 'https', Endpoint: 'https://pager.example/hook' }),
    );
    const { cache: _cache, ...withoutCache } = stack;
    await configure({
      ...withoutCache,
      alerts: { critical: { email: ['oncall@nano.example'] } },
      objectives: { checks: { 'alert-error-rate': { alert: '4%' } } },
    });
    const { document } = await plan('--region', west);
    const told = document.changes.map(({ action, name, attributes }) => [
      action,
      name.slice(prefix.length),
      attributes,
    ]);
    expect(told).toEqual([
      [
        'update',
        '-alert-error-rate',
        [expect.objectContaining({ name: 'description' }), { name: 'threshold', before: 5, after: 4 }],
      ],
      ['delete', '-alert-cache-hit-rate', []],
      ['delete', '-critical sms:+4915112345678', []],
    ]);
    const { exitCode } = await apply('--region', west, '--yes');
    expect(exitCode).toBe(0);
    expect((await plan('--region', west)).document.counts).toMatchObject({
      create: 0,
      update: 0,
      delete: 0,
      foreign: 2,
    });
    const { Subscriptions = [] } = await new SNSClient(settings(west)).send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topic }),
    );
    expect(Subscriptions.map(({ Endpoint }) => Endpoint)).toEqual([
      'oncall@nano.example',
      'https://pager.example/hook',
    ]);
    await configure(stack);
  });

  it('takes no alarm over that is somebody else’s, and changes nothing then', async () => {
    const name = 'theirs-alert-availability';
    await new CloudWatchClient(settings(west)).send(new PutMetricAlarmCommand({ ...foreignAlarm, AlarmName: name }));
    await configure({ ...stack, alerts: { prefix: 'theirs' } });
    const { exitCode, document } = await plan();
    expect(exitCode).toBe(1);
    expect(document.conflicts).toEqual([{ kind: 'alarm', region: west, name }]);
    const refusal = await run('alerts', 'apply', '--yes');
    expect(refusal.exitCode).toBe(5);
    expect(refusal.document.error).toMatchObject({ code: 'ForeignResource', message: expect.stringContaining(name) });
    const alarms = (await alarmsIn(west)).filter(({ AlarmName }) => AlarmName?.startsWith('theirs') === true);
    expect(alarms.map(({ AlarmName, Threshold }) => [AlarmName, Threshold])).toEqual([[name, 99]]);
    await configure(stack);
  });

  it('says which region it could not look at, and with which permission it could', async () => {
    refused = [`${east} DescribeAlarms`];
    const { exitCode, document } = await plan('--region', east);
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 3, verdict: 'unknown' });
    expect(document.regions).toEqual([{ region: east, seen: false }]);
    expect(document.changes).toEqual([]);
    expect(document.nextSteps.join(' ')).toContain('cloudwatch:DescribeAlarms');
    const refusal = await run('alerts', 'apply', '--yes');
    expect({ exitCode: refusal.exitCode, code: refusal.document.error.code }).toEqual({ exitCode: 3, code: 'NotSeen' });
  });

  it('asks before it changes anything, and goes on where somebody agrees', async () => {
    const { database: _database, ...withoutDatabase } = stack;
    await configure(withoutDatabase);
    const waiting = await run('dashboard', 'apply');
    expect(waiting.exitCode).toBe(4);
    expect(waiting.document.mutations).toEqual([]);
    const [next] = waiting.document.suspended.nextSteps;
    const words: readonly string[] = next.split(' ').slice(1);
    const went = await run(...words);
    expect({ exitCode: went.exitCode, mutations: went.document.mutations.length }).toEqual({
      exitCode: 0,
      mutations: 1,
    });
    expect((await run('dashboard', 'plan')).exitCode).toBe(0);
    expect((await run('dashboard', 'apply', '--yes')).document.mutations).toEqual([]);
  });
});
