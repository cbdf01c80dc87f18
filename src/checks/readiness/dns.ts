/**
 * Could traffic be moved? The record, its TTL, what moves it and whether that lives through the outage, and the health
 * checks it follows. Pure.
 * Source: Route 53 Developer Guide, "How Route 53 determines the status of health checks" and "… disabled health checks";
 * AWS Fault Isolation Boundaries, "Global services"; Application Recovery Controller Developer Guide, "Best practices".
 */
import type { DnsRecord, LoadBalancerState } from '../../cloud/recovery-facts.ts';
import type { TrafficSwitch } from '../../cloud/stack.ts';
import {
  awsLine,
  breach,
  listed,
  notConfigured,
  ok,
  seenIn,
  unknown,
  unseen,
  warning,
  type Judged,
} from '../judged.ts';
import type { ReadinessSeen, SiteTold } from './seen.ts';

/** Where Route 53's API is; its outage is the API's. */
const controlPlane = 'us-east-1';
const longestTtlSeconds = 60;
/** Route 53 answers for an alias with this. */
const aliasTtlSeconds = 60;
const enoughEndpoints = 2;

const recordsOrigin = { operation: 'route53:ListResourceRecordSets', region: controlPlane };

function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '');
}

function leadsTo({ values, alias }: DnsRecord, { dnsName }: LoadBalancerState): boolean {
  return [...values, ...(alias === undefined ? [] : [alias.dnsName])].some((each) => bare(each) === bare(dnsName));
}

function recordText({ type, values, alias, ttl, weight, failover }: DnsRecord): string {
  return [
    `${type} ${alias?.dnsName ?? values.join(', ')}`,
    ...(ttl === undefined ? [] : [`TTL ${ttl} s`]),
    ...(weight === undefined ? [] : [`weight ${weight}`]),
    ...(failover === undefined ? [] : [failover]),
  ].join(' ');
}

function listRecords(told: SiteTold, { hostedZoneId, record }: TrafficSwitch): string {
  return awsLine(
    told,
    controlPlane,
    ...['route53', 'list-resource-record-sets', '--hosted-zone-id', hostedZoneId, '--start-record-name', record],
  );
}

/** Those that clients are given now: of weighted ones those with weight, of failover ones the first. */
function inUse(records: readonly DnsRecord[]): readonly DnsRecord[] {
  return records.filter(({ weight, failover }) => weight !== 0 && failover !== 'SECONDARY');
}

export function recordFound(seen: ReadinessSeen, told: SiteTold): Judged {
  const { traffic, from, to } = told;
  if (traffic === undefined) return notConfigured('dns is not configured: traffic is moved by hand');
  if (!seen.records.known) return unseen(seen.records, recordsOrigin);
  const records = seen.records.value;
  const nextStep = listRecords(told, traffic);
  if (records.length === 0) {
    const text = `there is no record ${traffic.record} in zone ${traffic.hostedZoneId}`;
    return breach(text, seenIn(recordsOrigin, text), { nextStep });
  }
  const found = records.flatMap((each) => seenIn(recordsOrigin, `${traffic.record} ${recordText(each)}`));
  const live = inUse(records);
  const { oldBalancer, newBalancer } = seen;
  if (newBalancer.known && live.length > 0 && live.every((each) => leadsTo(each, newBalancer.value))) {
    return breach(`${traffic.record} leads to ${to.region} already`, found, {
      nextStep: 'nanoops dr failback --dry-run',
    });
  }
  if (!oldBalancer.known) {
    if (oldBalancer.because === 'skipped') return ok(`${traffic.record} is there`, found);
    return unknown(
      `whether ${traffic.record} leads to ${from.region} is not known: its load balancer is not told`,
      found,
      {
        ...(oldBalancer.nextStep === undefined ? {} : { nextStep: oldBalancer.nextStep }),
      },
    );
  }
  return live.some((each) => leadsTo(each, oldBalancer.value))
    ? ok(`${traffic.record} leads to ${from.region}`, found)
    : warning(`${traffic.record} leads to neither region\u2019s load balancer`, found, { nextStep });
}

export function timeToLive(seen: ReadinessSeen, told: SiteTold): Judged {
  const { traffic } = told;
  if (traffic === undefined) return notConfigured('dns is not configured');
  if (!seen.records.known) return unseen(seen.records, recordsOrigin);
  const records = seen.records.value;
  if (records.length === 0) return unknown('there is no record', seenIn(recordsOrigin, 'none was found'));
  const seconds = Math.max(...records.map((each) => each.ttl ?? aliasTtlSeconds));
  const found = seenIn(recordsOrigin, `${traffic.record}: ${records.map(recordText).join('; ')}`);
  const extras = { target: `\u2264 ${longestTtlSeconds} s`, observed: { value: seconds, unit: 's' } };
  return seconds > longestTtlSeconds
    ? warning(`clients keep an old answer for ${seconds} s`, found, { ...extras, nextStep: listRecords(told, traffic) })
    : ok(`clients keep an old answer for ${seconds} s`, found, extras);
}

export function mechanism(seen: ReadinessSeen, told: SiteTold): Judged {
  const { traffic, from } = told;
  if (traffic === undefined) return notConfigured('dns is not configured: traffic is moved by hand');
  switch (traffic.mechanism) {
    case 'records':
      return from.region === controlPlane
        ? breach(
            `the record is changed by Route 53\u2019s API, which is in ${controlPlane} and dies with it`,
            seenIn(recordsOrigin, 'Route 53\u2019s control plane is in one region; its name servers are everywhere'),
            { nextStep: 'use dns.mechanism: routing-control or health-check in nanoops.yaml' },
          )
        : ok(
            `the record is changed by Route 53\u2019s API, which does not need ${from.region}`,
            seenIn(recordsOrigin, `its API is in ${controlPlane}`),
          );
    case 'routing-control':
      return controls(seen, told, traffic);
    case 'health-check':
      return switchObject(seen, told, traffic);
  }
}

