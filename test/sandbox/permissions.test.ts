/** What the caller may do: told by IAM's simulator, and held to by every service. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { IAMClient, GetRoleCommand, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { DescribeGlobalClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetBucketReplicationCommand, S3Client } from '@aws-sdk/client-s3';
import { GetServiceGraphCommand, XRayClient } from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import { allows, iamActionOf } from '../../src/sandbox/permissions.ts';
import { opened } from './services/opened.ts';
import { struck } from './services/struck.ts';

const MINUTE = 60_000;
const role = 'arn:aws:iam::123456789012:role/nanoops-sandbox';
const failover = ['rds:FailoverGlobalCluster', 'ecs:UpdateService', 'route53:ChangeResourceRecordSets'];

test('every operation that is simulated is one that the caller’s policy allows', () => {
  const { services, world } = opened();
  const actions = services.flatMap(({ service, operations }) =>
    operations.map(({ schema }) => iamActionOf(service, schema[2])),
  );
  expect(actions).toContain('s3:GetReplicationConfiguration');
  expect(actions.filter((action) => !allows(world, action))).toEqual([]);
});

test('the simulator allows what a failover needs, and nothing that nanoops never does', async () => {
  const { facts } = struck();
  expect(await facts.permissions('us-east-1', [...failover, 'rds:DeleteDBCluster'])).toEqual({
    'rds:FailoverGlobalCluster': true,
    'ecs:UpdateService': true,
    'route53:ChangeResourceRecordSets': true,
    'rds:DeleteDBCluster': false,
  });
});

test('the simulator answers in pages, an action and a resource at a time, in the one region that it has', async () => {
  const client = new IAMClient(opened().settings('us-west-2'));
  const asked = { PolicySourceArn: role, ActionNames: failover, ResourceArns: ['arn:aws:s3:::a', 'arn:aws:s3:::b'] };
  const first = await client.send(new SimulatePrincipalPolicyCommand({ ...asked, MaxItems: 4 }));
  expect(first.EvaluationResults?.map((each) => [each.EvalActionName, each.EvalResourceName])).toEqual([
    ['rds:FailoverGlobalCluster', 'arn:aws:s3:::a'],
    ['rds:FailoverGlobalCluster', 'arn:aws:s3:::b'],
    ['ecs:UpdateService', 'arn:aws:s3:::a'],
    ['ecs:UpdateService', 'arn:aws:s3:::b'],
  ]);
  expect(first.IsTruncated).toBe(true);
  const second = await client.send(new SimulatePrincipalPolicyCommand({ ...asked, Marker: first.Marker }));
  expect(second).toMatchObject({ IsTruncated: false, EvaluationResults: [{}, {}] });
});

test('the simulator takes roles, not sessions of them, and knows no users', async () => {
  const client = new IAMClient(opened().settings());
  const simulated = (PolicySourceArn: string, ActionNames = failover) =>
    client.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames }));
  await expect(simulated('arn:aws:sts::123456789012:assumed-role/nanoops-sandbox/nanoops')).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining('does not clearly define entity type and name'),
  });
  await expect(simulated('arn:aws:iam::123456789012:user/me')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  await expect(simulated(role, ['UpdateService'])).rejects.toMatchObject({ name: 'InvalidInputException' });
  expect((await client.send(new GetRoleCommand({ RoleName: 'nanoops-sandbox' }))).Role?.Arn).toBe(role);
});

test('what is taken away is denied by the simulator and refused by the service, until it is given back', async () => {
  const world = struck([
    'effect: permission-denied, from: -1h, to: 10m, actions: [rds:DescribeGlobal*, ecs:UpdateService]',
  ]);
  expect(await world.facts.permissions('us-east-1', [...failover, 'rds:DescribeGlobalClusters'])).toMatchObject({
    'rds:FailoverGlobalCluster': true,
    'ecs:UpdateService': false,
    'rds:DescribeGlobalClusters': false,
  });
  const ref = { region: 'us-east-1', globalCluster: 'nano-global' };
  await expect(world.facts.globalDatabase(ref)).rejects.toMatchObject({
    kind: 'permission',
    message: expect.stringContaining('rds:DescribeGlobalClusters'),
  });
  await world.facts.databaseState({ region: 'us-east-1', cluster: 'nano-db-dr' });
  await world.clock.sleep(15 * MINUTE);
  await world.facts.globalDatabase(ref);
  expect(await world.facts.permissions('us-east-1', ['ecs:UpdateService'])).toEqual({ 'ecs:UpdateService': true });
});

test('who may not ask the simulator does not learn from it', async () => {
  const { facts } = struck(['effect: permission-denied, from: -1h, actions: ["iam:*"]']);
  await expect(facts.permissions('us-east-1', failover)).rejects.toMatchObject({ kind: 'permission' });
});

test('each service refuses in its own word, and names the action as IAM does', async () => {
  const settings = struck(['effect: permission-denied, from: -1h, actions: ["*:*"]']).settings();
  const refused = (sent: Promise<unknown>, name: string, action: string) =>
    expect(sent).rejects.toMatchObject({
      name,
      message: `User: arn:aws:sts::123456789012:assumed-role/nanoops-sandbox/nanoops is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    });
  await refused(
    new ECSClient(settings).send(new DescribeClustersCommand({})),
    'AccessDeniedException',
    'ecs:DescribeClusters',
  );
  await refused(
    new RDSClient(settings).send(new DescribeGlobalClustersCommand({})),
    'AccessDenied',
    'rds:DescribeGlobalClusters',
  );
  await refused(
    new CloudWatchClient(settings).send(new DescribeAlarmsCommand({})),
    'AccessDenied',
    'cloudwatch:DescribeAlarms',
  );
  await refused(
    new EC2Client(settings).send(new DescribeSubnetsCommand({})),
    'UnauthorizedOperation',
    'ec2:DescribeSubnets',
  );
  await refused(
    new S3Client(settings).send(new GetBucketReplicationCommand({ Bucket: 'nano-zips' })),
    'AccessDenied',
    's3:GetReplicationConfiguration',
  );
  const graph = new GetServiceGraphCommand({ StartTime: new Date(0), EndTime: new Date(1) });
  await refused(new XRayClient(settings).send(graph), 'AccessDeniedException', 'xray:GetServiceGraph');
});
