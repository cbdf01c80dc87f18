/**
 * Application Auto Scaling as far as it can be felt: limits that hold at once, and a policy that tracks the requests a
 * minute and target. It looks about every minute while the count of tasks is not what it wants. Slow to take away, as
 * AWS has it ("Target tracking scaling policies", Application Auto Scaling User Guide).
 */
import { baseArrivals } from './demand.ts';
import { effectsAt } from './faults.ts';
import type { Happening } from './happenings.ts';
import { deploymentsUntil, desiredAt, type RegionInventory, type Scaling, type WorldInventory } from './inventory.ts';
import type { RegionNames } from './names.ts';
import { arrivalsIn } from './traffic.ts';

const MINUTE_MS = 60_000;
const LOOKS_EVERY_MS = MINUTE_MS;
/** Requests a minute and task: above what even a surge brings, which is why nothing scales by itself. */
export const defaultTargetRequests = 1_600;
export const scaleOutCooldownMs = 60_000;
export const scaleInCooldownMs = 300_000;
/** A count that somebody else set is looked at for so long before it is corrected. */
const SETTLES_MS = 120_000;
/** After its limits were changed, the alarm that takes tasks away starts anew: fifteen data points of a minute each. */
const SCALE_IN_ALARM_MS = 15 * MINUTE_MS;

export function policyName(names: Pick<RegionNames, 'service'>): string {
  return `${names.service}-requests`;
}

/** How many tasks the policy wants at `at`, within its limits; as many as there are where there is no policy. */
function wantedTasks(world: WorldInventory, region: RegionInventory, scaling: Scaling, at: number): number {
  const desired = desiredAt(region, at);
  const within = (count: number) => Math.max(scaling.min, Math.min(scaling.max, count));
  if (scaling.policies.length === 0) return within(desired);
  const minute = Math.floor(at / MINUTE_MS);
  const arrivals =
    baseArrivals(world.seed, minute) *
    effectsAt(world.faults, at).arrivals *
    arrivalsIn(world, region.role, minute).share;
  return within(Math.ceil((arrivals * 60) / scaling.targetRequests));
}

/** True where the autoscaler has a reason to look again. */
export function hasReasonToLook(world: WorldInventory, region: RegionInventory, at: number): boolean {
  const { scaling } = region;
  if (scaling === undefined) return false;
  const wanted = wantedTasks(world, region, scaling, at);
  const desired = desiredAt(region, at);
  return wanted !== desired && !scaling.suspended.includes(wanted > desired ? 'scale-out' : 'scale-in');
}

export function nextLook(region: RegionInventory, at: number): Happening {
  return { at: at + LOOKS_EVERY_MS, region: region.region, kind: 'autoscaler-looks' };
}

/** What the autoscaler does when it looks at `at`; undefined where it lets things be. */
export function decision(
  world: WorldInventory,
  region: RegionInventory,
  at: number,
): { readonly count: number; readonly cause: string } | undefined {
  const { scaling } = region;
  if (scaling === undefined) return undefined;
  const desired = desiredAt(region, at);
  const wanted = wantedTasks(world, region, scaling, at);
  if (wanted !== desired && scaling.suspended.includes(wanted > desired ? 'scale-out' : 'scale-in')) return undefined;
  const since = at - (scaling.activities.at(-1)?.at ?? -Infinity);
  const alarm = (which: string) =>
    `monitor alarm TargetTracking-service/${region.names.cluster}/${region.names.service}-${which} in state ALARM triggered policy ${scaling.policies[0] ?? ''}`;
  if (wanted > desired) {
    return since < scaleOutCooldownMs ? undefined : { count: wanted, cause: alarm('AlarmHigh') };
  }
  if (wanted === desired) return undefined;
  const newest = deploymentsUntil(region, at)[0];
  const deploying = newest !== undefined && newest.finishedAt === undefined && newest.endedAt === undefined;
  const settled = at - (region.desiredCounts.at(-1)?.at ?? -Infinity) >= SETTLES_MS;
  const alarmed = at - (scaling.limitsChangedAt ?? -Infinity) >= SCALE_IN_ALARM_MS;
  if (deploying || !settled || !alarmed || since < scaleInCooldownMs) return undefined;
  return { count: desired - 1, cause: alarm('AlarmLow') };
}
