/**
 * The same before moto, whose answers are another team's: what looks says that it does not know, and a move between regions
 * whose change was made while its answer was lost finds it made, and goes on.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNanoops } from '../e2e/served.ts';
import { motoIsAbsent, startMoto, type MotoServer } from '../moto/moto-server.ts';
import { configOf, recovery, seedMovableStack, standingOf, type MovableStack } from '../moto/moves-stack.ts';
import { regionalProxy, type RegionalProxy } from '../moto/regional-proxy.ts';
import { inTier } from '../support/tier.ts';
import { faultProxy, faults, type Fault, type FaultProxy } from './fault-proxy.ts';
import { commands, limitMs, looked, wrongWith } from './looked.ts';

const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', USER: 'ana' };

describe.skipIf(motoIsAbsent())('before moto', { timeout: 300_000 }, () => {
  let moto: MotoServer;
  let folder: string;
  let stack: MovableStack;
  let proxy: FaultProxy;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    [folder, stack, proxy] = await Promise.all([
      mkdtemp(join(tmpdir(), 'nanoops-wire-moto-')),
      seedMovableStack(moto.url, 'nano'),
      faultProxy(moto.url),
    ]);
    await writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(configOf(stack)));
  }, 180_000);

  afterAll(async () => {
    await Promise.all([proxy, ...opened].map((each) => each?.close()));
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const whole = (['diagnose latency', 'status', 'dr readiness'] as const).flatMap((command) =>
    faults.map((fault) => [command, fault] as const),
  );
  const slice: typeof whole = [['status', 'page-as-answer']];

  test.each(inTier({ all: whole, some: slice }))('%s, %s: it is unknown, and says why', async (command, fault) => {
    proxy.fault = () => fault;
    const words = [...commands[command], '--endpoint-url', proxy.url, '--json', '--timeout', `${limitMs}ms`];
    const ended = await looked(() => startNanoops(words, { cwd: folder, env: { ...env, XDG_STATE_HOME: folder } }));
    expect(wrongWith(ended)).toEqual([]);
  });

  const lost: readonly Fault[] = ['cut', 'reset', 'page', 'page-as-answer', 'gateway', 'huge-member', 'silent'];

  test.each(inTier({ all: lost, some: [] }))(
    'the answer to the promotion, %s: it is made once, seen, and traffic moves',
    async (fault) => {
      const own = await seedMovableStack(moto.url, `lost-${fault}`);
      const regional: RegionalProxy = await regionalProxy(moto.url, { tasksRun: true, speed: 10 });
      const way = await faultProxy(regional.url);
      opened.push(way, regional);
      way.fault = ({ operation }) => (operation === 'PromoteReadReplicaDBCluster' ? fault : undefined);
      const cwd = await mkdtemp(join(folder, 'lost-'));
      await writeFile(join(cwd, 'nanoops.yaml'), JSON.stringify(configOf(own)));
      const agreed = ['--yes', '--approve', 'approve-failover', '--accept-loss', '15m'];
      const words = ['dr', 'failover', ...agreed, '--since', '5m', '--json', '--endpoint-url', way.url];
      const { stdout, stderr } = await startNanoops(words, { cwd, env: { ...env, XDG_STATE_HOME: cwd } }).ended;
      expect(stderr).toBe('');
      const { mutations, steps } = JSON.parse(stdout);
      expect(way.asked.filter((operation) => operation === 'PromoteReadReplicaDBCluster')).toHaveLength(1);
      expect(mutations).toContainEqual(
        expect.objectContaining({
          operation: 'rds:PromoteReadReplicaDBCluster',
          region: recovery,
          status: 'applied',
        }),
      );
      expect(steps).toContainEqual(expect.objectContaining({ id: 'traffic-moved', status: 'succeeded' }));
      expect((await standingOf(moto.url, own)).record).toEqual([['CNAME', 60, [own.balancers[recovery]?.dnsName]]]);
    },
  );
});
