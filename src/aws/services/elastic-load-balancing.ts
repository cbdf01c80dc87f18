/** Elastic Load Balancing, as far as facts need it. */
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type DescribeLoadBalancersCommandInput,
  type DescribeTargetGroupsCommandInput,
  type DescribeTargetHealthCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectElasticLoadBalancing(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('elasticloadbalancing', settings.region, new ElasticLoadBalancingV2Client(settings));
  return {
    describeLoadBalancers: (input: DescribeLoadBalancersCommandInput) =>
      send(new DescribeLoadBalancersCommand(input), { lists: ['LoadBalancers'] }),
    describeTargetGroups: (input: DescribeTargetGroupsCommandInput) =>
      send(new DescribeTargetGroupsCommand(input), { lists: ['TargetGroups'] }),
    describeTargetHealth: (input: DescribeTargetHealthCommandInput) =>
      send(new DescribeTargetHealthCommand(input), { lists: ['TargetHealthDescriptions'] }),
  };
}
