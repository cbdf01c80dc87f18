/** What Route 53 answers to calls that change records, what it refuses, and what it says of health checks. */
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type Change,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { expect, test } from 'vitest';
import { opened, reopened, type Opened } from './opened.ts';

const HostedZoneId = 'Z0123456789NANOEXAMPL';

const clientOf = (sandbox: Opened) => new Route53Client(sandbox.settings('us-east-1'));

function balancers(sandbox: Opened) {
  const { primary, recovery } = sandbox.world.inventory;
  return { primary: primary.balancerDnsName, recovery: recovery.balancerDnsName };
}

function cname(value: string, extra: Partial<ResourceRecordSet> = {}): ResourceRecordSet {
  return { Name: 'api.nano.example.', Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: value }], ...extra };
}

async function change(client: Route53Client, ...Changes: Change[]) {
  const { ChangeInfo } = await client.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }),
  );
  return ChangeInfo;
}

async function apiSets(client: Route53Client) {
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  return ResourceRecordSets.filter(({ Name }) => Name === 'api.nano.example.');
}

test('a record that is replaced is told at once, is in sync within a minute, and is on record', async () => {
  const sandbox = opened('healthy', 7);
  const client = clientOf(sandbox);
  const { primary, recovery } = balancers(sandbox);
  const info = await change(
    client,
    { Action: 'DELETE', ResourceRecordSet: cname(primary) },
    { Action: 'CREATE', ResourceRecordSet: cname(recovery) },
  );
  expect(info).toMatchObject({ Status: 'PENDING', Id: expect.stringMatching(/^\/change\/C[0-9A-Z]+$/) });
  expect(await apiSets(client)).toEqual([cname(recovery)]);
  const asked = sandbox.clock.now();
  const status = async () => (await client.send(new GetChangeCommand({ Id: info?.Id }))).ChangeInfo?.Status;
  while ((await status()) === 'PENDING') await sandbox.clock.sleep(1_000);
  expect(sandbox.clock.now() - asked).toBeGreaterThan(9_000);
  expect(sandbox.clock.now() - asked).toBeLessThan(55_000);
  expect(sandbox.world.inventory.calls).toMatchObject([
    {
      operation: 'route53:ChangeResourceRecordSets',
      resource: HostedZoneId,
      detail: `DELETE api.nano.example CNAME ${primary}; CREATE api.nano.example CNAME ${recovery}`,
    },
  ]);
});

test('a batch that fails in one part changes nothing, and is refused in Route 53’s words', async () => {
  const sandbox = opened('healthy', 7);
  const client = clientOf(sandbox);
  const { primary, recovery } = balancers(sandbox);
  const refusal = async (...changes: Change[]): Promise<unknown> =>
    change(client, ...changes).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(
    await refusal(
      { Action: 'UPSERT', ResourceRecordSet: { ...cname(recovery), Name: 'new.nano.example' } },
      { Action: 'DELETE', ResourceRecordSet: cname(recovery) },
    ),
  ).toMatchObject({
    name: 'InvalidChangeBatch',
    message:
      "[Tried to delete resource record set [name='api.nano.example.', type='CNAME'] but the values provided do not match the current values]",
  });
  expect(await refusal({ Action: 'CREATE', ResourceRecordSet: cname(recovery) })).toMatchObject({
    message: "[Tried to create resource record set [name='api.nano.example.', type='CNAME'] but it already exists]",
  });
  await sandbox.clock.sleep(1_000);
  expect(
    await refusal({ Action: 'DELETE', ResourceRecordSet: { ...cname(primary), Name: 'old.nano.example' } }),
  ).toMatchObject({
    message: "[Tried to delete resource record set [name='old.nano.example.', type='CNAME'] but it was not found]",
  });
  expect(
    await refusal({
      Action: 'CREATE',
      ResourceRecordSet: { ...cname(primary), Name: 'api.other.example' },
    }),
  ).toMatchObject({ message: '[RRSet with DNS name api.other.example. is not permitted in zone nano.example.]' });
  expect(await apiSets(client)).toEqual([cname(primary)]);
  expect(sandbox.world.inventory.calls).toEqual([]);
  await expect(client.send(new GetChangeCommand({ Id: 'C1NOBODY' }))).rejects.toMatchObject({ name: 'NoSuchChange' });
});

test('weighted sets: their weights are changed in one batch; a simple one beside them is refused', async () => {
  const sandbox = opened('healthy', 7);
  const client = clientOf(sandbox);
  const { primary, recovery } = balancers(sandbox);
  const west = (Weight: number) => cname(primary, { SetIdentifier: 'west', Weight });
  const east = (Weight: number) => cname(recovery, { SetIdentifier: 'east', Weight });
  await change(
    client,
    { Action: 'DELETE', ResourceRecordSet: cname(primary) },
    { Action: 'CREATE', ResourceRecordSet: west(100) },
    { Action: 'CREATE', ResourceRecordSet: east(0) },
  );
  await change(
    client,
    { Action: 'UPSERT', ResourceRecordSet: west(0) },
    { Action: 'UPSERT', ResourceRecordSet: east(100) },
  );
  expect(await apiSets(client)).toEqual([east(100), west(0)]);
  await expect(change(client, { Action: 'CREATE', ResourceRecordSet: cname(primary) })).rejects.toMatchObject({
    name: 'InvalidChangeBatch',
  });
});

test('the sixth request in a second is one too many, whichever operation it is', async () => {
  const sandbox = opened('healthy', 7);
  const client = clientOf(sandbox);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 7 }, (_, index) =>
      index % 2 === 0 ? apiSets(client) : client.send(new ListHealthChecksCommand({})),
    ),
  );
  const refused = outcomes.filter((each) => each.status === 'rejected');
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatchObject({ reason: { name: 'Throttling', $metadata: { httpStatusCode: 400 } } });
  await sandbox.clock.sleep(1_000);
  expect(await apiSets(client)).toHaveLength(1);
});

test('a check that is disabled says so, and that it saw nothing; one that watches the API saw it', async () => {
  const healthy = opened('healthy', 7);
  const client = clientOf(healthy);
  const { healthCheckId: id, traffic } = healthy.world.inventory;
  const seen = await client.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }));
  expect(seen.HealthCheckObservations?.map((each) => each.StatusReport?.Status)).toEqual([
    'Success: HTTP Status Code 200, OK',
    'Success: HTTP Status Code 200, OK',
    'Success: HTTP Status Code 200, OK',
  ]);
  const sandbox = reopened({
    inventory: {
      ...healthy.world.inventory,
      traffic: { ...traffic, healthChecks: traffic.healthChecks.map((check) => ({ ...check, disabled: true })) },
    },
  });
  const disabled = clientOf(sandbox);
  const { HealthCheck } = await disabled.send(new GetHealthCheckCommand({ HealthCheckId: id }));
  expect(HealthCheck?.HealthCheckConfig).toMatchObject({ Type: 'HTTPS', Disabled: true, Inverted: false });
  const status = await disabled.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }));
  expect(status.HealthCheckObservations).toEqual([]);
  await expect(disabled.send(new GetHealthCheckCommand({ HealthCheckId: 'nobody' }))).rejects.toMatchObject({
    name: 'NoSuchHealthCheck',
  });
});
