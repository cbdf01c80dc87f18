/** Real operations of real SDK clients, one or more for each protocol, as the wire's tests need them. */
import { ACMClient, DescribeCertificate$, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import {
  ApplicationAutoScalingClient,
  RegisterScalableTarget$,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { CloudWatchClient, GetMetricData$, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  FilterLogEvents$,
  FilterLogEventsCommand,
  GetQueryResults$,
  GetQueryResultsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, GetItem$, GetItemCommand, PutItem$, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSubnets$, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeImages$, DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeServices$,
  DescribeServicesCommand,
  ECSClient,
  UpdateService$,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeTargetHealth$,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeReplicationGroups$,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { IAMClient, SimulatePrincipalPolicy$, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateDBCluster$,
  CreateDBClusterCommand,
  DescribeDBClusters$,
  DescribeDBClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSets$,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSets$,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  GetBucketReplication$,
  GetBucketReplicationCommand,
  GetBucketVersioning$,
  GetBucketVersioningCommand,
  ListBuckets$,
  ListBucketsCommand,
  PutBucketVersioning$,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeSecret$, DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParameters$, DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentity$, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { GetTraceSummaries$, GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import type { StaticOperationSchema } from '@smithy/types';
import type { SimulatedService } from '../../../src/sandbox/wire/service.ts';
import type { WireRequestHandler } from '../../../src/sandbox/wire/request-handler.ts';

/** What the tests hand to every client. */
export interface ClientConfig {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
  readonly requestHandler?: WireRequestHandler;
  readonly endpoint?: string;
}

export type ServiceDescription = Omit<SimulatedService, 'operations'>;

export interface OperationCase {
  readonly service: ServiceDescription;
  readonly schema: StaticOperationSchema;
  /** The protocol, where it is not the one that the client speaks by default. */
  readonly via?: 'query' | 'rpc-v2-cbor';
  /** A function that sends the operation's command with a client of its own. */
  connect(config: ClientConfig): (input: object) => Promise<object>;
}

export const rds: ServiceDescription = {
  service: 'rds',
  signingName: 'rds',
  protocol: 'query',
  xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
};
export const ecs: ServiceDescription = {
  service: 'ecs',
  signingName: 'ecs',
  protocol: 'json-1.1',
  target: 'AmazonEC2ContainerServiceV20141113',
};
export const cloudwatch: ServiceDescription = {
  service: 'cloudwatch',
  signingName: 'monitoring',
  protocol: 'json-1.0',
  alsoSpeaks: ['query', 'rpc-v2-cbor'],
  target: 'GraniteServiceVersion20100801',
  xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
};
export const xray: ServiceDescription = { service: 'xray', signingName: 'xray', protocol: 'rest-json' };
export const route53: ServiceDescription = {
  service: 'route53',
  signingName: 'route53',
  protocol: 'rest-xml',
  xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
  homeRegion: 'us-east-1',
};
export const s3: ServiceDescription = {
  service: 's3',
  signingName: 's3',
  protocol: 'rest-xml',
  xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
};
export const ec2: ServiceDescription = {
  service: 'ec2',
  signingName: 'ec2',
  protocol: 'ec2-query',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
};
export const dynamodb: ServiceDescription = {
  service: 'dynamodb',
  signingName: 'dynamodb',
  protocol: 'json-1.0',
  target: 'DynamoDB_20120810',
};
const logs: ServiceDescription = {
  service: 'logs',
  signingName: 'logs',
  protocol: 'json-1.1',
  target: 'Logs_20140328',
};
export const elb: ServiceDescription = {
  service: 'elasticloadbalancing',
  signingName: 'elasticloadbalancing',
  protocol: 'query',
  xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
};
const elasticache: ServiceDescription = {
  service: 'elasticache',
  signingName: 'elasticache',
  protocol: 'query',
  xmlNamespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/',
};
const autoScaling: ServiceDescription = {
  service: 'application-autoscaling',
  signingName: 'application-autoscaling',
  protocol: 'json-1.1',
  target: 'AnyScaleFrontendService',
};
const sts: ServiceDescription = {
  service: 'sts',
  signingName: 'sts',
  protocol: 'query',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
};
const ecr: ServiceDescription = {
  service: 'ecr',
  signingName: 'ecr',
  protocol: 'json-1.1',
  target: 'AmazonEC2ContainerRegistry_V20150921',
};
const acm: ServiceDescription = {
  service: 'acm',
  signingName: 'acm',
  protocol: 'json-1.1',
  target: 'CertificateManager',
};
const iam: ServiceDescription = {
  service: 'iam',
  signingName: 'iam',
  protocol: 'query',
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  homeRegion: 'us-east-1',
};
const secretsManager: ServiceDescription = {
  service: 'secretsmanager',
  signingName: 'secretsmanager',
  protocol: 'json-1.1',
  target: 'secretsmanager',
};
const ssm: ServiceDescription = { service: 'ssm', signingName: 'ssm', protocol: 'json-1.1', target: 'AmazonSSM' };

function sender<Client>(
  client: Client,
  send: (client: Client, input: object) => Promise<object>,
): (input: object) => Promise<object> {
  return (input) => send(client, input);
}

// Inputs are made up by the operation's own schema, which is what the command's input type describes: hence the casts.
export const operationCases: readonly OperationCase[] = [
  {
    service: rds,
    schema: DescribeDBClusters$,
    connect: (config) =>
      sender(new RDSClient(config), (client, input) => client.send(new DescribeDBClustersCommand(input))),
  },
  {
    service: rds,
    schema: CreateDBCluster$,
    connect: (config) =>
      sender(new RDSClient(config), (client, input) => client.send(new CreateDBClusterCommand(input as never))),
  },
  {
    service: ecs,
    schema: DescribeServices$,
    connect: (config) =>
      sender(new ECSClient(config), (client, input) => client.send(new DescribeServicesCommand(input as never))),
  },
  {
    service: ecs,
    schema: UpdateService$,
    connect: (config) =>
      sender(new ECSClient(config), (client, input) => client.send(new UpdateServiceCommand(input as never))),
  },
  {
    service: cloudwatch,
    schema: GetMetricData$,
    connect: (config) =>
      sender(new CloudWatchClient(config), (client, input) => client.send(new GetMetricDataCommand(input as never))),
  },
  {
    service: cloudwatch,
    schema: GetMetricData$,
    via: 'query',
    connect: (config) =>
      sender(new CloudWatchClient({ ...config, protocol: AwsQueryProtocol }), (client, input) =>
        client.send(new GetMetricDataCommand(input as never)),
      ),
  },
  {
    service: cloudwatch,
    schema: GetMetricData$,
    via: 'rpc-v2-cbor',
    connect: (config) =>
      sender(new CloudWatchClient({ ...config, protocol: AwsSmithyRpcV2CborProtocol }), (client, input) =>
        client.send(new GetMetricDataCommand(input as never)),
      ),
  },
  {
    service: xray,
    schema: GetTraceSummaries$,
    connect: (config) =>
      sender(new XRayClient(config), (client, input) => client.send(new GetTraceSummariesCommand(input as never))),
  },
  {
    service: route53,
    schema: ListResourceRecordSets$,
    connect: (config) =>
      sender(new Route53Client(config), (client, input) =>
        client.send(new ListResourceRecordSetsCommand(input as never)),
      ),
  },
  {
    service: route53,
    schema: ChangeResourceRecordSets$,
    connect: (config) =>
      sender(new Route53Client(config), (client, input) =>
        client.send(new ChangeResourceRecordSetsCommand(input as never)),
      ),
  },
  {
    service: s3,
    schema: ListBuckets$,
    connect: (config) => sender(new S3Client(config), (client, input) => client.send(new ListBucketsCommand(input))),
  },
  {
    service: s3,
    schema: GetBucketVersioning$,
    connect: (config) =>
      sender(new S3Client(config), (client, input) => client.send(new GetBucketVersioningCommand(input as never))),
  },
  {
    service: s3,
    schema: GetBucketReplication$,
    connect: (config) =>
      sender(new S3Client(config), (client, input) => client.send(new GetBucketReplicationCommand(input as never))),
  },
  {
    service: s3,
    schema: PutBucketVersioning$,
    connect: (config) =>
      sender(new S3Client(config), (client, input) => client.send(new PutBucketVersioningCommand(input as never))),
  },
  {
    service: ec2,
    schema: DescribeSubnets$,
    connect: (config) =>
      sender(new EC2Client(config), (client, input) => client.send(new DescribeSubnetsCommand(input))),
  },
  {
    service: dynamodb,
    schema: GetItem$,
    connect: (config) =>
      sender(new DynamoDBClient(config), (client, input) => client.send(new GetItemCommand(input as never))),
  },
  {
    service: dynamodb,
    schema: PutItem$,
    connect: (config) =>
      sender(new DynamoDBClient(config), (client, input) => client.send(new PutItemCommand(input as never))),
  },
  {
    service: logs,
    schema: FilterLogEvents$,
    connect: (config) =>
      sender(new CloudWatchLogsClient(config), (client, input) => client.send(new FilterLogEventsCommand(input))),
  },
  {
    service: logs,
    schema: GetQueryResults$,
    connect: (config) =>
      sender(new CloudWatchLogsClient(config), (client, input) =>
        client.send(new GetQueryResultsCommand(input as never)),
      ),
  },
  {
    service: elb,
    schema: DescribeTargetHealth$,
    connect: (config) =>
      sender(new ElasticLoadBalancingV2Client(config), (client, input) =>
        client.send(new DescribeTargetHealthCommand(input as never)),
      ),
  },
  {
    service: elasticache,
    schema: DescribeReplicationGroups$,
    connect: (config) =>
      sender(new ElastiCacheClient(config), (client, input) =>
        client.send(new DescribeReplicationGroupsCommand(input)),
      ),
  },
  {
    service: autoScaling,
    schema: RegisterScalableTarget$,
    connect: (config) =>
      sender(new ApplicationAutoScalingClient(config), (client, input) =>
        client.send(new RegisterScalableTargetCommand(input as never)),
      ),
  },
  {
    service: sts,
    schema: GetCallerIdentity$,
    connect: (config) =>
      sender(new STSClient(config), (client, input) => client.send(new GetCallerIdentityCommand(input))),
  },
  {
    service: ecr,
    schema: DescribeImages$,
    connect: (config) =>
      sender(new ECRClient(config), (client, input) => client.send(new DescribeImagesCommand(input as never))),
  },
  {
    service: acm,
    schema: DescribeCertificate$,
    connect: (config) =>
      sender(new ACMClient(config), (client, input) => client.send(new DescribeCertificateCommand(input as never))),
  },
  {
    service: iam,
    schema: SimulatePrincipalPolicy$,
    connect: (config) =>
      sender(new IAMClient(config), (client, input) => client.send(new SimulatePrincipalPolicyCommand(input as never))),
  },
  {
    service: secretsManager,
    schema: DescribeSecret$,
    connect: (config) =>
      sender(new SecretsManagerClient(config), (client, input) =>
        client.send(new DescribeSecretCommand(input as never)),
      ),
  },
  {
    service: ssm,
    schema: DescribeParameters$,
    connect: (config) =>
      sender(new SSMClient(config), (client, input) => client.send(new DescribeParametersCommand(input))),
  },
];
