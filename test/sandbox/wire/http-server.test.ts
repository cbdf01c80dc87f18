import { request as httpRequest } from 'node:http';
import { DescribeDBClusters$, DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  GetBucketVersioning$,
  GetBucketVersioningCommand,
  HeadBucket$,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetMetricData$, GetMetricDataCommand, CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, test } from 'vitest';
import { serveWire, type WireServer } from '../../../src/sandbox/wire/http-server.ts';
import { ServiceFault, type Fate, type SimulatedService } from '../../../src/sandbox/wire/service.ts';
import { cloudwatch, rds, s3 } from './operations.ts';
import { sandbox } from './sandbox.ts';

const servers: WireServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A served sandbox whose RDS calls have this fate. */
async function served(
  fate: Fate = { kind: 'answer', latencyMs: 5 },
  clusters: () => object = () => ({ DBClusters: [] }),
) {
  const services: SimulatedService[] = [
    { ...rds, operations: [{ schema: DescribeDBClusters$, handle: clusters }] },
    {
      ...s3,
      operations: [
        {
          schema: GetBucketVersioning$,
          handle: ({ Bucket }: { Bucket: string }) => ({ Status: Bucket === 'nano-zips' ? 'Enabled' : 'Suspended' }),
        },
        {
          schema: HeadBucket$,
          handle: () => {
            throw new ServiceFault('NotFound', 'no such bucket', 404);
          },
        },
      ],
    },
    {
      ...cloudwatch,
      operations: [
        { schema: GetMetricData$, handle: () => ({ MetricDataResults: [{ Id: 'm1', Values: [1.5, Number.NaN] }] }) },
      ],
    },
  ];
  const { wire, calls, clock } = sandbox({ services, gate: () => fate });
  const defects: unknown[] = [];
  const server = await serveWire(wire, { host: '127.0.0.1', port: 0, onDefect: (error) => defects.push(error) });
  servers.push(server);
  const config = {
    region: 'us-west-2',
    endpoint: server.url,
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  };
  return { server, config, calls, clock, defects };
}

describe('over HTTP', () => {
  test('clients of several services talk to one address', async () => {
    const { config } = await served(undefined, () => ({
      DBClusters: [{ DBClusterIdentifier: 'nano-db', ClusterCreateTime: new Date(0) }],
    }));
    expect((await new RDSClient(config).send(new DescribeDBClustersCommand({}))).DBClusters).toEqual([
      { DBClusterIdentifier: 'nano-db', ClusterCreateTime: new Date(0) },
    ]);
    const storage = new S3Client(config);
    expect((await storage.send(new GetBucketVersioningCommand({ Bucket: 'nano-zips' }))).Status).toBe('Enabled');
    await expect(storage.send(new HeadBucketCommand({ Bucket: 'other' }))).rejects.toMatchObject({ name: 'NotFound' });
    const metrics = await new CloudWatchClient(config).send(
      new GetMetricDataCommand({ StartTime: new Date(0), EndTime: new Date(1), MetricDataQueries: [] }),
    );
    expect(metrics.MetricDataResults).toEqual([{ Id: 'm1', Values: [1.5, Number.NaN] }]);
  });

  test('a fault has its status and code', async () => {
    const { config } = await served({
      kind: 'fault',
      latencyMs: 1,
      fault: new ServiceFault('AccessDenied', 'no', 403),
    });
    await expect(new RDSClient(config).send(new DescribeDBClustersCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test.each(['reset', 'lost'] as const)('%s breaks the connection', async (kind) => {
    let seen = 0;
    const { config } = await served(kind === 'lost' ? { kind, latencyMs: 5 } : { kind }, () => {
      seen += 1;
      return {};
    });
    await expect(new RDSClient(config).send(new DescribeDBClustersCommand({}))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(seen).toBe(kind === 'lost' ? 1 : 0);
  });

  test('hang holds the connection until the client gives up, or the server closes', async () => {
    const { config, server, calls } = await served({ kind: 'hang' });
    const requestHandler = new NodeHttpHandler({ requestTimeout: 50, throwOnRequestTimeout: true });
    const hasty = new RDSClient({ ...config, requestHandler });
    await expect(hasty.send(new DescribeDBClustersCommand({}))).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => calls.length).toBe(1);

    const patient = new RDSClient(config);
    servers.length = 0;
    await Promise.all([
      expect(patient.send(new DescribeDBClustersCommand({}))).rejects.toMatchObject({ code: 'ECONNRESET' }),
      (async () => {
        await expect.poll(() => calls.length).toBe(2);
        await server.close();
      })(),
    ]);
  });

  test('a defect of the sandbox is answered as one, and reported', async () => {
    const { config, defects } = await served(undefined, () => {
      throw new TypeError('the world is inconsistent');
    });
    await expect(new RDSClient(config).send(new DescribeDBClustersCommand({}))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 500 },
    });
    expect(defects).toMatchObject([{ message: 'the world is inconsistent' }]);
  });

  test('a visitor without a signature reads what this is', async () => {
    const { server, calls } = await served();
    const answer = await fetch(server.url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('simulated AWS');
    expect(calls).toEqual([]);
  });

  test('a body larger than the limit is refused, with its length or without', async () => {
    const { server } = await served();
    const large = Buffer.alloc(17 * 1024 * 1024);
    expect(await statusOf(server.url, large, true)).toBe(413);
    expect(await statusOf(server.url, large, false)).toBe(413);
  });

  test('serves nobody but this machine', async () => {
    const { wire } = sandbox({ services: [] });
    for (const host of ['0.0.0.0', '::', '192.168.1.10', 'example.com']) {
      await expect(serveWire(wire, { host, port: 0 })).rejects.toMatchObject({ code: 'NotLoopback', exitCode: 2 });
    }
  });

  test('a port that is taken is said to be', async () => {
    const { server } = await served();
    const { wire } = sandbox({ services: [] });
    const port = Number(new URL(server.url).port);
    await expect(serveWire(wire, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PortUnavailable',
      message: expect.stringContaining(`port ${port}`),
    });
  });

  test('closed, it answers nobody', async () => {
    const { server } = await served();
    servers.length = 0;
    await server.close();
    await expect(fetch(server.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});

/** The status that a POST of this body gets; the connection may break while the rest of the body is being sent. */
function statusOf(url: string, body: Buffer, withLength: boolean): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = withLength ? { 'content-length': body.byteLength } : { 'transfer-encoding': 'chunked' };
    const sent = httpRequest(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
