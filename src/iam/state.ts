/** The operations by which nanoops keeps its own state in a table: its client sends these and nothing else. */

/** Journals, leases and incidents. */
export const keepingState: readonly string[] = [
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:TransactWriteItems',
];

/** For `state init`. */
export const creatingState: readonly string[] = ['dynamodb:CreateTable', 'dynamodb:DescribeTable'];
