/** Routing controls and the switch object, over the wire, and that what they switch is traffic. */
import {
  GetRoutingControlStateCommand,
  ListRoutingControlsCommand,
  Route53RecoveryClusterClient,
  UpdateRoutingControlStatesCommand,
} from '@aws-sdk/client-route53-recovery-cluster';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { Stack, TrafficSwitch } from '../../../src/cloud/stack.ts';
import { endpointUnavailable } from '../../../src/sandbox/services/route53-recovery-cluster.ts';
import { sandboxStack } from '../../../src/sandbox/sandbox.ts';
import { clientsAt } from '../../../src/sandbox/world/traffic.ts';
import { opened, reopened, type Opened } from './opened.ts';

const MINUTE_MS = 60_000;
const name = { hostedZoneId: 'Z0123456789NANOEXAMPL', record: 'api.nano.example' };
const panel = 'arn:aws:route53-recovery-control::123456789012:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const west = `${panel}/routingcontrol/aaaaaaaaaaaaaaaa`;
const east = `${panel}/routingcontrol/bbbbbbbbbbbbbbbb`;

function stackWith(traffic: TrafficSwitch): Stack {
  return { ...sandboxStack, traffic };
}

const withControls = stackWith({
  ...name,
  mechanism: 'routing-control',
  controls: { 'us-west-2': west, 'us-east-1': east },
  endpoints: [{ region: 'eu-west-1', url: 'https://host-eu.eu-west-1.example.com/v1' }],
});
const switchObject = { region: 'us-east-1', bucket: 'nano-switch', key: 'primary-serves' };
const withObject = stackWith({
  ...name,
  mechanism: 'health-check',
  healthCheckId: '0d9f8e7c-6b5a-4a4b-8c3d-2e1f0a9b8c7d',
  switchObject,
});

const controlsAt = (sandbox: Opened, region: string) =>
  new Route53RecoveryClusterClient({
    ...sandbox.settings(region),
    endpoint: `https://host-x.${region}.example.com/v1`,
  });

function share(sandbox: Opened) {
  return clientsAt(sandbox.world.inventory, sandbox.clock.now());
}

test('routing controls: thrown at one endpoint they are thrown at all, and traffic follows within seconds and the TTL', async () => {
  const sandbox = opened('healthy', 3, { stack: withControls });
  const client = controlsAt(sandbox, 'eu-west-1');
  const { RoutingControls = [] } = await client.send(new ListRoutingControlsCommand({ ControlPanelArn: panel }));
  expect(RoutingControls.map((each) => [each.RoutingControlArn, each.RoutingControlState])).toEqual([
    [west, 'On'],
    [east, 'Off'],
  ]);
  expect(share(sandbox)).toEqual({ primary: 1, recovery: 0 });
  await client.send(
    new UpdateRoutingControlStatesCommand({
      UpdateRoutingControlStateEntries: [
        { RoutingControlArn: east, RoutingControlState: 'On' },
        { RoutingControlArn: west, RoutingControlState: 'Off' },
      ],
    }),
  );
  const elsewhere = controlsAt(sandbox, 'ap-southeast-2');
  const { RoutingControlState } = await elsewhere.send(new GetRoutingControlStateCommand({ RoutingControlArn: east }));
  expect(RoutingControlState).toBe('On');
  await sandbox.clock.sleep(40_000);
  expect(share(sandbox).recovery).toBeGreaterThan(0.3);
  expect(share(sandbox).recovery).toBeLessThan(0.9);
  await sandbox.clock.sleep(3 * MINUTE_MS);
  expect(share(sandbox).recovery).toBeGreaterThan(0.99);
  expect(sandbox.world.inventory.calls.map(({ operation, region, detail }) => [operation, region, detail])).toEqual([
    ['route53-recovery-cluster:UpdateRoutingControlStates', 'eu-west-1', 'us-east-1 on, us-west-2 off'],
  ]);
});

