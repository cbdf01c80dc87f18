import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDynamoState } from '../../src/aws/state/dynamodb-state.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import { bundleScript, type BundledScript } from '../state/bundle.ts';
import type { Raced } from './lease-racer.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { oneAtATime, type Queue } from './one-at-a-time.ts';

const region = 'us-west-2';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const table = 'nanoops';
const rounds = 200;

describe.skipIf(motoIsAbsent())('two processes after one lease in DynamoDB', () => {
  let moto: MotoServer;
  let queue: Queue;
  let script: BundledScript;

  beforeAll(async () => {
    [moto, script] = await Promise.all([startMoto(), bundleScript(new URL('lease-racer.ts', import.meta.url))]);
    queue = await oneAtATime(moto.url);
    const options = { table, region, clock: systemClock, random: Math.random, credentials, endpointUrl: queue.url };
    const state = openDynamoState(options);
    await state.init();
    state.close();
  });

  afterAll(async () => {
    await script?.remove();
    await queue?.close();
    await moto?.close();
  });

  it('never have it both, and get ever higher tokens', { timeout: 180_000 }, async () => {
    const raced = await Promise.all(
      ['ana', 'ben'].map(async (name): Promise<Raced> => {
        const { stdout } = await execa('node', [script.path, queue.url, region, table, name, String(rounds / 2)]);
        return JSON.parse(stdout);
      }),
    );
    const holds = raced
      .flatMap(({ held }, racer) =>
        held.map(({ token, from, to }) => ({ racer, token, from: BigInt(from), to: BigInt(to) })),
      )
      .toSorted((a, b) => (a.from < b.from ? -1 : 1));
    expect(holds).toHaveLength(rounds);
    const overlapping = holds.filter((hold, index) => index > 0 && hold.from <= (holds[index - 1]?.to ?? 0n));
    expect(overlapping).toEqual([]);
    const falling = holds.filter((hold, index) => index > 0 && hold.token <= (holds[index - 1]?.token ?? 0));
    expect(falling).toEqual([]);
    // They met, and it went from one to the other: otherwise this proves nothing.
    expect(raced.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(rounds / 50);
    const changes = holds.filter((hold, index) => index > 0 && hold.racer !== holds[index - 1]?.racer);
    expect(changes.length).toBeGreaterThan(rounds / 20);
  });
});
