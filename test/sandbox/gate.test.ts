/** What becomes of calls: answered as usual, unless a script or a scenario's throttling says otherwise. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { EC2Client, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetServiceGraphCommand, XRayClient } from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
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
