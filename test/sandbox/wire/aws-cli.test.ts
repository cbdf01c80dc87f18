/** The aws command line, another team's client, reads what the wire serves. */
import { DescribeAlarms$, GetMetricData$ } from '@aws-sdk/client-cloudwatch';
import { GetItem$ } from '@aws-sdk/client-dynamodb';
import { DescribeSubnets$ } from '@aws-sdk/client-ec2';
import { DescribeServices$ } from '@aws-sdk/client-ecs';
import { DescribeDBClusters$ } from '@aws-sdk/client-rds';
import { ListResourceRecordSets$ } from '@aws-sdk/client-route-53';
import { GetBucketVersioning$ } from '@aws-sdk/client-s3';
import { GetTraceSummaries$ } from '@aws-sdk/client-xray';
import type { StaticOperationSchema } from '@smithy/types';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveWire, type WireServer } from '../../../src/sandbox/wire/http-server.ts';
import { ServiceFault, type SimulatedService } from '../../../src/sandbox/wire/service.ts';
import { cloudwatch, dynamodb, ec2, ecs, rds, route53, s3, xray, type ServiceDescription } from './operations.ts';
import { sandbox } from './sandbox.ts';

const created = new Date('2025-02-24T10:15:00.123Z');
const asked = new Map<string, unknown>();

function answering(service: ServiceDescription, schema: StaticOperationSchema, answer: object): SimulatedService {
  return {
    ...service,
    operations: [
      {
        schema,
        handle(input: object, { operation, region }) {
          asked.set(operation, { region, input });
          return answer;
        },
      },
    ],
  };
}

const services: readonly SimulatedService[] = [
  {
    ...rds,
    operations: [
      {
        schema: DescribeDBClusters$,
        handle({ DBClusterIdentifier, Filters }: { DBClusterIdentifier?: string; Filters?: object[] }) {
          asked.set('DescribeDBClusters', Filters);
          if (DBClusterIdentifier === 'other')
            throw new ServiceFault('DBClusterNotFoundFault', 'DBCluster other not found.', 404);
          return {
            DBClusters: [
              {
                DBClusterIdentifier: 'nano-db',
                ClusterCreateTime: created,
                BackupRetentionPeriod: 35,
                MultiAZ: true,
                DBClusterMembers: [
                  { DBInstanceIdentifier: 'nano-db-1', IsClusterWriter: true },
                  { DBInstanceIdentifier: 'nano-db-2' },
                ],
                ReadReplicaIdentifiers: [],
              },
            ],
          };
        },
      },
    ],
  },
  answering(ecs, DescribeServices$, {
    services: [{ serviceName: 'nano-api', desiredCount: 2, createdAt: created, deployments: [] }],
    failures: [],
  }),
  {
    ...answering(cloudwatch, GetMetricData$, {
      MetricDataResults: [{ Id: 'cpu', Label: 'CPU', Timestamps: [created], Values: [42.5], StatusCode: 'Complete' }],
    }),
  },
  answering(cloudwatch, DescribeAlarms$, {}),
  answering(xray, GetTraceSummaries$, {
    TraceSummaries: [
      {
        Id: '1-67bc',
        ResponseTime: 3.25,
        HasFault: true,
        Annotations: { user: [{ AnnotationValue: { StringValue: 'xyz' } }] },
      },
    ],
  }),
  answering(route53, ListResourceRecordSets$, {
    ResourceRecordSets: [{ Name: 'api.nano.example.', Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: 'a & b' }] }],
    IsTruncated: false,
    MaxItems: 100,
  }),
  answering(s3, GetBucketVersioning$, { Status: 'Enabled' }),
  answering(ec2, DescribeSubnets$, {
    Subnets: [{ SubnetId: 'subnet-1', AvailableIpAddressCount: 7, Tags: [{ Key: 'a', Value: 'b' }] }],
  }),
  answering(dynamodb, GetItem$, {
    Item: { id: { S: 'lease' }, token: { N: '7' }, raw: { B: new Uint8Array([1, 2, 3]) } },
  }),
];

const installed = execaSync('aws', ['--version'], { reject: false }).exitCode === 0;

