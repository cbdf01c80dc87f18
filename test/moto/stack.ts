/** The stack that the tests seed moto with, through the SDK's own clients. */
import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFlowLogsCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

export const region = 'us-west-2';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface SeededStack {
  readonly loadBalancer: string;
  readonly targetGroup: string;
  readonly subnets: readonly string[];
  readonly vpc: string;
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`moto gave no ${what}`);
  return value;
}

/** Everything but metrics and log lines, which are about a time. */
export async function seedStack(endpoint: string): Promise<SeededStack> {
  const settings = { region, endpoint, credentials };
  const network = await seedNetwork(new EC2Client(settings));
  const [api] = await Promise.all([
    seedApi(new ElasticLoadBalancingV2Client(settings), network),
    seedService(new ECSClient(settings), new ApplicationAutoScalingClient(settings), network),
    seedDatabase(new RDSClient(settings)),
    new ElastiCacheClient(settings).send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'nano-cache',
        ReplicationGroupDescription: 'sessions',
        NumCacheClusters: 2,
        CacheNodeType: 'cache.t4g.small',
        Engine: 'redis',
      }),
    ),
    new S3Client({ ...settings, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: 'nano-zips', CreateBucketConfiguration: { LocationConstraint: region } }),
    ),
  ]);
  return { ...network, ...api };
}

async function seedNetwork(ec2: EC2Client) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const vpc = present(Vpc?.VpcId, 'VPC');
  const subnets = await Promise.all(
    ['a', 'b'].map(async (zone, index) => {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId: vpc,
          CidrBlock: `10.0.${index}.0/24`,
          AvailabilityZone: `${region}${zone}`,
        }),
      );
      return present(Subnet?.SubnetId, 'subnet');
    }),
  );
  await ec2.send(
    new CreateFlowLogsCommand({
      ResourceIds: [vpc],
      ResourceType: 'VPC',
      TrafficType: 'REJECT',
      LogGroupName: '/vpc/flow',
      DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flow',
    }),
  );
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'nano-api', Description: 'API', VpcId: vpc }),
  );
  return { vpc, subnets, securityGroup: present(GroupId, 'security group') };
}

async function seedApi(elb: ElasticLoadBalancingV2Client, { vpc, subnets }: { vpc: string; subnets: string[] }) {
  const balancer = await elb.send(new CreateLoadBalancerCommand({ Name: 'nano-alb', Subnets: subnets }));
  const arn = present(balancer.LoadBalancers?.[0]?.LoadBalancerArn, 'load balancer');
  const group = await elb.send(
    new CreateTargetGroupCommand({ Name: 'nano-api', Protocol: 'HTTP', Port: 8080, VpcId: vpc, TargetType: 'ip' }),
  );
  const groupArn = present(group.TargetGroups?.[0]?.TargetGroupArn, 'target group');
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
    }),
  );
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: groupArn, Targets: [{ Id: '10.0.0.10', Port: 8080 }] }));
  return {
    loadBalancer: present(arn.split(':loadbalancer/')[1], 'tail of the ARN'),
    targetGroup: present(groupArn.split(':').at(-1), 'tail of the ARN'),
  };
}

async function seedService(
  ecs: ECSClient,
  scaling: ApplicationAutoScalingClient,
  { subnets, securityGroup }: { readonly subnets: readonly string[]; readonly securityGroup: string },
) {
  await ecs.send(new CreateClusterCommand({ clusterName: 'nano' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'nano-api',
      containerDefinitions: [{ name: 'api', image: 'nano-api:1', memory: 512 }],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'nano',
      serviceName: 'nano-api',
      taskDefinition: 'nano-api',
      desiredCount: 2,
      networkConfiguration: { awsvpcConfiguration: { subnets: [...subnets], securityGroups: [securityGroup] } },
    }),
  );
  const target = {
    ServiceNamespace: 'ecs',
    ResourceId: 'service/nano/nano-api',
    ScalableDimension: 'ecs:service:DesiredCount',
  } as const;
  await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 2, MaxCapacity: 8 }));
  await scaling.send(
    new PutScalingPolicyCommand({
      ...target,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 60,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    }),
  );
}

async function seedDatabase(rds: RDSClient) {
  await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: 'nano-db',
      Engine: 'aurora-mysql',
      EngineVersion: '8.0.mysql_aurora.3.08.0',
      MasterUsername: 'nano',
      MasterUserPassword: 'not-a-secret',
      EnableCloudwatchLogsExports: ['slowquery', 'error'],
    }),
  );
  for (const name of ['nano-db-1', 'nano-db-2']) {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: name,
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-mysql',
        DBClusterIdentifier: 'nano-db',
      }),
    );
  }
}

/** PutMetricData takes no more (CloudWatch API Reference). */
const dataPerCall = 1_000;

export async function seedMetrics(
  endpoint: string,
  namespace: string,
  data: readonly MetricDatum[],
  where = region,
): Promise<void> {
  // moto reads no compressed requests.
  const cloudWatch = new CloudWatchClient({ region: where, endpoint, credentials, disableRequestCompression: true });
  for (let start = 0; start < data.length; start += dataPerCall) {
    const MetricData = data.slice(start, start + dataPerCall);
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
  }
}

export async function seedLogLines(
  endpoint: string,
  logGroupName: string,
  lines: readonly { readonly at: number; readonly message: string }[],
  where = region,
): Promise<void> {
  const logs = new CloudWatchLogsClient({ region: where, endpoint, credentials });
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'task-1' }));
  await logs.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName: 'task-1',
      logEvents: lines.map(({ at, message }) => ({ timestamp: at, message })),
    }),
  );
}
