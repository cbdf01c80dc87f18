/**
 * Traffic that is moved by switches, against moto and a routing cluster of the test's own: the object that a health check
 * watches, and routing controls of whose five endpoints four are dead.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { configOf, primary, recovery, seedMovableStack, standingOf, type MovableStack } from './moves-stack.ts';
import { regionalProxy, type RegionalProxy } from './regional-proxy.ts';
import { routingCluster } from './routing-cluster.ts';
import { credentials } from './stack.ts';

const agreed = ['--yes', '--approve', 'approve-failover', '--accept-loss', '15m'];
/** As the SDK calls them in the environment. One name for all would lead the routing cluster's clients to moto, too. */
const services = [
  'APPLICATION_AUTO_SCALING',
  'CLOUDWATCH',
  'ECS',
  'ELASTIC_LOAD_BALANCING_V2',
  'RDS',
  'ROUTE_53',
  'S3',
  'STS',
];

describe.skipIf(motoIsAbsent())('switches of traffic', { timeout: 180_000 }, () => {
  let moto: MotoServer;
  let folder: string;
  const proxies: RegionalProxy[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    folder = await mkdtemp(join(tmpdir(), 'nanoops-moto-switches-'));
  }, 180_000);

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });

  afterAll(async () => {
    await Promise.all(proxies.map((each) => each.close()));
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function stage(stack: MovableStack, dns: object, speed?: number) {
    const proxy = await regionalProxy(moto.url, { tasksRun: true, ...(speed === undefined ? {} : { speed }) });
    proxies.push(proxy);
    const cwd = await mkdtemp(join(folder, `${stack.name}-`));
    const named = { hostedZoneId: stack.hostedZoneId, record: stack.record };
    await writeFile(join(cwd, 'nanoops.yaml'), JSON.stringify({ ...configOf(stack), dns: { ...named, ...dns } }));
    return { proxy, cwd };
  }

  it('an object that a health check watches is taken away, and nothing else of the bucket', async () => {
    const stack = await seedMovableStack(moto.url, 'object');
    const s3 = new S3Client({ region: recovery, endpoint: moto.url, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'object-switch' }));
    for (const Key of ['primary-serves', 'primary-serves.md']) {
      await s3.send(new PutObjectCommand({ Bucket: 'object-switch', Key, Body: 'x' }));
    }
    const switchObject = { bucket: 'object-switch', key: 'primary-serves' };
    const healthCheckId = '0b1c2d3e-0000-4000-8000-000000000000';
    const { proxy, cwd } = await stage(stack, { mechanism: 'health-check', healthCheckId, switchObject }, 25);
    const before = await standingOf(moto.url, stack);
    const words = ['dr', 'failover', ...agreed, '--json', '--endpoint-url', proxy.url];
    const { stdout } = await runMain(words, { cwd, env: { ...process.env, XDG_STATE_HOME: cwd, USER: 'ana' } });
    const document: RunDocument = JSON.parse(stdout);
    expect(document.steps.find(({ id }) => id === 'traffic-moved')?.status).toBe('succeeded');
    expect(document.mutations).toContainEqual(
      expect.objectContaining({ operation: 's3:DeleteObject', region: recovery, status: 'applied' }),
    );
    const touched = proxy.asked.map(({ operation }) => operation).filter((each) => /^(?:PUT|DELETE|POST) /.test(each));
    expect(touched).toEqual(['DELETE /object-switch/primary-serves']);
    // The record is Route 53's to follow.
    expect((await standingOf(moto.url, stack)).record).toEqual(before.record);
  });

  it('routing controls are thrown where four of five endpoints are dead', async () => {
    const stack = await seedMovableStack(moto.url, 'controls');
    const arn = (id: string) => `arn:aws:route53-recovery-control::123456789012:controlpanel/abc/routingcontrol/${id}`;
    const cluster = await routingCluster({ [arn('west')]: 'On', [arn('east')]: 'Off' });
    const routingControls = { primary: arn('west'), recovery: arn('east') };
    const { endpoints } = cluster;
    const { proxy, cwd } = await stage(stack, { mechanism: 'routing-control', routingControls, endpoints });
    for (const service of services) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, proxy.url);
    const before = await standingOf(moto.url, stack);
    // Clients' caches are not waited for: it is stopped when traffic has moved.
    const stop = new AbortController();
    const env = { ...process.env, XDG_STATE_HOME: cwd, USER: 'ana' };
    const running = runMain(['dr', 'failover', ...agreed, '--json'], { cwd, env, signal: stop.signal });
    try {
      await vi.waitFor(async () => expect(await endedSteps(cwd)).toContain('traffic-moved'), {
        timeout: 90_000,
        interval: 200,
      });
    } finally {
      stop.abort(new Error('the test has seen enough'));
    }
    const document: RunDocument = JSON.parse((await running).stdout);
    await cluster.close();

    expect([...cluster.states]).toEqual([
      [arn('west'), 'Off'],
      [arn('east'), 'On'],
    ]);
    expect(cluster.faults).toEqual([]);
    const took = (id: string) => document.steps.find((each) => each.id === id)?.durationMs;
    // Two that hang for 2 s each, for every look and change of a client that does not know yet who answers.
    expect(took('switches')).toBeLessThan(12_000);
    expect(took('move-traffic')).toBeLessThan(15_000);
    expect(took('traffic-moved')).toBeLessThan(15_000);
    const thrown = cluster.asked.filter(({ operation }) => operation === 'UpdateRoutingControlStates');
    expect(thrown.filter(({ region }) => region === recovery)).toHaveLength(1);
    expect((await standingOf(moto.url, stack)).record).toEqual(before.record);
    expect(proxy.asked.filter(({ region }) => region === primary)).not.toEqual([]);
  });

  async function endedSteps(cwd: string): Promise<readonly unknown[]> {
    const runs = join(cwd, 'nanoops/runs');
    const [runId = 'none'] = await readdir(runs).catch(() => []);
    const text = await readFile(join(runs, runId, 'journal.ndjson'), 'utf8').catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return whole.flatMap((line) => {
      if (line === '') return [];
      const { event } = JSON.parse(line) as { event: { type: string; stepId?: string } };
      return event.type === 'step.finished' ? [event.stepId] : [];
    });
  }
});
