/** Log groups and parts of logs, against moto; and the week's review, which remembers the one before. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region, seedLogLines } from './stack.ts';

const minute = 60_000;
const clock = { now: () => Date.now(), sleep: async () => {}, busy: <T>(work: () => Promise<T>) => work() };

describe.skipIf(motoIsAbsent())('logs against moto', () => {
  let moto: MotoServer;
  let cloud: AwsCloud;
  const nowMs = Date.now();

  beforeAll(async () => {
    moto = await startMoto();
    cloud = openAws({ clock, random: Math.random, mode: 'read-only', credentials, endpointUrl: moto.url });
    await seedLogLines(moto.url, '/aws/ecs/nano-api', [
      { at: nowMs - 5 * minute, message: 'ERROR pool of 20 exhausted' },
      { at: nowMs - 4 * minute, message: '{"level":"INFO","action":"ERROR page shown"}' },
      { at: nowMs - 3 * minute, message: 'ERROR pool of 30 exhausted' },
    ]);
    const logs = new CloudWatchLogsClient({ region, credentials, endpoint: moto.url });
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/ecs/nano-api-canary' }));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/aws/ecs/nano-api', retentionInDays: 7 }));
    logs.destroy();
  }, 180_000);

  afterAll(async () => {
    cloud?.close();
    await moto?.close();
  });

  it('reads groups and how long they are kept', async () => {
    const groups = await cloud.facts.logGroups(region, '/aws/ecs/nano-api');
    expect(groups.map(({ name, retentionDays }) => [name, retentionDays])).toEqual([
      ['/aws/ecs/nano-api', 7],
      ['/aws/ecs/nano-api-canary', undefined],
    ]);
    expect(await cloud.facts.logGroups(region, '/nope')).toEqual([]);
  });

  it('reads spans, errors or all of it, and says what it covered', async () => {
    const group = { region, logGroup: '/aws/ecs/nano-api' };
    const spans = [
      { from: nowMs - 4 * minute, to: nowMs },
      { from: nowMs - 10 * minute, to: nowMs - 4 * minute },
    ];
    const bounds = { linesEach: 100, calls: 10 };
    const errors = await cloud.facts.logPortion(group, 'errors', spans, bounds);
    expect(errors.lines.map(({ message }) => message)).toEqual([
      'ERROR pool of 20 exhausted',
      'ERROR pool of 30 exhausted',
    ]);
    expect(errors.covered).toEqual([spans[1], spans[0]]);
    expect((await cloud.facts.logPortion(group, 'all', spans, bounds)).lines).toHaveLength(3);
    const few = await cloud.facts.logPortion(group, 'all', spans, { linesEach: 100, calls: 0 });
    expect([few.lines, few.covered]).toEqual([[], []]);
  });

  it('remembers the week, and does not compare a day with itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nanoops-logs-'));
    const file = join(folder, 'nanoops.yaml');
    await writeFile(
      file,
      `service: nano-api\nregions: { primary: ${region} }\nlogs: { application: /aws/ecs/nano-api }\n`,
    );
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
    const env = { XDG_STATE_HOME: folder };
    const words = ['checks', 'run', 'weekly-error-logs', '-c', file, '--endpoint-url', moto.url, '--json'];
    const run = async () => JSON.parse((await runMain(words, { env, cwd: folder })).stdout).checks[0];
    expect(await run()).toMatchObject({ status: 'unknown', summary: expect.stringContaining('kept for the next run') });
    expect(await run()).toMatchObject({ status: 'unknown', summary: expect.stringContaining('of the same day') });
  });
});