function controls(
  seen: ReadinessSeen,
  { from, to }: SiteTold,
  traffic: Extract<TrafficSwitch, { mechanism: 'routing-control' }>,
): Judged {
  const origin = { operation: 'route53-recovery-cluster:GetRoutingControlState', region: to.region };
  if (!seen.endpoints.known) return unseen(seen.endpoints, origin);
  const asked = seen.endpoints.value.filter(({ region }) => region !== from.region);
  const good = asked.filter(({ answers }) => answers).length;
  const states = seen.switches.known ? seen.switches.value : {};
  const found = [
    ...seen.endpoints.value.flatMap(({ region, detail }) => seenIn({ ...origin, region }, detail)),
    ...Object.entries(states).flatMap(([arn, state]) => seenIn(origin, `${arn.split('/').at(-1) ?? arn} ${state}`)),
  ];
  const text = `${good} of ${asked.length} endpoints outside ${from.region} answer`;
  const nextStep = 'nanoops config show dns';
  const extras = { target: `\u2265 ${enoughEndpoints}`, observed: { value: good, unit: 'count' } };
  if (good === 0) return breach(text, found, { ...extras, nextStep });
  const isOn = (region: string): boolean => states[traffic.controls[region] ?? ''] === 'on';
  if (seen.switches.known && (!isOn(from.region) || isOn(to.region))) {
    const on = Object.keys(traffic.controls).filter(isOn);
    return warning(
      `${on.length === 0 ? 'no control is on' : `on: ${listed(on)}`}; only ${from.region} should be`,
      found,
      {
        ...extras,
        nextStep,
      },
    );
  }
  return good < enoughEndpoints
    ? warning(`${text}: none may fail`, found, { ...extras, nextStep })
    : ok(text, found, extras);
}

function switchObject(
  seen: ReadinessSeen,
  { from, to }: SiteTold,
  traffic: Extract<TrafficSwitch, { mechanism: 'health-check' }>,
): Judged {
  const { region, bucket, key } = traffic.switchObject;
  const origin = { operation: 's3:HeadObject', region };
  if (region === from.region) {
    return breach(`the object that moves traffic is in ${from.region}`, seenIn(origin, `${bucket}/${key}`), {
      nextStep: 'name a bucket of the recovery region: dns.switchObject in nanoops.yaml',
    });
  }
  if (!seen.switches.known) return unseen(seen.switches, origin);
  const isThere = seen.switches.value['object'] === 'on';
  const found = seenIn(origin, `${bucket}/${key} is ${isThere ? 'there' : 'not there'}`);
  return isThere
    ? ok(`${bucket}/${key} keeps traffic in ${from.region} until it is deleted`, found)
    : breach(`${bucket}/${key} is not there: traffic is switched to ${to.region} already`, found, {
        nextStep: 'nanoops dr failback --dry-run',
      });
}

/** What a health check that is disabled counts as: the trap that nobody sees until the day. */
const disabledText = 'is disabled, and Route 53 counts a disabled check as healthy: it moves nothing';

export function healthChecks(seen: ReadinessSeen, told: SiteTold): Judged {
  const { traffic } = told;
  const origin = { operation: 'route53:GetHealthCheck', region: controlPlane };
  if (traffic === undefined) return notConfigured('dns is not configured');
  const records = seen.records.known ? seen.records.value : [];
  const first = records.filter(({ failover }) => failover === 'PRIMARY');
  const isBlind = first.find(
    ({ healthCheckId, alias }) => healthCheckId === undefined && alias?.evaluateTargetHealth !== true,
  );
  if (isBlind !== undefined) {
    return breach(
      `${traffic.record} is a failover record without a health check: it never moves`,
      seenIn(recordsOrigin, recordText(isBlind)),
      { nextStep: listRecords(told, traffic) },
    );
  }
  if (!seen.healthChecks.known) {
    if (seen.healthChecks.because === 'skipped') return notConfigured('the record follows no health check');
    return unseen(seen.healthChecks, origin);
  }
  const all = seen.healthChecks.value;
  if (all.length === 0) {
    return seen.records.known
      ? notConfigured('the record follows no health check')
      : unseen(seen.records, recordsOrigin);
  }
  const found = all.flatMap((each) =>
    seenIn(
      origin,
      `${each.id} ${each.type}${each.inverted ? ', inverted' : ''}${each.disabled ? ', disabled' : ''}: ${each.observations.filter(({ healthy }) => healthy).length} of ${each.observations.length} checkers see it healthy`,
    ),
  );
  const get = (id: string): string =>
    awsLine(told, controlPlane, 'route53', 'get-health-check', '--health-check-id', id);
  const disabled = all.find((each) => each.disabled);
  if (disabled !== undefined) {
    return breach(`health check ${disabled.id} ${disabledText}`, found, {
      nextStep: awsLine(
        told,
        controlPlane,
        ...['route53', 'update-health-check', '--no-disabled', '--health-check-id', disabled.id],
      ),
    });
  }
  const own = traffic.mechanism === 'health-check' ? all.find(({ id }) => id === traffic.healthCheckId) : undefined;
  if (own !== undefined && !own.inverted) {
    return breach(`health check ${own.id} is not inverted: it would move traffic while the object is there`, found, {
      nextStep: get(own.id),
    });
  }
  return ok(`${listed(all.map(({ id }) => id))} ${all.length === 1 ? 'is' : 'are'} on`, found);
}
