/**
 * Facts and changes of a failover against moto, in two regions. What moto cannot show: it neither switches over nor fails
 * over a global database, knows one in the region only that it was made in, has no routing controls, no AuroraGlobalDB
 * metrics of its own, and nothing in it takes time.
 */
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { RequestCertificateCommand, ACMClient } from '@aws-sdk/client-acm';
import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  CreateDBClusterCommand,
  CreateDBClusterParameterGroupCommand,
  CreateDBClusterSnapshotCommand,
  CreateGlobalClusterCommand,
  ModifyDBClusterParameterGroupCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import type { DnsRecord } from '../../src/cloud/recovery-facts.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region as primary, seedMetrics, seedStack, type SeededStack } from './stack.ts';

/** The system's clock, without the waits between attempts. */
const clock: Clock = { now: () => Date.now(), sleep: async () => {}, busy: (work) => work() };
const recovery = 'us-east-1';
const minute = 60_000;
const record = 'api.nano.example.com';

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
}

const inRecovery = (name: string) => `arn:aws:rds:${recovery}:123456789012:cluster:${name}`;

describe.skipIf(motoIsAbsent())('against moto over HTTP', () => {
  let moto: MotoServer;
  let stack: SeededStack;
  let cloud: AwsCloud;
  let hostedZoneId: string;
  const settings = (region: string) => ({ region, endpoint: moto.url, credentials });
  const database = { region: recovery, cluster: 'nano-db-dr' };

  beforeAll(async () => {
    moto = await startMoto();
    stack = await seedStack(moto.url);
    const changes = [
      'ecs:UpdateService',
      'rds:PromoteReadReplicaDBCluster',
      'rds:RemoveFromGlobalCluster',
      'route53:ChangeResourceRecordSets',
      's3:DeleteObject',
      's3:PutObject',
    ];
    cloud = openAws({ clock, random: Math.random, credentials, endpointUrl: moto.url, mode: { changes } });
    const { HostedZone } = await new Route53Client(settings(recovery)).send(
      new CreateHostedZoneCommand({ Name: 'nano.example.com', CallerReference: 'test' }),
    );
    hostedZoneId = HostedZone?.Id?.replace('/hostedzone/', '') ?? 'none';
  }, 180_000);

  afterAll(async () => {
    cloud?.close();
    await moto?.close();
  });

  describe('records', () => {
    const plain: DnsRecord = { name: record, type: 'A', ttl: 60, values: ['192.0.2.1'] };
    const weighted = (id: string, weight: number): DnsRecord => ({
      name: record,
      type: 'A',
      ttl: 60,
      values: [id === 'west' ? '192.0.2.1' : '198.51.100.1'],
      setIdentifier: id,
      weight,
    });
    const at = () => ({ hostedZoneId, record });

    it('are none, are made, are replaced by others, are changed, and each change can be followed', async () => {
      expect(await cloud.facts.records(at())).toEqual([]);
      const { changeId } = await cloud.changes.replaceRecords(at(), [], [plain]);
      expect(await cloud.facts.recordChangeState(changeId)).toBe('insync');
      expect(await cloud.facts.records(at())).toEqual([plain]);

      const before = [weighted('west', 100), weighted('east', 0)];
      await cloud.changes.replaceRecords(at(), [plain], before);
      expect(new Set(await cloud.facts.records(at()))).toEqual(new Set(before));

      const after = [weighted('west', 0), weighted('east', 100)];
      await cloud.changes.replaceRecords(at(), before, after);
      expect(new Set(await cloud.facts.records(at()))).toEqual(new Set(after));
    });

    it('of the names around it are not among them', async () => {
      const sets = ['a.nano.example.com', 'api.nano.example.com.nano.example.com', 'z.nano.example.com'];
      await new Route53Client(settings(recovery)).send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: hostedZoneId,
          ChangeBatch: {
            Changes: sets.map((Name) => ({
              Action: 'CREATE',
              ResourceRecordSet: { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '203.0.113.1' }] },
            })),
          },
        }),
      );
      const found = await cloud.facts.records(at());
      expect(new Set(found.map(({ name }) => name))).toEqual(new Set([record]));
    });

    it('that are there already are not made a second time', async () => {
      const there: DnsRecord = { name: 'z.nano.example.com', type: 'A', ttl: 60, values: ['203.0.113.1'] };
      const error = await failureOf(cloud.changes.replaceRecords({ hostedZoneId, record: there.name }, [], [there]));
      expect(error).toMatchObject({ kind: 'invalid-request', details: { awsCode: 'InvalidChangeBatch' } });
      expect(String(error)).toMatch(/Nothing was changed by it\.$/);
    });

    it('of a zone that is not there are not changed', async () => {
      const error = await failureOf(
        cloud.changes.replaceRecords({ hostedZoneId: 'Z0000000000000000000', record }, [], [plain]),
      );
      expect(error).toMatchObject({ kind: 'not-found', details: { region: 'us-east-1' } });
    });

    it('follow health checks that somebody may have disabled', async () => {
      const { HealthCheck } = await new Route53Client(settings(recovery)).send(
        new CreateHealthCheckCommand({
          CallerReference: 'h',
          HealthCheckConfig: { Type: 'HTTPS', FullyQualifiedDomainName: record, Disabled: true, Inverted: true },
        }),
      );
      const found = await cloud.facts.healthCheck(HealthCheck?.Id ?? 'none');
      expect(found).toMatchObject({ type: 'HTTPS', disabled: true, inverted: true });
    });
  });

  describe('a replica in another region', () => {
    const replica = { region: recovery, cluster: 'nano-db-replica' };
    const source = `arn:aws:rds:${primary}:123456789012:cluster:nano-db`;

    beforeAll(async () => {
      await new RDSClient(settings(recovery)).send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: replica.cluster,
          Engine: 'aurora-mysql',
          ReplicationSourceIdentifier: source,
          MasterUsername: 'nano',
          MasterUserPassword: 'not-a-secret',
        }),
      );
    });

    it('says what it copies until it is promoted', async () => {
      expect(await cloud.facts.databaseState(replica)).toMatchObject({
        arn: inRecovery(replica.cluster),
        endpoint: expect.stringContaining(replica.cluster),
        replicatesFrom: source,
      });
      await cloud.changes.promoteReplica(replica);
      expect((await cloud.facts.databaseState(replica)).replicatesFrom).toBeUndefined();
    });

    it('that is not there is not promoted', async () => {
      const error = await failureOf(cloud.changes.promoteReplica({ region: recovery, cluster: 'nope' }));
      expect(error).toBeInstanceOf(Error);
    });

    it('is as far behind as its region’s metrics say', async () => {
      const now = Math.floor(Date.now() / minute) * minute;
      const dimensions = [
        { Name: 'DBClusterIdentifier', Value: 'nano-db-dr' },
        { Name: 'SourceRegion', Value: primary },
      ];
      await seedMetrics(
        moto.url,
        'AWS/RDS',
        [10, 9, 8].map((ago) => ({
          MetricName: 'AuroraGlobalDBRPOLag',
          Dimensions: dimensions,
          Timestamp: new Date(now - ago * minute),
          Value: 200 + ago,
        })),
        recovery,
      );
      const found = await cloud.facts.replicationLag(database, { from: now - 20 * minute, to: now });
      expect(found.metric).toBe('AuroraGlobalDBRPOLag');
      expect(found.lag.points.map(({ value }) => value)).toEqual([210, 209, 208]);
    });
  });

  describe('a global database', () => {
    const ref = { region: recovery, globalCluster: 'nano-global' };

    beforeAll(async () => {
      const rds = new RDSClient(settings(recovery));
      for (const GlobalClusterIdentifier of ['another', 'nano-global']) {
        await rds.send(new CreateGlobalClusterCommand({ GlobalClusterIdentifier, Engine: 'aurora-mysql' }));
      }
      await rds.send(
        new CreateDBClusterParameterGroupCommand({
          DBClusterParameterGroupName: 'nano-mysql8',
          DBParameterGroupFamily: 'aurora-mysql8.0',
          Description: 'nano',
        }),
      );
      await rds.send(
        new ModifyDBClusterParameterGroupCommand({
          DBClusterParameterGroupName: 'nano-mysql8',
          Parameters: [{ ParameterName: 'binlog_format', ParameterValue: 'ROW', ApplyMethod: 'pending-reboot' }],
        }),
      );
      await rds.send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: database.cluster,
          GlobalClusterIdentifier: 'nano-global',
          Engine: 'aurora-mysql',
          EngineVersion: '8.0.mysql_aurora.3.08.0',
          DBClusterParameterGroupName: 'nano-mysql8',
          BackupRetentionPeriod: 7,
          MasterUsername: 'nano',
          MasterUserPassword: 'not-a-secret',
        }),
      );
    });

    it('has members, one of which writes', async () => {
      expect(await cloud.facts.globalDatabase(ref)).toMatchObject({
        globalCluster: 'nano-global',
        members: [{ arn: inRecovery(database.cluster), region: recovery, cluster: database.cluster, isWriter: true }],
        moving: undefined,
      });
    });

    it('that is not there is told by its name', async () => {
      const error = await failureOf(cloud.facts.globalDatabase({ ...ref, globalCluster: 'nope' }));
      expect(error).toMatchObject({ kind: 'not-found', details: { resource: 'nope' } });
    });

    it('has clusters with snapshots and parameters', async () => {
      await new RDSClient(settings(recovery)).send(
        new CreateDBClusterSnapshotCommand({
          DBClusterIdentifier: database.cluster,
          DBClusterSnapshotIdentifier: 'before-drill',
        }),
      );
      expect(await cloud.facts.clusterSnapshots(database)).toMatchObject([
        { id: 'before-drill', cluster: database.cluster, status: 'available', type: 'manual', at: expect.any(Number) },
        { cluster: database.cluster, type: 'automated' },
      ]);
      expect(await cloud.facts.clusterParameters(database)).toMatchObject({ binlog_format: 'ROW' });
      expect(await cloud.facts.databaseState(database)).toMatchObject({ backupRetentionDays: 7 });
    });

    it('can be left by a cluster', async () => {
      await cloud.changes.removeFromGlobal(ref, inRecovery(database.cluster));
      expect((await cloud.facts.globalDatabase(ref)).members).toEqual([]);
    });
  });

  describe('a bucket', () => {
    const bucket = { region: primary, bucket: 'nano-zips' };
    const object = { region: recovery, bucket: 'nano-switch', key: 'primary/on' };
    const s3 = (region: string) => new S3Client({ ...settings(region), forcePathStyle: true });

    beforeAll(async () => {
      await s3(recovery).send(new CreateBucketCommand({ Bucket: object.bucket }));
      await s3(recovery).send(new CreateBucketCommand({ Bucket: 'nano-zips-dr' }));
      for (const [region, name] of [
        [primary, bucket.bucket],
        [recovery, 'nano-zips-dr'],
      ] as const) {
        await s3(region).send(
          new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
        );
      }
    });

    it('is copied nowhere until somebody says so', async () => {
      expect(await cloud.facts.bucketReplication(bucket)).toMatchObject({ versioning: 'Enabled', rules: [] });
      await s3(primary).send(
        new PutBucketReplicationCommand({
          Bucket: bucket.bucket,
          ReplicationConfiguration: {
            Role: 'arn:aws:iam::123456789012:role/replication',
            Rules: [
              {
                ID: 'all',
                Status: 'Enabled',
                Priority: 1,
                Filter: { Prefix: '' },
                DeleteMarkerReplication: { Status: 'Disabled' },
                Destination: { Bucket: 'arn:aws:s3:::nano-zips-dr' },
              },
            ],
          },
        }),
      );
      expect(await cloud.facts.bucketReplication(bucket)).toMatchObject({
        versioning: 'Enabled',
        rules: [{ id: 'all', enabled: true, destination: 'nano-zips-dr', prefix: '' }],
      });
    });

    it('that is not there is told by its name', async () => {
      const error = await failureOf(cloud.facts.bucketReplication({ region: primary, bucket: 'nano-nope' }));
      expect(error).toMatchObject({ kind: 'not-found', details: { resource: 'nano-nope' } });
    });

    it('holds an object that is put and deleted, also twice', async () => {
      expect(await cloud.facts.objectExists(object)).toBe(false);
      await cloud.changes.putObject(object);
      await cloud.changes.putObject(object);
      expect(await cloud.facts.objectExists(object)).toBe(true);
      await cloud.changes.deleteObject(object);
      await cloud.changes.deleteObject(object);
      expect(await cloud.facts.objectExists(object)).toBe(false);
    });

    it('that is not there holds no object and lacks none', async () => {
      const error = await failureOf(cloud.facts.objectExists({ ...object, bucket: 'nano-nope' }));
      expect(error).toMatchObject({ kind: 'not-found', details: { operation: 'HeadBucket', resource: 'nano-nope' } });
    });
  });

  it('tells of alarms that exist, and of no others', async () => {
    const cloudWatch = new CloudWatchClient(settings(recovery));
    const alarm = { Namespace: 'AWS/RDS', MetricName: 'CPUUtilization', Statistic: 'Average', Period: 60 } as const;
    for (const AlarmName of ['nano-cpu', 'nano-latency']) {
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          ...alarm,
          AlarmName,
          EvaluationPeriods: 1,
          Threshold: 80,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
    }
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: 'nano-cpu', StateValue: 'ALARM', StateReason: 'it burns' }),
    );
    const found = await cloud.facts.alarms(recovery, ['nano-cpu', 'nano-latency', 'nope']);
    expect(new Map(found.map(({ name, state }) => [name, state]))).toEqual(
      new Map([
        ['nano-cpu', 'alarm'],
        ['nano-latency', 'ok'],
      ]),
    );
    expect(found.find(({ name }) => name === 'nano-cpu')).toMatchObject({
      region: recovery,
      reason: 'it burns',
      since: expect.any(Number),
    });
    expect(await cloud.facts.alarms(recovery, ['nope'])).toEqual([]);
  });

  it('scales a service in place', async () => {
    const service = { region: primary, cluster: 'nano', service: 'nano-api' };
    const { taskDefinition } = await cloud.facts.serviceState(service);
    await cloud.changes.setDesiredCount(service, 4);
    expect(await cloud.facts.serviceState(service)).toMatchObject({ desired: 4, running: 4 });
    expect(await cloud.facts.taskDefinition(primary, taskDefinition)).toMatchObject({
      arn: taskDefinition,
      status: 'ACTIVE',
      images: ['nano-api:1'],
      secrets: [],
    });
    const missing = `arn:aws:ecs:${primary}:123456789012:task-definition/nope:1`;
    expect(await failureOf(cloud.facts.taskDefinition(primary, missing))).toMatchObject({ kind: 'not-found' });
  });

  it('tells what an alias of the load balancer needs', async () => {
    const found = await cloud.facts.loadBalancer({ region: primary, loadBalancer: stack.loadBalancer });
    expect(found).toMatchObject({
      state: 'active',
      dnsName: expect.stringContaining('nano-alb'),
      listeners: [{ port: 80, protocol: 'HTTP', certificates: [] }],
    });
    expect(found.hostedZoneId).toMatch(/^Z/);
  });

  it('finds images, secrets, parameters, certificates, caches and tables, or says that they are missing', async () => {
    const ecr = new ECRClient(settings(recovery));
    const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: 'nano/api' }));
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: 1,
        digest: `sha256:${'0'.repeat(64)}`,
      },
      layers: [],
    };
    await ecr.send(
      new PutImageCommand({ repositoryName: 'nano/api', imageManifest: JSON.stringify(manifest), imageTag: '41' }),
    );
    const image = `${repository?.registryId}.dkr.ecr.${recovery}.amazonaws.com/nano/api`;
    expect(await cloud.facts.imageExists(recovery, `${image}:41`)).toBe(true);
    expect(await cloud.facts.imageExists(recovery, `${image}:42`)).toBe(false);
    expect(await cloud.facts.imageExists(recovery, `${image}-nope:41`)).toBe(false);

    const { ARN: secret = 'none' } = await new SecretsManagerClient(settings(recovery)).send(
      new CreateSecretCommand({ Name: 'nano/db', SecretString: 'not-a-secret' }),
    );
    expect(await cloud.facts.secretExists(recovery, `${secret}:password::`)).toBe(true);
    expect(await cloud.facts.secretExists(recovery, secret.replace('nano/db', 'nano/nope'))).toBe(false);
    await new SSMClient(settings(recovery)).send(
      new PutParameterCommand({ Name: '/nano/token', Type: 'SecureString', Value: 'not-a-secret' }),
    );
    const parameter = `arn:aws:ssm:${recovery}:123456789012:parameter/nano/`;
    expect(await cloud.facts.secretExists(recovery, '/nano/token')).toBe(true);
    expect(await cloud.facts.secretExists(recovery, `${parameter}token`)).toBe(true);
    expect(await cloud.facts.secretExists(recovery, `${parameter}nope`)).toBe(false);

    const { CertificateArn = 'none' } = await new ACMClient(settings(recovery)).send(
      new RequestCertificateCommand({ DomainName: record, SubjectAlternativeNames: ['*.nano.example.com'] }),
    );
    expect((await cloud.facts.certificate(recovery, CertificateArn)).names).toEqual(
      expect.arrayContaining([record, '*.nano.example.com']),
    );

    expect(await cloud.facts.cacheState({ region: primary, replicationGroup: 'nano-cache' })).toMatchObject({
      status: 'available',
      // Of two, moto names one.
      nodes: 1,
    });
    await new DynamoDBClient(settings(recovery)).send(
      new CreateTableCommand({
        TableName: 'nano-sessions',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const table = { region: recovery, table: 'nano-sessions' };
    expect(await cloud.facts.tableState(table)).toMatchObject({ status: 'ACTIVE', replicas: [] });
    expect(await failureOf(cloud.facts.tableState({ ...table, table: 'nope' }))).toMatchObject({ kind: 'not-found' });
  });
});
