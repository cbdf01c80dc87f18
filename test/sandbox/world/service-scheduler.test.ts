/** Whatever is asked of the service, in whichever order: the past stays, and in the end it is as it was asked to be. */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../src/sandbox/random.ts';
import { openSandbox, sandboxStartMs } from '../../../src/sandbox/sandbox.ts';
import { statusOf } from '../../../src/sandbox/services/ecs-deployments.ts';
import {
  desiredAt,
  pendingTasks,
  runningTasks,
  type RegionInventory,
  type WorldInventory,
} from '../../../src/sandbox/world/inventory.ts';
import {
  withDesiredCount,
  withLimits,
  withNewDeployment,
  withRollback,
} from '../../../src/sandbox/world/service-changes.ts';
import { currentDeployment } from '../../../src/sandbox/world/service-scheduler.ts';

const MINUTE = 60_000;
const region = 'us-west-2';
const call = { operation: 'test:Change', region, resource: 'nano/nano-api', detail: '' };

type Change = (world: WorldInventory, at: number) => WorldInventory;

/** A change that somebody might ask for. */
function anyChange(random: () => number): Change {
  const luck = random();
  const number = Math.floor(random() * 10);
  if (luck < 0.35) return (world, at) => withDesiredCount(world, region, number, at);
  if (luck < 0.6) {
    return (world, at) => {
      const { taskDefinitions } = world.primary;
      const chosen = taskDefinitions[number % taskDefinitions.length];
      return chosen === undefined ? world : withNewDeployment(world, region, chosen.id, at);
    };
  }
  if (luck < 0.8) {
    return (world, at) => {
      const current = world.primary.deployments.findLast(
        (each) => each.rollbackOf === undefined && statusOf(world.primary, each, at) === 'IN_PROGRESS',
      );
      return current === undefined ? world : withRollback(world, region, current.id, at);
    };
  }
  return (world, at) => withLimits(world, region, { min: number, max: 10 }, at);
}

/** What could be seen of a time. */
function seen(of: RegionInventory, at: number): string {
  const ids = (tasks: readonly { readonly id: string }[]) => tasks.map((task) => task.id).toSorted();
  return JSON.stringify([ids(runningTasks(of, at)), ids(pendingTasks(of, at)), desiredAt(of, at)]);
}

describe.each(['healthy', 'bad-deploy', 'deployment-in-progress', 'autoscaling-undoes', 'scale-out-does-not-help'])(
  '%s',
  (scenario) => {
    test.each(Array.from({ length: 12 }, (_, index) => index + 1))('changes of seed %i', (seed) => {
      let now = sandboxStartMs;
      const { world } = openSandbox({ scenario, seed, clock: { now: () => now } });
      const random = seeded(seed);
      const remembered: { readonly at: number; readonly seen: string }[] = [];
      for (let step = 0; step < 12; step += 1) {
        const change = anyChange(random);
        now += 1;
        world.change(call, (inventory) => change(inventory, now));
        for (let passed = Math.floor(random() * 8); passed >= 0; passed -= 1) {
          now += Math.ceil(random() * 50_000);
          remembered.push({ at: now, seen: seen(world.inventory.primary, now) });
        }
      }
      now += 60 * MINUTE;
      const { primary, happenings } = world.inventory;
      expect(remembered.map(({ at }) => seen(primary, at))).toEqual(remembered.map((each) => each.seen));
      expect(runningTasks(primary, now)).toHaveLength(desiredAt(primary, now));
      expect(pendingTasks(primary, now)).toEqual([]);
      const current = currentDeployment(primary, now);
      expect(new Set(runningTasks(primary, now).map((task) => task.taskDefinition))).toEqual(
        new Set(desiredAt(primary, now) === 0 ? [] : [current?.taskDefinition]),
      );
      expect(current?.finishedAt).toBeDefined();
      expect(new Set(primary.tasks.map((task) => task.id)).size).toBe(primary.tasks.length);
      // Whoever has nothing to wait for does not look again and again.
      expect(happenings.filter((each) => each.kind === 'scheduler-acts')).toEqual([]);
      expect(JSON.parse(JSON.stringify(world.inventory))).toEqual(world.inventory);
    });
  },
);
