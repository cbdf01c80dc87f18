/** Simulated Amazon Route 53: the zone, its records and the health check of the API. Amazon Route 53 API Reference. */
import {
  GetHealthCheckStatus$,
  GetHostedZone$,
  ListHealthChecks$,
  ListHostedZones$,
  ListResourceRecordSets$,
  type GetHealthCheckStatusRequest,
  type GetHealthCheckStatusResponse,
  type GetHostedZoneRequest,
  type GetHostedZoneResponse,
  type HealthCheckRegion,
  type ListHealthChecksRequest,
  type ListHealthChecksResponse,
  type ListHostedZonesRequest,
  type ListHostedZonesResponse,
  type ListResourceRecordSetsRequest,
  type ListResourceRecordSetsResponse,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { servingTasks } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation } from './operation.ts';

const NAME_SERVERS = [
  'ns-113.awsdns-14.com',
  'ns-1187.awsdns-20.org',
  'ns-1702.awsdns-20.co.uk',
  'ns-722.awsdns-26.net',
];
const CHECKERS: readonly HealthCheckRegion[] = ['us-east-1', 'eu-west-1', 'ap-southeast-1'];

export function route53Service(world: World): SimulatedService {
  const { names, healthCheckId } = world.inventory;
  const zoneName = `${names.record.split('.').slice(1).join('.')}.`;
  const zone = () => ({
    Id: `/hostedzone/${names.hostedZoneId}`,
    Name: zoneName,
    CallerReference: `${names.service}-zone`,
    Config: { PrivateZone: false },
    ResourceRecordSetCount: recordsOf(world, zoneName).length,
  });
  const zoneOrFault = (id: string | undefined) => {
    if (id?.replace(/^\/hostedzone\//, '') === names.hostedZoneId) return zone();
    throw new ServiceFault('NoSuchHostedZone', `No hosted zone found with ID: ${id ?? ''}`, 404);
  };
  return {
    service: 'route53',
    signingName: 'route53',
    protocol: 'rest-xml',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
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
        return listRecords(recordsOf(world, zoneName), input);
      }),
      operation<ListHealthChecksRequest, ListHealthChecksResponse>(ListHealthChecks$, (input) => ({
        HealthChecks: [
          {
            Id: healthCheckId,
            CallerReference: `${names.service}-health`,
            HealthCheckConfig: {
              Type: 'HTTPS',
              FullyQualifiedDomainName: names.record,
              Port: 443,
              ResourcePath: '/healthz',
              RequestInterval: 30,
              FailureThreshold: 3,
              MeasureLatency: false,
              Inverted: false,
              Disabled: false,
              EnableSNI: true,
            },
            HealthCheckVersion: 1,
          },
        ],
        Marker: input.Marker ?? '',
        IsTruncated: false,
        MaxItems: input.MaxItems ?? 100,
      })),
      operation<GetHealthCheckStatusRequest, GetHealthCheckStatusResponse>(GetHealthCheckStatus$, (input) => {
        if (input.HealthCheckId !== healthCheckId) {
          throw new ServiceFault(
            'NoSuchHealthCheck',
            `A health check with id ${input.HealthCheckId ?? ''} does not exist.`,
            404,
          );
        }
        const now = world.now();
        const alive = servingTasks(world.inventory.primary, now).length > 0;
        return {
          HealthCheckObservations: CHECKERS.map((Region, index) => ({
            Region,
            IPAddress: `15.177.${index}.12`,
            StatusReport: {
              Status: alive ? 'Success: HTTP Status Code 200, OK' : 'Failure: Connection timed out.',
              CheckedTime: new Date(now - 5_000 - index * 7_000),
            },
          })),
        };
      }),
    ],
  };
}

/** In Route 53's order: by the name's labels from the right, then by type. */
function recordsOf(world: World, zoneName: string): readonly ResourceRecordSet[] {
  const { names, primary } = world.inventory;
  const text = (values: readonly string[]) => values.map((Value) => ({ Value }));
  return [
    { Name: zoneName, Type: 'NS', TTL: 172_800, ResourceRecords: text(NAME_SERVERS.map((server) => `${server}.`)) },
    {
      Name: zoneName,
      Type: 'SOA',
      TTL: 900,
      ResourceRecords: text([`${NAME_SERVERS[0] ?? ''}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`]),
    },
    { Name: `${names.record}.`, Type: 'CNAME', TTL: 60, ResourceRecords: text([primary.balancerDnsName]) },
  ];
}

function listRecords(
  all: readonly ResourceRecordSet[],
  input: ListResourceRecordSetsRequest,
): ListResourceRecordSetsResponse {
  const reversed = (name: string) => name.replace(/\.?$/, '').split('.').toReversed().join('.');
  const key = (name: string, type: string) => `${reversed(name)}\n${type}`;
  const from = input.StartRecordName === undefined ? '' : key(input.StartRecordName, input.StartRecordType ?? '');
  const after = all.filter((record) => key(record.Name ?? '', record.Type ?? '') >= from);
  const size = Math.min(input.MaxItems ?? 300, 300);
  const next = after[size];
  return {
    ResourceRecordSets: after.slice(0, size),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next !== undefined && { NextRecordName: next.Name, NextRecordType: next.Type }),
  };
}
