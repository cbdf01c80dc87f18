/**
 * Moving traffic to another region: by the record, by routing controls, or by the object that a health check watches. Told,
 * looked up, made and waited for here.
 * Source: Route 53 Developer Guide, "Values that are common for all routing policies"; Application Recovery Controller
 * Developer Guide, "Routing control"; "Creating Disaster Recovery Mechanisms Using Amazon Route 53" (AWS Networking Blog).
 */
import { isSame } from '../equal.ts';
import type { DnsRecord, LoadBalancerState } from '../../cloud/recovery-facts.ts';
import type { TrafficSwitch } from '../../cloud/stack.ts';
import type { Change, Look } from '../../engine/change.ts';
import type { PlainRecord } from '../../engine/plain.ts';
import type { ActContext, ObserveContext, Polled } from '../../engine/step.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from '../kit.ts';

type Looking = ObserveContext<RunbookPorts, RunbookSettings>;
type Doing = ActContext<ActPorts, RunbookSettings>;
type States = { readonly [control: string]: 'on' | 'off' };

/** `stays`: true where it is not put back, whatever becomes of the run. */
export type TrafficInput = { readonly stays?: boolean } & (
  | {
      readonly kind: 'records';
      readonly hostedZoneId: string;
      readonly record: string;
      readonly before: readonly DnsRecord[];
      readonly after: readonly DnsRecord[];
    }
  | {
      readonly kind: 'controls';
      readonly endpoints: readonly { readonly region: string; readonly url: string }[];
      readonly before: States;
      readonly after: States;
    }
  | {
      readonly kind: 'object';
      readonly object: { readonly region: string; readonly bucket: string; readonly key: string };
      /** Whether it is to be there. */
      readonly exists: boolean;
    }
);

export const trafficOperations: readonly string[] = [
  'route53:ChangeResourceRecordSets',
  'route53-recovery-cluster:UpdateRoutingControlStates',
  's3:PutObject',
  's3:DeleteObject',
];

/** Route 53 answers for an alias with a TTL of 60 s (Route 53 Developer Guide, "Choosing between alias and non-alias records"). */
const aliasTtlSeconds = 60;

export type TrafficPlan =
  | { readonly change: Change<TrafficInput>; readonly ttlMs: number }
  /** Nothing has to be done, or it is done by itself. */
  | { readonly done: string; readonly ttlMs: number }
  | { readonly reason: string };

interface Place {
  readonly region: string;
  readonly balancer: LoadBalancerState | undefined;
}

/** What moves traffic to `to`; `found` and `states` are how the records and the switches stand. */
export function planTraffic(
  traffic: TrafficSwitch,
  to: Place,
  found: readonly DnsRecord[] | undefined,
  states: States | undefined,
): TrafficPlan {
  const ttlMs = longestTtlMs(found ?? []);
  switch (traffic.mechanism) {
    case 'records':
      return found === undefined
        ? {
            reason: `the record ${traffic.record} cannot be read, so it cannot be changed: Route 53\u2019s API is in us-east-1`,
          }
        : planRecords(traffic, to, found, ttlMs);
    case 'routing-control':
      return planControls(traffic, to, states, ttlMs);
    case 'health-check': {
      const exists = to.region !== traffic.switchObject.region;
      if (states === undefined) return { reason: `the object ${traffic.switchObject.key} cannot be looked at` };
      if ((states['object'] === 'on') === exists) return { done: `traffic is switched to ${to.region} already`, ttlMs };
      return { change: objectChange(traffic.switchObject, exists, to.region), ttlMs };
    }
  }
}

export function longestTtlMs(found: readonly DnsRecord[]): number {
  return Math.max(aliasTtlSeconds, ...found.map(({ ttl }) => ttl ?? aliasTtlSeconds)) * 1000;
}

const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '');

/** Whether a record leads to a balancer. */
export function leadsTo({ values, alias }: DnsRecord, { dnsName }: LoadBalancerState): boolean {
  return [...values, ...(alias === undefined ? [] : [alias.dnsName])].some((each) => bare(each) === bare(dnsName));
}

