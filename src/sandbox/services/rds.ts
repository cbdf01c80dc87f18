/** Simulated Amazon RDS: the Aurora clusters, their global database, parameters, snapshots and events. RDS API Reference. */
import {
  CreateDBInstance$,
  DescribeDBClusterParameterGroups$,
  DescribeDBClusterParameters$,
  DescribeDBClusterSnapshots$,
  DescribeDBClusters$,
  DescribeDBInstances$,
  DescribeDBParameters$,
  DescribeEvents$,
  DescribeGlobalClusters$,
  FailoverDBCluster$,
  FailoverGlobalCluster$,
  PromoteReadReplicaDBCluster$,
  RemoveFromGlobalCluster$,
  RestoreDBClusterToPointInTime$,
  SwitchoverGlobalCluster$,
  type CreateDBInstanceMessage,
  type CreateDBInstanceResult,
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
  type FailoverDBClusterMessage,
  type FailoverDBClusterResult,
  type FailoverGlobalClusterMessage,
  type FailoverGlobalClusterResult,
  type Filter,
  type GlobalClustersMessage,
  type PromoteReadReplicaDBClusterMessage,
  type PromoteReadReplicaDBClusterResult,
  type RemoveFromGlobalClusterMessage,
  type RemoveFromGlobalClusterResult,
  type RestoreDBClusterToPointInTimeMessage,
  type RestoreDBClusterToPointInTimeResult,
  type SwitchoverGlobalClusterMessage,
  type SwitchoverGlobalClusterResult,
} from '@aws-sdk/client-rds';
import { databasesOf, instancesAt } from '../world/database-state.ts';
import { isMember } from '../world/global-database.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { databaseHere, type RegionHere } from './database-here.ts';
import { operation } from './operation.ts';
import { createInstance, failOverCluster, nameIn, restoreCluster } from './rds-changes.ts';
import { failOverGlobal, promoteReplica, removeFromGlobal, switchOverGlobal } from './rds-global.ts';
import { clusterSnapshots, databaseHistory } from './rds-history.ts';
import { clusterParameters, instanceParameters } from './rds-parameters.ts';
import { clusterOf, globalClusterOf, instanceOf, parameterGroupOf } from './rds-shapes.ts';

export function rdsService(world: World): SimulatedService {
  const here = (call: CallContext): RegionHere | undefined => {
    const region = world.region(call.region);
    return region && { world, region, arns: arnsOf(world, region), now: world.now() };
  };
  const clusters = (call: CallContext) => {
    const at = here(call);
    return at === undefined ? [] : databasesOf(at.region).map((database) => databaseHere(at, database));
  };
  return {
    service: 'rds',
    signingName: 'rds',
    protocol: 'query',
    xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
    operations: [
      operation<DescribeDBClustersMessage, DBClusterMessage>(DescribeDBClusters$, (input, call) => {
        const wanted = nameIn(input.DBClusterIdentifier);
        const found = clusters(call).filter(
          ({ database }) =>
            matches(wanted, database.cluster) && passes(input.Filters, { 'db-cluster-id': database.cluster }),
        );
        if (found.length === 0 && wanted !== undefined) {
          throw new ServiceFault('DBClusterNotFoundFault', `DBCluster ${wanted} not found.`, 404);
        }
        return { DBClusters: found.map((each) => clusterOf(each)) };
      }),
      operation<DescribeDBInstancesMessage, DBInstanceMessage>(DescribeDBInstances$, (input, call) => {
        const wanted = nameIn(input.DBInstanceIdentifier);
        const found = clusters(call).flatMap((at) =>
          instancesAt(at.database, at.now)
            .filter(
              ({ id }) =>
                matches(wanted, id) &&
                passes(input.Filters, { 'db-instance-id': id, 'db-cluster-id': at.database.cluster }),
            )
            .map((instance) => instanceOf(at, instance)),
        );
        if (found.length === 0 && wanted !== undefined) {
          throw new ServiceFault('DBInstanceNotFound', `DBInstance ${wanted} not found.`, 404);
        }
        return { DBInstances: found };
      }),
      operation<FailoverDBClusterMessage, FailoverDBClusterResult>(FailoverDBCluster$, (input, call) =>
        failOverCluster(here(call), input, () => here(call)),
      ),
      operation<RestoreDBClusterToPointInTimeMessage, RestoreDBClusterToPointInTimeResult>(
        RestoreDBClusterToPointInTime$,
        (input, call) => restoreCluster(here(call), input, () => here(call)),
      ),
      operation<CreateDBInstanceMessage, CreateDBInstanceResult>(CreateDBInstance$, (input, call) =>
        createInstance(here(call), input, () => here(call)),
      ),
      operation<DescribeGlobalClustersMessage, GlobalClustersMessage>(DescribeGlobalClusters$, (input, call) => {
        const at = here(call);
        const wanted = input.GlobalClusterIdentifier;
        const known = world.inventory.names.globalCluster;
        const belongs = at !== undefined && isMember(world.inventory, at.region.role, at.now);
        if (belongs && known !== undefined && matches(wanted, known)) return { GlobalClusters: [globalClusterOf(at)] };
        if (wanted === undefined) return { GlobalClusters: [] };
        throw new ServiceFault('GlobalClusterNotFoundFault', `Global cluster ${wanted} not found`, 404);
      }),
      operation<SwitchoverGlobalClusterMessage, SwitchoverGlobalClusterResult>(
        SwitchoverGlobalCluster$,
        (input, call) => switchOverGlobal(here(call), input),
      ),
      operation<FailoverGlobalClusterMessage, FailoverGlobalClusterResult>(FailoverGlobalCluster$, (input, call) =>
        failOverGlobal(here(call), input),
      ),
      operation<RemoveFromGlobalClusterMessage, RemoveFromGlobalClusterResult>(
        RemoveFromGlobalCluster$,
        (input, call) => removeFromGlobal(here(call), input),
      ),
      operation<PromoteReadReplicaDBClusterMessage, PromoteReadReplicaDBClusterResult>(
        PromoteReadReplicaDBCluster$,
        (input, call) => promoteReplica(here(call), input, () => here(call)),
      ),
      operation<DescribeEventsMessage, EventsMessage>(DescribeEvents$, (input, call) => {
        const at = here(call);
        return { Events: at === undefined ? [] : databaseHistory(at, input) };
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

/** Filters join by AND, their values by OR; they take names and ARNs alike. */
function passes(filters: readonly Filter[] | undefined, fields: Readonly<Record<string, string>>): boolean {
  return (filters ?? []).every(({ Name, Values }) => {
    const field = fields[Name ?? ''];
    if (field === undefined) {
      throw new ServiceFault('InvalidParameterValue', `Unrecognized filter name: ${Name ?? ''}`);
    }
    return (Values ?? []).some((value) => matches(nameIn(value), field));
  });
}

function matches(wanted: string | undefined, name: string): boolean {
  return wanted === undefined || wanted.toLowerCase() === name.toLowerCase();
}
