/** How a failover, a restore and a restart of tasks stand: read from reality, whatever was done before. */
import { RecordingOutside } from '../../support/recording-outside.ts';
import { describe, expect, test } from 'vitest';
import type { DatabaseEvent, DatabaseState } from '../../../src/cloud/facts.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { stackOf } from '../../../src/config/stack.ts';
import { failOverChange, lookAtFailOver, pollAwaited, pollFailOver } from '../../../src/runbooks/database-changes.ts';
import {
  lookAtInstance,
  lookAtRestore,
  pollInstance,
  restoreChanges,
  restoredName,
} from '../../../src/runbooks/database-restore.ts';
import { lookAtRestart, planRestart, pollRestart } from '../../../src/runbooks/task-restart.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { runSettings } from '../../../src/use-cases/run-settings.ts';
import { database, event, reader, service, writer } from '../../diagnosis/database/pictures.ts';
import { endMs } from '../../diagnosis/series.ts';
import { FakeCloud, refusal, type Told } from '../../fakes/cloud.ts';
import { stackConfig } from '../../use-cases/stage.ts';

const ref = { region: 'us-west-2', cluster: 'nano-db' };

function looking(told: Told) {
  const clock = new VirtualClock(endMs);
  const cloud = new FakeCloud(told, { region: 'us-west-2', clock });
  const config = parseConfig(stackConfig, 'a test');
  const source = { config, stack: stackOf(config), awsOptions: [] };
  const settings = runSettings(source, endMs, {}, { runId: 'run-1', runbook: 'database-unavailable' });
  return {
    ports: { facts: cloud.facts, outside: new RecordingOutside({}).outside },
    settings,
    clock,
    signal: new AbortController().signal,
  };
}

const swapped = database({
  instances: [
    { ...writer, role: 'reader' },
    { ...reader, role: 'writer' },
  ],
});
const before = event(600, 'failover-completed');

