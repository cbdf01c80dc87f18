/** The network around a service: which flow logs record it, and what security groups let in. */
import type { IpPermission } from '@aws-sdk/client-ec2';
import type { FlowLog, IngressRule } from '../../cloud/facts.ts';
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

/** The numbers under which EC2 tells some protocols, where they were given so (IANA, "Protocol Numbers"). */
const protocols: Readonly<Record<string, string>> = {
  '-1': 'all',
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
};

export async function ingressRules(
  { wiring, clients }: FactTools,
  region: string,
  groups: readonly string[],
): Promise<readonly IngressRule[]> {
  if (groups.length === 0) return [];
  const ec2 = await clients.ec2(region);
  const GroupIds = [...new Set(groups)];
  const call = { service: 'ec2', operation: 'DescribeSecurityGroups', region };
  const found = await allPages(wiring, call, async (NextToken) => {
    const answer = await ec2.describeSecurityGroups({ GroupIds, NextToken });
    return { items: answer.SecurityGroups ?? [], next: answer.NextToken };
  });
  return found.flatMap(({ GroupId = 'unknown', IpPermissions = [] }) =>
    IpPermissions.map((permission) => ruleFrom(GroupId, permission)),
  );
}

function ruleFrom(group: string, given: IpPermission): IngressRule {
  const protocol = protocols[given.IpProtocol ?? '-1'] ?? given.IpProtocol ?? 'all';
  // For ICMP the two are a type and a code; for protocols without ports EC2 ignores them.
  const hasPorts = protocol === 'tcp' || protocol === 'udp';
  return {
    group,
    protocol,
    ...(hasPorts ? { fromPort: given.FromPort, toPort: given.ToPort } : {}),
    fromGroups: (given.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    fromRanges: [
      ...(given.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
      ...(given.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
      // A list of ranges that is kept elsewhere, by its id: left out, it would look as if nobody were let in.
      ...(given.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
    ],
  };
}
