/** A load balancer as records and certificates need to know it. */
import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancerState } from '../../cloud/recovery-facts.ts';
import type { LoadBalancerRef } from '../../cloud/stack.ts';
import { findLoadBalancer } from './load-balancer.ts';
import { allPages, type FactTools } from './tools.ts';

const service = 'elasticloadbalancing';

const encrypting: ReadonlySet<string | undefined> = new Set(['HTTPS', 'TLS']);

/** A listener itself names its default certificate alone (ELB API Reference, Listener). */
async function certificatesOf(
  { wiring, clients }: FactTools,
  region: string,
  { Protocol, ListenerArn }: Listener,
): Promise<readonly string[]> {
  if (!encrypting.has(Protocol)) return [];
  const elb = await clients.elasticLoadBalancing(region);
  const call = { service, operation: 'DescribeListenerCertificates', region };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await elb.describeListenerCertificates({ ListenerArn, Marker });
    return { items: answer.Certificates ?? [], next: answer.NextMarker };
  });
  // The default one may be listed twice, once as one of the others.
  return [...new Set(found.flatMap(({ CertificateArn }) => CertificateArn ?? []))];
}

export async function loadBalancer(tools: FactTools, api: LoadBalancerRef): Promise<LoadBalancerState> {
  const { wiring, clients } = tools;
  const { region } = api;
  const balancer = await findLoadBalancer(tools, api);
  const call = { service, operation: 'DescribeLoadBalancers', region, resource: api.loadBalancer };
  const { LoadBalancerArn: arn, DNSName: dnsName, CanonicalHostedZoneId: hostedZoneId, State } = balancer;
  if (arn === undefined || dnsName === undefined || hostedZoneId === undefined) {
    throw wiring.failure('malformed-answer', call, 'its DNS name or its hosted zone is missing');
  }
  const elb = await clients.elasticLoadBalancing(region);
  const listing = { service, operation: 'DescribeListeners', region };
  const listeners = await allPages(wiring, listing, async (Marker) => {
    const answer = await elb.describeListeners({ LoadBalancerArn: arn, Marker });
    return { items: answer.Listeners ?? [], next: answer.NextMarker };
  });
  return {
    arn,
    dnsName: dnsName.toLowerCase(),
    hostedZoneId,
    state: State?.Code ?? 'unknown',
    listeners: await Promise.all(
      listeners.map(async (listener) => ({
        port: listener.Port ?? 0,
        protocol: listener.Protocol ?? 'unknown',
        certificates: await certificatesOf(tools, region, listener),
      })),
    ),
    source: { operation: `${service}:DescribeLoadBalancers`, region, detail: api.loadBalancer },
  };
}
