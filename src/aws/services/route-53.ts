/** Route 53, as far as facts and changes need it. */
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ChangeResourceRecordSetsCommandInput,
  type GetChangeCommandInput,
  type GetHealthCheckCommandInput,
  type GetHealthCheckStatusCommandInput,
  type ListHostedZonesCommandInput,
  type ListResourceRecordSetsCommandInput,
} from '@aws-sdk/client-route-53';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectRoute53(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('route53', settings.region, new Route53Client(settings));
  return {
    listHostedZones: (input: ListHostedZonesCommandInput) =>
      send(new ListHostedZonesCommand(input), { lists: ['HostedZones'], members: ['IsTruncated'] }),
    listResourceRecordSets: (input: ListResourceRecordSetsCommandInput) =>
      send(new ListResourceRecordSetsCommand(input), { lists: ['ResourceRecordSets'], members: ['IsTruncated'] }),
    getChange: (input: GetChangeCommandInput) => send(new GetChangeCommand(input), { members: ['ChangeInfo'] }),
    getHealthCheck: (input: GetHealthCheckCommandInput) =>
      send(new GetHealthCheckCommand(input), { members: ['HealthCheck'] }),
    getHealthCheckStatus: (input: GetHealthCheckStatusCommandInput) =>
      send(new GetHealthCheckStatusCommand(input), { lists: ['HealthCheckObservations'] }),
    /** The id of the change, by which it can be followed. */
    changeResourceRecordSets: async (input: ChangeResourceRecordSetsCommandInput): Promise<string> => {
      const { ChangeInfo } = await send(new ChangeResourceRecordSetsCommand(input), { members: ['ChangeInfo'] });
      if (ChangeInfo?.Id !== undefined) return ChangeInfo.Id;
      const { region } = settings;
      const call = { service: 'route53', operation: 'ChangeResourceRecordSets', region, resource: input.HostedZoneId };
      throw wiring.failure('malformed-answer', call, 'ChangeInfo.Id is missing');
    },
  };
}
