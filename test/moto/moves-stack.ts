/**
 * A stack in two regions of moto, ready to be moved: services behind balancers, an Aurora cluster and a copy of it in the
 * other region, a record that clients use, and buckets. Several stand in one moto beside each other, by their names.
 */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DescribeDBClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { credentials, seedMetrics } from './stack.ts';

export const primary = 'us-west-2';
export const recovery = 'us-east-1';
const minuteMs = 60_000;
const tasks = { [primary]: 4, [recovery]: 1 } as const;

export interface MovableStack {
  readonly name: string;
  readonly hostedZoneId: string;
  readonly record: string;
  /** The tails of the balancers' ARNs, and their names in DNS, by region. */
  readonly balancers: Readonly<Record<string, { readonly tail: string; readonly dnsName: string }>>;
}

const settings = (endpoint: string, region: string) => ({ region, endpoint, credentials });

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`moto gave no ${what}`);
  return value;
}

/**
 * `isGlobal`: the clusters are members of a global database; otherwise the one in the recovery region is a replica of the
 * other. Its lag is 2 s in the last quarter of an hour.
 */
export async function seedMovableStack(endpoint: string, name: string, isGlobal = false): Promise<MovableStack> {
  const [west, east] = await Promise.all([
    seedRegion(endpoint, name, primary),
    seedRegion(endpoint, name, recovery),
    seedBuckets(endpoint, name),
    seedDatabases(endpoint, name, isGlobal),
    seedLag(endpoint, name),
  ]);
  const record = `api.${name}.example.com`;
  const route53 = new Route53Client(settings(endpoint, recovery));
  const hostedZoneId = await seedZone(route53, `${name}.example.com`);
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: hostedZoneId,
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: record,
              Type: 'CNAME',
              TTL: 60,
              ResourceRecords: [{ Value: west.dnsName }],
            },
          },
        ],
      },
    }),
  );
  return { name, hostedZoneId, record, balancers: { [primary]: west, [recovery]: east } };
}

/** The ids of Route 53 begin with a Z (Route 53 API Reference, HostedZone), moto's with any letter or digit. */
async function seedZone(route53: Route53Client, Name: string): Promise<string> {
  for (let attempt = 1; attempt <= 1_000; attempt += 1) {
    const { HostedZone } = await route53.send(
      new CreateHostedZoneCommand({ Name, CallerReference: `${Name} ${attempt}` }),
    );
    const id = present(HostedZone?.Id, 'hosted zone').replace('/hostedzone/', '');
    if (id.startsWith('Z')) return id;
  }
  throw new Error('of a thousand zones none has an id as Route 53 gives them');
}

async function seedRegion(endpoint: string, name: string, region: typeof primary | typeof recovery) {
  const ec2 = new EC2Client(settings(endpoint, region));
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const subnets = await Promise.all(
    ['a', 'b'].map(async (zone, index) => {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId: present(Vpc?.VpcId, 'VPC'),
          CidrBlock: `10.0.${index}.0/24`,
          AvailabilityZone: `${region}${zone}`,
        }),
      );
      return present(Subnet?.SubnetId, 'subnet');
    }),
  );
  const { LoadBalancers } = await new ElasticLoadBalancingV2Client(settings(endpoint, region)).send(
    new CreateLoadBalancerCommand({ Name: `${name}-alb`, Subnets: subnets }),
  );
  const balancer = present(LoadBalancers?.[0], 'load balancer');
  const ecs = new ECSClient(settings(endpoint, region));
  await ecs.send(new CreateClusterCommand({ clusterName: name }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: name,
      containerDefinitions: [{ name: 'api', image: 'nano-api:1', memory: 512 }],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({ cluster: name, serviceName: name, taskDefinition: name, desiredCount: tasks[region] }),
  );
  return {
    tail: present(balancer.LoadBalancerArn?.split(':loadbalancer/')[1], 'tail of the ARN'),
    dnsName: present(balancer.DNSName, 'name of the balancer'),
  };
}

async function seedBuckets(endpoint: string, name: string): Promise<void> {
  for (const [region, bucket] of [
    [primary, `${name}-zips`],
    [recovery, `${name}-zips-dr`],
  ] as const) {
    const s3 = new S3Client({ ...settings(endpoint, region), forcePathStyle: true });
    const place = region === recovery ? {} : { CreateBucketConfiguration: { LocationConstraint: primary } as const };
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ...place }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  }
  await new S3Client({ ...settings(endpoint, primary), forcePathStyle: true }).send(
    new PutBucketReplicationCommand({
      Bucket: `${name}-zips`,
      ReplicationConfiguration: {
        Role: 'arn:aws:iam::123456789012:role/replication',
        Rules: [
          {
            ID: 'all',
            Status: 'Enabled',
            Priority: 1,
            Filter: { Prefix: '' },
            DeleteMarkerReplication: { Status: 'Disabled' },
            Destination: { Bucket: `arn:aws:s3:::${name}-zips-dr` },
          },
        ],
      },
    }),
  );
}

