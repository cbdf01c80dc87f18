/** RDS, as far as facts and changes need it. */
import {
  CreateDBInstanceCommand,
  DescribeDBClusterParametersCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeEventsCommand,
  DescribeGlobalClustersCommand,
  FailoverDBClusterCommand,
  FailoverGlobalClusterCommand,
  PromoteReadReplicaDBClusterCommand,
  RDSClient,
  RemoveFromGlobalClusterCommand,
  RestoreDBClusterToPointInTimeCommand,
  SwitchoverGlobalClusterCommand,
  type CreateDBInstanceCommandInput,
  type DescribeDBClusterParametersCommandInput,
  type DescribeDBClusterSnapshotsCommandInput,
  type DescribeDBClustersCommandInput,
  type DescribeDBInstancesCommandInput,
  type DescribeDBParametersCommandInput,
  type DescribeEventsCommandInput,
  type DescribeGlobalClustersCommandInput,
  type FailoverDBClusterCommandInput,
  type FailoverGlobalClusterCommandInput,
  type PromoteReadReplicaDBClusterCommandInput,
  type RemoveFromGlobalClusterCommandInput,
  type RestoreDBClusterToPointInTimeCommandInput,
  type SwitchoverGlobalClusterCommandInput,
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
    describeDBClusterSnapshots: (input: DescribeDBClusterSnapshotsCommandInput) =>
      send(new DescribeDBClusterSnapshotsCommand(input), { lists: ['DBClusterSnapshots'] }),
    describeGlobalClusters: (input: DescribeGlobalClustersCommandInput) =>
      send(new DescribeGlobalClustersCommand(input), { lists: ['GlobalClusters'] }),
    failoverDBCluster: (input: FailoverDBClusterCommandInput) =>
      send(new FailoverDBClusterCommand(input), { members: ['DBCluster'] }),
    restoreDBClusterToPointInTime: (input: RestoreDBClusterToPointInTimeCommandInput) =>
      send(new RestoreDBClusterToPointInTimeCommand(input), { members: ['DBCluster'] }),
    createDBInstance: (input: CreateDBInstanceCommandInput) =>
      send(new CreateDBInstanceCommand(input), { members: ['DBInstance'] }),
    switchoverGlobalCluster: (input: SwitchoverGlobalClusterCommandInput) =>
      send(new SwitchoverGlobalClusterCommand(input), { members: ['GlobalCluster'] }),
    failoverGlobalCluster: (input: FailoverGlobalClusterCommandInput) =>
      send(new FailoverGlobalClusterCommand(input), { members: ['GlobalCluster'] }),
    removeFromGlobalCluster: (input: RemoveFromGlobalClusterCommandInput) =>
      send(new RemoveFromGlobalClusterCommand(input), { members: ['GlobalCluster'] }),
    promoteReadReplicaDBCluster: (input: PromoteReadReplicaDBClusterCommandInput) =>
      send(new PromoteReadReplicaDBClusterCommand(input), { members: ['DBCluster'] }),
  };
}