describe('a failover', () => {
  const change = failOverChange(ref, writer, reader, [before]);

  test.each<[string, DatabaseState, readonly DatabaseEvent[]]>([
    ['not-started', database(), [before]],
    ['in-flight', database({ status: 'failing-over' }), [before]],
    ['in-flight', database(), [event(1, 'failover-started'), before]],
    ['in-flight', { ...swapped, status: 'failing-over' }, [event(1, 'failover-started')]],
    ['done', swapped, []],
    ['failed', database(), [event(1, 'failover-failed'), event(2, 'failover-started')]],
    ['failed', database(), [event(1, 'writer-restored'), event(1.2, 'failover-failed'), event(2, 'failover-started')]],
    [
      'failed',
      database(),
      [event(1, 'failover-completed'), event(1.2, 'writer-restored'), event(2, 'failover-started')],
    ],
    [
      'drifted',
      database(),
      [event(1, 'writer-restored'), event(2, 'failover-started'), event(3, 'failover-completed')],
    ],
    ['drifted', database(), [event(1, 'failover-completed')]],
    ['drifted', database({ status: 'stopped' }), []],
    ['drifted', database({ instances: [writer, { ...reader, status: 'rebooting' }] }), []],
    ['unknown', database({ instances: [reader] }), []],
  ])('%s', async (state, databaseState, databaseEvents) => {
    expect(await lookAtFailOver(change, looking({ databaseState, databaseEvents }))).toMatchObject({ state });
  });

  test('to another instance than the target is done, too', async () => {
    const third = { ...reader, id: 'nano-db-3' };
    const databaseState = database({
      instances: [{ ...writer, role: 'reader' }, reader, { ...third, role: 'writer' }],
    });
    expect(await lookAtFailOver(change, looking({ databaseState, databaseEvents: [] }))).toMatchObject({
      state: 'done',
    });
  });

  test('is planned the same as long as nothing happens, whenever it is planned', () => {
    expect(failOverChange(ref, writer, reader, [before, event(30, 'restarted')])).toEqual(change);
    expect(failOverChange(ref, writer, reader, [event(1, 'failover-failed'), before])).not.toEqual(change);
  });

  test('loses nothing, and cannot be put back', () => {
    expect(change).toMatchObject({
      risk: 'irreversible',
      before: { writer: 'nano-db-1' },
      after: { writer: 'nano-db-2' },
    });
  });

  test('is over when the new writer is available, and not when the cluster merely is', async () => {
    const same = looking({ databaseState: database(), databaseEvents: [] });
    expect(await pollFailOver(change, same)).toMatchObject({ state: 'waiting' });
    const starting = database({
      instances: [
        { ...writer, role: 'reader' },
        { ...reader, role: 'writer', status: 'rebooting' },
      ],
    });
    const moved = looking({ databaseState: starting, databaseEvents: [] });
    expect(await pollFailOver(change, moved)).toMatchObject({ state: 'waiting' });
    const there = looking({ databaseState: swapped, databaseEvents: [] });
    expect(await pollFailOver(change, there)).toMatchObject({
      state: 'reached',
      output: { failedOver: true, writer: 'nano-db-2', at: endMs },
    });
  });

  test('is not taken for one that failed before it was asked for, though RDS tells of that late', async () => {
    const databaseEvents = [event(1, 'writer-restored'), event(2, 'failover-started')];
    const told = looking({ databaseState: database(), databaseEvents });
    const minuteMs = 60_000;
    for (const [sentAt, state] of [
      [endMs - 2 * minuteMs, 'failed'],
      // Clocks differ by some seconds.
      [endMs - minuteMs + 5_000, 'failed'],
      [endMs - minuteMs + 15_000, 'not-started'],
    ] as const) {
      expect(await lookAtFailOver(change, { ...told, sentAt })).toMatchObject({ state });
      expect((await pollFailOver(change, { ...told, sentAt })).state).toBe(state === 'failed' ? 'reached' : 'waiting');
    }
  });

  test('that came to nothing is an end that says so', async () => {
    const flipped = looking({ databaseState: database(), databaseEvents: [event(1, 'writer-restored', 'back again')] });
    expect(await pollFailOver(change, flipped)).toMatchObject({
      state: 'reached',
      takenBack: true,
      output: { failedOver: false, why: expect.stringContaining('back again') },
    });
  });
});

describe('a failover that somebody else began', () => {
  const since = endMs - 15 * 60_000;

  test.each<[string, DatabaseState, readonly DatabaseEvent[], boolean | undefined]>([
    ['waiting', database({ status: 'failing-over' }), [event(1, 'failover-started')], undefined],
    ['waiting', database(), [event(1, 'failover-started')], undefined],
    ['reached', swapped, [event(1, 'failover-completed'), event(2, 'failover-started')], true],
    ['reached', database(), [event(1, 'writer-restored'), event(2, 'failover-started')], false],
  ])('%s', async (state, databaseState, databaseEvents, failedOver) => {
    const seen = await pollAwaited(ref, since, looking({ databaseState, databaseEvents }));
    expect(seen.state).toBe(state);
    expect(seen.state === 'reached' ? seen.output.failedOver : undefined).toBe(failedOver);
  });
});

