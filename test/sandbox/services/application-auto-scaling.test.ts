/** Application Auto Scaling as a client sees and changes it: limits that hold at once, and a policy that has its own will. */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { opened, type Opened } from './opened.ts';

const MINUTE = 60_000;
const about = {
  ServiceNamespace: 'ecs',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;
const ResourceId = 'service/nano/nano-api';

function scaling(sandbox: Opened) {
  const client = new ApplicationAutoScalingClient(sandbox.settings());
  const ecs = new ECSClient(sandbox.settings());
  return {
    client,
    register: (limits: { readonly MinCapacity?: number; readonly MaxCapacity?: number }) =>
      client.send(new RegisterScalableTargetCommand({ ...about, ResourceId, ...limits })),
    limits: async () => {
      const { ScalableTargets = [] } = await client.send(
        new DescribeScalableTargetsCommand({ ...about, ResourceIds: [ResourceId] }),
      );
      return ScalableTargets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity])[0];
    },
    activities: async () => {
      const { ScalingActivities = [] } = await client.send(
        new DescribeScalingActivitiesCommand({ ...about, ResourceId }),
      );
      return ScalingActivities;
    },
    desired: async () => {
      const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'nano', services: ['nano-api'] }));
      return services?.[0]?.desiredCount;
    },
    update: (desiredCount: number) =>
      ecs.send(new UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', desiredCount })),
    deploy: () =>
      ecs.send(new UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', forceNewDeployment: true })),
  };
}

describe('limits', () => {
  test('a minimum above the count raises it at once; what is not given stays', async () => {
    const sandbox = opened();
    const { register, limits, desired, activities } = scaling(sandbox);
    expect(await limits()).toEqual([6, 20]);
    const { ScalableTargetARN } = await register({ MinCapacity: 7 });
    expect(ScalableTargetARN).toContain('scalable-target/');
    expect(await limits()).toEqual([7, 20]);
    expect(await desired()).toBe(7);
    expect(await activities()).toMatchObject([
      {
        Description: 'Setting desired count to 7.',
        Cause: 'minimum capacity was set to 7',
        StatusCode: 'InProgress',
      },
    ]);
    await sandbox.clock.sleep(2 * MINUTE);
    expect((await activities())[0]).toMatchObject({ StatusCode: 'Successful' });
  });

  test('a maximum below the count lowers it', async () => {
    const sandbox = opened();
    const { register, limits, desired } = scaling(sandbox);
    await register({ MinCapacity: 2, MaxCapacity: 5 });
    expect(await limits()).toEqual([2, 5]);
    expect(await desired()).toBe(5);
  });

  test('a raised minimum holds, and after it was put back the task goes, but not within a quarter of an hour', async () => {
    const sandbox = opened('cpu-saturated', 2);
    const { register, desired, activities } = scaling(sandbox);
    await register({ MinCapacity: 7 });
    await sandbox.clock.sleep(30 * MINUTE);
    expect(await desired()).toBe(7);
    await register({ MinCapacity: 6 });
    await sandbox.clock.sleep(14 * MINUTE);
    expect(await desired()).toBe(7);
    await sandbox.clock.sleep(4 * MINUTE);
    expect(await desired()).toBe(6);
    expect((await activities()).map((each) => each.Description)).toEqual([
      'Setting desired count to 6.',
      'Setting desired count to 7.',
    ]);
  });

  test('what is no limit is refused, and changes nothing', async () => {
    const sandbox = opened();
    const { client, register } = scaling(sandbox);
    await expect(register({ MinCapacity: 21 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(register({ MaxCapacity: 5 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(register({ MinCapacity: -1 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      client.send(new RegisterScalableTargetCommand({ ...about, ResourceId: 'service/nano/other', MinCapacity: 7 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    expect(sandbox.world.inventory.calls).toEqual([]);
  });
});

describe('the policy', () => {
  test('autoscaling-undoes: a task that it does not want is gone again within a few minutes', async () => {
    const sandbox = opened('autoscaling-undoes', 3);
    const { update, desired, limits, activities, client } = scaling(sandbox);
    expect(await limits()).toEqual([4, 20]);
    const { ScalingPolicies } = await client.send(new DescribeScalingPoliciesCommand({ ...about, ResourceId }));
    expect(ScalingPolicies?.[0]?.TargetTrackingScalingPolicyConfiguration?.TargetValue).toBe(420);
    await update(7);
    await sandbox.clock.sleep(MINUTE);
    expect(await desired()).toBe(7);
    await sandbox.clock.sleep(3 * MINUTE);
    expect(await desired()).toBe(6);
    expect((await activities())[0]).toMatchObject({ Cause: expect.stringContaining('nano-api-requests') });
    await sandbox.clock.sleep(20 * MINUTE);
    expect(await desired()).toBe(6);
  });

  test('after it took one, the next goes only when its cooldown is over', async () => {
    const sandbox = opened();
    const { update, desired, activities } = scaling(sandbox);
    await update(9);
    await sandbox.clock.sleep(20 * MINUTE);
    expect(await desired()).toBe(6);
    const times = (await activities()).map((each) => each.StartTime?.getTime() ?? 0).toReversed();
    expect(times).toHaveLength(3);
    const apart = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(5 * MINUTE);
  });

  test('fewer tasks than it wants are made up for', async () => {
    const sandbox = opened('autoscaling-undoes', 3);
    const { update, desired } = scaling(sandbox);
    await update(5);
    await sandbox.clock.sleep(2 * MINUTE);
    expect(await desired()).toBe(6);
  });

  test('while a deployment is under way it takes nothing away', async () => {
    const sandbox = opened();
    const { update, deploy, desired } = scaling(sandbox);
    await update(7);
    await sandbox.clock.sleep(MINUTE);
    await deploy();
    await sandbox.clock.sleep(2 * MINUTE);
    expect(await desired()).toBe(7);
    await sandbox.clock.sleep(5 * MINUTE);
    expect(await desired()).toBe(6);
  });

  test('scale-out-does-not-help: nobody scales the service but people', async () => {
    const sandbox = opened('scale-out-does-not-help', 1);
    const { update, desired, limits, register } = scaling(sandbox);
    expect(await limits()).toBeUndefined();
    await update(7);
    await sandbox.clock.sleep(60 * MINUTE);
    expect(await desired()).toBe(7);
    await expect(register({ MinCapacity: 7 })).rejects.toMatchObject({ name: 'ValidationException' });
    await register({ MinCapacity: 8, MaxCapacity: 10 });
    expect(await desired()).toBe(8);
  });
});