test('routing controls: an endpoint may be unavailable, and a control unknown; neither changes anything', async () => {
  const sandbox = opened('healthy', 3, {
    stack: withControls,
    fates: ({ service, region }) =>
      service === 'route53-recovery-cluster' && region === 'eu-west-1'
        ? { kind: 'fault', latencyMs: 20, fault: endpointUnavailable() }
        : undefined,
  });
  const update = (region: string, arn: string) =>
    controlsAt(sandbox, region).send(
      new UpdateRoutingControlStatesCommand({
        UpdateRoutingControlStateEntries: [
          { RoutingControlArn: west, RoutingControlState: 'Off' },
          { RoutingControlArn: arn, RoutingControlState: 'On' },
        ],
      }),
    );
  await expect(update('eu-west-1', east)).rejects.toMatchObject({ name: 'EndpointTemporarilyUnavailableException' });
  await expect(update('us-east-1', `${panel}/routingcontrol/cccc`)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const { RoutingControlState } = await controlsAt(sandbox, 'us-east-1').send(
    new GetRoutingControlStateCommand({ RoutingControlArn: west }),
  );
  expect(RoutingControlState).toBe('On');
  await update('us-east-1', east);
  await sandbox.clock.sleep(4 * MINUTE_MS);
  expect(share(sandbox).recovery).toBeGreaterThan(0.99);
});

test('routing controls: the endpoint of a dead region says nothing, the others move traffic off it', async () => {
  const { inventory } = opened('healthy', 3, { stack: withControls }).world;
  const from = inventory.startMs;
  const sandbox = reopened({
    stack: withControls,
    inventory: { ...inventory, faults: [{ effect: 'region-down', region: 'primary', from, rampMs: 0 }] },
  });
  const get = (region: string) =>
    controlsAt(sandbox, region).send(new GetRoutingControlStateCommand({ RoutingControlArn: west }));
  await expect(get('us-west-2')).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(await get('us-east-1')).toMatchObject({ RoutingControlState: 'On' });
  expect(share(sandbox)).toEqual({ primary: 1, recovery: 0 });
  await controlsAt(sandbox, 'us-east-1').send(
    new UpdateRoutingControlStatesCommand({
      UpdateRoutingControlStateEntries: [
        { RoutingControlArn: east, RoutingControlState: 'On' },
        { RoutingControlArn: west, RoutingControlState: 'Off' },
      ],
    }),
  );
  await sandbox.clock.sleep(75_000);
  expect(share(sandbox)).toEqual({ primary: 0, recovery: 1 });
});

test('switch object: a dead standby does not take over, though nobody sees its object any more', async () => {
  const { inventory } = opened('healthy', 3, { stack: withObject }).world;
  const from = inventory.startMs;
  const sandbox = reopened({
    stack: withObject,
    inventory: { ...inventory, faults: [{ effect: 'region-down', region: 'recovery', from, rampMs: 0 }] },
  });
  await sandbox.clock.sleep(10 * MINUTE_MS);
  expect(share(sandbox)).toEqual({ primary: 1, recovery: 0 });
});

test('switch object: deleted, the standby takes over; put back, it hands back', async () => {
  const sandbox = opened('healthy', 3, { stack: withObject });
  const client = new S3Client(sandbox.settings('us-east-1'));
  const { bucket: Bucket, key: Key } = switchObject;
  expect(await client.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({ ContentLength: 0 });
  expect(share(sandbox)).toEqual({ primary: 1, recovery: 0 });
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await expect(client.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
  await sandbox.clock.sleep(10_000);
  expect(share(sandbox).recovery).toBe(0);
  await sandbox.clock.sleep(4 * MINUTE_MS);
  expect(share(sandbox).recovery).toBeGreaterThan(0.99);
  await client.send(new PutObjectCommand({ Bucket, Key, Body: new Uint8Array() }));
  await sandbox.clock.sleep(5 * MINUTE_MS);
  expect(share(sandbox).primary).toBeGreaterThan(0.99);
  await expect(
    client.send(new PutObjectCommand({ Bucket, Key: 'other', Body: new Uint8Array() })),
  ).rejects.toMatchObject({
    name: 'NotImplemented',
  });
  expect(sandbox.world.inventory.calls.map(({ operation, resource }) => [operation, resource])).toEqual([
    ['s3:DeleteObject', 'nano-switch/primary-serves'],
    ['s3:PutObject', 'nano-switch/primary-serves'],
  ]);
});
