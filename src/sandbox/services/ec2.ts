/** Simulated Amazon EC2: the network that the service runs in, and its flow log. Amazon EC2 API Reference. */
import {
  DescribeFlowLogs$,
  DescribeSecurityGroups$,
  DescribeSubnets$,
  DescribeVpcs$,
  type DescribeFlowLogsRequest,
  type DescribeFlowLogsResult,
  type DescribeSecurityGroupsRequest,
  type DescribeSecurityGroupsResult,
  type DescribeSubnetsRequest,
  type DescribeSubnetsResult,
  type DescribeVpcsRequest,
  type DescribeVpcsResult,
  type Filter,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { faultsOn } from '../world/database-state.ts';
import { lasts } from '../world/faults.ts';
import type { RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation } from './operation.ts';

/** What a filter compares, by its name. */
type Fields = Readonly<Record<string, string>>;

export function ec2Service(world: World): SimulatedService {
  const { account } = world.inventory.names;
  return {
    service: 'ec2',
    signingName: 'ec2',
    protocol: 'ec2-query',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    operations: [
      operation<DescribeSubnetsRequest, DescribeSubnetsResult>(DescribeSubnets$, (input, call) => {
        const region = world.region(call.region);
        const all = region?.subnets ?? [];
        known(
          input.SubnetIds,
          all.map((subnet) => subnet.id),
          'InvalidSubnetID.NotFound',
          'subnet ID',
        );
        const found = all.filter(
          (subnet) =>
            input.SubnetIds?.includes(subnet.id) !== false &&
            passes(input.Filters, {
              'subnet-id': subnet.id,
              'vpc-id': region?.vpcId ?? '',
              'availability-zone': subnet.zone,
            }),
        );
        return {
          Subnets: found.map((subnet) => ({
            SubnetId: subnet.id,
            VpcId: region?.vpcId,
            CidrBlock: subnet.cidr,
            AvailabilityZone: subnet.zone,
            AvailableIpAddressCount: 240,
            State: 'available',
            MapPublicIpOnLaunch: false,
            DefaultForAz: false,
            OwnerId: account,
            SubnetArn: `arn:aws:ec2:${call.region}:${account}:subnet/${subnet.id}`,
          })),
        };
      }),
      operation<DescribeVpcsRequest, DescribeVpcsResult>(DescribeVpcs$, (input, call) => {
        const region = world.region(call.region);
        known(input.VpcIds, region ? [region.vpcId] : [], 'InvalidVpcID.NotFound', 'vpc ID');
        if (region === undefined || !passes(input.Filters, { 'vpc-id': region.vpcId })) return { Vpcs: [] };
        return {
          Vpcs: [
            { VpcId: region.vpcId, CidrBlock: region.vpcCidr, State: 'available', IsDefault: false, OwnerId: account },
          ],
        };
      }),
      operation<DescribeFlowLogsRequest, DescribeFlowLogsResult>(DescribeFlowLogs$, (input, call) => {
        const region = world.region(call.region);
        const passing =
          region !== undefined &&
          input.FlowLogIds?.includes(region.flowLogId) !== false &&
          passes(input.Filter, {
            'flow-log-id': region.flowLogId,
            'resource-id': region.vpcId,
            'log-group-name': flowLogGroup(region),
          });
        if (region === undefined || !passing) return { FlowLogs: [] };
        return {
          FlowLogs: [
            {
              FlowLogId: region.flowLogId,
              ResourceId: region.vpcId,
              FlowLogStatus: 'ACTIVE',
              DeliverLogsStatus: 'SUCCESS',
              TrafficType: 'ALL',
              LogDestinationType: 'cloud-watch-logs',
              LogGroupName: flowLogGroup(region),
              DeliverLogsPermissionArn: `arn:aws:iam::${account}:role/${region.names.service}-flow-logs`,
              MaxAggregationInterval: 60,
              CreationTime: new Date(world.inventory.createdAt),
            },
          ],
        };
      }),
      operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>(DescribeSecurityGroups$, (input, call) => {
        const region = world.region(call.region);
        const all = region === undefined ? [] : securityGroups(world, region, account);
        known(
          input.GroupIds,
          all.map((group) => group.GroupId ?? ''),
          'InvalidGroup.NotFound',
          'security group',
        );
        return {
          SecurityGroups: all.filter(
            (group) =>
              input.GroupIds?.includes(group.GroupId ?? '') !== false &&
              passes(input.Filters, {
                'group-id': group.GroupId ?? '',
                'vpc-id': region?.vpcId ?? '',
                'group-name': group.GroupName ?? '',
              }),
          ),
        };
      }),
    ],
  };
}

function flowLogGroup(region: RegionInventory): string {
  return `/aws/vpc/${region.names.cluster}`;
}

function known(wanted: readonly string[] | undefined, all: readonly string[], code: string, what: string): void {
  const missing = wanted?.find((id) => !all.includes(id));
  if (missing !== undefined) throw new ServiceFault(code, `The ${what} '${missing}' does not exist`);
}

/** Filters join by AND, their values by OR. */
function passes(filters: readonly Filter[] | undefined, fields: Fields): boolean {
  return (filters ?? []).every(({ Name, Values }) => {
    const field = fields[Name ?? ''];
    if (field === undefined)
      throw new ServiceFault('InvalidParameterValue', `The filter '${Name ?? ''}' is not simulated`);
    return Values?.includes(field) ?? true;
  });
}

function securityGroups(world: World, region: RegionInventory, account: string): readonly SecurityGroup[] {
  const { balancer, service, database } = region.securityGroups;
  const closed = faultsOn(world.inventory, region, region.database).some(
    (fault) => fault.effect === 'security-group-closed' && lasts(fault, world.now()),
  );
  const group = (id: string, name: string, rules: SecurityGroup['IpPermissions']): SecurityGroup => ({
    GroupId: id,
    GroupName: `${region.names.cluster}-${name}`,
    Description: `Traffic to the ${name}`,
    VpcId: region.vpcId,
    OwnerId: account,
    IpPermissions: rules,
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  });
  const admits = (port: number, from?: string) => ({
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    ...(from === undefined
      ? { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
      : { UserIdGroupPairs: [{ GroupId: from, UserId: account }] }),
  });
  return [
    group(balancer, 'balancer', [admits(443)]),
    group(service, 'service', [admits(8000, balancer)]),
    group(database, 'database', closed ? [] : [admits(3306, service)]),
  ];
}
