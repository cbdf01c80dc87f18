/** What becomes of calls: answered as usual, unless a script or a scenario's throttling says otherwise. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { EC2Client, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { GetServiceGraphCommand, XRayClient } from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import type { Fates } from '../../src/sandbox/sandbox.ts';
import { parseScenario } from '../../src/sandbox/scenarios/scenario.ts';
import { sandboxStack, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { throttlingOf } from '../../src/sandbox/gate.ts';
import { inventoryOf } from '../../src/sandbox/world/world.ts';
import { opened, reopened, type Opened } from './services/opened.ts';

const one = { cluster: 'nano', services: ['nano-api'] };
const more = { cluster: 'nano', service: 'nano-api', desiredCount: 7 };

function scripted(fates: Fates): { readonly sandbox: Opened; readonly ecs: ECSClient } {
  const sandbox = opened('healthy', 1, { fates });
  return { sandbox, ecs: new ECSClient(sandbox.settings()) };
}

test('a script is asked with the call and how often it came, and decides over what it wants to', async () => {
  const seen: string[] = [];
  const { sandbox, ecs } = scripted(({ service, operation, region }, count) => {
    seen.push(`${service}:${operation} ${region} ${count}`);
    return count === 2 ? { kind: 'fault', latencyMs: 10, fault: throttlingOf(service) } : undefined;
  });
  await ecs.send(new DescribeServicesCommand(one));
  const asUsual = sandbox.clock.now() - sandbox.startMs;
  expect(asUsual).toBeGreaterThanOrEqual(20);
  expect(asUsual).toBeLessThanOrEqual(80);
  await expect(ecs.send(new DescribeServicesCommand(one))).rejects.toMatchObject({ name: 'ThrottlingException' });
  await ecs.send(new DescribeServicesCommand(one));
  expect(seen).toEqual([1, 2, 3].map((count) => `ecs:DescribeServices us-west-2 ${count}`));
});

test('a change whose answer is lost was made; one that hung was not', async () => {
  const lost = scripted(({ operation }) =>
    operation === 'UpdateService' ? { kind: 'lost', latencyMs: 30 } : undefined,
  );
  await expect(lost.ecs.send(new UpdateServiceCommand(more))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(lost.sandbox.world.inventory.calls).toHaveLength(1);
  const hung = scripted(({ operation }) => (operation === 'UpdateService' ? { kind: 'hang' } : undefined));
  await expect(hung.ecs.send(new UpdateServiceCommand(more))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(hung.sandbox.world.inventory.calls).toEqual([]);
});

function throttling(fault: string): Opened {
  const scenario = parseScenario(
    `
id: throttled
summary: AWS turns calls away
runbook: latency
faults: [{ effect: api-throttling, ${fault} }]
truth: { cause: null, component: null, exitCode: 3 }
`,
    'throttled.yaml',
  );
  return reopened({ inventory: inventoryOf({ stack: sandboxStack, scenario, seed: 1, startMs: sandboxStartMs }) });
}

test('a scenario throttles with each service’s own word, from a time to a time', async () => {
  const sandbox = throttling('from: -1m, to: 2m');
  const settings = sandbox.settings();
  const refused = (sent: Promise<unknown>, name: string) => expect(sent).rejects.toMatchObject({ name });
  await refused(new ECSClient(settings).send(new DescribeServicesCommand(one)), 'ThrottlingException');
  await refused(new RDSClient(settings).send(new DescribeDBClustersCommand({})), 'Throttling');
  await refused(new CloudWatchClient(settings).send(new DescribeAlarmsCommand({})), 'Throttling');
  await refused(new EC2Client(settings).send(new DescribeSubnetsCommand({})), 'RequestLimitExceeded');
  await refused(
    new XRayClient(settings).send(new GetServiceGraphCommand({ StartTime: new Date(0), EndTime: new Date(1) })),
    'ThrottledException',
  );
  await sandbox.clock.sleep(3 * 60_000);
  await new ECSClient(settings).send(new DescribeServicesCommand(one));
});

test('only some services, and only a share of the calls', async () => {
  const sandbox = throttling('from: -1m, share: 0.5, services: [ecs]');
  const ecs = new ECSClient(sandbox.settings());
  const outcomes: boolean[] = [];
  for (let count = 0; count < 40; count += 1) {
    outcomes.push(
      await ecs.send(new DescribeServicesCommand(one)).then(
        () => true,
        () => false,
      ),
    );
  }
  const answered = outcomes.filter(Boolean).length;
  expect(answered).toBeGreaterThan(8);
  expect(answered).toBeLessThan(32);
  await new RDSClient(sandbox.settings()).send(new DescribeDBClustersCommand({}));
});

describe('regions', () => {
  const route53Of = (sandbox: Opened, region = 'us-west-2') => new Route53Client(sandbox.settings(region));
  const list = new ListHostedZonesCommand({});
  const becomes = (sent: Promise<unknown>): Promise<string> =>
    sent.then(
      () => 'answered',
      (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
    );

  test('region-down: nothing sent to the region is answered, STS included; everything else is', async () => {
    const sandbox = opened('region-down', 1);
    expect(await becomes(new ECSClient(sandbox.settings()).send(new DescribeServicesCommand(one)))).toBe(
      'TimeoutError',
    );
    expect(await becomes(new STSClient(sandbox.settings()).send(new GetCallerIdentityCommand({})))).toBe(
      'TimeoutError',
    );
    const other = sandbox.settings('us-east-1');
    expect(await becomes(new ECSClient(other).send(new DescribeServicesCommand(one)))).toBe('answered');
    expect(await becomes(new STSClient(other).send(new GetCallerIdentityCommand({})))).toBe('answered');
    expect(await becomes(new STSClient(sandbox.settings('eu-central-1')).send(new GetCallerIdentityCommand({})))).toBe(
      'answered',
    );
    // Route 53's API is in us-east-1, whichever region its client was told.
    expect(await becomes(route53Of(sandbox).send(list))).toBe('answered');
  });

  test('dns-control-plane-down: with us-east-1 goes Route 53’s API', async () => {
    const sandbox = opened('dns-control-plane-down', 1);
    expect(await becomes(route53Of(sandbox, 'us-west-2').send(list))).toBe('TimeoutError');
    expect(await becomes(new RDSClient(sandbox.settings('us-west-2')).send(new DescribeDBClustersCommand({})))).toBe(
      'answered',
    );
  });

  test('a change that is sent to a region that is down is not made', async () => {
    const sandbox = opened('region-down', 1);
    expect(await becomes(new ECSClient(sandbox.settings()).send(new UpdateServiceCommand(more)))).toBe('TimeoutError');
    expect(sandbox.world.inventory.calls).toEqual([]);
  });

  test('region-impaired: half of the calls fail, some by silence and some by the service’s own word, the same every time', async () => {
    const outcomes = async (seed: number) => {
      const ecs = new ECSClient(opened('region-impaired', seed).settings());
      const names: string[] = [];
      for (let count = 0; count < 60; count += 1) {
        names.push(await becomes(ecs.send(new DescribeServicesCommand(one))));
      }
      return names;
    };
    const names = await outcomes(1);
    const times = (name: string) => names.filter((each) => each === name).length;
    expect(new Set(names)).toEqual(new Set(['answered', 'TimeoutError', 'ServerException']));
    expect(times('answered')).toBeGreaterThan(18);
    expect(times('answered')).toBeLessThan(42);
    expect(times('TimeoutError')).toBeGreaterThan(4);
    expect(times('ServerException')).toBeGreaterThan(4);
    expect(await outcomes(1)).toEqual(names);
    expect(await outcomes(2)).not.toEqual(names);
  });

  test('a service’s API can be down in every region, from a time to a time', async () => {
    const scenario = parseScenario(
      `
id: no-dns
summary: Route 53 takes no changes
runbook: region-failover
faults: [{ effect: control-plane-down, from: -1m, to: 2m, services: [route53] }]
truth: { cause: null, component: null, exitCode: 1 }
`,
      'no-dns.yaml',
    );
    const inventory = inventoryOf({ stack: sandboxStack, scenario, seed: 1, startMs: sandboxStartMs });
    const sandbox = reopened({ inventory });
    expect(await becomes(route53Of(sandbox).send(list))).toBe('TimeoutError');
    expect(await becomes(new ECSClient(sandbox.settings()).send(new DescribeServicesCommand(one)))).toBe('answered');
    await sandbox.clock.sleep(3 * 60_000);
    expect(await becomes(route53Of(sandbox).send(list))).toBe('answered');
  });
});
