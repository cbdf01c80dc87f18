/**
 * Failovers of stacks in two regions of moto, over HTTP, as an operator starts them. moto promotes a replica, changes records
 * and counts at once; it has no tasks that run behind a new service, no failover of a global database and no replication
 * metrics of S3. Between it and nanoops is a proxy: its are the clock, which runs ten times faster, the tasks that run where
 * a test says so, and regions that hang.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Route53Client, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunDocument } from '../../src/report/schemas.ts';
import { serve, type LocalServer } from '../aws/local-server.ts';
import { runMain } from '../support/run-main.ts';
import { isPatient } from '../support/tier.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { configOf, primary, recovery, seedMovableStack, standingOf, type MovableStack } from './moves-stack.ts';
import { regionalProxy, type ProxyOptions, type RegionalProxy } from './regional-proxy.ts';
import { credentials } from './stack.ts';

const speed = 10;
const looks = /^(?:Describe|Get|List)|^GET |^HEAD /;

const stepOf = (document: RunDocument, id: string) => document.steps.find((each) => each.id === id);

describe.skipIf(motoIsAbsent())('failovers against moto', { timeout: 180_000 }, () => {
  let moto: MotoServer;
  let folder: string;
  const opened: (RegionalProxy | LocalServer)[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    folder = await mkdtemp(join(tmpdir(), 'nanoops-moto-moves-'));
  }, 180_000);

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });

  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** The API as users find it: it answers where the record leads to a region that serves. */
  async function serveApi({ hostedZoneId, record, balancers }: MovableStack, serving: readonly string[]) {
    const route53 = new Route53Client({ region: recovery, endpoint: moto.url, credentials });
    const api = await serve((_request, response) => {
      const answer = async (): Promise<void> => {
        const { ResourceRecordSets = [] } = await route53.send(
          new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId }),
        );
        const [target] = ResourceRecordSets.find(({ Name }) => Name === `${record}.`)?.ResourceRecords ?? [];
        const isServed = serving.some((region) => balancers[region]?.dnsName === target?.Value);
        response.writeHead(isServed ? 200 : 503).end();
      };
      answer().catch(() => response.destroy());
    });
    opened.push(api);
    return api.url;
  }

  /** A stack of its own, with everything that is asked from outside, and the way to moto that nanoops takes. */
  async function stage(name: string, options: ProxyOptions & { isGlobal?: boolean; serving?: readonly string[] }) {
    const stack = await seedMovableStack(moto.url, name, options.isGlobal);
    const proxy = await regionalProxy(moto.url, { speed, ...options });
    opened.push(proxy);
    const url = await serveApi(stack, options.serving ?? [primary, recovery]);
    const cwd = join(folder, name);
    await mkdir(cwd);
    // The copy is as new as this test.
    await writeFile(join(cwd, 'heartbeat.mjs'), `console.log(${Date.now()});\n`);
    await writeFile(
      join(cwd, 'write.mjs'),
      `const { ok, status } = await fetch('${url}/write', { method: 'POST' });\nconsole.log(status);\nprocess.exit(ok ? 0 : 1);\n`,
    );
    const config = configOf(stack, {
      api: { probeUrl: `${url}/healthz`, writeProbe: { exec: [process.execPath, 'write.mjs'] } },
      database: {
        rpoProbe: { exec: [process.execPath, 'heartbeat.mjs'] },
        ...(options.isGlobal === true ? { globalCluster: `${name}-global` } : {}),
      },
    });
    await writeFile(join(cwd, 'nanoops.yaml'), JSON.stringify(config));
    const run = async (...words: readonly string[]) => {
      const ended = await runMain(['dr', ...words, '--json', '--endpoint-url', proxy.url], {
        cwd,
        env: { ...process.env, XDG_STATE_HOME: cwd, USER: 'ana' },
      });
      const document: RunDocument = JSON.parse(ended.stdout);
      return { exitCode: ended.exitCode, document };
    };
    return { stack, proxy, run };
  }

  const agreed = ['--yes', '--approve', 'approve-failover', '--accept-loss', '15m'];

  it('promotes a replica of a region that is alive, fences it, and moves traffic: all of it, and nothing else', async () => {
    const { stack, proxy, run } = await stage('alive', { tasksRun: true });
    const before = await standingOf(moto.url, stack);
    expect(before).toMatchObject({ west: { desired: 4 }, east: { desired: 1, copies: expect.any(String) } });

    const { exitCode, document } = await run('failover', ...agreed);

    const after = await standingOf(moto.url, stack);
    expect(after).toEqual({
      ...before,
      west: { ...before.west, desired: 0 },
      east: { ...before.east, desired: 4, copies: undefined },
      record: [['CNAME', 60, [stack.balancers[recovery]?.dnsName]]],
    });
    expect(document.recovery).toMatchObject({ mode: 'promotion', splitBrain: 'excluded', blockers: [] });
    const made = document.mutations.map(({ operation, region, status }) => `${operation} ${region} ${status}`);
    expect(made.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      `ecs:UpdateService ${recovery} applied`,
      `ecs:UpdateService ${recovery} applied`,
      `ecs:UpdateService ${primary} applied`,
      `rds:PromoteReadReplicaDBCluster ${recovery} applied`,
      `route53:ChangeResourceRecordSets ${recovery} applied`,
    ]);
    const sent = proxy.asked.filter(({ operation }) => !looks.test(operation)).map(({ operation }) => operation);
    expect(sent.toSorted()).toEqual([
      `POST /2013-04-01/hostedzone/${stack.hostedZoneId}/rrset`,
      'PromoteReadReplicaDBCluster',
      'UpdateService',
      'UpdateService',
      'UpdateService',
    ]);
    expect(stepOf(document, 'traffic-moved')?.detail).toMatch(/\(INSYNC\)$/);
    expect(document.objectives?.rto).toMatchObject({ met: true, measuredMs: expect.any(Number) });
    // What S3 had not copied, nobody tells: RPO is not met, whatever the heartbeat says.
    expect(document.objectives?.rpo).toMatchObject({ met: null, measuredMs: null });
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 3, verdict: 'unknown' });
  });

  it.runIf(isPatient)(
    'moves away from a region that hangs, waits for none of it longer than it says, and tells of two writers',
    async () => {
      const { stack, proxy, run } = await stage('hung', { hangs: primary, tasksRun: true, serving: [recovery] });
      const before = await standingOf(moto.url, stack);
      const { exitCode, document } = await run('failover', ...agreed);
      const after = await standingOf(moto.url, stack);
      expect(after).toEqual({
        ...before,
        east: { ...before.east, copies: undefined },
        record: [['CNAME', 60, [stack.balancers[recovery]?.dnsName]]],
      });
      const left = document.steps.filter(({ id }) => id.startsWith('old-'));
      expect(left.map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
      // In its own time, which runs faster; a loaded machine adds to it.
      for (const { durationMs } of left) expect(durationMs).toBeLessThan(12_000 * speed);
      expect(
        proxy.asked.filter(({ region }) => region === primary).every(({ operation }) => looks.test(operation)),
      ).toBe(true);
      expect(document).toMatchObject({
        recovery: { mode: 'promotion', splitBrain: 'possible', outageBasis: 'probe' },
        objectives: { rto: { met: true }, rpo: { met: null, measuredMs: null } },
      });
      // The old cluster goes on as a writer of its own, once it is back.
      expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 1, verdict: 'attention' });
    },
  );

  it.runIf(isPatient)('ends where moto starts no task: nothing is put on a region that serves nobody', async () => {
    const { stack, run } = await stage('idle', { hangs: primary, speed: 100, serving: [recovery] });
    const before = await standingOf(moto.url, stack);
    const { exitCode, document } = await run('failover', ...agreed);
    expect(await standingOf(moto.url, stack)).toEqual({ ...before, east: { ...before.east, copies: undefined } });
    expect(stepOf(document, 'service-ready')).toMatchObject({ status: 'failed' });
    expect(stepOf(document, 'move-traffic')).toMatchObject({ status: 'blocked' });
    expect(document.objectives).toMatchObject({ rto: { met: null }, rpo: { met: null } });
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 5, verdict: 'failed' });
  });

  it('says that a global database did not fail over where moto cannot, and moves no traffic', async () => {
    const { stack, run } = await stage('global', {
      hangs: primary,
      tasksRun: true,
      isGlobal: true,
      serving: [recovery],
    });
    const before = await standingOf(moto.url, stack);
    const { exitCode, document } = await run('failover', ...agreed);
    expect(await standingOf(moto.url, stack)).toEqual(before);
    expect(stepOf(document, 'plan')?.detail).toMatch(/^failover,/);
    expect(document.mutations).toMatchObject([{ operation: 'rds:FailoverGlobalCluster', status: 'failed' }]);
    expect(stepOf(document, 'move-traffic')).toMatchObject({ status: 'blocked' });
    expect(document.objectives).toMatchObject({ rto: { met: null }, rpo: { met: null } });
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 5, verdict: 'failed' });
  });

  it('rehearsed, asks and changes nothing, whatever is planned', async () => {
    const { stack, proxy, run } = await stage('rehearsed', { tasksRun: true });
    const before = await standingOf(moto.url, stack);
    for (const words of [['failover'], ['drill'], ['drill', '--mode', 'failover'], ['failback']]) {
      const { document } = await run(...words, '--dry-run', '--yes');
      expect(document).toMatchObject({ mode: 'dry-run', api: { mutations: 0 } });
      expect(document.objectives?.rto.met ?? null).toBeNull();
    }
    expect(await standingOf(moto.url, stack)).toEqual(before);
    expect(proxy.asked.filter(({ operation }) => !looks.test(operation))).toEqual([]);
    expect(proxy.asked.map(({ operation }) => operation)).toContain('DescribeServices');
  });
});
