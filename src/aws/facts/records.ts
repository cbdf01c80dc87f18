/** Records in Route 53's hosted zones, and whether changes of them are everywhere. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { DnsRecord } from '../../cloud/recovery-facts.ts';
import type { RecordRef } from '../../cloud/stack.ts';
import { globalRegion } from '../global-region.ts';
import type { FactTools } from './tools.ts';

const kept = new Set(['A', 'AAAA', 'CNAME']);

/** A name has at most a hundred sets of one type, and there are three hundred on a page (Route 53 quotas). */
const mostPages = 20;

/** Without the final dot, in lower case; Route 53 writes all but letters, digits, `-` and `_` in octal: `\052` is `*`. */
function plainName(name: string): string {
  return name
    .replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\.$/, '')
    .toLowerCase();
}

function recordFrom(given: ResourceRecordSet): DnsRecord {
  const { AliasTarget: alias } = given;
  return {
    name: plainName(given.Name ?? ''),
    type: given.Type ?? 'unknown',
    values: (given.ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []),
    ...(given.TTL === undefined ? {} : { ttl: given.TTL }),
    ...(alias?.DNSName === undefined || alias.HostedZoneId === undefined
      ? {}
      : {
          alias: {
            dnsName: plainName(alias.DNSName),
            hostedZoneId: alias.HostedZoneId,
            evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
          },
        }),
    ...(given.SetIdentifier === undefined ? {} : { setIdentifier: given.SetIdentifier }),
    ...(given.Weight === undefined ? {} : { weight: given.Weight }),
    ...(given.Failover === undefined ? {} : { failover: given.Failover }),
    ...(given.Region === undefined ? {} : { region: given.Region }),
    ...(given.HealthCheckId === undefined ? {} : { healthCheckId: given.HealthCheckId }),
  };
}

/** Sets come in the order of their names from the one that is asked for (Route 53 API Reference, ListResourceRecordSets). */
export async function records(
  { wiring, clients }: FactTools,
  { hostedZoneId, record }: RecordRef,
): Promise<readonly DnsRecord[]> {
  const route53 = await clients.route53();
  const wanted = plainName(record);
  const found: DnsRecord[] = [];
  let from: { StartRecordName?: string; StartRecordType?: ResourceRecordSet['Type']; StartRecordIdentifier?: string } =
    { StartRecordName: `${wanted}.` };
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await route53.listResourceRecordSets({ HostedZoneId: hostedZoneId, ...from });
    const sets = answer.ResourceRecordSets ?? [];
    found.push(...sets.filter(({ Name }) => plainName(Name ?? '') === wanted).map(recordFrom));
    const isOver = answer.IsTruncated !== true || plainName(answer.NextRecordName ?? '') !== wanted;
    if (isOver) return found.filter(({ type }) => kept.has(type));
    from = {
      StartRecordName: answer.NextRecordName,
      StartRecordType: answer.NextRecordType,
      StartRecordIdentifier: answer.NextRecordIdentifier,
    };
  }
  const call = { service: 'route53', operation: 'ListResourceRecordSets', region: globalRegion, resource: wanted };
  throw wiring.failure('malformed-answer', call, 'the list goes on without an end');
}

export async function recordChangeState(
  { wiring, clients }: FactTools,
  changeId: string,
): Promise<'pending' | 'insync'> {
  const route53 = await clients.route53();
  const { ChangeInfo } = await route53.getChange({ Id: changeId });
  if (ChangeInfo?.Status === 'INSYNC') return 'insync';
  if (ChangeInfo?.Status === 'PENDING') return 'pending';
  const call = { service: 'route53', operation: 'GetChange', region: globalRegion, resource: changeId };
  throw wiring.failure('malformed-answer', call, 'the change is neither pending nor in sync');
}
