/** What leads to services: load balancers, their target groups, records, distributions. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type {
  FoundDistribution,
  FoundLoadBalancer,
  FoundRecord,
  FoundRecords,
  FoundTargetGroup,
  FoundZone,
} from '../../cloud/inventory.ts';
import { globalRegion } from '../global-region.ts';
import { limited } from '../limited.ts';
import { followPages, type Page } from '../pages.ts';
import { allPages, type FactTools } from '../facts/tools.ts';

const service = 'elasticloadbalancing';

/** Three hundred sets a page: a zone of more than that many pages is told of, and not read through. */
const mostRecordPages = 10;
/** Route 53 answers five requests a second. */
const zonesAtOnce = 2;
const mostZones = 50;
/** Its name servers and its authority: a zone that holds no more leads nowhere. */
const ownSets = 2;

/** `arn:…:loadbalancer/app/nano-alb/50dc6c495c0c9188` → `app/nano-alb/50dc6c495c0c9188` */
const balancerTail = (arn: string): string => arn.split(':loadbalancer/')[1] ?? arn;
const groupTail = (arn: string): string => arn.split(':').slice(5).join(':');
const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '');

export async function loadBalancers(
  { wiring, clients }: FactTools,
  region: string,
): Promise<readonly FoundLoadBalancer[]> {
  const elb = await clients.elasticLoadBalancing(region);
  const call = { service, operation: 'DescribeLoadBalancers', region };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await elb.describeLoadBalancers({ Marker });
    return { items: answer.LoadBalancers ?? [], next: answer.NextMarker };
  });
  return found.flatMap(({ LoadBalancerArn: arn, DNSName, Scheme }) =>
    arn === undefined
      ? []
      : [
          {
            loadBalancer: balancerTail(arn),
            dnsName: plainName(DNSName ?? ''),
            isPublic: Scheme === 'internet-facing',
          },
        ],
  );
}

export async function targetGroups(
  { wiring, clients }: FactTools,
  region: string,
): Promise<readonly FoundTargetGroup[]> {
  const elb = await clients.elasticLoadBalancing(region);
  const call = { service, operation: 'DescribeTargetGroups', region };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await elb.describeTargetGroups({ Marker });
    return { items: answer.TargetGroups ?? [], next: answer.NextMarker };
  });
  return found.flatMap(({ TargetGroupArn: arn, LoadBalancerArns, HealthCheckPath, HealthCheckProtocol }) =>
    arn === undefined
      ? []
      : [
          {
            targetGroup: groupTail(arn),
            loadBalancers: (LoadBalancerArns ?? []).map(balancerTail),
            ...(HealthCheckPath === undefined || HealthCheckProtocol?.startsWith('HTTP') !== true
              ? {}
              : { healthPath: HealthCheckPath }),
          },
        ],
  );
}

/** The ARN of a balancer is made of its tail, the region, and an account and partition that only an answer tells. */
export async function isEncrypted({ wiring, clients }: FactTools, region: string, tail: string): Promise<boolean> {
  const elb = await clients.elasticLoadBalancing(region);
  const { LoadBalancers } = await elb.describeLoadBalancers({ Names: [tail.split('/')[1] ?? tail] });
  const arn = LoadBalancers?.find(({ LoadBalancerArn }) => LoadBalancerArn?.endsWith(`/${tail}`))?.LoadBalancerArn;
  if (arn === undefined) {
    throw wiring.failure('not-found', { service, operation: 'DescribeLoadBalancers', region, resource: tail }, '');
  }
  const call = { service, operation: 'DescribeListeners', region, resource: tail };
  const listeners = await allPages(wiring, call, async (Marker) => {
    const answer = await elb.describeListeners({ LoadBalancerArn: arn, Marker });
    return { items: answer.Listeners ?? [], next: answer.NextMarker };
  });
  return listeners.some(({ Protocol, Port }) => Protocol === 'HTTPS' && Port === 443);
}

async function zones({ wiring, clients }: FactTools): Promise<readonly FoundZone[]> {
  const route53 = await clients.route53();
  const call = { service: 'route53', operation: 'ListHostedZones', region: globalRegion };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await route53.listHostedZones({ Marker });
    return { items: answer.HostedZones ?? [], next: answer.IsTruncated === true ? answer.NextMarker : undefined };
  });
  return found.flatMap(({ Id, Name, Config, ResourceRecordSetCount: sets }) =>
    Id === undefined || (sets !== undefined && sets <= ownSets)
      ? []
      : [
          {
            hostedZoneId: Id.replace(/^\/hostedzone\//, ''),
            name: plainName(Name ?? ''),
            isPrivate: Config?.PrivateZone === true,
          },
        ],
  );
}

