/**
 * Steps of a run as a state machine starts them: each in a process of its own, on a simulated AWS in another one, with nothing between
 * them but the journal. One is killed and started again, and one is started twice at once. The journal is in the folder of this
 * machine; or in a team's table, and then every process is as a container is: nothing that it wrote itself is left to the next one.
 */
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { openDynamoState } from '../../src/aws/state/dynamodb-state.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import { defaultLeaseTimes } from '../../src/engine/leases.ts';
import { leaseText, parseLease } from '../../src/state/lease-register.ts';
import { motoIsAbsent, startMoto } from '../moto/moto-server.ts';
import { oneAtATime } from '../moto/one-at-a-time.ts';
import { Served, until } from './served.ts';

// The tests wait more than they compute, so that they run at once.
const open: { close(): void | Promise<void> }[] = [];
afterAll(async () => {
  for (const each of open.toReversed()) await each.close();
});

async function opened<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  open.push(one);
  return one;
}

const looks = ['stopped-tasks', 'service-state', 'deployments', 'error-lines', 'targets', 'service-utilisation'];
const concludes = ['symptom', 'diagnosis', 'advice', 'escalation', 'plan-roll-back'];
const runId = '20261127T090000Z-crash-loop-e2e';
const speed = 30;
const table = 'nanoops';
const region = 'us-east-1';

interface Kept {
  readonly stage: Served;
  readonly journal: () => Promise<
    readonly { readonly type: string; readonly stepId?: unknown; readonly outcome?: unknown }[]
  >;
  /** What becomes of the leases of a process that was killed, before others come. */
  readonly afterKill?: (isOver: boolean) => Promise<void>;
}

async function carriedOut({ stage, journal, afterKill }: Kept): Promise<void> {
  const step = (id: string, ...more: string[]) => stage.run('runs', 'step', runId, id, ...more, '--json');
  const reached = ['-c', stage.config, '--endpoint-url', stage.url];
  const begun = await stage.run('runs', 'start', 'crash-loop', '--id', runId, ...reached, '--json');
  expect([begun.exitCode, JSON.parse(begun.stdout).left]).toEqual([0, expect.arrayContaining(looks)]);

  // Where the address is not typed, nothing goes to what is not AWS; on this machine it is known from the journal.
  for (const id of [...looks, ...concludes, 'page']) {
    const ended = await step(id);
    expect([ended.exitCode, JSON.parse(ended.stdout).step?.id]).toEqual([0, id]);
  }
  const asked = await step('approve-roll-back');
  expect([asked.exitCode, JSON.parse(asked.stdout).verdict]).toEqual([4, 'awaiting-approval']);
  expect((await step('approve-roll-back', '--yes')).exitCode).toBe(0);

  const killed = stage.start('runs', 'step', runId, 'roll-back');
  await until(async () => (await journal()).find(({ type }) => type === 'change.intended'), 'the intent of the change');
  killed.child.kill('SIGKILL');
  await killed.ended;
  // A process that was quicker than its killer has ended the step, and nothing is left to do for the next.
  const isOver = (await journal()).some(({ type, stepId }) => type === 'step.finished' && stepId === 'roll-back');
  await afterKill?.(isOver);

  const both = await Promise.all([step('roll-back'), step('roll-back')]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(new Set(both.map(({ stdout }) => JSON.parse(stdout).repeated))).toEqual(
    new Set(isOver ? [true] : [false, true]),
  );
  for (const id of ['rolled-back', 'no-crashes', 'tell-outcome']) expect((await step(id)).exitCode).toBe(0);
  const last = await step('conclusion');
  expect([last.exitCode, JSON.parse(last.stdout)]).toEqual([
    0,
    expect.objectContaining({
      verdict: 'ok',
      mutations: [expect.objectContaining({ stepId: 'roll-back', status: 'applied' })],
    }),
  ]);
  const applied = (await journal()).filter(({ type, outcome }) => type === 'change.answered' && outcome === 'applied');
  expect(applied.length).toBeLessThanOrEqual(1);
  // Whoever asks once more is told how the run ended.
  const again = await step('roll-back');
  expect([again.exitCode, JSON.parse(again.stdout).verdict]).toEqual([0, 'ok']);
  const verified = await stage.run('runs', 'verify', runId, '--json');
  expect([verified.exitCode, verified.stderr]).toEqual([0, '']);
}

const title = 'a step that was killed is taken up by the same command, and of two at once only one acts';

test.concurrent(`${title}: from the folder of this machine`, async () => {
  const stage = await opened(Served.start('crash-loop', speed));
  await carriedOut({ stage, journal: () => stage.journal(runId) });
  expect(await stage.runIds()).toEqual([runId]);
});

/** Whoever was killed was a container: nobody can see that it is gone, so its leases have to run out; here within a second. */
async function heldElsewhere(raw: DynamoDBClient, isOver: boolean): Promise<void> {
  const { ttlMs, graceMs } = defaultLeaseTimes;
  const { Items = [] } = await raw.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :leases',
      ExpressionAttributeValues: { ':leases': { S: 'leases' } },
    }),
  );
  const altered = Items.flatMap((item) => {
    const lease = parseLease(item['lease']?.S ?? '', 'the lease');
    if (lease.released) return [];
    const expiresAt = lease.expiresAt - (ttlMs + graceMs - 1_000) * speed;
    return [
      { ...item, lease: { S: leaseText({ ...lease, expiresAt, holder: { ...lease.holder, host: 'gone/1/1' } }) } },
    ];
  });
  // That on the run itself, and that on the service; whose step was over may have given them back.
  expect(isOver ? 2 : altered.length).toBe(2);
  for (const Item of altered) await raw.send(new PutItemCommand({ TableName: table, Item }));
}

test.skipIf(motoIsAbsent())(`${title}: from a team\u2019s table in moto`, { concurrent: true }, async () => {
  const moto = await opened(startMoto());
  const queue = await opened(oneAtATime(moto.url));
  const reached = { region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const state = openDynamoState({ ...reached, table, clock: systemClock, random: Math.random, endpointUrl: queue.url });
  const raw = new DynamoDBClient({ ...reached, endpoint: queue.url });
  open.push({ close: () => state.close() }, { close: () => raw.destroy() });
  await state.init();

  const team = { table, region, endpointUrl: queue.url };
  const stage = await opened(Served.start('crash-loop', speed, { team }));
  const journal = async () => (await state.journals.read(runId)).records.map(({ event }) => event);
  await carriedOut({ stage, journal, afterKill: (isOver) => heldElsewhere(raw, isOver) });
  expect((await stage.written()).filter((path) => path.includes('/runs'))).toEqual([]);
  expect(await state.leases.list()).toEqual([]);
});
