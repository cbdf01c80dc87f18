import type { RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import { afterEach, describe, expect, it } from 'vitest';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import type { AwsOptions } from '../../src/aws/options.ts';
import { failureOf, fakeClock, testCredentials } from './fake-endpoint.ts';
import { serve, type LocalServer } from './local-server.ts';

const region = 'us-west-2';
const service = { region, cluster: 'nano', service: 'nano-api' };
const patient = { connectMs: 1_000, requestMs: 5_000 };
const hasty = { connectMs: 200, requestMs: 200 };

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': '1000' });
  response.write('{"service":', () => response.destroy());
}

describe('a body that ends before it is read', () => {
  it.each<[string, (body: Readable) => void]>([
    ['was closed already', (body) => void body.destroy()],
    ['broke already', (body) => void body.once('error', () => undefined).destroy(new Error('broken'))],
    ['is closed on the way', (body) => void setImmediate(() => body.destroy())],
  ])('%s: it is told as no answer, and nothing waits for it', async (_, spoil) => {
    const cloud = openAws({
      clock: fakeClock(),
      random: () => 0,
      mode: 'read-only',
      credentials: testCredentials,
      requestHandler: {
        handle: async () => {
          const body = new Readable({ read: () => undefined });
          spoil(body);
          // What was destroyed says so a moment later.
          await new Promise((resolve) => process.nextTick(resolve));
          return { response: new HttpResponse({ statusCode: 200, headers: {}, body }) };
        },
        updateHttpClientConfig: () => undefined,
        httpHandlerConfigs: () => ({}),
      },
    });
    expect(await failureOf(cloud.facts.serviceState(service))).toMatchObject({ name: 'CloudError' });
    cloud.close();
  });
});

