/** How the simulated world stands, in what changes touch: for comparing how two runs left it. Plain data. */
import type { DnsRecord } from '../cloud/recovery-facts.ts';
import { writerAt, databasesOf, instancesAt } from './world/database-state.ts';
import { membersAt, writersAt } from './world/global-database.ts';
import { deploymentsUntil, desiredAt, type RegionInventory } from './world/inventory.ts';
import { controlStateAt, recordsAt, switchObjectAt } from './world/traffic-state.ts';
import type { World } from './world/world.ts';

export interface Standing {
  readonly regions: readonly {
    readonly region: string;
    readonly desired: number;
    readonly min: number | undefined;
    readonly max: number | undefined;
    readonly taskDefinition: string | undefined;
    readonly databases: readonly {
      readonly cluster: string;
      readonly writer: string | undefined;
      readonly instances: readonly string[];
    }[];
  }[];
  /** The sides whose clusters take writes. */
  readonly writers: readonly string[];
  readonly global: {
    /** Who belongs to the global database, the writer first. How far somebody is made anew is a matter of time. */
    readonly members: readonly string[];
    /** Which moves between the regions were begun, oldest first, and what comes of each. */
    readonly moves: readonly string[];
  };
  readonly traffic: {
    /** The zone's records. */
    readonly records: readonly DnsRecord[];
    /** The regions whose routing controls are on. */
    readonly on: readonly string[];
    /** Whether the object that a switch watches is there. */
    readonly switchObject: boolean;
  };
  /** Every call that changed something, as often as it was made, in order of their names. */
  readonly calls: readonly string[];
}

export function standingOf(world: World): Standing {
  const { primary, recovery, replication, traffic, calls } = world.inventory;
  const now = world.now();
  const regionAt = (region: RegionInventory) => ({
    region: region.region,
    desired: desiredAt(region, now),
    min: region.scaling?.min,
    max: region.scaling?.max,
    taskDefinition: deploymentsUntil(region, now)[0]?.taskDefinition,
    databases: databasesOf(region).map((database) => ({
      cluster: database.cluster,
      writer: writerAt(database, now),
      instances: instancesAt(database, now).map(({ id }) => id),
    })),
  });
  return {
    regions: [regionAt(primary), regionAt(recovery)],
    writers: writersAt(world.inventory, now),
    global: {
      members: membersAt(world.inventory, now).map(({ side }) => side),
      moves: replication.moves.map(({ kind, from, to, outcome }) => `${kind} ${from} to ${to} ${outcome}`),
    },
    traffic: {
      records: recordsAt(traffic, now),
      on: traffic.controls.filter((each) => controlStateAt(each, now) === 'on').map(({ region }) => region),
      switchObject: switchObjectAt(traffic, now),
    },
    calls: calls
      .map(({ operation, region, resource, detail }) => `${operation} ${region} ${resource} ${detail}`)
      .toSorted(),
  };
}
