/** Simulated Amazon Route 53: the zone, its records and health checks. Amazon Route 53 API Reference. */
import {
  ChangeResourceRecordSets$,
  GetChange$,
  GetHealthCheck$,
  GetHealthCheckStatus$,
  GetHostedZone$,
  ListHealthChecks$,
  ListHostedZones$,
  ListResourceRecordSets$,
  type ChangeResourceRecordSetsRequest,
  type ChangeResourceRecordSetsResponse,
  type GetChangeRequest,
  type GetChangeResponse,
  type GetHealthCheckRequest,
  type GetHealthCheckResponse,
  type GetHealthCheckStatusRequest,
  type GetHealthCheckStatusResponse,
  type GetHostedZoneRequest,
  type GetHostedZoneResponse,
  type ListHealthChecksRequest,
  type ListHealthChecksResponse,
  type ListHostedZonesRequest,
  type ListHostedZonesResponse,
  type ListResourceRecordSetsRequest,
  type ListResourceRecordSetsResponse,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { throttlingOf } from '../gate.ts';
import { recordsAt } from '../world/traffic-state.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedOperation, type SimulatedService } from '../wire/service.ts';
import { operation } from './operation.ts';
import { changeInfoOf, changeRecords, sortedSets } from './route53-changes.ts';
import { healthCheckOf, observationsOf } from './route53-health.ts';

const NAME_SERVERS = [
  'ns-113.awsdns-14.com',
  'ns-1187.awsdns-20.org',
  'ns-1702.awsdns-20.co.uk',
  'ns-722.awsdns-26.net',
];
/** For an account, all operations together (Route 53 Developer Guide, "Quotas"). */
const MOST_REQUESTS_A_SECOND = 5;
const SECOND_MS = 1_000;

export function route53Service(world: World): SimulatedService {
  const { names } = world.inventory;
  const zoneName = `${names.record.split('.').slice(1).join('.')}.`;
  const sets = () => setsOf(world, zoneName);
  const zone = () => ({
    Id: `/hostedzone/${names.hostedZoneId}`,
    Name: zoneName,
    CallerReference: `${names.service}-zone`,
    Config: { PrivateZone: false },
    ResourceRecordSetCount: sets().length,
  });
  const zoneOrFault = (id: string | undefined) => {
    if (id?.replace(/^\/hostedzone\//, '') === names.hostedZoneId) return zone();
    throw new ServiceFault('NoSuchHostedZone', `No hosted zone found with ID: ${id ?? ''}`, 404);
  };
  const checkOrFault = (id: string | undefined) => {
    const found = world.inventory.traffic.healthChecks.find((each) => each.id === id);
    if (found !== undefined) return found;
    throw new ServiceFault('NoSuchHealthCheck', `A health check with id ${id ?? ''} does not exist.`, 404);
  };
  /** When the account's newest requests came. */
  const came: number[] = [];
  const admit = (): void => {
    const now = world.now();
    while ((came[0] ?? Infinity) <= now - SECOND_MS) came.shift();
    if (came.length >= MOST_REQUESTS_A_SECOND) throw throttlingOf('route53');
    came.push(now);
  };
  const admitted = (each: SimulatedOperation): SimulatedOperation => ({
    schema: each.schema,
    handle(input, call) {
      admit();
      return each.handle(input, call);
    },
  });
  return {
    service: 'route53',
    signingName: 'route53',
    protocol: 'rest-xml',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
    homeRegion: 'us-east-1',
    operations: [
      operation<ListHostedZonesRequest, ListHostedZonesResponse>(ListHostedZones$, (input) => ({
        HostedZones: [zone()],
        Marker: input.Marker,
        IsTruncated: false,
        MaxItems: input.MaxItems ?? 100,
      })),
      operation<GetHostedZoneRequest, GetHostedZoneResponse>(GetHostedZone$, (input) => ({
        HostedZone: zoneOrFault(input.Id),
        DelegationSet: { NameServers: NAME_SERVERS },
      })),
      operation<ListResourceRecordSetsRequest, ListResourceRecordSetsResponse>(ListResourceRecordSets$, (input) => {
        zoneOrFault(input.HostedZoneId);
        return listRecords(sets(), input);
      }),
      operation<ChangeResourceRecordSetsRequest, ChangeResourceRecordSetsResponse>(
        ChangeResourceRecordSets$,
        (input) => {
          zoneOrFault(input.HostedZoneId);
          return { ChangeInfo: changeRecords(world, zoneName, input.ChangeBatch) };
        },
      ),
      operation<GetChangeRequest, GetChangeResponse>(GetChange$, (input) => ({
        ChangeInfo: changeInfoOf(world, input.Id ?? ''),
      })),
      operation<ListHealthChecksRequest, ListHealthChecksResponse>(ListHealthChecks$, (input) => ({
        HealthChecks: world.inventory.traffic.healthChecks.map((check) => healthCheckOf(world, check)),
        Marker: input.Marker ?? '',
        IsTruncated: false,
        MaxItems: input.MaxItems ?? 100,
      })),
      operation<GetHealthCheckRequest, GetHealthCheckResponse>(GetHealthCheck$, (input) => ({
        HealthCheck: healthCheckOf(world, checkOrFault(input.HealthCheckId)),
      })),
      operation<GetHealthCheckStatusRequest, GetHealthCheckStatusResponse>(GetHealthCheckStatus$, (input) => ({
        HealthCheckObservations: observationsOf(world, checkOrFault(input.HealthCheckId)),
      })),
    ].map((each) => admitted(each)),
  };
}

function setsOf(world: World, zoneName: string): readonly ResourceRecordSet[] {
  const text = (values: readonly string[]) => values.map((Value) => ({ Value }));
  return [
    { Name: zoneName, Type: 'NS', TTL: 172_800, ResourceRecords: text(NAME_SERVERS.map((server) => `${server}.`)) },
    {
      Name: zoneName,
      Type: 'SOA',
      TTL: 900,
      ResourceRecords: text([`${NAME_SERVERS[0] ?? ''}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`]),
    },
    ...sortedSets(recordsAt(world.inventory.traffic, world.now())),
  ];
}

function listRecords(
  all: readonly ResourceRecordSet[],
  input: ListResourceRecordSetsRequest,
): ListResourceRecordSetsResponse {
  const reversed = (name: string) => name.replace(/\.?$/, '').split('.').toReversed().join('.');
  const key = (name: string, type: string, id: string) => `${reversed(name)}\n${type}\n${id}`;
  const keyOf = ({ Name, Type, SetIdentifier }: ResourceRecordSet) => key(Name ?? '', Type ?? '', SetIdentifier ?? '');
  const { StartRecordName, StartRecordType, StartRecordIdentifier } = input;
  const from =
    StartRecordName === undefined ? '' : key(StartRecordName, StartRecordType ?? '', StartRecordIdentifier ?? '');
  const after = all.filter((set) => keyOf(set) >= from);
  const size = Math.min(input.MaxItems ?? 300, 300);
  const next = after[size];
  return {
    ResourceRecordSets: after.slice(0, size),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next !== undefined && {
      NextRecordName: next.Name,
      NextRecordType: next.Type,
      ...(next.SetIdentifier !== undefined && { NextRecordIdentifier: next.SetIdentifier }),
    }),
  };
}
