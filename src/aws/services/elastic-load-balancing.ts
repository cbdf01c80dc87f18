/** Elastic Load Balancing, as far as facts need it. */
import {
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type DescribeListenerCertificatesCommandInput,
  type DescribeListenersCommandInput,
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
    describeListeners: (input: DescribeListenersCommandInput) =>
      send(new DescribeListenersCommand(input), { lists: ['Listeners'] }),
    describeListenerCertificates: (input: DescribeListenerCertificatesCommandInput) =>
      send(new DescribeListenerCertificatesCommand(input), { lists: ['Certificates'] }),
    describeTargetGroups: (input: DescribeTargetGroupsCommandInput) =>
      send(new DescribeTargetGroupsCommand(input), { lists: ['TargetGroups'] }),
    describeTargetHealth: (input: DescribeTargetHealthCommandInput) =>
      send(new DescribeTargetHealthCommand(input), { lists: ['TargetHealthDescriptions'] }),
  };
}
