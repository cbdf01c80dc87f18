/** Simulated Amazon RDS: the Aurora clusters, their global database, parameters, snapshots and events. RDS API Reference. */
import {
  DescribeDBClusterParameterGroups$,
  DescribeDBClusterParameters$,
  DescribeDBClusterSnapshots$,
  DescribeDBClusters$,
  DescribeDBInstances$,
  DescribeDBParameters$,
  DescribeEvents$,
  DescribeGlobalClusters$,
  type DBClusterMessage,
  type DBClusterParameterGroupDetails,
  type DBClusterParameterGroupsMessage,
  type DBClusterSnapshotMessage,
  type DBInstanceMessage,
  type DBParameterGroupDetails,
  type DescribeDBClusterParameterGroupsMessage,
  type DescribeDBClusterParametersMessage,
  type DescribeDBClusterSnapshotsMessage,
  type DescribeDBClustersMessage,
  type DescribeDBInstancesMessage,
  type DescribeDBParametersMessage,
  type DescribeEventsMessage,
  type DescribeGlobalClustersMessage,
  type EventsMessage,
  type Filter,
  type GlobalClustersMessage,
} from '@aws-sdk/client-rds';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import type { DatabaseHere } from './database-here.ts';
import { operation } from './operation.ts';
import { clusterOf, globalClusterOf, instanceOf, parameterGroupOf } from './rds-shapes.ts';
import { clusterEvents, clusterSnapshots } from './rds-history.ts';
import { clusterParameters, instanceParameters } from './rds-parameters.ts';

export function rdsService(world: World): SimulatedService {
  const here = (call: CallContext): DatabaseHere | undefined => {
    const region = world.region(call.region);
    return region && { world, region, arns: arnsOf(world, region), now: world.now() };
  };
  return {
    service: 'rds',
    signingName: 'rds',
    protocol: 'query',
    xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
    operations: [
      operation<DescribeDBClustersMessage, DBClusterMessage>(DescribeDBClusters$, (input, call) => {
        const at = here(call);
        const wanted = nameIn(input.DBClusterIdentifier) ?? filtered(input.Filters, 'db-cluster-id');
        if (at !== undefined && matches(wanted, at.region.database.cluster)) return { DBClusters: [clusterOf(at)] };
        if (input.DBClusterIdentifier === undefined) return { DBClusters: [] };
        throw new ServiceFault('DBClusterNotFoundFault', `DBCluster ${wanted} not found.`, 404);
      }),
      operation<DescribeDBInstancesMessage, DBInstanceMessage>(DescribeDBInstances$, (input, call) => {
        const at = here(call);
        const wanted = nameIn(input.DBInstanceIdentifier) ?? filtered(input.Filters, 'db-instance-id');
        const cluster = filtered(input.Filters, 'db-cluster-id');
        const found = (at?.region.database.instances ?? []).filter(
          (instance) => matches(wanted, instance.id) && matches(cluster, at?.region.database.cluster ?? ''),
        );
        if (found.length === 0 && input.DBInstanceIdentifier !== undefined) {
          throw new ServiceFault('DBInstanceNotFound', `DBInstance ${wanted} not found.`, 404);
        }
        return { DBInstances: at === undefined ? [] : found.map((instance) => instanceOf(at, instance)) };
      }),
      operation<DescribeGlobalClustersMessage, GlobalClustersMessage>(DescribeGlobalClusters$, (input, call) => {
        const at = here(call);
        const wanted = input.GlobalClusterIdentifier;
        if (at !== undefined && matches(wanted, world.inventory.names.globalCluster)) {
          return { GlobalClusters: [globalClusterOf(at)] };
        }
        if (wanted === undefined) return { GlobalClusters: [] };
        throw new ServiceFault('GlobalClusterNotFoundFault', `Global cluster ${wanted} not found`, 404);
      }),
      operation<DescribeEventsMessage, EventsMessage>(DescribeEvents$, (input, call) => {
        const at = here(call);
        return { Events: at === undefined ? [] : clusterEvents(at, input) };
      }),
      operation<DescribeDBClusterSnapshotsMessage, DBClusterSnapshotMessage>(
        DescribeDBClusterSnapshots$,
        (input, call) => {
          const at = here(call);
          return { DBClusterSnapshots: at === undefined ? [] : clusterSnapshots(at, input) };
        },
      ),
      operation<DescribeDBClusterParameterGroupsMessage, DBClusterParameterGroupsMessage>(
        DescribeDBClusterParameterGroups$,
        (input, call) => {
          const at = here(call);
          const own = at && parameterGroupOf(at);
          const wanted = nameIn(input.DBClusterParameterGroupName);
          if (own !== undefined && matches(wanted, own.DBClusterParameterGroupName))
            return { DBClusterParameterGroups: [own] };
          if (wanted === undefined) return { DBClusterParameterGroups: [] };
          throw new ServiceFault(
            'DBClusterParameterGroupNotFound',
            `DBClusterParameterGroup not found: ${wanted}`,
            404,
          );
        },
      ),
      operation<DescribeDBClusterParametersMessage, DBClusterParameterGroupDetails>(
        DescribeDBClusterParameters$,
        (input, call) => ({
          Parameters: clusterParameters(here(call), input.DBClusterParameterGroupName, input.Source),
        }),
      ),
      operation<DescribeDBParametersMessage, DBParameterGroupDetails>(DescribeDBParameters$, (input, call) => ({
        Parameters: instanceParameters(here(call), input.DBParameterGroupName, input.Source),
      })),
    ],
  };
}

/** The name in an ARN, or the name itself. */
function nameIn(nameOrArn: string | undefined): string | undefined {
  return nameOrArn?.startsWith('arn:') ? nameOrArn.split(':').at(-1) : nameOrArn;
}

/** The one value of a filter; filters take names and ARNs alike. */
function filtered(filters: readonly Filter[] | undefined, name: string): string | undefined {
  return nameIn(filters?.find((filter) => filter.Name === name)?.Values?.[0]);
}

function matches(wanted: string | undefined, name: string): boolean {
  return wanted === undefined || wanted.toLowerCase() === name.toLowerCase();
}
