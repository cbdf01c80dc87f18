/** The simulated world as its users see it: probes through the public name, and what stands in for configured programs. */
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { FailoverGlobalClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import type { Outside, ProbeAnswer } from '../../src/cloud/outside.ts';
import { simulatedHooks, simulatedOutside } from '../../src/sandbox/outside.ts';
import type { Fault } from '../../src/sandbox/world/faults.ts';
import type { WorldInventory } from '../../src/sandbox/world/inventory.ts';
import { opened, reopened, type Opened } from './services/opened.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const { signal } = new AbortController();
const west = { region: 'us-west-2', cluster: 'nano-db' };
const east = { region: 'us-east-1', cluster: 'nano-db-dr' };

function struck(faults: (startMs: number) => readonly Fault[], change = (world: WorldInventory) => world): Opened {
  const { inventory } = opened('healthy', 6).world;
  return reopened({ inventory: change({ ...inventory, faults: faults(inventory.startMs) }) });
}

const primaryDown = () => struck((from) => [{ effect: 'region-down', region: 'primary', from, rampMs: 0 }]);

const outsideOf = ({ world, clock }: Opened): Outside => simulatedOutside(world, clock);

async function moveRecord(sandbox: Opened): Promise<void> {
  const { primary, recovery } = sandbox.world.inventory;
  const set = (value: string) => ({
    Name: 'api.nano.example.',
    Type: 'CNAME' as const,
    TTL: 60,
    ResourceRecords: [{ Value: value }],
  });
  await new Route53Client(sandbox.settings('us-east-1')).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'Z0123456789NANOEXAMPL',
      ChangeBatch: {
        Changes: [
          { Action: 'DELETE', ResourceRecordSet: set(primary.balancerDnsName) },
          { Action: 'CREATE', ResourceRecordSet: set(recovery.balancerDnsName) },
        ],
      },
    }),
  );
}

async function failOver(sandbox: Opened): Promise<void> {
  await new RDSClient(sandbox.settings('us-east-1')).send(
    new FailoverGlobalClusterCommand({
      GlobalClusterIdentifier: 'nano-global',
      TargetDbClusterIdentifier: 'arn:aws:rds:us-east-1:123456789012:cluster:nano-db-dr',
      AllowDataLoss: true,
    }),
  );
}

test('a healthy API answers a probe in some tens of milliseconds, and takes a write', async () => {
  const sandbox = opened('healthy', 6);
  const outside = outsideOf(sandbox);
  const began = sandbox.clock.now();
  const answer = await outside.probe(signal);
  expect(answer).toMatchObject({ ok: true, status: 200, detail: '200 OK' });
  expect(answer.durationMs).toBeLessThan(100);
  expect(sandbox.clock.now() - began).toBe(answer.durationMs);
  expect(await outside.resolve('api.nano.example', signal)).toEqual([sandbox.world.inventory.primary.balancerDnsName]);
  expect(await outside.resolve('nobody.nano.example', signal)).toEqual([]);
  expect(await outside.writeAndRead(signal)).toMatchObject({ ok: true });
});

test('a dead region: probes time out until the name leads elsewhere; writes are taken once the other side takes them', async () => {
  const sandbox = primaryDown();
  const outside = outsideOf(sandbox);
  expect(await outside.probe(signal)).toEqual({ ok: false, durationMs: 5_000, detail: 'no answer within 5 s' });
  expect(await outside.writeAndRead(signal)).toMatchObject({ ok: false });
  await moveRecord(sandbox);
  expect((await outside.probe(signal)).ok).toBe(false);
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect(await outside.probe(signal)).toMatchObject({ ok: true, status: 200 });
  expect(await outside.resolve('api.nano.example', signal)).toEqual([sandbox.world.inventory.recovery.balancerDnsName]);
  expect(await outside.writeAndRead(signal)).toMatchObject({
    ok: false,
    detail: 'simulated: 500: nano-db-dr in us-east-1 takes no writes',
  });
  await failOver(sandbox);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  expect(await outside.writeAndRead(signal)).toMatchObject({ ok: true });
});

