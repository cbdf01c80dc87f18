/** RDS, as far as facts need it. */
import {
  DescribeDBClusterParametersCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  RDSClient,
  type DescribeDBClusterParametersCommandInput,
  type DescribeDBClustersCommandInput,
  type DescribeDBInstancesCommandInput,
  type DescribeDBParametersCommandInput,
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
  };
}
