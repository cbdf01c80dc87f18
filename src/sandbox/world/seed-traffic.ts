/**
 * Where a live stack's requests are told to go, put into a model: record sets, health checks, routing controls and the
 * switch object as they were read. What was not read stays as the model made it.
 */
import type { DnsRecord, HealthCheckState, LoadBalancerState } from '../../cloud/recovery-facts.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import type { Side } from './region-outage.ts';
import { sideOfHost } from './resolution.ts';
import type { HealthCheck, Traffic } from './traffic-state.ts';

const bothSides = ['primary', 'recovery'] as const satisfies readonly Side[];
/** A health check's state does not tell how often it looks; 30 seconds is what it does unless told otherwise. */
const INTERVAL_SECONDS = 30;

/** What was read; what is absent is as in a healthy world. */
export interface CapturedTraffic {
  /** The sets of the API's name. */
  readonly records?: readonly DnsRecord[];
  /** Of the checks that these sets name, and of the one that is configured. */
  readonly healthChecks?: readonly HealthCheckState[];
  readonly balancers?: Partial<Readonly<Record<Side, Pick<LoadBalancerState, 'dnsName'>>>>;
  /** By the controls' ARNs. */
  readonly routingControls?: Readonly<Record<string, 'on' | 'off'>>;
  /** Whether the switch object is there. */
  readonly switchObject?: boolean;
}

export function withCapturedTraffic(made: WorldInventory, captured: CapturedTraffic): WorldInventory {
  const { records, routingControls, switchObject } = captured;
  const world = bothSides.reduce<WorldInventory>((before, side) => {
    const dnsName = captured.balancers?.[side]?.dnsName ?? guessedName(before[side], records ?? []);
    return dnsName === undefined ? before : { ...before, [side]: withName(before, side, dnsName) };
  }, made);
  const at = world.createdAt;
  const traffic: Traffic = {
    ...world.traffic,
    records: records ?? madeRecords(made, world),
    controls: world.traffic.controls.map((control) => {
      const state = routingControls?.[control.arn];
      return state === undefined ? control : { ...control, states: [{ at, state }] };
    }),
    ...(world.traffic.switchObject !== undefined &&
      switchObject !== undefined && {
        switchObject: { ...world.traffic.switchObject, states: [{ at, exists: switchObject }] },
      }),
  };
  const known = { ...world, traffic };
  return {
    ...known,
    traffic: { ...traffic, healthChecks: checksFrom(known, captured.healthChecks ?? []) },
  };
}

function withName(world: WorldInventory, side: Side, dnsName: string): RegionInventory {
  return { ...world[side], balancerDnsName: dnsName.replace(/\.$/, '') };
}

/** A balancer in a region that could not be asked is what the records name there. */
function guessedName({ region }: RegionInventory, records: readonly DnsRecord[]): string | undefined {
  return records
    .flatMap(({ values, alias }) => (alias === undefined ? values : [alias.dnsName]))
    .map((host) =>
      host
        .toLowerCase()
        .replace(/\.$/, '')
        .replace(/^dualstack\./, ''),
    )
    .find((host) => host.endsWith(`.${region}.elb.amazonaws.com`));
}

/** The model's own records, which lead to its balancers by the names that these have now. */
function madeRecords(made: WorldInventory, world: WorldInventory): readonly DnsRecord[] {
  const renamed = (host: string): string => {
    const side = sideOfHost(made, host);
    return side === undefined ? host : world[side].balancerDnsName;
  };
  return made.traffic.records.map((record) => ({
    ...record,
    values: record.values.map(renamed),
    ...(record.alias !== undefined && { alias: { ...record.alias, dnsName: renamed(record.alias.dnsName) } }),
  }));
}

/** The checks that were read take the place of those of the model that have their ids. */
function checksFrom(world: WorldInventory, states: readonly HealthCheckState[]): readonly HealthCheck[] {
  const read = states.map(({ id, type, disabled, inverted }): HealthCheck => {
    const made = world.traffic.healthChecks.find((each) => each.id === id);
    return {
      id,
      type,
      disabled,
      inverted,
      intervalSeconds: made?.intervalSeconds ?? INTERVAL_SECONDS,
      watches: made?.watches ?? watchedBy(world, id, type),
    };
  });
  const others = world.traffic.healthChecks.filter((made) => read.every((each) => each.id !== made.id));
  return [...others, ...read];
}

/** A check's state does not tell what it watches: it is taken to be what its record leads to. */
function watchedBy(world: WorldInventory, id: string, type: string): HealthCheck['watches'] {
  const set = world.traffic.records.find((each) => each.healthCheckId === id);
  const side = [set?.alias?.dnsName ?? '', ...(set?.values ?? [])].flatMap((host) => sideOfHost(world, host) ?? [])[0];
  if (side === undefined) return { kind: 'name' };
  const control = world.traffic.controls.find((each) => each.region === world[side].region);
  return type === 'RECOVERY_CONTROL' && control !== undefined
    ? { kind: 'control', arn: control.arn }
    : { kind: 'balancer', side };
}
