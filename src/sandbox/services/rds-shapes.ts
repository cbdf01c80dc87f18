/** Aurora clusters, instances and the global database in the shapes of the RDS API. */
import { loggingAt } from '../world/logs/logging.ts';
import type {
  DBCluster,
  DBClusterParameterGroup,
  DBInstance,
  FailoverStatus,
  GlobalCluster,
} from '@aws-sdk/client-rds';
import { backedUpUntil, databaseBackups } from '../world/backup-state.ts';
import { instancesAt, instanceStatusAt, parameterStatusAt } from '../world/database-state.ts';
import {
  copySideAt,
  isMember,
  leadAt,
  membersAt,
  memberStatusAt,
  moveAt,
  moveStatusAt,
  otherSide,
  primarySideAt,
} from '../world/global-database.ts';
import { readerHost, instanceHost, schemaName, writerHost } from '../world/hosts.ts';
import type { DatabaseInstance } from '../world/inventory.ts';
import type { Side } from '../world/region-outage.ts';
import { arnsOf } from './arns.ts';
import { clusterArn, type DatabaseHere, type RegionHere } from './database-here.ts';

const PORT = 3306;
const DAY_MS = 86_400_000;
/** Point-in-time recovery is behind by less than five minutes. */
const RESTORABLE_LAG_MS = 4 * 60_000;
const LOG_EXPORTS = ['error', 'slowquery'];

function exportsOf({ world, region, now }: RegionHere): string[] {
  return [...(loggingAt(world.inventory, region, now)?.exports ?? LOG_EXPORTS)];
}

export function parameterGroupOf(here: RegionHere): DBClusterParameterGroup & { DBClusterParameterGroupName: string } {
  const name = here.region.database.parameterGroup;
  return {
    DBClusterParameterGroupName: name,
    DBParameterGroupFamily: 'aurora-mysql8.0',
    Description: 'Parameters of the cluster',
    DBClusterParameterGroupArn: here.arns.databaseCluster().replace(/:cluster:.*$/, `:cluster-pg:${name}`),
  };
}

export function clusterOf(here: DatabaseHere): DBCluster {
  const { region, now, world, database } = here;
  const instances = instancesAt(database, now);
  const writer = leadAt(world.inventory, region, database, now);
  const restored = database.restoredFrom !== undefined;
  const { globalCluster } = world.inventory.names;
  const backups = databaseBackups(world.inventory, region, now);
  return {
    AllocatedStorage: 1,
    AvailabilityZones: [...region.zones],
    BackupRetentionPeriod: backups.retentionDays,
    DatabaseName: schemaName(world.inventory.names),
    DBClusterIdentifier: database.cluster,
    DBClusterParameterGroup: database.parameterGroup,
    DBSubnetGroup: database.subnetGroup,
    Status: memberStatusAt(world.inventory, region, database, now),
    EarliestRestorableTime: new Date(earliestRestorable(here)),
    LatestRestorableTime: new Date(latestRestorable(here)),
    Endpoint: writerHost(region, database),
    ReaderEndpoint: readerHost(region, database),
    MultiAZ: new Set(instances.map((instance) => instance.zone)).size > 1,
    Engine: 'aurora-mysql',
    EngineVersion: database.engineVersion,
    EngineMode: 'provisioned',
    Port: PORT,
    MasterUsername: 'admin',
    PreferredBackupWindow: backups.window,
    PreferredMaintenanceWindow: 'tue:09:10-tue:09:40',
    ...replicationOf(here),
    DBClusterMembers: instances.map((instance) => ({
      DBInstanceIdentifier: instance.id,
      IsClusterWriter: instance.id === writer,
      DBClusterParameterGroupStatus: parameterStatusAt(database, instance, now),
      PromotionTier: database.instances.indexOf(instance),
    })),
    VpcSecurityGroups: database.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    HostedZoneId: 'Z1PVIF0B656C1W',
    StorageEncrypted: true,
    DbClusterResourceId: database.resourceId,
    DBClusterArn: clusterArn(here, database),
    AssociatedRoles: [],
    IAMDatabaseAuthenticationEnabled: false,
    ClusterCreateTime: new Date(database.createdAt),
    EnabledCloudwatchLogsExports: restored ? [] : exportsOf(here),
    DeletionProtection: !restored,
    HttpEndpointEnabled: false,
    CopyTagsToSnapshot: true,
    CrossAccountClone: false,
    TagList: [],
    AutoMinorVersionUpgrade: false,
    ...(!restored && isMember(world.inventory, region.role, now) && { GlobalClusterIdentifier: globalCluster }),
    GlobalWriteForwardingStatus: 'disabled',
    NetworkType: 'IPV4',
    PerformanceInsightsEnabled: true,
    PerformanceInsightsRetentionPeriod: 7,
  };
}

/** Of a replica in another region by the binary log, and of its original. A global database's members tell of neither. */
function replicationOf({ world, region, database, now }: DatabaseHere): Partial<DBCluster> {
  const { inventory } = world;
  const copy = copySideAt(inventory, now);
  const own = database.cluster === region.database.cluster;
  if (inventory.replication.kind === 'global' || copy === undefined || !own) return { ReadReplicaIdentifiers: [] };
  const other = arnsOf(world, inventory[otherSide(region.role)]).databaseCluster();
  return region.role === copy
    ? { ReadReplicaIdentifiers: [], ReplicationSourceIdentifier: other }
    : { ReadReplicaIdentifiers: [other] };
}

