/**
 * What moves traffic from one region to another: records of Route 53, routing controls, and the object that a health check
 * watches; each one call. Whether it is right to do so is decided above.
 */
import type {
  Change,
  ResourceRecordSet,
  ResourceRecordSetFailover,
  ResourceRecordSetRegion,
  RRType,
} from '@aws-sdk/client-route-53';
import type { DnsRecord } from '../../cloud/recovery-facts.ts';
import type { ObjectRef, RecordRef, RoutingEndpoint } from '../../cloud/stack.ts';
import type { Clients } from '../clients.ts';

/** By what Route 53 tells sets apart (Route 53 API Reference, ResourceRecordSet). */
function identityOf({ name, type, setIdentifier }: DnsRecord): string {
  return JSON.stringify([name, type, setIdentifier]);
}

/** Words come from Route 53 itself or from the plan; it refuses those that it does not know. */
function setFrom(record: DnsRecord): ResourceRecordSet {
  const { alias } = record;
  return {
    Name: `${record.name}.`,
    Type: record.type as RRType,
    SetIdentifier: record.setIdentifier,
    Weight: record.weight,
    Failover: record.failover as ResourceRecordSetFailover | undefined,
    Region: record.region as ResourceRecordSetRegion | undefined,
    TTL: record.ttl,
    HealthCheckId: record.healthCheckId,
    ...(alias === undefined
      ? { ResourceRecords: record.values.map((Value) => ({ Value })) }
      : {
          AliasTarget: {
            DNSName: `${alias.dnsName}.`,
            HostedZoneId: alias.hostedZoneId,
            EvaluateTargetHealth: alias.evaluateTargetHealth,
          },
        }),
  };
}

/**
 * What goes is deleted before what comes is made: sets of one name exclude each other in part, and Route 53 carries a
 * batch out as a whole or not at all.
 */
function changesFrom(before: readonly DnsRecord[], after: readonly DnsRecord[]): Change[] {
  const was = new Set(before.map(identityOf));
  const willBe = new Set(after.map(identityOf));
  const gone = before.filter((record) => !willBe.has(identityOf(record)));
  return [
    ...gone.map((record) => ({ Action: 'DELETE' as const, ResourceRecordSet: setFrom(record) })),
    ...after.map((record) => ({
      // CREATE is refused where somebody made the set meanwhile.
      Action: was.has(identityOf(record)) ? ('UPSERT' as const) : ('CREATE' as const),
      ResourceRecordSet: setFrom(record),
    })),
  ];
}

export async function replaceRecords(
  clients: Clients,
  { hostedZoneId }: RecordRef,
  before: readonly DnsRecord[],
  after: readonly DnsRecord[],
): Promise<{ readonly changeId: string }> {
  const route53 = await clients.route53();
  const ChangeBatch = { Changes: changesFrom(before, after) };
  const changeId = await route53.changeResourceRecordSets({ HostedZoneId: hostedZoneId, ChangeBatch });
  return { changeId };
}

/** All in one request, so that safety rules see them together. Done twice it is as done once. */
export async function setRoutingControls(
  clients: Clients,
  endpoints: readonly RoutingEndpoint[],
  states: Readonly<Record<string, 'on' | 'off'>>,
): Promise<void> {
  const UpdateRoutingControlStateEntries = Object.entries(states).map(([arn, state]) => ({
    RoutingControlArn: arn,
    RoutingControlState: state === 'on' ? ('On' as const) : ('Off' as const),
  }));
  await clients.routingCluster.ask(endpoints, 'UpdateRoutingControlStates', (api) =>
    api.updateRoutingControlStates({ UpdateRoutingControlStateEntries }),
  );
}

export async function putObject(clients: Clients, { region, bucket, key }: ObjectRef): Promise<void> {
  const s3 = await clients.s3(region);
  // Of an empty text the SDK does not know the length, and says so on the screen.
  await s3.putObject({ Bucket: bucket, Key: key, Body: new Uint8Array() });
}

export async function deleteObject(clients: Clients, { region, bucket, key }: ObjectRef): Promise<void> {
  const s3 = await clients.s3(region);
  await s3.deleteObject({ Bucket: bucket, Key: key });
}