describe.skipIf(!installed)('the aws command line', { timeout: 180_000 }, () => {
  const { wire } = sandbox({ services });
  let server: WireServer;
  beforeAll(async () => {
    server = await serveWire(wire, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => server.close());

  async function aws(...args: string[]) {
    const { stdout, stderr, exitCode } = await execa(
      'aws',
      [...args, '--endpoint-url', server.url, '--region', 'us-west-2', '--output', 'json'],
      {
        reject: false,
        env: {
          AWS_ACCESS_KEY_ID: 'sandbox',
          AWS_SECRET_ACCESS_KEY: 'sandbox',
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_MAX_ATTEMPTS: '1',
          AWS_CA_BUNDLE: undefined,
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        },
      },
    );
    const read: unknown = stdout === '' ? undefined : JSON.parse(stdout);
    return { read, stderr, exitCode };
  }

  test('reads answers in every protocol', async () => {
    const window = ['--start-time', '2025-02-24T10:00:00Z', '--end-time', '2025-02-24T11:00:00Z'];
    const query = {
      Id: 'cpu',
      MetricStat: { Metric: { Namespace: 'AWS/ECS', MetricName: 'CPUUtilization' }, Period: 60, Stat: 'p99' },
    };
    const key = { id: { S: 'lease' } };
    const [clusters, described, metrics, traces, records, versioning, subnets, item] = await Promise.all([
      aws('rds', 'describe-db-clusters', '--filters', 'Name=engine,Values=aurora-mysql,mysql'),
      aws('ecs', 'describe-services', '--cluster', 'nano', '--services', 'nano-api'),
      aws('cloudwatch', 'get-metric-data', ...window, '--metric-data-queries', JSON.stringify([query])),
      aws('xray', 'get-trace-summaries', ...window, '--filter-expression', 'responsetime > 3'),
      aws('route53', 'list-resource-record-sets', '--hosted-zone-id', 'Z123'),
      aws('s3api', 'get-bucket-versioning', '--bucket', 'nano-zips'),
      aws('ec2', 'describe-subnets', '--subnet-ids', 'subnet-1', 'subnet-2'),
      aws('dynamodb', 'get-item', '--table-name', 'nanoops', '--key', JSON.stringify(key)),
    ]);

    expect(clusters).toMatchObject({
      exitCode: 0,
      read: {
        DBClusters: [
          {
            DBClusterIdentifier: 'nano-db',
            ClusterCreateTime: expect.stringContaining('2025-02-24T10:15:00.123'),
            BackupRetentionPeriod: 35,
            MultiAZ: true,
            DBClusterMembers: [
              { DBInstanceIdentifier: 'nano-db-1', IsClusterWriter: true },
              { DBInstanceIdentifier: 'nano-db-2' },
            ],
            ReadReplicaIdentifiers: [],
          },
        ],
      },
    });
    expect(asked.get('DescribeDBClusters')).toEqual([{ Name: 'engine', Values: ['aurora-mysql', 'mysql'] }]);

    expect(described).toMatchObject({
      exitCode: 0,
      read: { services: [{ serviceName: 'nano-api', desiredCount: 2 }], failures: [] },
    });
    expect(asked.get('DescribeServices')).toEqual({
      region: 'us-west-2',
      input: { cluster: 'nano', services: ['nano-api'] },
    });

    expect(metrics).toMatchObject({
      exitCode: 0,
      read: { MetricDataResults: [{ Id: 'cpu', Values: [42.5], StatusCode: 'Complete' }] },
    });
    expect(asked.get('GetMetricData')).toEqual({
      region: 'us-west-2',
      input: {
        MetricDataQueries: [query],
        StartTime: new Date('2025-02-24T10:00:00Z'),
        EndTime: new Date('2025-02-24T11:00:00Z'),
      },
    });

    expect(traces).toMatchObject({
      exitCode: 0,
      read: {
        TraceSummaries: [
          {
            Id: '1-67bc',
            ResponseTime: 3.25,
            HasFault: true,
            Annotations: { user: [{ AnnotationValue: { StringValue: 'xyz' } }] },
          },
        ],
      },
    });
    expect(asked.get('GetTraceSummaries')).toMatchObject({
      input: { FilterExpression: 'responsetime > 3', StartTime: new Date('2025-02-24T10:00:00Z') },
    });

    expect(records).toMatchObject({
      exitCode: 0,
      read: {
        ResourceRecordSets: [
          { Name: 'api.nano.example.', Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: 'a & b' }] },
        ],
      },
    });
    expect(asked.get('ListResourceRecordSets')).toMatchObject({ region: 'us-east-1', input: { HostedZoneId: 'Z123' } });

    expect(versioning).toMatchObject({ exitCode: 0, read: { Status: 'Enabled' } });
    expect(asked.get('GetBucketVersioning')).toMatchObject({ input: { Bucket: 'nano-zips' } });

    expect(subnets).toMatchObject({
      exitCode: 0,
      read: { Subnets: [{ SubnetId: 'subnet-1', AvailableIpAddressCount: 7, Tags: [{ Key: 'a', Value: 'b' }] }] },
    });
    expect(asked.get('DescribeSubnets')).toMatchObject({ input: { SubnetIds: ['subnet-1', 'subnet-2'] } });

    expect(item).toMatchObject({
      exitCode: 0,
      read: { Item: { id: { S: 'lease' }, token: { N: '7' }, raw: { B: 'AQID' } } },
    });
    expect(asked.get('GetItem')).toMatchObject({ input: { TableName: 'nanoops', Key: key } });
  });

  test('reads refusals, and what is not simulated', async () => {
    const [missing, unknown] = await Promise.all([
      aws('rds', 'describe-db-clusters', '--db-cluster-identifier', 'other'),
      aws('ecs', 'list-clusters'),
    ]);
    expect(missing.exitCode).not.toBe(0);
    expect(missing.stderr).toContain('(DBClusterNotFoundFault)');
    expect(missing.stderr).toContain('DBCluster other not found.');
    expect(unknown.stderr).toContain('(NotSimulated)');
    expect(unknown.stderr).toContain('The sandbox does not simulate ecs:ListClusters (us-west-2)');
  });
});
