/**
 * Record sets in Route 53's shapes, and what a batch of changes does to them: all of it or nothing, refused in
 * Route 53's words (ChangeResourceRecordSets, Amazon Route 53 API Reference).
 */
import {
  InvalidChangeBatch$,
  type Change,
  type ChangeBatch,
  type ChangeInfo,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { DnsRecord } from '../../cloud/recovery-facts.ts';
import { recordsAt, withRecords, type RecordChange } from '../world/traffic-state.ts';
import type { World } from '../world/world.ts';
import { ServiceFault } from '../wire/service.ts';

/** In Route 53's order: by the name's labels from the right, then by type, then by identifier. */
export function sortedSets(records: readonly DnsRecord[]): readonly ResourceRecordSet[] {
  const key = ({ name, type, setIdentifier = '' }: DnsRecord) =>
    [name.split('.').toReversed().join('.'), type, setIdentifier].join('\n');
  return records.toSorted((one, other) => (key(one) < key(other) ? -1 : 1)).map((record) => setOf(record));
}

function setOf(record: DnsRecord): ResourceRecordSet {
  const { alias, failover, ttl, weight, healthCheckId, setIdentifier, region } = record;
  return {
    Name: `${record.name}.`,
    // Whatever was written into the zone is of a type that Route 53 knows, and so of the others.
    Type: record.type as ResourceRecordSet['Type'],
    ...(setIdentifier !== undefined && { SetIdentifier: setIdentifier }),
    ...(weight !== undefined && { Weight: weight }),
    ...(region !== undefined && { Region: region as ResourceRecordSet['Region'] }),
    ...(failover !== undefined && { Failover: failover as ResourceRecordSet['Failover'] }),
    ...(ttl !== undefined && { TTL: ttl }),
    ...(alias === undefined && { ResourceRecords: record.values.map((Value) => ({ Value })) }),
    ...(alias !== undefined && {
      AliasTarget: {
        HostedZoneId: alias.hostedZoneId,
        DNSName: `${alias.dnsName}.`,
        EvaluateTargetHealth: alias.evaluateTargetHealth,
      },
    }),
    ...(healthCheckId !== undefined && { HealthCheckId: healthCheckId }),
  };
}

function recordOf(set: ResourceRecordSet): DnsRecord {
  const bare = (name: string) => name.toLowerCase().replace(/\.$/, '');
  const { AliasTarget: alias } = set;
  return {
    name: bare(set.Name ?? ''),
    type: set.Type ?? '',
    ...(set.TTL !== undefined && { ttl: set.TTL }),
    values: (set.ResourceRecords ?? []).map(({ Value = '' }) => Value),
    ...(alias !== undefined && {
      alias: {
        dnsName: bare(alias.DNSName ?? ''),
        hostedZoneId: alias.HostedZoneId ?? '',
        evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
      },
    }),
    ...(set.SetIdentifier !== undefined && { setIdentifier: set.SetIdentifier }),
    ...(set.Weight !== undefined && { weight: set.Weight }),
    ...(set.Failover !== undefined && { failover: set.Failover }),
    ...(set.Region !== undefined && { region: set.Region }),
    ...(set.HealthCheckId !== undefined && { healthCheckId: set.HealthCheckId }),
  };
}

/** Carries a batch out, or refuses all of it. */
export function changeRecords(world: World, zoneName: string, batch: ChangeBatch | undefined): ChangeInfo {
  const changes = batch?.Changes ?? [];
  const now = world.now();
  const refused: string[] = [];
  let records = recordsAt(world.inventory.traffic, now);
  for (const change of changes) {
    const outcome = changed(world, records, zoneName, change);
    if (typeof outcome === 'string') refused.push(outcome);
    else records = outcome;
  }
  if (changes.length === 0) refused.push('The change batch has no changes');
  if (refused.length > 0) throw invalidBatch(refused);
  const { names } = world.inventory;
  world.change(
    {
      operation: 'route53:ChangeResourceRecordSets',
      region: 'us-east-1',
      resource: names.hostedZoneId,
      detail: changes.map((change) => detailOf(change)).join('; '),
    },
    (inventory) => withRecords(inventory, records, now, batch?.Comment),
  );
  return infoOf(newest(world), now);
}

function newest(world: World): RecordChange {
  const change = world.inventory.traffic.recordChanges.at(-1);
  if (change === undefined) throw new TypeError('a change of records left no trace');
  return change;
}

export function changeInfoOf(world: World, id: string): ChangeInfo {
  const bare = id.replace(/^\/change\//, '');
  const change = world.inventory.traffic.recordChanges.find((each) => each.changeId === bare);
  if (change === undefined) throw new ServiceFault('NoSuchChange', `Could not find resource with ID: ${bare}`, 404);
  return infoOf(change, world.now());
}

function infoOf({ at, insyncAt, changeId, comment }: RecordChange, now: number): ChangeInfo {
  return {
    Id: `/change/${changeId}`,
    Status: now < insyncAt ? 'PENDING' : 'INSYNC',
    SubmittedAt: new Date(at),
    ...(comment !== undefined && { Comment: comment }),
  };
}

function invalidBatch(messages: readonly string[]): ServiceFault {
  return new ServiceFault('InvalidChangeBatch', `[${messages.join(', ')}]`, 400, {
    schema: InvalidChangeBatch$,
    members: { messages },
  });
}

/** For the world's record of calls: what was set, in short. */
function detailOf({ Action, ResourceRecordSet: set }: Change): string {
  const record = recordOf(set ?? { Name: '', Type: 'A' });
  const target = record.alias?.dnsName ?? record.values.join(' ');
  const weight = record.weight === undefined ? '' : ` weight ${record.weight}`;
  const id = record.setIdentifier === undefined ? '' : ` ${record.setIdentifier}`;
  return `${Action ?? ''} ${record.name} ${record.type}${id}${weight} ${target}`;
}

/** The zone's records after one change, or why it is refused. */
function changed(
  world: World,
  records: readonly DnsRecord[],
  zoneName: string,
  { Action, ResourceRecordSet: set }: Change,
): readonly DnsRecord[] | string {
  const record = recordOf(set ?? { Name: '', Type: 'A' });
  const { name, type, setIdentifier } = record;
  const id = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`;
  const called = `resource record set [name='${name}.', type='${type}'${id}]`;
  const known = records.find((each) => isSame(each, record));
  if (Action === 'DELETE') {
    if (known === undefined) return `Tried to delete ${called} but it was not found`;
    if (!isEqual(known, record)) {
      return `Tried to delete ${called} but the values provided do not match the current values`;
    }
    return records.filter((each) => each !== known);
  }
  if (Action === 'CREATE' && known !== undefined) return `Tried to create ${called} but it already exists`;
  const problem = problemOf(world, records, zoneName, record);
  if (problem !== undefined) return problem;
  return known === undefined ? [...records, record] : records.map((each) => (each === known ? record : each));
}

function problemOf(
  world: World,
  records: readonly DnsRecord[],
  zoneName: string,
  record: DnsRecord,
): string | undefined {
  const { name, type, alias, setIdentifier } = record;
  const zone = zoneName.replace(/\.$/, '');
  if (name !== zone && !name.endsWith(`.${zone}`)) {
    return `RRSet with DNS name ${name}. is not permitted in zone ${zoneName}`;
  }
  const named = records.filter((each) => each.name === name && !isSame(each, record));
  const mixes = named.some((each) => (each.type === 'CNAME') !== (type === 'CNAME'));
  if ((type === 'CNAME' && name === zone) || mixes) {
    return `RRSet of type ${type} with DNS name ${name}. is not permitted as it conflicts with other records with the same DNS name in zone ${zoneName}`;
  }
  const alike = named.filter((each) => each.type === type);
  if (alike.some((each) => policyOf(each) !== policyOf(record))) {
    return `RRSet with DNS name ${name}., type ${type}, SetIdentifier ${setIdentifier ?? 'null'} cannot be created because a non multivalue answer rrset exists with the same name and type.`;
  }
  if (alias === undefined && (record.values.length === 0 || record.ttl === undefined)) {
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=…, Name=${name}., Type=${type}, SetIdentifier=${setIdentifier ?? 'null'}]`;
  }
  const { healthChecks } = world.inventory.traffic;
  if (record.healthCheckId !== undefined && healthChecks.every((each) => each.id !== record.healthCheckId)) {
    return `Health check not found: ${record.healthCheckId}`;
  }
  return undefined;
}

/** One set takes the place of another where name, type and identifier are the same. */
function isSame(one: DnsRecord, other: DnsRecord): boolean {
  return one.name === other.name && one.type === other.type && one.setIdentifier === other.setIdentifier;
}

function isEqual(one: DnsRecord, other: DnsRecord): boolean {
  const text = (record: DnsRecord) => JSON.stringify(setOf({ ...record, values: record.values.toSorted() }));
  return text(one) === text(other);
}

function policyOf({ failover, weight, region, setIdentifier }: DnsRecord): string {
  if (failover !== undefined) return 'failover';
  if (weight !== undefined) return 'weighted';
  if (region !== undefined) return 'latency';
  return setIdentifier === undefined ? 'simple' : 'other';
}