/** A page after another begins at a name, a type and an identifier, which a token has to hold together. */
type From = Pick<ResourceRecordSet, 'Name' | 'Type' | 'SetIdentifier'>;

export async function records(tools: FactTools): Promise<FoundRecords> {
  const all = await zones(tools);
  // What the world outside follows comes first.
  const ordered = all.toSorted((a, b) => Number(a.isPrivate) - Number(b.isPrivate));
  const route53 = await tools.clients.route53();
  const inTurn = limited(zonesAtOnce);
  const looked = await Promise.all(
    ordered.slice(0, mostZones).map((zone) =>
      inTurn(async () => {
        const starts = new Map<string, From>();
        const { items, truncated } = await followPages({ pages: mostRecordPages }, async (token) => {
          const from = token === undefined ? undefined : starts.get(token);
          const answer = await route53.listResourceRecordSets({
            HostedZoneId: zone.hostedZoneId,
            StartRecordName: from?.Name,
            StartRecordType: from?.Type,
            StartRecordIdentifier: from?.SetIdentifier,
          });
          const { IsTruncated, NextRecordName: Name, NextRecordType: Type, NextRecordIdentifier: id } = answer;
          const next = [Name, Type, id].join(' ');
          starts.set(next, { Name, Type, SetIdentifier: id });
          const page: Page<ResourceRecordSet> = {
            items: answer.ResourceRecordSets ?? [],
            next: IsTruncated === true ? next : undefined,
          };
          return page;
        });
        return { zone, found: leading(zone, items), truncated };
      }),
    ),
  );
  return {
    records: looked.flatMap(({ found }) => found),
    cutOff: [
      ...looked.flatMap(({ zone, truncated }) => (truncated ? [zone.name] : [])),
      ...ordered.slice(mostZones).map(({ name }) => name),
    ],
  };
}

/** The names of a zone that lead to others, each once, whatever its types and identifiers. */
function leading(zone: FoundZone, sets: readonly ResourceRecordSet[]): readonly FoundRecord[] {
  const byName = new Map<string, { targets: Set<string>; healthCheckId?: string }>();
  for (const { Name, Type, AliasTarget, ResourceRecords, HealthCheckId } of sets) {
    const targets = [
      ...(AliasTarget?.DNSName === undefined ? [] : [AliasTarget.DNSName]),
      ...(Type === 'CNAME' ? (ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []) : []),
    ].map(plainName);
    // Wildcards, which Route 53 writes in octal, are no name that a client uses.
    if (targets.length === 0 || Name === undefined || Name.includes('\\')) continue;
    const name = Name.toLowerCase().replace(/\.$/, '');
    const known = byName.get(name) ?? { targets: new Set<string>() };
    for (const target of targets) known.targets.add(target);
    byName.set(name, { ...known, ...(HealthCheckId === undefined ? {} : { healthCheckId: HealthCheckId }) });
  }
  return [...byName].map(([record, { targets, ...rest }]) => ({
    hostedZoneId: zone.hostedZoneId,
    isPrivate: zone.isPrivate,
    record,
    targets: [...targets],
    ...rest,
  }));
}

export async function distributions({ wiring, clients }: FactTools): Promise<readonly FoundDistribution[]> {
  const cloudFront = await clients.cloudFront();
  const call = { service: 'cloudfront', operation: 'ListDistributions', region: globalRegion };
  const found = await allPages(wiring, call, async (Marker) => {
    const { DistributionList: list } = await cloudFront.listDistributions({ Marker });
    return { items: list?.Items ?? [], next: list?.IsTruncated === true ? list.NextMarker : undefined };
  });
  return found.flatMap(({ Id, DomainName, Aliases, Origins, Enabled }) =>
    Id === undefined || Enabled === false
      ? []
      : [
          {
            distribution: Id,
            domain: plainName(DomainName ?? ''),
            aliases: (Aliases?.Items ?? []).map(plainName),
            origins: (Origins?.Items ?? []).flatMap((each) => each.DomainName ?? []).map(plainName),
          },
        ],
  );
}
