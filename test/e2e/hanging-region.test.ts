/**
 * A primary region that takes every request and answers none: moves end, and wait for it no longer than they say. nanoops,
 * the simulated AWS and moto are processes of their own; between nanoops and moto is a proxy, in which the region hangs.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/report/schemas.ts';
import { motoIsAbsent, startMoto, type MotoServer } from '../moto/moto-server.ts';
import { configOf, primary, seedMovableStack, standingOf, type MovableStack } from '../moto/moves-stack.ts';
import { regionalProxy, type RegionalProxy } from '../moto/regional-proxy.ts';
import { nanoops } from '../package/nanoops.ts';
import { isPatient } from '../support/tier.ts';
import { Served, until, type JournalEvent } from './served.ts';

const agreed = ['--yes', '--approve', 'approve-failover', '--accept-loss', '15m'];
/** Of real time: two answers that are not waited for longer than 8 s, and all else on a machine that is busy. */
const longestRehearsalMs = 60_000;

/** Runs, and says how long it took: real time, milliseconds. */
async function timed<T>(work: () => Promise<T>): Promise<{ readonly ended: T; readonly tookMs: number }> {
  const beganAt = performance.now();
  const ended = await work();
  return { ended, tookMs: performance.now() - beganAt };
}

const stepsLeft = ({ steps }: RunDocument) => steps.filter(({ id }) => id.startsWith('old-'));

describe.skipIf(motoIsAbsent())('on moto', { timeout: 180_000 }, () => {
  let moto: MotoServer;
  let proxy: RegionalProxy;
  let stack: MovableStack;
  let folder: string;

  beforeAll(async () => {
    moto = await startMoto();
    [stack, proxy, folder] = await Promise.all([
      seedMovableStack(moto.url, 'nano'),
      regionalProxy(moto.url, { hangs: primary, tasksRun: true }),
      mkdtemp(join(tmpdir(), 'nanoops-hanging-')),
    ]);
    await writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(configOf(stack)));
  }, 180_000);

  afterAll(async () => {
    await proxy?.close();
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const dr = (...words: readonly string[]) =>
    timed(async () => {
      const { exitCode, stdout } = await nanoops(['dr', ...words, '--json', '--endpoint-url', proxy.url], {
        cwd: folder,
        env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', XDG_STATE_HOME: folder, USER: 'ana' },
      });
      const document: RunDocument = JSON.parse(stdout);
      return { exitCode, document };
    });

  /** What was sent that is not the question of something. */
  const changes = () => proxy.asked.filter(({ operation }) => !/^(?:Describe|Get|List)|^GET /.test(operation));

  test('a rehearsal of the failover ends in bounded time, and says what it could not know', async () => {
    const { ended, tookMs } = await dr('failover', '--dry-run');
    const { exitCode, document } = ended;
    expect(tookMs).toBeLessThan(longestRehearsalMs);
    expect(document).toMatchObject({ mode: 'dry-run', recovery: { mode: 'promotion' }, api: { mutations: 0 } });
    expect(stepsLeft(document).map(({ status, basis }) => [status, basis])).toEqual([
      ['unknown', 'unknown'],
      ['unknown', 'unknown'],
      ['unknown', 'unknown'],
      ['unknown', 'unknown'],
    ]);
    expect(document.objectives).toMatchObject({ rto: { measuredMs: null, met: null }, rpo: { measuredMs: null } });
    expect(document.recovery?.splitBrain).toBe('possible');
    expect(exitCode).toBe(1); // Nobody makes the old cluster of a replica a copy again: two writers weigh more than what is not known.
    expect(changes()).toEqual([]);
  });

  test.runIf(isPatient)('a rehearsal of a drill ends in bounded time, and plans none', async () => {
    const { ended, tookMs } = await dr('drill', '--dry-run');
    expect(tookMs).toBeLessThan(longestRehearsalMs);
    expect([1, 3]).toContain(ended.exitCode);
    expect(ended.document.mutations).toEqual([]);
    expect(changes()).toEqual([]);
  });

  test('a failover without anybody to ask comes to its question in bounded time, and has changed nothing', async () => {
    const before = await standingOf(moto.url, stack);
    const { ended, tookMs } = await dr('failover', '--no-input');
    const { exitCode, document } = ended;
    expect(exitCode).toBe(4);
    expect(tookMs).toBeLessThan(40_000);
    expect(document.suspended?.nextSteps[0]).toContain('--approve approve-failover@');
    for (const { durationMs, status } of stepsLeft(document)) {
      expect(status).toBe('unknown');
      // Its limit of 8 s, and the time until the process notices.
      expect(durationMs).toBeLessThan(11_000);
    }
    expect(changes()).toEqual([]);
    expect(await standingOf(moto.url, stack)).toEqual(before);
  });
});

describe('on the simulated AWS', { timeout: 180_000 }, () => {
  let served: Served | undefined;
  afterEach(() => served?.close());

  const changed = ({ type, outcome }: JournalEvent): boolean => type === 'change.answered' && outcome !== 'refused';

  test('a failover goes all the way; what nothing measured is not met', async () => {
    served = await Served.start('region-down', 20, { outside: false });
    const { ended, tookMs } = await timed(
      async () => served?.startDr('failover', ...agreed, '--since', '10m', '-o', 'json').ended,
    );
    const document: RunDocument = JSON.parse(ended?.stdout ?? '');
    expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
    expect(tookMs).toBeLessThan(90_000);
    expect(document).toMatchObject({
      verdict: 'attention',
      recovery: { mode: 'failover', outageBasis: 'given', splitBrain: 'possible' },
      objectives: { rto: { measuredMs: null, met: null }, rpo: { met: true } },
    });
    expect(document.mutations.map(({ region, status }) => [region, status])).toEqual(
      document.mutations.map(() => ['us-east-1', 'applied']),
    );
    expect(document.steps.find(({ id }) => id === 'traffic-moved')?.status).toBe('succeeded');
    expect(stepsLeft(document).map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  });

  test('interrupted while the database changes over it stops with 130, and goes on to the end', async () => {
    served = await Served.start('region-down', 20, { outside: false });
    const stage = served;
    const first = stage.startDr('failover', ...agreed, '--since', '10m', '--json');
    const runId = await until(async () => {
      const [id] = await stage.runIds();
      const journal = id === undefined ? [] : await stage.journal(id);
      return journal.some((event) => event.stepId === 'promote-database' && changed(event)) ? id : undefined;
    }, 'the change of the database');
    first.child.kill('SIGINT');
    const { exitCode, stdout } = await first.ended;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'interrupted' });
    expect(JSON.parse((await stage.run('locks', 'list', '--json')).stdout).items).toEqual([]);

    const resumed = await stage.run('runs', 'resume', runId, '--yes', '--json');
    expect(resumed.exitCode).toBe(1);
    const document: RunDocument = JSON.parse(resumed.stdout);
    expect(document.steps.find(({ id }) => id === 'traffic-moved')?.status).toBe('succeeded');
    const sent = (await stage.journal(runId)).filter(({ type }) => type === 'change.intended');
    expect(new Set(sent.map(({ stepId }) => stepId)).size).toBe(sent.length);
    expect(sent.map(({ stepId }) => stepId)).toContain('promote-database');
  });
});
