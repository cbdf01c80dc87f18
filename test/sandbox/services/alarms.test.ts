/** The alarms of both regions: what a drill may be stopped by. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import type { Fault } from '../../../src/sandbox/world/faults.ts';
import { opened, reopened, type Opened } from './opened.ts';

const MINUTE_MS = 60_000;

async function alarmsOf(sandbox: Opened, region: string) {
  const { MetricAlarms = [] } = await new CloudWatchClient(sandbox.settings(region)).send(
    new DescribeAlarmsCommand({}),
  );
  return new Map(MetricAlarms.map((alarm) => [alarm.AlarmName, alarm]));
}

function statesOf(alarms: Awaited<ReturnType<typeof alarmsOf>>) {
  return Object.fromEntries([...alarms].map(([name, alarm]) => [name, alarm.StateValue]));
}

test('the recovery region has alarms of its own, all of them quiet while it stands by', async () => {
  expect(statesOf(await alarmsOf(opened('healthy', 2), 'us-east-1'))).toEqual({
    'nano-api-recovery-latency-p99': 'OK',
    'nano-api-recovery-5xx': 'OK',
    'nano-api-recovery-cpu': 'OK',
    'nano-db-dr-cpu': 'OK',
    'nano-db-dr-replication-lag': 'OK',
  });
});

test('an alarm that is forced is in ALARM from then on, alone and in its own region', async () => {
  const { inventory } = opened('healthy', 2).world;
  const from = inventory.startMs + MINUTE_MS;
  const faults: readonly Fault[] = [
    { effect: 'alarm', name: 'nano-db-dr-cpu', region: 'recovery', from, to: from + 10 * MINUTE_MS, rampMs: 0 },
  ];
  const sandbox = reopened({ inventory: { ...inventory, faults } });
  const state = async () => (await alarmsOf(sandbox, 'us-east-1')).get('nano-db-dr-cpu');
  expect(await state()).toMatchObject({ StateValue: 'OK' });
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect(await state()).toMatchObject({ StateValue: 'ALARM', StateUpdatedTimestamp: new Date(from) });
  const others = [...(await alarmsOf(sandbox, 'us-east-1')), ...(await alarmsOf(sandbox, 'us-west-2'))].filter(
    ([name, alarm]) => name !== 'nano-db-dr-cpu' && alarm.StateValue !== 'OK',
  );
  expect(others).toEqual([]);
  await sandbox.clock.sleep(10 * MINUTE_MS);
  expect(await state()).toMatchObject({ StateValue: 'OK' });
});

test('a copy that does not follow raises the alarm on its lag', async () => {
  const { inventory } = opened('healthy', 2).world;
  const from = inventory.startMs - 20 * MINUTE_MS;
  const sandbox = reopened({
    inventory: { ...inventory, faults: [{ effect: 'replication-stalled', from, rampMs: 0 }] },
  });
  expect(statesOf(await alarmsOf(sandbox, 'us-east-1'))).toMatchObject({ 'nano-db-dr-replication-lag': 'ALARM' });
});
