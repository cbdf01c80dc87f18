/**
 * A dry run of every runbook against moto, which writes down what it is asked: whatever is planned, no call changes
 * anything. moto has no percentiles, no traces and no service deployments, so that runs may end with gaps.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listRunbooks } from '../../src/use-cases/runbooks.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { region, seedLogLines, seedStack } from './stack.ts';

/** What moto was asked, by the names of the operations. */
function operationsOf(recording: string): readonly string[] {
  return recording
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { method, url, headers, body, body_encoded: isEncoded } = JSON.parse(line);
      const named = Object.entries(headers as Record<string, string>).find(
        ([name]) => name.toLowerCase() === 'x-amz-target',
      )?.[1];
      const text = isEncoded === true ? Buffer.from(String(body), 'base64').toString() : String(body ?? '');
      const action = new URLSearchParams(text).get('Action') ?? new URL(url).searchParams.get('Action');
      return named?.split('.').at(-1) ?? action ?? `${String(method)} ${new URL(url).pathname}`;
    });
}

const looks =
  /^(?:Describe|Get|List|Filter|BatchGet)|^GET |^POST \/(?:TraceSummaries|Traces|GetTraceSegmentDestination)$|\/operation\/GetMetricData$/;

describe.skipIf(motoIsAbsent())('dry runs against moto', () => {
  let moto: MotoServer;
  let folder: string;

  beforeAll(async () => {
    moto = await startMoto();
    folder = await mkdtemp(join(tmpdir(), 'nanoops-moto-dry-run-'));
    const stack = await seedStack(moto.url);
    const now = Date.now();
    const lines = Array.from({ length: 40 }, (_line, index) => ({
      at: now - (index + 1) * 5_000,
      message: `ERROR pymysql.err.OperationalError: (2003, "Can't connect to MySQL server on 'nano-db.cluster-x.${region}.rds.amazonaws.com' ([Errno 110] Connection timed out)")`,
    }));
    await seedLogLines(moto.url, '/aws/ecs/nano-api', lines.toReversed());
    const config = {
      service: 'nano-api',
      environment: 'prod',
      account: '123456789012',
      regions: { primary: region },
      api: { loadBalancer: stack.loadBalancer, targetGroup: stack.targetGroup },
      compute: { cluster: 'nano', service: 'nano-api' },
      database: { cluster: 'nano-db' },
      logs: { application: '/aws/ecs/nano-api' },
    };
    // JSON is YAML.
    await writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(config));
  }, 180_000);

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  });

  afterAll(async () => {
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const all = listRunbooks().items.map(({ id }) => id);
  const moves = all.filter((id) => id.startsWith('region-'));

  // Moves against moto, which need a second region, have tests of their own.
  it.each(moves)('%s is refused where there is no recovery region', async (runbook) => {
    const words = ['runbook', 'run', runbook, '--dry-run', '--json', '--endpoint-url', moto.url];
    const { exitCode, stdout } = await runMain(words, { cwd: folder, env: { XDG_STATE_HOME: folder, USER: 'ana' } });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NoRecoveryRegion' } });
  });

  it.each(all.filter((id) => !moves.includes(id)))(
    '%s asks, and changes nothing',
    async (runbook) => {
      await fetch(`${moto.url}/moto-api/recorder/reset-recording`, { method: 'POST' });
      await fetch(`${moto.url}/moto-api/recorder/start-recording`, { method: 'POST' });
      const words = ['runbook', 'run', runbook, '--dry-run', '--yes', '--json', '--endpoint-url', moto.url];
      const { exitCode, stdout } = await runMain(words, { cwd: folder, env: { XDG_STATE_HOME: folder, USER: 'ana' } });
      await fetch(`${moto.url}/moto-api/recorder/stop-recording`, { method: 'POST' });
      const recording = await (await fetch(`${moto.url}/moto-api/recorder/download-recording`)).text();

      const document = JSON.parse(stdout);
      expect(document).toMatchObject({ runbook, mode: 'dry-run', api: { mutations: 0 } });
      expect([0, 1, 3]).toContain(exitCode);
      const asked = operationsOf(recording);
      expect(asked).toContain('DescribeServices');
      expect(asked.filter((operation) => !looks.test(operation))).toEqual([]);
      const steps = document.steps as { id: string; basis?: string; status: string }[];
      expect(steps.filter(({ basis }) => basis === undefined)).toEqual([]);
      expect(steps.find(({ id }) => id === 'service-state')).toMatchObject({ status: 'succeeded', basis: 'observed' });
    },
    60_000,
  );

  it('would see a change in what moto writes down', async () => {
    await fetch(`${moto.url}/moto-api/recorder/reset-recording`, { method: 'POST' });
    await fetch(`${moto.url}/moto-api/recorder/start-recording`, { method: 'POST' });
    const { ECSClient, UpdateServiceCommand } = await import('@aws-sdk/client-ecs');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const ecs = new ECSClient({ region, endpoint: moto.url, credentials });
    await ecs.send(new UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', desiredCount: 3 }));
    await fetch(`${moto.url}/moto-api/recorder/stop-recording`, { method: 'POST' });
    const recording = await (await fetch(`${moto.url}/moto-api/recorder/download-recording`)).text();
    expect(operationsOf(recording).filter((operation) => !looks.test(operation))).toEqual(['UpdateService']);
  });
});