describe('a restored cluster', () => {
  const name = restoredName(ref, '20261123T110300Z-database-unavailable-7k2m9x');
  const changes = restoreChanges(ref, database({ subnetGroup: 'nano-subnets', parameterGroup: 'nano-params' }), name);
  if (changes === undefined) throw new TypeError('nothing was planned');
  const gone = refusal('databaseState', 'not-found');

  test('has a name that RDS takes, of the run that made it', () => {
    expect(name).toBe('nano-db-restored-7k2m9x');
    const long = restoredName({ region: 'us-west-2', cluster: `${'very-'.repeat(12)}db` }, 'x-y-7k2m9x');
    expect(`${long}-1`.length).toBeLessThanOrEqual(63);
    expect(long).toMatch(/^[a-z](?:-?[a-z0-9])*$/);
  });

  test('is in the same network, with the same parameters, and an instance of the writer\u2019s class', () => {
    expect(changes.cluster.input).toEqual({
      source: ref,
      cluster: name,
      subnetGroup: 'nano-subnets',
      securityGroups: ['sg-db'],
      parameterGroup: 'nano-params',
    });
    expect(changes.instance.input).toMatchObject({ instance: `${name}-1`, instanceClass: 'db.r6g.large' });
  });

  test.each<[string, Told['databaseState']]>([
    ['not-started', gone],
    ['in-flight', database({ status: 'creating' })],
    ['done', database({ instances: [] })],
    ['failed', database({ status: 'restore-error' })],
  ])('%s', async (state, databaseState) => {
    expect(await lookAtRestore(changes.cluster, looking({ databaseState }))).toMatchObject({ state });
  });

  test('that cannot be looked at is not taken to be missing', async () => {
    const refused = looking({ databaseState: refusal('databaseState') });
    await expect(lookAtRestore(changes.cluster, refused)).rejects.toBeInstanceOf(CloudError);
  });

  test.each<[string, string, Told['databaseState']]>([
    ['drifted', 'failed', gone],
    ['not-started', 'waiting', database({ instances: [] })],
    ['in-flight', 'waiting', database({ instances: [{ ...writer, id: `${name}-1`, status: 'creating' }] })],
    ['done', 'reached', database({ instances: [{ ...writer, id: `${name}-1` }] })],
    ['failed', 'failed', database({ instances: [{ ...writer, id: `${name}-1`, status: 'incompatible-network' }] })],
  ])('its instance: %s', async (state, polled, databaseState) => {
    expect(await lookAtInstance(changes.instance, looking({ databaseState }))).toMatchObject({ state });
    expect(await pollInstance(changes.instance, looking({ databaseState }))).toMatchObject({ state: polled });
  });
});

describe('new tasks', () => {
  const compute = { region: 'us-west-2', cluster: 'nano', service: 'nano-api' };
  const plan = planRestart(compute, service());
  if ('reason' in plan) throw new TypeError(plan.reason);
  const { change } = plan;
  const [old] = service().deployments;
  if (old === undefined) throw new TypeError('the service has no deployment');
  const fresh = { ...old, id: 'ecs-svc/2', rollout: 'in-progress' as const, running: 1 };

  test('are not planned while a rollout replaces them anyway', () => {
    expect(planRestart(compute, service({ deployments: [fresh] }))).toHaveProperty('reason');
  });

  test('not begun, under way, over, or of another version', async () => {
    const look = (...deployments: (typeof old)[]) =>
      lookAtRestart(change, looking({ serviceState: service({ deployments }) }));
    expect(await look(old)).toMatchObject({ state: 'not-started' });
    expect(await look(fresh, { ...old, status: 'active' })).toMatchObject({ state: 'in-flight' });
    expect(await look({ ...fresh, rollout: 'completed' })).toMatchObject({ state: 'done' });
    expect(await look({ ...fresh, rollout: 'failed' })).toMatchObject({ state: 'failed' });
    expect(await look({ ...fresh, taskDefinition: 'nano-api:99' })).toMatchObject({ state: 'drifted' });
  });

  test('are all there when no old one runs any more', async () => {
    const poll = (...deployments: (typeof old)[]) =>
      pollRestart(change, looking({ serviceState: service({ deployments }) }));
    const done = { ...fresh, rollout: 'completed' as const, running: 3 };
    expect(await poll(old)).toMatchObject({ state: 'waiting' });
    expect(await poll(done, { ...old, status: 'active', running: 1 })).toMatchObject({ state: 'waiting' });
    expect(await poll(done, { ...old, status: 'active', running: 0 })).toMatchObject({ state: 'reached' });
    expect(await poll({ ...fresh, rollout: 'failed' })).toMatchObject({ state: 'failed' });
  });
});
