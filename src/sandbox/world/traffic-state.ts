/**
 * Where requests are told to go, as plain data: the zone's record sets and how they changed, health checks, routing
 * controls and the object that a switch watches, each with its history. What follows from it is told by `resolution.ts`
 * and `traffic.ts`; whether a call is allowed is the services' business.
 */
import type { DnsRecord } from '../../cloud/recovery-facts.ts';
import { drawn, hexNoise, type Chance } from '../random.ts';
import { balancerZone } from './hosts.ts';
import type { WorldInventory } from './inventory.ts';
import type { Side } from './region-outage.ts';
import type { WorldNames } from './names.ts';

const SECOND_MS = 1_000;
/** How long Route 53's servers take to answer with a change: "usually within 60 seconds". */
const INSYNC_MS: readonly [number, number] = [10 * SECOND_MS, 50 * SECOND_MS];
const TTL_SECONDS = 60;

/** A batch of changes of the zone's record sets. */
export interface RecordChange {
  /** Epoch milliseconds: when it was asked for, and from when on every server answers with it. */
  readonly at: number;
  readonly insyncAt: number;
  readonly changeId: string;
  readonly comment?: string;
  /** All of the zone's sets afterwards. */
  readonly records: readonly DnsRecord[];
}

export interface HealthCheck {
  readonly id: string;
  /** `HTTPS`, `RECOVERY_CONTROL`, … */
  readonly type: string;
  readonly disabled: boolean;
  readonly inverted: boolean;
  /** 10 or 30. */
  readonly intervalSeconds: number;
  /** `name`: the API through its public name. `object`: the switch object, by HTTPS. */
  readonly watches:
    | { readonly kind: 'name' | 'object' }
    | { readonly kind: 'balancer'; readonly side: Side }
    | { readonly kind: 'control'; readonly arn: string };
}

export interface RoutingControl {
  readonly arn: string;
  /** Serves while it is on. */
  readonly region: string;
  /** Oldest first; the first holds from the beginning. */
  readonly states: readonly { readonly at: number; readonly state: 'on' | 'off' }[];
}

export interface SwitchObject {
  readonly bucket: string;
  readonly key: string;
  /** Oldest first; the first holds from the beginning. */
  readonly states: readonly { readonly at: number; readonly exists: boolean }[];
}

export interface Traffic {
  /** The zone's sets as they were at first, but for its own NS and SOA. */
  readonly records: readonly DnsRecord[];
  /** Oldest first. */
  readonly recordChanges: readonly RecordChange[];
  readonly healthChecks: readonly HealthCheck[];
  readonly controls: readonly RoutingControl[];
  readonly switchObject?: SwitchObject;
}

/** What a scenario says of the zone. */
export interface DnsPlan {
  /** Of the API's record; 60 seconds when absent. */
  readonly ttl?: number | undefined;
}

interface TrafficPlan {
  readonly names: WorldNames;
  /** By side, as DNS knows them. */
  readonly balancers: Readonly<Record<Side, string>>;
  /** Of the check that watches the API, or, with that mechanism, of the one that the failover follows. */
  readonly healthCheckId: string;
  readonly createdAt: number;
  readonly seed: number;
  readonly dns?: DnsPlan;
}

/**
 * The zone as the configured mechanism wants it: one record that leads to the primary region; or failover records that
 * follow two routing controls; or records by which the standby takes over once the switch object is gone.
 */
