/** A DynamoDB table, and in which regions it is. */
import type { TableState } from '../../cloud/recovery-facts.ts';
import type { TableRef } from '../../cloud/stack.ts';
import type { FactTools } from './tools.ts';

const operation = 'DescribeTable';

export async function tableState({ clients }: FactTools, { region, table }: TableRef): Promise<TableState> {
  const dynamoDb = await clients.dynamoDb(region);
  const { Table } = await dynamoDb.describeTable({ TableName: table });
  return {
    status: Table?.TableStatus ?? 'unknown',
    replicas: (Table?.Replicas ?? []).map(({ RegionName, ReplicaStatus }) => ({
      region: RegionName ?? 'unknown',
      status: ReplicaStatus ?? 'unknown',
    })),
    source: { operation: `dynamodb:${operation}`, region, detail: table },
  };
}
