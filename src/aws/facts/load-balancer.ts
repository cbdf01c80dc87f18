/** Finds load balancers and target groups by the tail of their ARN, which is what CloudWatch and the configuration use. */
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancerRef } from '../../cloud/stack.ts';
import { allPages, type FactTools } from './tools.ts';

const service = 'elasticloadbalancing';

/** `app/nano-alb/50dc6c495c0c9188` → `nano-alb`; `targetgroup/nano-api/73e2d6bc24d8a067` → `nano-api`. */
function nameIn(tail: string): string {
  return tail.split('/')[1] ?? tail;
}

/** The balancer itself. Rejects with `not-found` where only its namesake is there. */
export async function findLoadBalancer({ wiring, clients }: FactTools, api: LoadBalancerRef): Promise<LoadBalancer> {
  const elb = await clients.elasticLoadBalancing(api.region);
  const { LoadBalancers } = await elb.describeLoadBalancers({ Names: [nameIn(api.loadBalancer)] });
  const found = LoadBalancers?.find(({ LoadBalancerArn }) =>
    LoadBalancerArn?.endsWith(`:loadbalancer/${api.loadBalancer}`),
  );
  if (found !== undefined) return found;
  const call = { service, operation: 'DescribeLoadBalancers', region: api.region, resource: api.loadBalancer };
  throw wiring.failure('not-found', call, 'there is a load balancer of this name, but with another id');
}

/** The target group that is named, or all of the balancer's where none is. */
export async function findTargetGroups(tools: FactTools, api: LoadBalancerRef): Promise<readonly TargetGroup[]> {
  const { wiring, clients } = tools;
  const elb = await clients.elasticLoadBalancing(api.region);
  const { targetGroup } = api;
  if (targetGroup === undefined) {
    const { LoadBalancerArn } = await findLoadBalancer(tools, api);
    const call = { service, operation: 'DescribeTargetGroups', region: api.region };
    return allPages(wiring, call, async (Marker) => {
      const answer = await elb.describeTargetGroups({ LoadBalancerArn, Marker });
      return { items: answer.TargetGroups ?? [], next: answer.NextMarker };
    });
  }
  const { TargetGroups } = await elb.describeTargetGroups({ Names: [nameIn(targetGroup)] });
  const found = TargetGroups?.filter(({ TargetGroupArn }) => TargetGroupArn?.endsWith(`:${targetGroup}`)) ?? [];
  if (found.length > 0) return found;
  const call = { service, operation: 'DescribeTargetGroups', region: api.region, resource: targetGroup };
  throw wiring.failure('not-found', call, 'there is a target group of this name, but with another id');
}
