import { Readable } from 'node:stream';
import { CloudWatchClient, PutMetricData$, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { DescribeServices$, DescribeServicesCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import {
  DescribeDBClusters$,
  DescribeDBClustersCommand,
  DescribeDBInstances$,
  DescribeGlobalClustersCommand,
  RDSClient,
  RebootDBClusterCommand,
} from '@aws-sdk/client-rds';
import {
  CopyObject$,
  CopyObjectCommand,
  GetBucketAclCommand,
  GetBucketVersioning$,
  GetBucketVersioningCommand,
  GetObject$,
  GetObjectCommand,
  HeadObject$,
  HeadObjectCommand,
  ListBuckets$,
  ListBucketsCommand,
  ListObjects$,
  ListObjectsCommand,
  ListObjectsV2$,
  ListObjectsV2Command,
  PutObject$,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetServiceGraphCommand, GetTraceSummaries$, XRayClient } from '@aws-sdk/client-xray';
import type { StaticOperationSchema } from '@smithy/types';
import { describe, expect, test } from 'vitest';
import type { WireRequest } from '../../../src/sandbox/wire/message.ts';
import type { SimulatedService } from '../../../src/sandbox/wire/service.ts';
import { cloudwatch, ecs, rds, s3, xray, type ServiceDescription } from './operations.ts';
import { sandbox } from './sandbox.ts';

/** A service whose operations answer what `answers` has for them, and tell what they were asked. */
function recording(
  service: ServiceDescription,
  schemas: readonly StaticOperationSchema[],
  answers: Readonly<Record<string, object>> = {},
) {
  const asked: { operation: string; region: string; input: object }[] = [];
  const simulated: SimulatedService = {
    ...service,
    operations: schemas.map((schema) => ({
      schema,
      handle(input: object, { operation, region }) {
        asked.push({ operation, region, input });
        return answers[operation] ?? {};
      },
    })),
  };
  return { simulated, asked };
}

describe('the signature says which service and region is meant', () => {
  test('one wire serves every region and service', async () => {
    const database = recording(rds, [DescribeDBClusters$]);
    const compute = recording(ecs, [DescribeServices$]);
    const { config, calls } = sandbox({ services: [database.simulated, compute.simulated] });
    await new RDSClient({ ...config, region: 'us-east-1' }).send(new DescribeDBClustersCommand({}));
    await new RDSClient({ ...config, region: 'us-west-2' }).send(new DescribeDBClustersCommand({}));
    await new ECSClient({ ...config, region: 'eu-central-1' }).send(new DescribeServicesCommand({ services: [] }));
    expect(database.asked.map(({ region }) => region)).toEqual(['us-east-1', 'us-west-2']);
    expect(compute.asked.map(({ region }) => region)).toEqual(['eu-central-1']);
    expect(calls.map(({ service }) => service)).toEqual(['rds', 'rds', 'ecs']);
  });

  test('a presigned URL carries its scope in the query', async () => {
    const storage = recording(s3, [GetBucketVersioning$], { GetBucketVersioning: { Status: 'Enabled' } });
    const { wire } = sandbox({ services: [storage.simulated] });
    const outcome = await wire.handle({
      ...unsigned,
      path: '/nano-zips',
      query: [
        ['versioning', ''],
        ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
        ['X-Amz-Credential', 'AK/20261123/us-west-2/s3/aws4_request'],
      ],
    });
    expect(outcome).toMatchObject({ kind: 'response', response: { status: 200 } });
    expect(storage.asked).toEqual([
      { operation: 'GetBucketVersioning', region: 'us-west-2', input: { Bucket: 'nano-zips' } },
    ]);
  });
});

describe('what is not simulated is told so, with 501 and in the words of the protocol', () => {
  const { simulated: database } = recording(rds, [DescribeDBClusters$, DescribeDBInstances$]);
  const services = [
    database,
    recording(ecs, [DescribeServices$]).simulated,
    recording(xray, [GetTraceSummaries$]).simulated,
  ];
  const { config, calls, wire } = sandbox({ services, maxAttempts: 3 });

  test('an operation, in query, with the nearest that are', async () => {
    const call = new RDSClient(config).send(new DescribeGlobalClustersCommand({}));
    await expect(call).rejects.toMatchObject({
      name: 'NotSimulated',
      message:
        'The sandbox does not simulate rds:DescribeGlobalClusters (us-west-2). ' +
        'Nearest that it does simulate: DescribeDBClusters, DescribeDBInstances.',
      $metadata: { httpStatusCode: 501, attempts: 1 },
    });
  });

  test('an operation, in JSON', async () => {
    const call = new ECSClient(config).send(new ListTasksCommand({}));
    await expect(call).rejects.toMatchObject({
      name: 'NotSimulated',
      message: expect.stringContaining('ecs:ListTasks'),
    });
  });

  test('an operation, over REST', async () => {
    const call = new XRayClient(config).send(
      new GetServiceGraphCommand({ StartTime: new Date(0), EndTime: new Date(1) }),
    );
    await expect(call).rejects.toMatchObject({
      name: 'NotSimulated',
      message: expect.stringMatching(/xray:POST \/ServiceGraph .*Nearest .*GetTraceSummaries/u),
    });
  });

  test('a change is not sent to anything near it', async () => {
    const call = new RDSClient(config).send(new RebootDBClusterCommand({ DBClusterIdentifier: 'nano-db' }));
    await expect(call).rejects.toMatchObject({ name: 'NotSimulated' });
  });

  test('a service, with those that are', async () => {
    const call = new S3Client(config).send(new ListBucketsCommand({}));
    await expect(call).rejects.toMatchObject({
      name: 'NotSimulated',
      message: 'The sandbox does not simulate the service s3 (GET /?x-id=…, us-west-2). It simulates ecs, rds, xray.',
    });
  });

  test('a protocol', async () => {
    const body = new TextEncoder().encode('Action=DescribeServices');
    const outcome = await wire.handle({
      ...signedFor('ecs'),
      method: 'POST',
      headers: { ...signedFor('ecs').headers, ...form },
      body,
    });
    expect(textOf(outcome)).toContain('ecs does not speak query (DescribeServices); it speaks json-1.1');
  });

  test.each([
    ['no signature', {}],
    ['another scheme', { authorization: 'Bearer abc' }],
    ['half a credential', { authorization: 'AWS4-HMAC-SHA256 Credential=AK/20261123/us-west-2, Signature=0' }],
    ['an empty region', { authorization: 'AWS4-HMAC-SHA256 Credential=AK/20261123//rds/aws4_request, Signature=0' }],
  ])('%s', async (_, headers) => {
    const outcome = await wire.handle({ ...unsigned, headers });
    expect(outcome).toMatchObject({ kind: 'response', response: { status: 501 } });
    expect(textOf(outcome)).toContain('the request carries no AWS Signature Version 4');
  });

  test('and none of it reaches the gate', () => {
    expect(calls).toEqual([]);
  });
});

test('a body that cannot be read is refused, not a defect', async () => {
  const { simulated, asked } = recording(ecs, [DescribeServices$]);
  const { wire } = sandbox({ services: [simulated] });
  const request = signedFor('ecs');
  const outcome = await wire.handle({
    ...request,
    method: 'POST',
    headers: {
      ...request.headers,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerServiceV20141113.DescribeServices',
    },
    body: new TextEncoder().encode('{"services": ['),
  });
  expect(outcome).toMatchObject({ kind: 'response', response: { status: 400 } });
  expect(textOf(outcome)).toContain('"__type":"SerializationException"');
  expect(asked).toEqual([]);
});

test('CBOR goes to the operation in the path', async () => {
  const { simulated, asked } = recording(cloudwatch, [PutMetricData$]);
  const { config } = sandbox({ services: [simulated] });
  const client = new CloudWatchClient({ ...config, protocol: AwsSmithyRpcV2CborProtocol });
  client.middlewareStack.add(
    (next) => async (args) => {
      expect(args.request).toMatchObject({
        headers: { 'smithy-protocol': 'rpc-v2-cbor' },
        path: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
      });
      return next(args);
    },
    { step: 'finalizeRequest' },
  );
  await client.send(
    new PutMetricDataCommand({ Namespace: 'Nano/Business', MetricData: [{ MetricName: 'NewNanos', Value: 7 }] }),
  );
  expect(asked).toMatchObject([{ operation: 'PutMetricData', input: { Namespace: 'Nano/Business' } }]);
});

test('a compressed body is unpacked', async () => {
  const { simulated, asked } = recording(cloudwatch, [PutMetricData$]);
  const { config } = sandbox({ services: [simulated] });
  const MetricData = Array.from({ length: 400 }, (_, index) => ({ MetricName: `Metric${index}`, Value: index }));
  await new CloudWatchClient(config).send(new PutMetricDataCommand({ Namespace: 'Nano', MetricData }));
  expect(asked).toMatchObject([{ input: { Namespace: 'Nano', MetricData } }]);
});

describe('S3', () => {
  const everything = [
    GetBucketVersioning$,
    ListBuckets$,
    ListObjects$,
    ListObjectsV2$,
    GetObject$,
    HeadObject$,
    PutObject$,
    CopyObject$,
  ];
  const content = new Uint8Array([80, 75, 3, 4, 0, 255]);
  const storage = () =>
    recording(s3, everything, {
      GetObject: { Body: content, Metadata: { creator: 'xyz-789' }, ContentType: 'application/zip' },
      HeadObject: { ContentLength: 7_340_032, LastModified: new Date(0) },
      CopyObject: { CopyObjectResult: { ETag: '"1"' } },
    });

  test.each([
    ['in the host name', 'nano-zips', false],
    ['in the path, as clients may be told', 'nano-zips', true],
    ['in the path, as a name with dots wants', 'nano.zips', false],
  ])('finds the bucket %s', async (_, Bucket, forcePathStyle) => {
    const { simulated, asked } = storage();
    const client = new S3Client({ ...sandbox({ services: [simulated] }).config, forcePathStyle });
    await client.send(new ListBucketsCommand({}));
    await client.send(new GetBucketVersioningCommand({ Bucket }));
    await client.send(new ListObjectsCommand({ Bucket, Prefix: 'a/' }));
    await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b c/+' }));
    await client.send(new HeadObjectCommand({ Bucket, Key: 'deep/er/ä +%2F.zip' }));
    expect(asked.map(({ operation, input }) => ({ operation, input }))).toEqual([
      { operation: 'ListBuckets', input: {} },
      { operation: 'GetBucketVersioning', input: { Bucket } },
      { operation: 'ListObjects', input: { Bucket, Prefix: 'a/' } },
      { operation: 'ListObjectsV2', input: { Bucket, Prefix: 'b c/+' } },
      { operation: 'HeadObject', input: { Bucket, Key: 'deep/er/ä +%2F.zip' } },
    ]);
  });

  test('does not take a subresource that it lacks for a listing', async () => {
    const client = new S3Client(sandbox({ services: [storage().simulated] }).config);
    await expect(client.send(new GetBucketAclCommand({ Bucket: 'nano-zips' }))).rejects.toMatchObject({
      name: 'NotSimulated',
    });
  });

  test('tells a copy from an upload', async () => {
    const { simulated, asked } = storage();
    const client = new S3Client(sandbox({ services: [simulated] }).config);
    await client.send(new PutObjectCommand({ Bucket: 'nano-zips', Key: 'a', Body: content }));
    await client.send(new CopyObjectCommand({ Bucket: 'nano-zips', Key: 'b', CopySource: 'nano-zips/a' }));
    expect(asked).toMatchObject([
      { operation: 'PutObject', input: { Key: 'a', Body: content } },
      { operation: 'CopyObject', input: { Key: 'b', CopySource: 'nano-zips/a' } },
    ]);
  });

  test('an upload from a stream arrives without its chunks', async () => {
    const { simulated, asked } = storage();
    const client = new S3Client(sandbox({ services: [simulated] }).config);
    const Body = Readable.from([content.slice(0, 2), content.slice(2)], { objectMode: false });
    await client.send(new PutObjectCommand({ Bucket: 'nano-zips', Key: 'a', Body, ContentLength: content.length }));
    expect(asked).toMatchObject([{ operation: 'PutObject' }]);
    const { Body: arrived } = Object.fromEntries(Object.entries(asked[0]?.input ?? {}));
    expect(new Uint8Array(arrived)).toEqual(content);
  });

  test('a HEAD has the headers of the object, and no body', async () => {
    const client = new S3Client(sandbox({ services: [storage().simulated] }).config);
    const head = await client.send(new HeadObjectCommand({ Bucket: 'nano-zips', Key: 'a' }));
    expect(head).toMatchObject({ ContentLength: 7_340_032, LastModified: new Date(0) });
  });

  test('an object comes as a stream, with its headers', async () => {
    const client = new S3Client(sandbox({ services: [storage().simulated] }).config);
    const object = await client.send(new GetObjectCommand({ Bucket: 'nano-zips', Key: 'a' }));
    expect(await object.Body?.transformToByteArray()).toEqual(content);
    expect(object).toMatchObject({
      ContentType: 'application/zip',
      Metadata: { creator: 'xyz-789' },
      ContentLength: content.length,
    });
  });
});

const unsigned: WireRequest = { method: 'GET', path: '/', query: [], headers: {}, body: new Uint8Array() };
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

function signedFor(service: string): WireRequest {
  const credential = `AK/20261123/us-west-2/${service}/aws4_request`;
  return {
    ...unsigned,
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0` },
  };
}

function textOf(outcome: { kind: string; response?: { body: Uint8Array } }): string {
  return new TextDecoder().decode(outcome.response?.body);
}
