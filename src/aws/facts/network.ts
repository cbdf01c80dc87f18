/** Which flow logs record the traffic of a service's subnets. */
import type { FlowLog } from '../../cloud/facts.ts';
import { allPages, type FactTools } from './tools.ts';

const destinations = ['cloud-watch-logs', 's3', 'kinesis-data-firehose'] as const;

/** Flow logs on the subnets and on the VPCs that they are in. */
export async function flowLogs(
  { wiring, clients }: FactTools,
  region: string,
  subnets: readonly string[],
): Promise<readonly FlowLog[]> {
  if (subnets.length === 0) return [];
  const ec2 = await clients.ec2(region);
  const { Subnets } = await ec2.describeSubnets({ SubnetIds: [...subnets] });
  const vpcs = (Subnets ?? []).flatMap(({ VpcId }) => VpcId ?? []);
  const Filter = [{ Name: 'resource-id', Values: [...new Set([...subnets, ...vpcs])] }];
  const found = await allPages(wiring, { service: 'ec2', operation: 'DescribeFlowLogs', region }, async (NextToken) => {
    const answer = await ec2.describeFlowLogs({ Filter, NextToken });
    return { items: answer.FlowLogs ?? [], next: answer.NextToken };
  });
  return found.map((flowLog) => ({
    id: flowLog.FlowLogId ?? 'unknown',
    resourceId: flowLog.ResourceId ?? 'unknown',
    trafficType: flowLog.TrafficType ?? 'unknown',
    destination: destinations.find((name) => name === flowLog.LogDestinationType) ?? 'unknown',
    logGroup: flowLog.LogGroupName,
  }));
}
