/** What describing calls answer: the resources of the stack under their names, and AWS's own faults for what is not there. */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeFlowLogsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import {
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClusterParametersCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeEventsCommand,
  DescribeGlobalClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  GetHealthCheckStatusCommand,
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  ListBucketMetricsConfigurationsCommand,
  ListBucketsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { opened } from './opened.ts';

test('RDS: two clusters of one global database, their instances, parameters and backups', async () => {
  const sandbox = opened();
  const west = new RDSClient(sandbox.settings());
  const east = new RDSClient(sandbox.settings('us-east-1'));
  const { DBClusters: [cluster] = [] } = await west.send(
    new DescribeDBClustersCommand({ DBClusterIdentifier: 'nano-db' }),
  );
  expect(cluster).toMatchObject({
    Status: 'available',
    Engine: 'aurora-mysql',
    MultiAZ: true,
    BackupRetentionPeriod: 35,
    PreferredBackupWindow: '02:00-03:00',
    EnabledCloudwatchLogsExports: ['error', 'slowquery'],
    GlobalClusterIdentifier: 'nano-global',
  });
  expect(cluster?.DBClusterMembers?.map((member) => [member.DBInstanceIdentifier, member.IsClusterWriter])).toEqual([
    ['nano-db-1', true],
    ['nano-db-2', false],
  ]);
  expect(sandbox.startMs - (cluster?.LatestRestorableTime?.getTime() ?? 0)).toBeLessThan(5 * 60_000);
  const byArn = await west.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster?.DBClusterArn }));
  expect(byArn.DBClusters).toHaveLength(1);
  const { DBInstances = [] } = await west.send(
    new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['nano-db'] }] }),
  );
  expect(DBInstances.map((each) => [each.DBInstanceIdentifier, each.DBInstanceClass, each.AvailabilityZone])).toEqual([
    ['nano-db-1', 'db.r6g.large', 'us-west-2a'],
    ['nano-db-2', 'db.r6g.large', 'us-west-2b'],
  ]);
  const { GlobalClusters: [global] = [] } = await east.send(new DescribeGlobalClustersCommand({}));
  expect(global?.GlobalClusterMembers?.map((member) => [member.DBClusterArn, member.IsWriter])).toEqual([
    ['arn:aws:rds:us-west-2:123456789012:cluster:nano-db', true],
    ['arn:aws:rds:us-east-1:123456789012:cluster:nano-db-dr', false],
  ]);
  const group = cluster?.DBClusterParameterGroup;
  const groups = await west.send(new DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: group }));
  expect(groups.DBClusterParameterGroups?.[0]?.DBParameterGroupFamily).toBe('aurora-mysql8.0');
  const { Parameters = [] } = await west.send(
    new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: group, Source: 'user' }),
  );
  expect(Parameters.map((each) => [each.ParameterName, each.ParameterValue])).toContainEqual([
    'long_query_time',
    '0.5',
  ]);
  const instanceParameters = await west.send(
    new DescribeDBParametersCommand({ DBParameterGroupName: 'default.aurora-mysql8.0' }),
  );
  expect(instanceParameters.Parameters?.map((each) => each.ParameterName)).toContain('max_connections');
  const snapshots = await west.send(new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: 'nano-db' }));
  expect(snapshots.DBClusterSnapshots).toHaveLength(35);
  const newest = snapshots.DBClusterSnapshots?.at(-1)?.SnapshotCreateTime;
  expect(newest?.getUTCHours()).toBe(2);
  const copies = await east.send(new DescribeDBClusterSnapshotsCommand({}));
  expect(copies.DBClusterSnapshots?.at(-1)?.SourceDBClusterSnapshotArn).toContain('us-west-2');
  const events = await west.send(new DescribeEventsCommand({ SourceType: 'db-cluster', Duration: 24 * 60 }));
  expect(events.Events?.map((event) => event.Message)).toContain('Automated cluster snapshot created');
  expect((await west.send(new DescribeEventsCommand({}))).Events ?? []).toEqual([]);
});

test('RDS: what is not there', async () => {
  const client = new RDSClient(opened().settings());
  const named = (name: string) => expect.objectContaining({ name });
  await expect(client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'x' }))).rejects.toEqual(
    named('DBClusterNotFoundFault'),
  );
  await expect(client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'x' }))).rejects.toEqual(
    named('DBInstanceNotFoundFault'),
  );
  await expect(client.send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'x' }))).rejects.toEqual(
    named('GlobalClusterNotFoundFault'),
  );
  await expect(
    client.send(new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: 'x' })),
  ).rejects.toEqual(named('DBParameterGroupNotFoundFault'));
  const elsewhere = new RDSClient(opened().settings('eu-west-1'));
  expect((await elsewhere.send(new DescribeDBClustersCommand({}))).DBClusters ?? []).toEqual([]);
});