test('heartbeats: none from a dead region; the copy’s newest is that of the outage, less its lag', async () => {
  const sandbox = primaryDown();
  const outside = outsideOf(sandbox);
  const { startMs } = sandbox;
  const dead = await outside.newestHeartbeat(west, signal);
  expect(dead.at).toBeUndefined();
  expect(dead.detail).toBe('simulated: no answer within 5 s from nano-db in us-west-2');
  await sandbox.clock.sleep(MINUTE_MS);
  const { at = Number.NaN } = await outside.newestHeartbeat(east, signal);
  expect(at).toBeLessThanOrEqual(startMs);
  expect(at).toBeGreaterThan(startMs - 3 * SECOND_MS);
});

test('consistency: everything that was copied is there, and what is missing is told in numbers', async () => {
  const healthy = opened('healthy', 6);
  const { output } = await outsideOf(healthy).consistency(0, west, undefined, signal);
  expect(output).toMatch(/^rows=\d+ checksum=[0-9a-f]{8} until=\d{4}-/);
  const sandbox = struck((from) => [
    { effect: 'replication-stalled', from: from - 10 * MINUTE_MS, rampMs: 0 },
    { effect: 'region-down', region: 'primary', from: from + MINUTE_MS, rampMs: 0 },
  ]);
  const outside = outsideOf(sandbox);
  const before = await outside.consistency(0, west, undefined, signal);
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect(await outside.consistency(0, west, undefined, signal)).toMatchObject({ ok: false });
  await failOver(sandbox);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  const after = await outside.consistency(0, east, before.output, signal);
  expect(after.ok).toBe(true);
  const [, missing] = /; (\d+) of the \d+ rows of before, written after \S+, are missing/.exec(after.detail) ?? [];
  // Four rows a second, for ten minutes.
  expect(Number(missing) / 4).toBeGreaterThan(590);
  expect(Number(missing) / 4).toBeLessThan(615);
});

test('consistency: a copy that follows has all of it', async () => {
  const sandbox = opened('healthy', 6);
  const outside = outsideOf(sandbox);
  const before = await outside.consistency(1, west, undefined, signal);
  await sandbox.clock.sleep(30 * SECOND_MS);
  const after = await outside.consistency(1, east, before.output, signal);
  expect(after).toMatchObject({ ok: true });
  expect(after.detail).toMatch(/; all \d+ rows of before are there$/);
});

test('an impaired region answers its share of probes, the same ones every time', async () => {
  const probes = async (): Promise<readonly ProbeAnswer[]> => {
    const sandbox = struck((from) => [{ effect: 'region-impaired', region: 'primary', share: 0.5, from, rampMs: 0 }]);
    const outside = outsideOf(sandbox);
    const answers: ProbeAnswer[] = [];
    for (let count = 0; count < 40; count += 1) {
      answers.push(await outside.probe(signal));
      await sandbox.clock.sleep(3 * SECOND_MS);
    }
    return answers;
  };
  const first = await probes();
  const failed = first.filter((each) => !each.ok).length;
  expect(failed).toBeGreaterThan(10);
  expect(failed).toBeLessThan(30);
  expect(await probes()).toEqual(first);
});

test('without a healthy task the balancer answers 503', async () => {
  const sandbox = struck(
    () => [],
    (world) => ({ ...world, primary: { ...world.primary, tasks: [] } }),
  );
  expect(await outsideOf(sandbox).probe(signal)).toMatchObject({ ok: false, status: 503 });
});

test('a probe ends with its signal', async () => {
  const sandbox = primaryDown();
  const given = new AbortController();
  const probe = outsideOf(sandbox).probe(given.signal);
  given.abort(new Error('enough'));
  await expect(probe).rejects.toThrow('enough');
});

test('hooks touch nothing, and say so', async () => {
  const sandbox = opened('healthy', 6);
  const hooks = simulatedHooks(sandbox.world, sandbox.clock);
  expect(await hooks.run('inject-outage', west)).toMatchObject({
    ok: true,
    detail: 'simulated: the primary region, us-west-2, was not touched',
  });
  expect(sandbox.world.inventory.calls).toEqual([]);
  expect((await outsideOf(sandbox).probe(signal)).ok).toBe(true);
});