function planRecords(
  { hostedZoneId, record }: TrafficSwitch,
  { region, balancer }: Place,
  found: readonly DnsRecord[],
  ttlMs: number,
): TrafficPlan {
  if (balancer === undefined) return { reason: `the load balancer in ${region} is not known (api.recovery)` };
  if (found.length === 0) return { reason: `there is no record ${record} in zone ${hostedZoneId}` };
  if (found.some(({ failover }) => failover !== undefined)) {
    return { done: `${record} is a failover record: Route 53 moves it by its health check`, ttlMs };
  }
  const change = (after: readonly DnsRecord[], what: string): TrafficPlan =>
    isSame(found, after)
      ? { done: `${record} leads to ${region} already`, ttlMs }
      : { change: recordsChange({ kind: 'records', hostedZoneId, record, before: found, after }, what), ttlMs };
  if (found.every(({ weight }) => weight !== undefined)) {
    if (!found.some((each) => leadsTo(each, balancer))) {
      return { reason: `none of the weighted records of ${record} leads to ${balancer.dnsName}` };
    }
    const most = Math.max(1, ...found.map(({ weight = 0 }) => weight));
    return change(
      found.map((each) => ({ ...each, weight: leadsTo(each, balancer) ? most : 0 })),
      `all weight to ${region}`,
    );
  }
  if (found.some(({ setIdentifier }) => setIdentifier !== undefined)) {
    return { reason: `${record} is routed by latency, place or the like, which nanoops does not change` };
  }
  const after = found.map((each): DnsRecord => {
    if (leadsTo(each, balancer)) return each;
    if (each.alias === undefined) return { ...each, values: [balancer.dnsName] };
    const prefix = each.alias.dnsName.startsWith('dualstack.') ? 'dualstack.' : '';
    return {
      ...each,
      alias: { ...each.alias, dnsName: `${prefix}${balancer.dnsName}`, hostedZoneId: balancer.hostedZoneId },
    };
  });
  const fixed = found.find(({ type, alias }) => alias === undefined && type !== 'CNAME');
  if (fixed !== undefined)
    return { reason: `${record} holds addresses (${fixed.type}), not a load balancer\u2019s name` };
  return change(after, `${record} leads to ${balancer.dnsName}`);
}

function planControls(
  traffic: Extract<TrafficSwitch, { mechanism: 'routing-control' }>,
  to: Place,
  states: States | undefined,
  ttlMs: number,
): TrafficPlan {
  if (states === undefined) return { reason: 'no endpoint of the routing controls answers' };
  const wanted = Object.fromEntries(
    Object.entries(traffic.controls).map(([region, arn]) => [
      arn,
      region === to.region ? ('on' as const) : ('off' as const),
    ]),
  );
  if (isSame(pick(states, wanted), wanted)) return { done: `the controls are on ${to.region} already`, ttlMs };
  const { endpoints } = traffic;
  return {
    change: controlsChange({ kind: 'controls', endpoints, before: pick(states, wanted), after: wanted }, to.region),
    ttlMs,
  };
}

function pick(states: States, wanted: States): States {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, states[name] ?? 'off']));
}

function recordsChange(input: Extract<TrafficInput, { kind: 'records' }>, summary: string): Change<TrafficInput> {
  return {
    operation: 'route53:ChangeResourceRecordSets',
    region: 'us-east-1',
    resource: input.record,
    summary,
    before: { records: input.before.map(recordText).join('; ') },
    after: { records: input.after.map(recordText).join('; ') },
    risk: 'reversible',
    blastRadius: 'everybody who uses the name, as their caches run out',
    input,
  };
}

function controlsChange(input: Extract<TrafficInput, { kind: 'controls' }>, region: string): Change<TrafficInput> {
  const named = (states: States): PlainRecord =>
    Object.fromEntries(Object.entries(states).map(([arn, state]) => [arn.split('/').at(-1) ?? arn, state]));
  return {
    operation: 'route53-recovery-cluster:UpdateRoutingControlStates',
    region: input.endpoints[0]?.region ?? region,
    resource: Object.keys(input.after)
      .map((arn) => arn.split('/').at(-1) ?? arn)
      .join(', '),
    summary: `routing controls to ${region}`,
    before: named(input.before),
    after: named(input.after),
    risk: 'reversible',
    blastRadius: 'everybody who uses the name, as their caches run out',
    input,
  };
}

function objectChange(
  object: { readonly region: string; readonly bucket: string; readonly key: string },
  exists: boolean,
  region: string,
): Change<TrafficInput> {
  const { bucket, key } = object;
  return {
    operation: exists ? 's3:PutObject' : 's3:DeleteObject',
    region: object.region,
    resource: `${bucket}/${key}`,
    identity: `s3:${bucket}/${key}`,
    summary: `${exists ? 'put' : 'delete'} the object that keeps traffic away from ${object.region}, so that ${region} serves`,
    before: { exists: !exists },
    after: { exists },
    risk: 'reversible',
    blastRadius: 'everybody who uses the name, once the health check has seen it',
    input: { kind: 'object', object: { region: object.region, bucket, key }, exists },
  };
}