test('Elastic Load Balancing: the balancer in three zones, six healthy targets', async () => {
  const client = new ElasticLoadBalancingV2Client(opened().settings());
  const { LoadBalancers: [balancer] = [] } = await client.send(
    new DescribeLoadBalancersCommand({ Names: ['nano-alb'] }),
  );
  expect(balancer?.LoadBalancerArn).toBe(
    'arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/nano-alb/50dc6c495c0c9188',
  );
  expect(balancer?.AvailabilityZones?.map((zone) => zone.ZoneName)).toEqual(['us-west-2a', 'us-west-2b', 'us-west-2c']);
  const { TargetGroups: [group] = [] } = await client.send(
    new DescribeTargetGroupsCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }),
  );
  expect(group?.TargetGroupArn).toMatch(/:targetgroup\/nano-api\/73e2d6bc24d8a067$/);
  const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group?.TargetGroupArn }));
  const states = health.TargetHealthDescriptions?.map((each) => [
    each.Target?.AvailabilityZone,
    each.TargetHealth?.State,
  ]);
  expect(states?.toSorted()).toEqual(
    ['us-west-2a', 'us-west-2b', 'us-west-2c'].flatMap((zone) => [
      [zone, 'healthy'],
      [zone, 'healthy'],
    ]),
  );
  const listeners = await client.send(new DescribeListenersCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }));
  expect(listeners.Listeners?.[0]).toMatchObject({ Port: 443, Protocol: 'HTTPS' });
  await expect(client.send(new DescribeLoadBalancersCommand({ Names: ['x'] }))).rejects.toMatchObject({
    name: 'LoadBalancerNotFoundException',
  });
  await expect(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'arn:x' }))).rejects.toMatchObject({
    name: 'TargetGroupNotFoundException',
  });
});

test('network-az: targets of that zone, and of no other, fail their health checks now and then', async () => {
  const zones = new Set<string | undefined>();
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const client = new ElasticLoadBalancingV2Client(opened('network-az', seed).settings());
    const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({}));
    const { TargetGroupArn } = TargetGroups[0] ?? {};
    const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    for (const each of health.TargetHealthDescriptions ?? []) {
      if (each.TargetHealth?.State === 'unhealthy') zones.add(each.Target?.AvailabilityZone);
    }
  }
  expect([...zones]).toEqual(['us-west-2b']);
});

test('ElastiCache: a primary and a replica', async () => {
  const client = new ElastiCacheClient(opened().settings());
  const { ReplicationGroups: [group] = [] } = await client.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'nano-cache' }),
  );
  expect(group?.MemberClusters).toEqual(['nano-cache-001', 'nano-cache-002']);
  expect(group?.NodeGroups?.[0]?.NodeGroupMembers?.map((node) => node.CurrentRole)).toEqual(['primary', 'replica']);
  const clusters = await client.send(new DescribeCacheClustersCommand({ CacheClusterId: 'nano-cache-001' }));
  expect(clusters.CacheClusters?.[0]).toMatchObject({ ReplicationGroupId: 'nano-cache', Engine: 'redis' });
  await expect(client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'x' }))).rejects.toMatchObject({
    name: 'ReplicationGroupNotFoundFault',
  });
  await expect(client.send(new DescribeCacheClustersCommand({ CacheClusterId: 'x' }))).rejects.toMatchObject({
    name: 'CacheClusterNotFoundFault',
  });
});

test('S3: a versioned, replicated, archived bucket with request metrics, and its replica without', async () => {
  const client = new S3Client(opened().settings());
  const Bucket = 'nano-zips';
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets?.map((each) => each.Name)).toEqual(['nano-zips', 'nano-zips-dr']);
  expect(await client.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: 'Enabled' });
  const { ReplicationConfiguration } = await client.send(new GetBucketReplicationCommand({ Bucket }));
  expect(ReplicationConfiguration?.Rules?.[0]).toMatchObject({
    Status: 'Enabled',
    Destination: { Bucket: 'arn:aws:s3:::nano-zips-dr' },
  });
  const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(Rules?.[0]?.Transitions).toEqual([{ Days: 90, StorageClass: 'GLACIER' }]);
  const metrics = async (name: string) =>
    (await client.send(new ListBucketMetricsConfigurationsCommand({ Bucket: name }))).MetricsConfigurationList ?? [];
  expect((await metrics(Bucket)).map((each) => each.Id)).toEqual(['EntireBucket']);
  expect(await metrics('nano-zips-dr')).toEqual([]);
  expect(await client.send(new GetBucketLocationCommand({ Bucket }))).toMatchObject({
    LocationConstraint: 'us-west-2',
  });
  await expect(client.send(new GetBucketVersioningCommand({ Bucket: 'nobodys' }))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  });
  const back = await client.send(new GetBucketReplicationCommand({ Bucket: 'nano-zips-dr' }));
  expect(back.ReplicationConfiguration?.Rules).toMatchObject([{ Destination: { Bucket: 'arn:aws:s3:::nano-zips' } }]);
});

