import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import { createWiring } from '../../src/aws/wiring.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region, seedLogLines, seedMetrics, seedStack, type SeededStack } from './stack.ts';

const minute = 60_000;

/** The system's clock, without the waits between attempts. */
const clock: Clock = { now: () => Date.now(), sleep: async () => {}, busy: (work) => work() };

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
}

describe.skipIf(motoIsAbsent())('against moto over HTTP', () => {
  let moto: MotoServer;
  let stack: SeededStack;
  let cloud: AwsCloud;
  /** Whole minutes, the newest of which is complete. */
  const nowMs = Date.now();
  const newest = Math.floor(nowMs / minute) * minute - 5 * minute;
  const window = { from: newest - 60 * minute, to: nowMs };
  const service = { region, cluster: 'nano', service: 'nano-api' };
  const database = { region, cluster: 'nano-db' };

  beforeAll(async () => {
    moto = await startMoto();
    stack = await seedStack(moto.url);
    cloud = openAws({ clock, random: Math.random, mode: 'read-only', credentials, endpointUrl: moto.url });
  }, 180_000);

  afterAll(async () => {
    cloud?.close();
    await moto?.close();
  });

  it('knows who asks', async () => {
    expect(await cloud.facts.caller(region)).toEqual({
      account: '123456789012',
      arn: expect.stringMatching(/^arn:aws:sts::123456789012:/),
    });
  });

  it('reads the service and its subnets', async () => {
    expect(await cloud.facts.serviceState(service)).toMatchObject({
      status: 'ACTIVE',
      desired: 2,
      subnets: stack.subnets,
      taskDefinition: expect.stringContaining('task-definition/nano-api:1'),
      deployments: [{ status: 'primary', rollout: 'in-progress', desired: 2 }],
    });
  });

  it('reads who scales it, and that nobody stopped', async () => {
    expect(await cloud.facts.scalingLimits(service)).toEqual({ min: 2, max: 8, policies: ['cpu'], suspended: [] });
    expect(await cloud.facts.scalingLimits({ ...service, service: 'other' })).toBeUndefined();
    expect(await cloud.facts.stoppedTasks(service)).toEqual([]);
  });

  it('reads the database, its roles and what it can take', async () => {
    const state = await cloud.facts.databaseState(database);
    expect(state).toMatchObject({
      status: 'available',
      engine: 'aurora-mysql',
      logExports: ['slowquery', 'error'],
    });
    expect(await cloud.facts.connectionLimit(database)).toBe(1_000);
    expect(state.instances.map(({ id, role, instanceClass }) => [id, role, instanceClass])).toEqual([
      ['nano-db-1', 'writer', 'db.r6g.large'],
      ['nano-db-2', 'reader', 'db.r6g.large'],
    ]);
  });

  it('reads targets by the tails of ARNs', async () => {
    const api = { region, loadBalancer: stack.loadBalancer, targetGroup: stack.targetGroup };
    const healthy = [{ id: '10.0.0.10:8080', state: 'healthy' }];
    expect(await cloud.facts.targetHealth(api)).toMatchObject(healthy);
    expect(await cloud.facts.targetHealth({ region, loadBalancer: stack.loadBalancer })).toMatchObject(healthy);
  });

  it('reads metrics: values, times, gaps', async () => {
    const dimensions = [
      { Name: 'ClusterName', Value: 'nano' },
      { Name: 'ServiceName', Value: 'nano-api' },
    ];
    const at = [newest - 2 * minute, newest - minute, newest];
    await seedMetrics(
      moto.url,
      'AWS/ECS',
      at.flatMap((time, index) =>
        [10 * index, 20 * index].map((value) => ({
          MetricName: 'CPUUtilization',
          Dimensions: dimensions,
          Timestamp: new Date(time),
          Value: value,
          Unit: 'Percent' as const,
        })),
      ),
    );
    const { cpuAverage, cpuMaximum, memoryAverage } = await cloud.facts.serviceUtilisation(service, window);
    expect(cpuAverage.points).toEqual(at.map((time, index) => ({ at: time, value: 15 * index })));
    expect(cpuMaximum.points.map(({ value }) => value)).toEqual([0, 20, 40]);
    expect(memoryAverage.points).toEqual([]);
  });

  it('reads metrics of each zone and of each cache node', async () => {
    const api = { region, loadBalancer: stack.loadBalancer, targetGroup: stack.targetGroup };
    const put = (namespace: string, name: string, pairs: Record<string, string>, value: number) =>
      seedMetrics(moto.url, namespace, [
        {
          MetricName: name,
          Dimensions: Object.entries(pairs).map(([Name, Value]) => ({ Name, Value })),
          Timestamp: new Date(newest),
          Value: value,
        },
      ]);
    const inZone = (letter: string) => ({ LoadBalancer: stack.loadBalancer, AvailabilityZone: `${region}${letter}` });
    await put('AWS/ApplicationELB', 'RequestCount', inZone('a'), 70);
    await put('AWS/ApplicationELB', 'RequestCount', inZone('b'), 5);
    await put('AWS/ElastiCache', 'CacheHits', { CacheClusterId: 'nano-cache-001' }, 40);
    const zones = await cloud.facts.zoneTraffic(api, window);
    expect(zones.map(({ zone, requests }) => [zone, requests.points])).toEqual([
      [`${region}a`, [{ at: newest, value: 70 }]],
      [`${region}b`, [{ at: newest, value: 5 }]],
    ]);
    const load = await cloud.facts.cacheLoad({ region, replicationGroup: 'nano-cache' }, window);
    expect(load.nodes).toContain('nano-cache-001');
    expect(load.hits.points).toEqual([{ at: newest, value: 40 }]);
    expect(load.misses.points).toEqual([]);
  });

  it('reads error lines, plain and structured, and leaves out those that only mention one', async () => {
    await seedLogLines(moto.url, '/aws/ecs/nano-api', [
      { at: newest - 4_000, message: 'INFO started' },
      { at: newest - 3_000, message: 'ERROR pool exhausted' },
      { at: newest - 2_000, message: '{"level":"CRITICAL","action":"DB"}' },
      { at: newest - 1_000, message: '{"level":"INFO","action":"ERROR page shown"}' },
    ]);
    await seedLogLines(moto.url, '/aws/rds/cluster/nano-db/slowquery', [{ at: newest, message: '# Query_time: 4.2' }]);
    const errors = await cloud.facts.errorLines({ region, logGroup: '/aws/ecs/nano-api' }, window, 10);
    expect(errors).toMatchObject({ truncated: false });
    expect(errors.lines.map(({ message }) => message)).toEqual([
      'ERROR pool exhausted',
      '{"level":"CRITICAL","action":"DB"}',
    ]);
    const slow = await cloud.facts.slowQueries({ region, logGroup: '/aws/rds/cluster/nano-db' }, window, 10);
    expect(slow.lines.map(({ message }) => message)).toEqual(['# Query_time: 4.2']);
  });

  it('reads flow logs of the VPC that a subnet is in', async () => {
    expect(await cloud.facts.flowLogs(region, stack.subnets)).toMatchObject([
      { resourceId: stack.vpc, trafficType: 'REJECT', destination: 'cloud-watch-logs', logGroup: '/vpc/flow' },
    ]);
  });

  it.each<[string, (facts: AwsCloud['facts']) => Promise<unknown>]>([
    ['ecs:DescribeServices', (facts) => facts.serviceState({ ...service, service: 'nope' })],
    ['ecs:DescribeServices', (facts) => facts.serviceState({ ...service, cluster: 'nope' })],
    ['rds:DescribeDBClusters', (facts) => facts.databaseState({ region, cluster: 'nope' })],
    ['elasticache:DescribeReplicationGroups', (facts) => facts.cacheLoad({ region, replicationGroup: 'nope' }, window)],
    [
      'elasticloadbalancing:DescribeLoadBalancers',
      (facts) => facts.zoneTraffic({ region, loadBalancer: 'app/nope/1' }, window),
    ],
    ['logs:FilterLogEvents', (facts) => facts.errorLines({ region, logGroup: '/nope' }, window, 5)],
    ['s3:ListBucketMetricsConfigurations', (facts) => facts.bucketLoad({ region, bucket: 'nope' }, window)],
    ['ec2:DescribeSubnets', (facts) => facts.flowLogs(region, ['subnet-nope'])],
  ])('%s of what is not there says so, and names it', async (name, ask) => {
    const error = await failureOf(ask(cloud.facts));
    expect(error).toMatchObject({ kind: 'not-found' });
    expect(String(error)).toContain(name);
    expect(String(error)).toContain('nope');
  });

  it('finds a balancer that was made anew under its old name missing', async () => {
    const error = await failureOf(cloud.facts.zoneTraffic({ region, loadBalancer: 'app/nano-alb/0000' }, window));
    expect(error).toMatchObject({ kind: 'not-found' });
  });

  // moto fails inside where it cannot: for whoever asks, that is a fault of the service, never an empty answer.
  it('takes what moto cannot do for a fault, not for nothing', async () => {
    await seedMetrics(moto.url, 'AWS/ApplicationELB', [
      {
        MetricName: 'TargetResponseTime',
        Dimensions: [{ Name: 'LoadBalancer', Value: stack.loadBalancer }],
        Timestamp: new Date(newest),
        Value: 1,
      },
    ]);
    const failures = await Promise.all([
      failureOf(cloud.facts.apiTraffic({ region, loadBalancer: stack.loadBalancer }, window)),
      failureOf(cloud.facts.traces({ region, service: 'nano-api' }, window, { slowerThanMs: 1_000 }, 5)),
    ]);
    expect(failures).toMatchObject([{ kind: 'service-fault' }, { kind: 'service-fault' }]);
  });

  it('changes nothing in a run that reads, though asked to', async () => {
    const wiring = createWiring({ clock, random: () => 0, mode: 'read-only', credentials, endpointUrl: moto.url });
    const client = new ECSClient(wiring.settings(region, credentials));
    const ecs = wiring.connect('ecs', region, client);
    const update = new UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', desiredCount: 0 });
    expect(await failureOf(ecs.send(update))).toMatchObject({ kind: 'refused-by-guard' });
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'nano', services: ['nano-api'] }));
    expect(services?.[0]?.desiredCount).toBe(2);
    expect(wiring.usage()).toEqual({ calls: 1, mutations: 0, byOperation: { 'ecs:DescribeServices': 1 } });
    wiring.close();
  });

  it('has counted what it asked, and no change among it', () => {
    const { calls, mutations, byOperation } = cloud.usage();
    expect(mutations).toBe(0);
    expect(Object.values(byOperation).reduce((sum, count) => sum + count, 0)).toBe(calls);
    expect(byOperation['sts:GetCallerIdentity']).toBe(1);
  });
});