async function seedDatabases(endpoint: string, name: string, isGlobal: boolean): Promise<void> {
  const owner = { Engine: 'aurora-mysql', MasterUsername: 'nano', MasterUserPassword: 'not-a-secret' };
  const global = isGlobal ? { GlobalClusterIdentifier: `${name}-global` } : {};
  if (isGlobal) {
    // moto tells of a global database in the region only that it was made in.
    await new RDSClient(settings(endpoint, recovery)).send(
      new CreateGlobalClusterCommand({ GlobalClusterIdentifier: `${name}-global`, Engine: owner.Engine }),
    );
  }
  const source = isGlobal
    ? {}
    : { ReplicationSourceIdentifier: `arn:aws:rds:${primary}:123456789012:cluster:${name}-db` };
  for (const [region, cluster, more] of [
    [primary, `${name}-db`, global],
    [recovery, `${name}-db-dr`, { ...global, ...source }],
  ] as const) {
    const rds = new RDSClient(settings(endpoint, region));
    await rds.send(new CreateDBClusterCommand({ ...owner, ...more, DBClusterIdentifier: cluster }));
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: `${cluster}-1`,
        DBInstanceClass: 'db.r6g.large',
        Engine: owner.Engine,
        DBClusterIdentifier: cluster,
      }),
    );
  }
}

async function seedLag(endpoint: string, name: string): Promise<void> {
  const now = Math.floor(Date.now() / minuteMs) * minuteMs;
  const data = Array.from({ length: 15 }, (_point, index) => ({
    MetricName: 'AuroraBinlogReplicaLag',
    Dimensions: [
      { Name: 'DBClusterIdentifier', Value: `${name}-db-dr` },
      { Name: 'Role', Value: 'WRITER' },
    ],
    Timestamp: new Date(now - (index + 1) * minuteMs),
    Value: 2,
  }));
  await seedMetrics(endpoint, 'AWS/RDS', data, recovery);
}

/** The configuration of such a stack; JSON is YAML. */
export function configOf(
  { name, hostedZoneId, record, balancers }: MovableStack,
  more: { readonly api?: object; readonly database?: object } = {},
): object {
  return {
    service: name,
    environment: 'prod',
    account: '123456789012',
    regions: { primary, recovery },
    api: {
      loadBalancer: balancers[primary]?.tail,
      recovery: { loadBalancer: balancers[recovery]?.tail },
      ...more.api,
    },
    compute: { cluster: name, service: name },
    database: { cluster: `${name}-db`, recoveryCluster: `${name}-db-dr`, ...more.database },
    storage: { bucket: `${name}-zips`, replicaBucket: `${name}-zips-dr` },
    dns: { mechanism: 'records', hostedZoneId, record },
  };
}

/** How the stack stands, as moto tells anybody who asks it. */
export async function standingOf(endpoint: string, { name, hostedZoneId, record }: MovableStack) {
  const regional = async (region: string, cluster: string, bucket: string) => {
    const [{ DBClusters }, { services }, { Contents = [] }] = await Promise.all([
      new RDSClient(settings(endpoint, region)).send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster })),
      new ECSClient(settings(endpoint, region)).send(new DescribeServicesCommand({ cluster: name, services: [name] })),
      new S3Client({ ...settings(endpoint, region), forcePathStyle: true }).send(
        new ListObjectsV2Command({ Bucket: bucket }),
      ),
    ]);
    const [database] = DBClusters ?? [];
    const [service] = services ?? [];
    return {
      copies: database?.ReplicationSourceIdentifier || undefined,
      members: database?.DBClusterMembers?.map(({ DBInstanceIdentifier: id, IsClusterWriter }) => [
        id,
        IsClusterWriter,
      ]),
      desired: service?.desiredCount,
      taskDefinition: service?.taskDefinition,
      deployments: service?.deployments?.length,
      objects: Contents.map(({ Key }) => Key),
    };
  };
  const [west, east, { ResourceRecordSets = [] }] = await Promise.all([
    regional(primary, `${name}-db`, `${name}-zips`),
    regional(recovery, `${name}-db-dr`, `${name}-zips-dr`),
    new Route53Client(settings(endpoint, recovery)).send(
      new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId }),
    ),
  ]);
  const own = ResourceRecordSets.filter(({ Name }) => Name === `${record}.`);
  return {
    west,
    east,
    record: own.map(({ Type, TTL, ResourceRecords }) => [Type, TTL, ResourceRecords?.map(({ Value }) => Value)]),
    records: ResourceRecordSets.length,
  };
}