test('Route 53: the zone, the API’s record in Route 53’s order and pages, a healthy check', async () => {
  const sandbox = opened();
  const client = new Route53Client(sandbox.settings('us-east-1'));
  const { HostedZones: [zone] = [] } = await client.send(new ListHostedZonesCommand({}));
  expect(zone?.Name).toBe('nano.example.');
  const HostedZoneId = zone?.Id?.replace('/hostedzone/', '');
  expect((await client.send(new GetHostedZoneCommand({ Id: HostedZoneId }))).DelegationSet?.NameServers).toHaveLength(
    4,
  );
  const all = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const api = all.ResourceRecordSets?.find((record) => record.Name === 'api.nano.example.');
  expect(api).toMatchObject({ Type: 'CNAME', TTL: 60 });
  expect(api?.ResourceRecords?.[0]?.Value).toMatch(/^nano-alb-\d+\.us-west-2\.elb\.amazonaws\.com$/);
  const first = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId, MaxItems: 2 }));
  expect(first).toMatchObject({ IsTruncated: true, NextRecordName: 'api.nano.example.', NextRecordType: 'CNAME' });
  const second = await client.send(
    new ListResourceRecordSetsCommand({
      HostedZoneId,
      StartRecordName: first.NextRecordName,
      StartRecordType: first.NextRecordType,
    }),
  );
  expect(second.ResourceRecordSets).toEqual([api]);
  await sandbox.clock.sleep(1_000); // Five requests a second are all that it takes.
  const { HealthChecks: [check] = [] } = await client.send(new ListHealthChecksCommand({}));
  const status = await client.send(new GetHealthCheckStatusCommand({ HealthCheckId: check?.Id }));
  expect(status.HealthCheckObservations?.every((each) => each.StatusReport?.Status?.startsWith('Success'))).toBe(true);
  await expect(client.send(new GetHostedZoneCommand({ Id: 'ZX' }))).rejects.toMatchObject({ name: 'NoSuchHostedZone' });
  await expect(client.send(new GetHealthCheckStatusCommand({ HealthCheckId: 'x' }))).rejects.toMatchObject({
    name: 'NoSuchHealthCheck',
  });
});

test('Application Auto Scaling: limits and the policy', async () => {
  const client = new ApplicationAutoScalingClient(opened().settings());
  const about = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;
  const targets = await client.send(
    new DescribeScalableTargetsCommand({ ...about, ResourceIds: ['service/nano/nano-api'] }),
  );
  expect(targets.ScalableTargets?.[0]).toMatchObject({ MinCapacity: 6, MaxCapacity: 20 });
  const policies = await client.send(
    new DescribeScalingPoliciesCommand({ ...about, ResourceId: 'service/nano/nano-api' }),
  );
  expect(policies.ScalingPolicies?.map((policy) => policy.PolicyName)).toEqual(['nano-api-requests']);
  const none = await client.send(new DescribeScalableTargetsCommand({ ...about, ResourceIds: ['service/nano/other'] }));
  expect(none.ScalableTargets ?? []).toEqual([]);
});

test('EC2: the service’s subnets, their VPC, its flow log', async () => {
  const client = new EC2Client(opened().settings());
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
  expect(Subnets.map((subnet) => subnet.AvailabilityZone)).toEqual(['us-west-2a', 'us-west-2b', 'us-west-2c']);
  const VpcId = Subnets[0]?.VpcId ?? '';
  expect((await client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))).Vpcs).toHaveLength(1);
  const flowLogs = async (id: string) =>
    (await client.send(new DescribeFlowLogsCommand({ Filter: [{ Name: 'resource-id', Values: [id, 'subnet-x'] }] })))
      .FlowLogs ?? [];
  expect(await flowLogs(VpcId)).toMatchObject([
    { ResourceId: VpcId, TrafficType: 'ALL', LogGroupName: '/aws/vpc/nano' },
  ]);
  expect(await flowLogs('vpc-other')).toEqual([]);
  const groups = await client.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
  );
  expect(groups.SecurityGroups).toHaveLength(3);
  await expect(client.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-0'] }))).rejects.toMatchObject({
    name: 'InvalidSubnetID.NotFound',
  });
});

test('DynamoDB: the table of sessions, restorable for 35 days', async () => {
  const client = new DynamoDBClient(opened().settings());
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'nano-sessions' }));
  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', TableName: 'nano-sessions' });
  const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName: 'nano-sessions' }));
  expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toMatchObject({
    PointInTimeRecoveryStatus: 'ENABLED',
    RecoveryPeriodInDays: 35,
  });
  await expect(client.send(new DescribeTableCommand({ TableName: 'x' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('STS: the account, and a role that anybody may assume', async () => {
  const client = new STSClient(opened().settings());
  expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012' });
  const assumed = await client.send(
    new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::210987654321:role/ops/reader', RoleSessionName: 'me' }),
  );
  expect(assumed.AssumedRoleUser?.Arn).toBe('arn:aws:sts::210987654321:assumed-role/reader/me');
  expect(assumed.Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.UTC(2026, 10, 23));
});
