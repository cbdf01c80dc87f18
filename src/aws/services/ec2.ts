/** EC2's networks, as far as facts need it. */
import {
  DescribeFlowLogsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type DescribeFlowLogsCommandInput,
  type DescribeSecurityGroupsCommandInput,
  type DescribeSubnetsCommandInput,
} from '@aws-sdk/client-ec2';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectEc2(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('ec2', settings.region, new EC2Client(settings));
  return {
    describeSubnets: (input: DescribeSubnetsCommandInput) =>
      send(new DescribeSubnetsCommand(input), { lists: ['Subnets'] }),
    describeFlowLogs: (input: DescribeFlowLogsCommandInput) =>
      send(new DescribeFlowLogsCommand(input), { lists: ['FlowLogs'] }),
    describeSecurityGroups: (input: DescribeSecurityGroupsCommandInput) =>
      send(new DescribeSecurityGroupsCommand(input), { lists: ['SecurityGroups'] }),
  };
}
