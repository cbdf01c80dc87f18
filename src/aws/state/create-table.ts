/** Creates the table of nanoops' own state, or finds that it is there, and waits until it can be used. */
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../engine/clock.ts';
import { StateError } from '../../engine/journal-store.ts';
import type { StateTable } from './dynamodb-table.ts';

const pauseMs = 1_000;
/** A table is there after some seconds. */
const longestWaitMs = 180_000;

/**
 * @throws StateError `unreadable` for a table of that name that is not one of nanoops; `unwritable` where it cannot be
 *   created or does not become active.
 */
export async function createTable(table: StateTable, clock: Clock): Promise<'created' | 'already-there'> {
  let current = await table.describe();
  const created = current === undefined && (await createUnlessThere(table));
  const deadlineMs = clock.now() + longestWaitMs;
  current ??= await table.describe();
  // A table that was just created may not show at once.
  while (current === undefined || !isActive(current, table)) {
    if (clock.now() >= deadlineMs) throw neverActive(table);
    await clock.sleep(pauseMs);
    current = await table.describe();
  }
  return created ? 'created' : 'already-there';
}

/** @throws StateError for a table that will not become ours by waiting. */
function isActive(found: TableDescription, table: StateTable): boolean {
  checkForm(found, table);
  const status = found.TableStatus ?? 'CREATING';
  if (status === 'ACTIVE' || status === 'UPDATING') return true;
  if (status === 'CREATING') return false;
  throw new StateError(
    'unwritable',
    `the ${table.name} is in the state ${status}, so nothing can be kept in it`,
    status === 'DELETING'
      ? 'wait until it is gone, then run nanoops state init again'
      : 'the DynamoDB console tells why; then run nanoops state init again',
  );
}

function neverActive(table: StateTable): StateError {
  return new StateError(
    'unwritable',
    `the ${table.name} is still not active after ${longestWaitMs / 60_000} minutes`,
    'look at it in the DynamoDB console, then run nanoops state init again: it goes on where it stands',
  );
}

/** @returns false where somebody else creates it at the same time. */
async function createUnlessThere(table: StateTable): Promise<boolean> {
  try {
    await table.create();
    return true;
  } catch (error) {
    if (isAlreadyThere(error)) return false;
    throw error;
  }
}

function isAlreadyThere(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'ResourceInUseException') return true;
  }
  return false;
}

function checkForm({ KeySchema = [], AttributeDefinitions = [] }: TableDescription, table: StateTable): void {
  const keys = KeySchema.map(({ AttributeName: name, KeyType: kind }) => {
    const type = AttributeDefinitions.find((attribute) => attribute.AttributeName === name)?.AttributeType;
    return `${name} (${kind}, ${type})`;
  }).join(' and ');
  const wanted = 'pk (HASH, S) and sk (RANGE, S)';
  if (keys === wanted) return;
  throw new StateError(
    'unreadable',
    `the ${table.name} is not one of nanoops: its key is ${keys}, not ${wanted}. It was left as it is.`,
    'give the state a table of its own: another name under state: in nanoops.yaml, then nanoops state init',
  );
}