describe('over real sockets', () => {
  const opened: { close(): unknown }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });

  async function server(listener: RequestListener): Promise<LocalServer> {
    const local = await serve(listener);
    opened.push(local);
    return local;
  }

  function cloudAt(endpointUrl: string, more: Partial<AwsOptions> = {}): AwsCloud {
    const cloud = openAws({
      clock: fakeClock(),
      random: () => 0,
      mode: 'read-only',
      credentials: testCredentials,
      timeouts: patient,
      endpointUrl,
      ...more,
    });
    opened.push(cloud);
    return cloud;
  }

  it('a refused connection is unreachable, and named', async () => {
    const gone = await serve(() => {});
    await gone.close();
    const error = await failureOf(cloudAt(gone.url).facts.serviceState(service));
    expect(error).toMatchObject({ kind: 'unreachable', errorClass: 'unreachable', details: { region } });
    expect(String(error)).toContain('ECONNREFUSED');
  });

  it('a server that never answers ends as a time-out', async () => {
    const { url } = await server(() => {});
    const cloud = cloudAt(url, { timeouts: hasty });
    const error = await failureOf(cloud.facts.serviceState(service));
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(String(error)).toContain('no answer within 0.2 s, 2 attempts. What needed it is unknown.');
    expect(String(error)).not.toContain('smithy');
    expect(cloud.usage().calls).toBe(2);
  });

  it('an answer that begins and never ends is a time-out too', async () => {
    const { url } = await server((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failureOf(cloudAt(url, { timeouts: hasty }).facts.serviceState(service))).toMatchObject({
      kind: 'timeout',
    });
  });

  it('a connection that breaks in the middle of an answer is unreachable', async () => {
    const { url } = await server((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': '1000' });
      response.write('{"services":', () => response.destroy());
    });
    expect(await failureOf(cloudAt(url).facts.serviceState(service))).toMatchObject({ kind: 'unreachable' });
  });

  it('a login page is a malformed answer', async () => {
    const { url } = await server((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><body>Guest Wi-Fi</body></html>');
    });
    expect(await failureOf(cloudAt(url).facts.serviceState(service))).toMatchObject({ kind: 'malformed-answer' });
  });

  it('a signal ends a request under way with its own reason', async () => {
    const stop = new AbortController();
    const reason = new Error('SIGINT');
    const { url } = await server(() => stop.abort(reason));
    expect(await failureOf(cloudAt(url, { signal: stop.signal }).facts.serviceState(service))).toBe(reason);
  });

  describe('a change', () => {
    const acting = { mode: { changes: ['ecs:UpdateService'] } };
    const done = JSON.stringify({ service: { serviceName: 'nano-api' } });
    const json = { 'content-type': 'application/x-amz-json-1.1' };

    it('gets its answer though the run was told to stop meanwhile', async () => {
      const stop = new AbortController();
      const { url } = await server((request, response) => {
        stop.abort(new Error('SIGINT'));
        request.resume().on('end', () => response.writeHead(200, json).end(done));
      });
      const cloud = cloudAt(url, { ...acting, signal: stop.signal });
      await cloud.changes.setDesiredCount(service, 3);
      expect(cloud.usage()).toMatchObject({ calls: 1, mutations: 1 });
    });

    it.each<[string, RequestListener, string]>([
      ['resets the connection', (request) => request.socket.resetAndDestroy(), 'unreachable'],
      ['closes the connection', (request) => request.socket.destroy(), 'unreachable'],
      ['breaks its answer off', (_, response) => cutOff(response), 'unreachable'],
      ['never answers', () => {}, 'timeout'],
      ['answers 500', (_, response) => void response.writeHead(500, json).end('{}'), 'service-fault'],
      ['answers 503 with a page', (_, response) => void response.writeHead(503).end('<html>'), 'service-fault'],
    ])('is sent once and may have been made where the server has it and %s', async (_, respond, kind) => {
      let received = 0;
      const { url } = await server((request, response) => {
        received += 1;
        request.resume().on('end', () => respond(request, response));
      });
      const cloud = cloudAt(url, { ...acting, timeouts: hasty });
      const error = await failureOf(cloud.changes.setDesiredCount(service, 3));
      expect(error).toMatchObject({ kind, details: { sent: undefined } });
      expect(String(error)).toMatch(/Whether the change was made is unknown\.$/);
      expect(received).toBe(1);
    });

    it('goes over a connection of its own: one that was kept may be dead by now', async () => {
      const seen = new Set<number | undefined>();
      const { url } = await server((request, response) => {
        // What a firewall does to a connection that was idle for long.
        const reused = seen.has(request.socket.remotePort);
        seen.add(request.socket.remotePort);
        request.resume().on('end', () => {
          if (reused) request.socket.resetAndDestroy();
          else response.writeHead(200, json).end(JSON.stringify({ services: [{}], service: {} }));
        });
      });
      const cloud = cloudAt(url, acting);
      await cloud.facts.serviceState(service);
      await cloud.changes.setDesiredCount(service, 3);
      await cloud.changes.restartTasks(service);
      expect(seen.size).toBe(3);
    });

    it('was certainly not made where nobody listens', async () => {
      const gone = await serve(() => {});
      await gone.close();
      const error = await failureOf(cloudAt(gone.url, acting).changes.setDesiredCount(service, 3));
      expect(error).toMatchObject({ kind: 'unreachable', details: { sent: false } });
      expect(String(error)).toContain('ECONNREFUSED');
      expect(String(error)).toMatch(/Nothing was changed by it\.$/);
    });

    it('was certainly not made where no TLS connection comes about', async () => {
      const { url } = await server((_, response) => response.end());
      const error = await failureOf(
        cloudAt(url.replace('http:', 'https:'), acting).changes.setDesiredCount(service, 3),
      );
      expect(error).toMatchObject({ kind: 'unreachable', details: { sent: false } });
    });
  });

  it('says who it is, and keeps its connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const agents: (string | undefined)[] = [];
    const { url } = await server((request, response) => {
      ports.add(request.socket.remotePort);
      agents.push(request.headers['user-agent']);
      request.resume();
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ services: [{ serviceName: 'nano-api', status: 'ACTIVE' }] }));
    });
    const cloud = cloudAt(url, { version: '1.2.3' });
    await cloud.facts.serviceState(service);
    await cloud.facts.serviceState(service);
    expect(agents[0]).toContain('nanoops/1.2.3');
    expect(ports.size).toBe(1);
  });

  it('finds buckets by path at an endpoint of one’s own', async () => {
    const paths: string[] = [];
    const { url } = await server((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(
        '<ListMetricsConfigurationsResult><IsTruncated>false</IsTruncated></ListMetricsConfigurationsResult>',
      );
    });
    const byName = url.replace('127.0.0.1', 'localhost');
    const load = await cloudAt(byName).facts.bucketLoad({ region, bucket: 'nano-zips' }, { from: 0, to: 1 });
    expect(load).toBeUndefined();
    expect(paths[0]).toMatch(/^\/nano-zips\/?\?metrics/);
  });
});
