/** What DynamoDB refuses to nanoops' own state, told as a `StateError` that names the table, the region and the remedy. */
import { StateError } from '../../engine/journal-store.ts';
import { kindOf } from '../error-kind.ts';
import { translated } from '../errors.ts';

/** The table, and how its client asks. */
export interface TablePlace {
  readonly table: string;
  readonly region: string;
  readonly profile: string | undefined;
}

/** How the store is called in messages. */
export function storeName({ table, region }: TablePlace): string {
  return `DynamoDB table ${table} in ${region}`;
}

/** A condition did not hold: somebody else wrote first, or this very write was made before and its answer was lost. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
}

/** Why a transaction was cancelled, an item each (TransactWriteItems, "CancellationReasons"). */
function cancellationsOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') return [];
  if (!('CancellationReasons' in error) || !Array.isArray(error.CancellationReasons)) return [];
  return error.CancellationReasons.map((reason: unknown) => {
    const code: unknown = typeof reason === 'object' && reason !== null ? Reflect.get(reason, 'Code') : undefined;
    return typeof code === 'string' ? code : 'None';
  });
}

function isConditionFailure(error: unknown): boolean {
  if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return true;
  return cancellationsOf(error).includes('ConditionalCheckFailed');
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Refusals that say nothing against the request: it met another one, or too many. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Error && error.name === 'TransactionInProgressException') return true;
  return cancellationsOf(error).some((code) => passing.has(code));
}

/** The error to throw for what a request to the table failed with. */
export function stateErrorOf(error: unknown, operation: string, writes: boolean, place: TablePlace): unknown {
  if (error instanceof StateError) return error;
  if (isConditionFailure(error)) return new ConditionFailed('the condition did not hold', { cause: error });
  const name = storeName(place);
  if (kindOf(error) === 'not-found') {
    return new StateError(
      'missing',
      `the ${name} is not there, so no run's state can be kept or read there`,
      'nanoops state init creates it; check its name and region in nanoops.yaml (state:) and the account before',
      { cause: error },
    );
  }
  const { table, region, profile } = place;
  const call = { service: 'dynamodb', operation, region, resource: `table ${table}`, read: !writes, profile };
  const cloud = translated(error, call);
  if (cloud === undefined) return error;
  const isForeign = cloud.details.awsCode === 'ValidationException';
  return new StateError(
    writes ? 'unwritable' : 'unreadable',
    `the ${name} cannot be ${writes ? 'written' : 'read'}: ${cloud.message}`,
    isForeign ? 'nanoops state init tells whether that table is one of nanoops' : cloud.details.nextStep,
    { cause: cloud },
  );
}