function recordText({ type, values, alias, ttl, weight, setIdentifier }: DnsRecord): string {
  return [
    type,
    alias?.dnsName ?? values.join(', '),
    ...(ttl === undefined ? [] : [`TTL ${ttl} s`]),
    ...(weight === undefined ? [] : [`weight ${weight}`]),
    ...(setIdentifier === undefined ? [] : [setIdentifier]),
  ].join(' ');
}

export function reverseTraffic({ input, summary }: Change<TrafficInput>): Change<TrafficInput> | undefined {
  // Back to a region that is gone would be worse.
  if (input.stays === true) return undefined;
  switch (input.kind) {
    case 'records':
      return recordsChange({ ...input, before: input.after, after: input.before }, `as it was before: ${summary}`);
    case 'controls':
      return controlsChange({ ...input, before: input.after, after: input.before }, 'where they were');
    case 'object':
      return objectChange(input.object, !input.exists, 'the region that served before');
  }
}

export async function lookAtTraffic({ input }: Change<TrafficInput>, { ports }: Looking): Promise<Look> {
  switch (input.kind) {
    case 'records': {
      const found = await ports.facts.records(input);
      const detail = found.map(recordText).join('; ') || 'there is no record';
      if (isSame(inOrder(found), inOrder(input.after))) return { state: 'done', detail };
      return { state: isSame(inOrder(found), inOrder(input.before)) ? 'not-started' : 'drifted', detail };
    }
    case 'controls': {
      const states = pick(await ports.facts.routingControls(input.endpoints, Object.keys(input.after)), input.after);
      const detail = Object.entries(states)
        .map(([arn, state]) => `${arn.split('/').at(-1) ?? arn} ${state}`)
        .join(', ');
      if (isSame(states, input.after)) return { state: 'done', detail };
      return { state: isSame(states, input.before) ? 'not-started' : 'drifted', detail };
    }
    case 'object': {
      const exists = await ports.facts.objectExists(input.object);
      const detail = `${input.object.bucket}/${input.object.key} is ${exists ? 'there' : 'not there'}`;
      return { state: exists === input.exists ? 'done' : 'not-started', detail };
    }
  }
}

function inOrder(found: readonly DnsRecord[]): readonly DnsRecord[] {
  const key = ({ name, type, setIdentifier = '' }: DnsRecord): string => `${name} ${type} ${setIdentifier}`;
  return found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export async function applyTraffic(
  { input }: Change<TrafficInput>,
  { ports }: Doing,
): Promise<{ readonly changeId: string } | undefined> {
  switch (input.kind) {
    case 'records':
      return ports.changes.replaceRecords(input, input.before, input.after);
    case 'controls':
      await ports.changes.setRoutingControls(input.endpoints, input.after);
      return undefined;
    case 'object':
      await (input.exists ? ports.changes.putObject(input.object) : ports.changes.deleteObject(input.object));
      return undefined;
  }
}

/** Route 53 usually has a change on all its servers within this (Route 53 API Reference, GetChange). */
const usuallyInsyncMs = 60_000;

/**
 * Until Route 53 answers everywhere with what was asked for. Where the change's id was lost with its answer, what the API
 * holds is all that can be seen, and the usual time is waited out.
 */
export async function pollTraffic(
  change: Change<TrafficInput>,
  done: { readonly receipt?: PlainRecord | undefined; readonly at: number },
  context: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const seen = await lookAtTraffic(change, context);
  // Route 53's API tells at once what it was told; another endpoint of the controls may come to know it later.
  if (seen.state === 'drifted' || (seen.state === 'not-started' && change.input.kind === 'records')) {
    return { state: 'failed', detail: `somebody else changed it: ${seen.detail}` };
  }
  const at = context.clock.now();
  if (seen.state !== 'done') return { state: 'waiting', detail: seen.detail };
  if (change.input.kind !== 'records') return { state: 'reached', output: { at }, detail: seen.detail };
  const { changeId } = done.receipt ?? {};
  if (typeof changeId !== 'string') {
    return at >= done.at + usuallyInsyncMs
      ? { state: 'reached', output: { at }, detail: `${seen.detail}, for a minute` }
      : { state: 'waiting', detail: `${seen.detail}; Route 53 usually has it everywhere within a minute` };
  }
  const state = await context.ports.facts.recordChangeState(changeId);
  return state === 'insync'
    ? { state: 'reached', output: { at }, detail: `${seen.detail} (INSYNC)` }
    : { state: 'waiting', detail: `${seen.detail} (PENDING)` };
}
