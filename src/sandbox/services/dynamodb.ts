/** Simulated Amazon DynamoDB: the global table of sessions, described in both regions. Amazon DynamoDB API Reference. */
import {
  DescribeContinuousBackups$,
  DescribeTable$,
  ListTables$,
  type DescribeContinuousBackupsInput,
  type DescribeContinuousBackupsOutput,
  type DescribeTableInput,
  type DescribeTableOutput,
  type ListTablesInput,
  type ListTablesOutput,
} from '@aws-sdk/client-dynamodb';
import { tableBackupDays } from '../world/backup-state.ts';
import type { RegionInventory } from '../world/inventory.ts';
import { isMissing } from '../world/region-needs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { operation } from './operation.ts';

const DAY_MS = 86_400_000;
const RESTORABLE_LAG_MS = 5 * 60_000;

export function dynamodbService(world: World): SimulatedService {
  const { sessionsTable } = world.inventory.names;
  const exists = (call: CallContext, table: string | undefined) => {
    const region = world.region(call.region);
    return region !== undefined && hasTable(region) && table?.split('/').at(-1) === sessionsTable ? region : undefined;
  };
  const hasTable = (region: RegionInventory) => !isMissing(world.inventory, region, 'table-replica', world.now());
  /** A region's table names the replicas in other regions. */
  const replicasBeside = ({ role }: RegionInventory) =>
    [world.inventory.primary, world.inventory.recovery].filter((each) => each.role !== role && hasTable(each));
  return {
    service: 'dynamodb',
    signingName: 'dynamodb',
    protocol: 'json-1.0',
    target: 'DynamoDB_20120810',
    operations: [
      operation<DescribeTableInput, DescribeTableOutput>(DescribeTable$, (input, call) => {
        const region = exists(call, input.TableName);
        if (region === undefined) {
          throw new ServiceFault(
            'ResourceNotFoundException',
            `Requested resource not found: Table: ${input.TableName ?? ''} not found`,
          );
        }
        const replicas = replicasBeside(region);
        return {
          Table: {
            TableName: sessionsTable,
            TableStatus: 'ACTIVE',
            TableArn: arnsOf(world, region).table(),
            TableId: world.inventory.healthCheckId,
            CreationDateTime: new Date(world.inventory.createdAt),
            AttributeDefinitions: [{ AttributeName: 'session_id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'session_id', KeyType: 'HASH' }],
            BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
            ItemCount: 21_400,
            TableSizeBytes: 9_630_000,
            DeletionProtectionEnabled: true,
            ...(replicas.length > 0 && {
              GlobalTableVersion: '2019.11.21',
              StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
              Replicas: replicas.map((each) => ({
                RegionName: each.region,
                ReplicaStatus: 'ACTIVE',
                ReplicaArn: arnsOf(world, each).table(),
              })),
            }),
          },
        };
      }),
      operation<ListTablesInput, ListTablesOutput>(ListTables$, (_input, call) => ({
        TableNames: exists(call, sessionsTable) === undefined ? [] : [sessionsTable],
      })),
      operation<DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput>(
        DescribeContinuousBackups$,
        (input, call) => {
          const region = exists(call, input.TableName);
          if (region === undefined) {
            throw new ServiceFault('TableNotFoundException', `Table not found: ${input.TableName ?? ''}`);
          }
          const days = tableBackupDays(world.inventory, region, world.now());
          // Continuous backups are on for every table; what can be turned on is to restore from them.
          if (days === 0) {
            return {
              ContinuousBackupsDescription: {
                ContinuousBackupsStatus: 'ENABLED',
                PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
              },
            };
          }
          return {
            ContinuousBackupsDescription: {
              ContinuousBackupsStatus: 'ENABLED',
              PointInTimeRecoveryDescription: {
                PointInTimeRecoveryStatus: 'ENABLED',
                RecoveryPeriodInDays: days,
                EarliestRestorableDateTime: new Date(world.now() - days * DAY_MS),
                LatestRestorableDateTime: new Date(world.now() - RESTORABLE_LAG_MS),
              },
            },
          };
        },
      ),
    ],
  };
}
