/**
 * What is to happen in the world by itself, at times that are known beforehand: an autoscaler that looks again, a
 * scheduler that replaces what ended. What is settled when it begins, as a failover's course is, needs none. Plain data,
 * so that a saved world goes on where it stood. What each kind does is said by whoever owns it.
 */
import type { WorldInventory } from './inventory.ts';
import { serviceHappenings } from './service-changes.ts';

/** `at` in epoch milliseconds. */
export type Happening = { readonly at: number; readonly region: string } & HappeningKind;

export type HappeningKind = { readonly kind: 'autoscaler-looks' } | { readonly kind: 'scheduler-acts' };

/** How the world is after something happened in it; may put further happenings into `happenings`. */
export type Happen<Kind extends HappeningKind['kind']> = (
  world: WorldInventory,
  happening: Extract<Happening, { kind: Kind }>,
) => WorldInventory;

export type HappeningTable = { readonly [Kind in HappeningKind['kind']]: Happen<Kind> };

const table: HappeningTable = { ...serviceHappenings };

/** The world after everything that is due by `now`, in order of time (ties: in order of being planned). */
export function settled(world: WorldInventory, now: number): WorldInventory {
  let current = world;
  for (;;) {
    const next = current.happenings
      .filter((each) => each.at <= now)
      .reduce<Happening | undefined>(
        (first, each) => (first === undefined || each.at < first.at ? each : first),
        undefined,
      );
    if (next === undefined) return current;
    const rest = { ...current, happenings: current.happenings.filter((each) => each !== next) };
    current = happen(rest, next);
  }
}

function happen(world: WorldInventory, happening: Happening): WorldInventory {
  switch (happening.kind) {
    case 'autoscaler-looks':
      return table['autoscaler-looks'](world, happening);
    case 'scheduler-acts':
      return table['scheduler-acts'](world, happening);
  }
}