export function initialTraffic(plan: TrafficPlan): Traffic {
  const { names, healthCheckId, createdAt, seed, balancers } = plan;
  const { traffic, record } = names;
  const ttl = plan.dns?.ttl ?? TTL_SECONDS;
  const api: HealthCheck = {
    id: healthCheckId,
    type: 'HTTPS',
    disabled: false,
    inverted: false,
    intervalSeconds: 30,
    watches: { kind: 'name' },
  };
  const failover = (side: Side, which: 'PRIMARY' | 'SECONDARY'): DnsRecord => ({
    name: record,
    type: 'CNAME',
    ttl,
    values: [balancers[side]],
    setIdentifier: names[side].region,
    failover: which,
  });
  switch (traffic.mechanism) {
    case 'records':
      return {
        records: [{ name: record, type: 'CNAME', ttl, values: [balancers.primary] }],
        recordChanges: [],
        healthChecks: [api],
        controls: [],
      };
    case 'routing-control': {
      const sides = (['primary', 'recovery'] as const).map((side) => ({
        side,
        arn: traffic.controls[names[side].region] ?? '',
        id: checkId(seed, side),
      }));
      return {
        records: sides.map(({ side, id }) => ({
          ...failover(side, side === 'primary' ? 'PRIMARY' : 'SECONDARY'),
          healthCheckId: id,
        })),
        recordChanges: [],
        healthChecks: [
          api,
          ...sides.map(({ arn, id }): HealthCheck => ({
            ...api,
            id,
            type: 'RECOVERY_CONTROL',
            watches: { kind: 'control', arn },
          })),
        ],
        controls: sides.map(({ side, arn }) => ({
          arn,
          region: names[side].region,
          states: [{ at: createdAt, state: side === 'primary' ? 'on' : 'off' }],
        })),
      };
    }
    case 'health-check':
      return {
        // The standby's set comes first: its inverted check holds it back for as long as the object is there. As an
        // alias it follows its balancer's health too, lest a dead standby, whose object nobody sees, takes over.
        records: (['recovery', 'primary'] as const).map((side): DnsRecord => ({
          name: record,
          type: 'A',
          values: [],
          alias: {
            dnsName: balancers[side],
            hostedZoneId: balancerZone(names[side].region),
            evaluateTargetHealth: side === 'recovery',
          },
          setIdentifier: names[side].region,
          failover: side === 'recovery' ? 'PRIMARY' : 'SECONDARY',
          ...(side === 'recovery' && { healthCheckId }),
        })),
        recordChanges: [],
        healthChecks: [{ ...api, inverted: true, intervalSeconds: 10, watches: { kind: 'object' } }],
        controls: [],
        switchObject: {
          bucket: traffic.switchObject.bucket,
          key: traffic.switchObject.key,
          states: [{ at: createdAt, exists: true }],
        },
      };
  }
}

/** A version 4 UUID, by form. */
function checkId(seed: number, key: string): string {
  const hex = [0, 1, 2, 3].map((part) => hexNoise(seed, 'health-check', key, part)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The zone's sets as its API tells them at `at`: a change is told before every server answers with it. */
export function recordsAt({ records, recordChanges }: Traffic, at: number): readonly DnsRecord[] {
  return recordChanges.findLast((each) => each.at <= at)?.records ?? records;
}

/** The zone's sets as its servers answer with them at `at`. */
export function servedRecordsAt({ records, recordChanges }: Traffic, at: number): readonly DnsRecord[] {
  return recordChanges.findLast((each) => each.insyncAt <= at)?.records ?? records;
}

export function controlStateAt({ states }: RoutingControl, at: number): 'on' | 'off' {
  return (states.findLast((each) => each.at <= at) ?? states[0])?.state ?? 'off';
}

/** Whether the switch object is there; false where there is none to be. */
export function switchObjectAt({ switchObject }: Traffic, at: number): boolean {
  if (switchObject === undefined) return false;
  const { states } = switchObject;
  return (states.findLast((each) => each.at <= at) ?? states[0])?.exists ?? false;
}

/** The zone has other sets from `at` on: at once by its API, some time later by its servers. */
export function withRecords(
  world: WorldInventory & Chance,
  records: readonly DnsRecord[],
  at: number,
  comment?: string,
): WorldInventory {
  const { recordChanges } = world.traffic;
  const count = recordChanges.length;
  const id = (part: number) => hexNoise(world.seed, 'record-change', count, at, part);
  const change: RecordChange = {
    at,
    insyncAt: Math.max(
      at + Math.round(drawn(world, INSYNC_MS, 'insync', count, at)),
      recordChanges.at(-1)?.insyncAt ?? 0,
    ),
    changeId: `C0${id(0)}${id(1)}${id(2).slice(0, 3)}`.toUpperCase(),
    ...(comment !== undefined && { comment }),
    records,
  };
  return { ...world, traffic: { ...world.traffic, recordChanges: [...recordChanges, change] } };
}

/** Routing controls, by their ARNs, are thrown at `at`, all at once. */
export function withControls(
  world: WorldInventory,
  states: ReadonlyMap<string, 'on' | 'off'>,
  at: number,
): WorldInventory {
  const controls = world.traffic.controls.map((control): RoutingControl => {
    const state = states.get(control.arn);
    return state === undefined ? control : { ...control, states: [...control.states, { at, state }] };
  });
  return { ...world, traffic: { ...world.traffic, controls } };
}

/** The switch object is put, or deleted, at `at`. */
export function withSwitchObject(world: WorldInventory, exists: boolean, at: number): WorldInventory {
  const { switchObject } = world.traffic;
  if (switchObject === undefined) return world;
  const states = [...switchObject.states, { at, exists }];
  return { ...world, traffic: { ...world.traffic, switchObject: { ...switchObject, states } } };
}
