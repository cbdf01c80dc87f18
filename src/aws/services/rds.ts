/** RDS, as far as facts and changes need it. */
import {
  CreateDBInstanceCommand,
  DescribeDBClusterParametersCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeEventsCommand,
  FailoverDBClusterCommand,
  RDSClient,
  RestoreDBClusterToPointInTimeCommand,
  type CreateDBInstanceCommandInput,
  type DescribeDBClusterParametersCommandInput,
  type DescribeDBClustersCommandInput,
  type DescribeDBInstancesCommandInput,
  type DescribeDBParametersCommandInput,
  type DescribeEventsCommandInput,
  type FailoverDBClusterCommandInput,
  type RestoreDBClusterToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectRds(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('rds', settings.region, new RDSClient(settings));
  return {
    describeDBClusters: (input: DescribeDBClustersCommandInput) =>
      send(new DescribeDBClustersCommand(input), { lists: ['DBClusters'] }),
    describeDBInstances: (input: DescribeDBInstancesCommandInput) =>
      send(new DescribeDBInstancesCommand(input), { lists: ['DBInstances'] }),
    describeDBParameters: (input: DescribeDBParametersCommandInput) =>
      send(new DescribeDBParametersCommand(input), { lists: ['Parameters'] }),
    describeDBClusterParameters: (input: DescribeDBClusterParametersCommandInput) =>
      send(new DescribeDBClusterParametersCommand(input), { lists: ['Parameters'] }),
    describeEvents: (input: DescribeEventsCommandInput) =>
      send(new DescribeEventsCommand(input), { lists: ['Events'] }),
    failoverDBCluster: (input: FailoverDBClusterCommandInput) =>
      send(new FailoverDBClusterCommand(input), { members: ['DBCluster'] }),
    restoreDBClusterToPointInTime: (input: RestoreDBClusterToPointInTimeCommandInput) =>
      send(new RestoreDBClusterToPointInTimeCommand(input), { members: ['DBCluster'] }),
    createDBInstance: (input: CreateDBInstanceCommandInput) =>
      send(new CreateDBInstanceCommand(input), { members: ['DBInstance'] }),
  };
}
