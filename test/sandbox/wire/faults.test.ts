import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import {
  CloudWatchClient,
  DescribeAlarms$,
  DescribeAlarmsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch';
import {
  ConditionalCheckFailedException,
  ConditionalCheckFailedException$,
  DynamoDBClient,
  PutItem$,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeSubnets$, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ClusterNotFoundException, DescribeServices$, DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  DescribeTargetHealth$,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DBClusterNotFoundFault, DescribeDBClusters$, DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSets$,
  ChangeResourceRecordSetsCommand,
  InvalidChangeBatch,
  InvalidChangeBatch$,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  GetObject$,
  GetObjectCommand,
  HeadBucket$,
  HeadBucketCommand,
  NoSuchKey,
  NotFound,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  GetTraceSummaries$,
  GetTraceSummariesCommand,
  InvalidRequestException,
  XRayClient,
} from '@aws-sdk/client-xray';
import type { StaticOperationSchema } from '@smithy/types';
import { describe, expect, test } from 'vitest';
import { ServiceFault } from '../../../src/sandbox/wire/service.ts';
import { cloudwatch, dynamodb, ec2, ecs, elb, rds, route53, s3, xray, type ServiceDescription } from './operations.ts';
import { sandbox, START } from './sandbox.ts';

/** A sandbox with one operation, which refuses. */
function refusing(service: ServiceDescription, schema: StaticOperationSchema, fault: ServiceFault) {
  const handle = () => {
    throw fault;
  };
  return sandbox({ services: [{ ...service, operations: [{ schema, handle }] }] }).config;
}

async function errorOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a refusal reaches the client as the error that the service would give', () => {
  const message = 'a "text" with <marks> & ünïcode';

  test('query: RDS', async () => {
    const fault = new ServiceFault('DBClusterNotFoundFault', message, 404);
    const client = new RDSClient(refusing(rds, DescribeDBClusters$, fault));
    const error = await errorOf(client.send(new DescribeDBClustersCommand({})));
    expect(error).toBeInstanceOf(DBClusterNotFoundFault);
    expect(error).toMatchObject({
      name: 'DBClusterNotFoundFault',
      message,
      $fault: 'client',
      $metadata: { httpStatusCode: 404, requestId: expect.stringMatching(/^[\da-f-]{36}$/u), attempts: 1 },
    });
  });

  test('query, where the code is not the name of the class: ELB', async () => {
    const client = new ElasticLoadBalancingV2Client(
      refusing(elb, DescribeTargetHealth$, new ServiceFault('TargetGroupNotFound', message)),
    );
    const error = await errorOf(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'arn' })));
    expect(error).toBeInstanceOf(TargetGroupNotFoundException);
    expect(error).toMatchObject({ message });
  });

  test('ec2-query', async () => {
    const client = new EC2Client(
      refusing(ec2, DescribeSubnets$, new ServiceFault('InvalidSubnetID.NotFound', message)),
    );
    const error = await errorOf(client.send(new DescribeSubnetsCommand({})));
    expect(error).toMatchObject({
      name: 'InvalidSubnetID.NotFound',
      message,
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[\da-f-]{36}$/u) },
    });
  });

  test('json: ECS', async () => {
    const client = new ECSClient(
      refusing(ecs, DescribeServices$, new ServiceFault('ClusterNotFoundException', message)),
    );
    const error = await errorOf(client.send(new DescribeServicesCommand({ services: ['nano-api'] })));
    expect(error).toBeInstanceOf(ClusterNotFoundException);
    expect(error).toMatchObject({ message, $metadata: { httpStatusCode: 400 } });
  });

  test('json, with members of its own: DynamoDB', async () => {
    const fault = new ServiceFault('ConditionalCheckFailedException', message, 400, {
      schema: ConditionalCheckFailedException$,
      members: { Item: { id: { S: 'lease' }, token: { N: '7' }, holder: { B: new Uint8Array([1, 2]) } } },
    });
    const client = new DynamoDBClient(refusing(dynamodb, PutItem$, fault));
    const error = await errorOf(client.send(new PutItemCommand({ TableName: 'nanoops', Item: {} })));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({
      message,
      Item: { id: { S: 'lease' }, token: { N: '7' }, holder: { B: new Uint8Array([1, 2]) } },
    });
  });

  test('rest-json: X-Ray', async () => {
    const client = new XRayClient(
      refusing(xray, GetTraceSummaries$, new ServiceFault('InvalidRequestException', message)),
    );
    const error = await errorOf(
      client.send(new GetTraceSummariesCommand({ StartTime: new Date(0), EndTime: new Date(1) })),
    );
    expect(error).toBeInstanceOf(InvalidRequestException);
    expect(error).toMatchObject({ message });
  });

  test('rest-xml, with members of its own: Route 53', async () => {
    const fault = new ServiceFault('InvalidChangeBatch', message, 400, {
      schema: InvalidChangeBatch$,
      members: { messages: ['first', 'second'] },
    });
    const client = new Route53Client(refusing(route53, ChangeResourceRecordSets$, fault));
    const error = await errorOf(
      client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes: [] } })),
    );
    expect(error).toBeInstanceOf(InvalidChangeBatch);
    expect(error).toMatchObject({ message, messages: ['first', 'second'] });
  });

  test('rest-xml without a wrapper: S3', async () => {
    const client = new S3Client(refusing(s3, GetObject$, new ServiceFault('NoSuchKey', message, 404)));
    const error = await errorOf(client.send(new GetObjectCommand({ Bucket: 'nano-zips', Key: 'a/b.zip' })));
    expect(error).toBeInstanceOf(NoSuchKey);
    expect(error).toMatchObject({ message, $metadata: { httpStatusCode: 404 } });
  });

  test('to a HEAD, by its status alone: S3', async () => {
    const client = new S3Client(refusing(s3, HeadBucket$, new ServiceFault('NotFound', message, 404)));
    const error = await errorOf(client.send(new HeadBucketCommand({ Bucket: 'nano-zips' })));
    expect(error).toBeInstanceOf(NotFound);
  });

  test.each([
    ['json-1.0', undefined],
    ['query', AwsQueryProtocol],
    ['rpc-v2-cbor', AwsSmithyRpcV2CborProtocol],
  ])('by the code of the query protocol, in %s: CloudWatch', async (_, protocol) => {
    const fault = new ServiceFault('ResourceNotFoundException', message, 404);
    const config = refusing(cloudwatch, DescribeAlarms$, fault);
    const client = new CloudWatchClient(protocol === undefined ? config : { ...config, protocol });
    const error = await errorOf(client.send(new DescribeAlarmsCommand({})));
    expect(error).toBeInstanceOf(ResourceNotFoundException);
    expect(error).toMatchObject({ message, $metadata: { httpStatusCode: 404 } });
  });

  test('a fault of the server is told as one, and tried again by the client', async () => {
    let tries = 0;
    const { config, clock } = sandbox({
      maxAttempts: 3,
      services: [
        {
          ...ecs,
          operations: [
            {
              schema: DescribeServices$,
              handle() {
                tries += 1;
                if (tries < 3) throw new ServiceFault('ServerException', 'try later', 500);
                return { services: [{ serviceName: 'nano-api' }] };
              },
            },
          ],
        },
      ],
    });
    const answer = await new ECSClient(config).send(new DescribeServicesCommand({ services: ['nano-api'] }));
    expect(answer.services).toEqual([{ serviceName: 'nano-api' }]);
    expect(tries).toBe(3);
    expect(clock.now()).toBe(START + 60);
  });

  test('what a handler throws that is no refusal is a defect, and reaches the caller as it is', async () => {
    const handle = () => {
      throw new TypeError('the world is inconsistent');
    };
    const { config } = sandbox({ services: [{ ...rds, operations: [{ schema: DescribeDBClusters$, handle }] }] });
    const error = await errorOf(new RDSClient(config).send(new DescribeDBClustersCommand({})));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'the world is inconsistent' });
  });
});