/** Epoch milliseconds: how far back, and up to when, the cluster can be restored. */
export function earliestRestorable({ world, region, database, now }: DatabaseHere): number {
  const { retentionDays } = databaseBackups(world.inventory, region, now);
  return Math.max(database.createdAt, now - retentionDays * DAY_MS);
}

export function latestRestorable({ world, region, database, now }: DatabaseHere): number {
  const until = Math.min(now - RESTORABLE_LAG_MS, backedUpUntil(world.inventory, region, now));
  return Math.max(database.createdAt, until);
}

export function instanceOf(here: DatabaseHere, instance: DatabaseInstance): DBInstance {
  const { region, arns, world, database, faults, now } = here;
  const backups = databaseBackups(world.inventory, region, now);
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceClass: instance.instanceClass,
    Engine: 'aurora-mysql',
    EngineVersion: database.engineVersion,
    DBInstanceStatus: instanceStatusAt(database, faults, instance, now),
    MasterUsername: 'admin',
    DBName: schemaName(world.inventory.names),
    // An instance has no address until it takes connections.
    ...(instance.availableAt <= now && {
      Endpoint: { Address: instanceHost(region, instance.id), Port: PORT, HostedZoneId: 'Z1PVIF0B656C1W' },
    }),
    AllocatedStorage: 1,
    InstanceCreateTime: new Date(instance.createdAt),
    PreferredBackupWindow: backups.window,
    BackupRetentionPeriod: backups.retentionDays,
    VpcSecurityGroups: database.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    DBParameterGroups: [{ DBParameterGroupName: 'default.aurora-mysql8.0', ParameterApplyStatus: 'in-sync' }],
    AvailabilityZone: instance.zone,
    DBSubnetGroup: {
      DBSubnetGroupName: database.subnetGroup,
      VpcId: region.vpcId,
      SubnetGroupStatus: 'Complete',
      Subnets: region.subnets.map((subnet) => ({
        SubnetIdentifier: subnet.id,
        SubnetAvailabilityZone: { Name: subnet.zone },
        SubnetStatus: 'Active',
      })),
    },
    MultiAZ: false,
    AutoMinorVersionUpgrade: false,
    PubliclyAccessible: false,
    StorageType: 'aurora',
    DBClusterIdentifier: database.cluster,
    StorageEncrypted: true,
    DbiResourceId: instance.resourceId,
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    MonitoringInterval: 60,
    PromotionTier: database.instances.indexOf(instance),
    DBInstanceArn: arns.databaseInstance(instance.id),
    PerformanceInsightsEnabled: true,
    PerformanceInsightsRetentionPeriod: 7,
    EnabledCloudwatchLogsExports: database.restoredFrom === undefined ? exportsOf(here) : [],
    DeletionProtection: false,
    TagList: [],
  };
}

/** As any of its regions tells it; asked only where there is a global database. */
export function globalClusterOf({ world, now, arns }: Omit<RegionHere, 'region'>): GlobalCluster {
  const { inventory } = world;
  const { names } = inventory;
  const arnOf = (side: Side) => arnsOf(world, inventory[side]).databaseCluster();
  const primary = inventory[primarySideAt(inventory, now)];
  const members = membersAt(inventory, now);
  const move = moveAt(inventory, now);
  const moving = move === undefined || move.kind === 'detach' || move.kind === 'promotion' ? undefined : move;
  const status = moving && moveStatusAt(moving, now);
  return {
    GlobalClusterIdentifier: names.globalCluster,
    GlobalClusterResourceId: `cluster-${inventory.primary.database.endpointId}`,
    GlobalClusterArn: arns.globalCluster(),
    Status: moving === undefined ? 'available' : moving.kind === 'switchover' ? 'switching-over' : 'failing-over',
    Engine: 'aurora-mysql',
    EngineVersion: primary.database.engineVersion,
    DatabaseName: schemaName(names),
    StorageEncrypted: true,
    DeletionProtection: true,
    Endpoint: `${names.globalCluster ?? ''}.global-${inventory.primary.database.endpointId}.global.rds.amazonaws.com`,
    GlobalClusterMembers: members.map(({ side, isWriter, synchronization }) => ({
      DBClusterArn: arnOf(side),
      Readers: isWriter ? members.filter((each) => !each.isWriter).map((each) => arnOf(each.side)) : [],
      IsWriter: isWriter,
      SynchronizationStatus: synchronization,
      GlobalWriteForwardingStatus: 'disabled',
    })),
    ...(moving !== undefined && {
      FailoverState: {
        // The SDK's list lacks `switching-over`, which its documentation has.
        ...(status !== undefined && { Status: status as FailoverStatus }),
        FromDbClusterArn: arnOf(moving.from),
        ToDbClusterArn: arnOf(moving.to),
        IsDataLossAllowed: moving.kind === 'failover',
      },
    }),
  };
}
