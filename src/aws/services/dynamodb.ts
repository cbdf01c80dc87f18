/** DynamoDB, as far as facts about the stack's own tables need it; nanoops' table has a client of its own. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  type DescribeContinuousBackupsCommandInput,
  type DescribeTableCommandInput,
  type ListTablesCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectDynamoDb(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('dynamodb', settings.region, new DynamoDBClient(settings));
  return {
    describeContinuousBackups: (input: DescribeContinuousBackupsCommandInput) =>
      send(new DescribeContinuousBackupsCommand(input), { members: ['ContinuousBackupsDescription'] }),
    listTables: (input: ListTablesCommandInput) => send(new ListTablesCommand(input), { lists: ['TableNames'] }),
    describeTable: (input: DescribeTableCommandInput) => send(new DescribeTableCommand(input), { members: ['Table'] }),
  };
}
