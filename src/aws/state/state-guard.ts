/**
 * The guard of the client that writes nanoops' own state: it sends a handful of operations, to one table, and refuses
 * everything else before it leaves, whoever asks. Judges by what is about to go on the wire.
 */
import { HttpRequest } from '@smithy/core/protocols';
import type { Pluggable } from '@smithy/types';
import { creatingState, keepingState } from '../../iam/state.ts';
import { operationOfContext } from '../operation.ts';

const stateOperations: ReadonlySet<string> = new Set([...keepingState, ...creatingState]);

/** A request that the client of nanoops' state must not send: a defect of nanoops. */
class RefusedByStateGuard extends Error {
  override readonly name = 'RefusedByStateGuard';
}

export function stateGuard<I extends object, O extends object>(table: string): Pluggable<I, O> {
  const admit = (operation: string) => {
    if (stateOperations.has(`dynamodb:${operation}`)) return;
    throw new RefusedByStateGuard(`dynamodb:${operation} was refused before it was sent: no state is kept by it`);
  };
  return {
    applyToStack: (stack) => {
      // Without names, so that no other middleware can take their places.
      stack.add(
        (next, context) => async (args) => {
          admit(operationOfContext(context));
          return next(args);
        },
        { step: 'initialize', priority: 'high' },
      );
      // Below retries, where nothing gets past it.
      stack.add(
        (next, context) => async (args) => {
          const operation = operationOfContext(context);
          admit(operation);
          const other = tablesOf(args.request).find((name) => name !== table);
          if (other === undefined) return next(args);
          throw new RefusedByStateGuard(
            `dynamodb:${operation} on ${other} was refused before it was sent: state is kept in the table ${table} only`,
          );
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
    },
  };
}

/** A request that names no table is taken to be about one that must not be asked. */
const unnamed = ['a table that is not named'];

/** The tables that a request is about, in the JSON that is sent. */
function tablesOf(request: unknown): readonly string[] {
  if (!HttpRequest.isInstance(request)) return unnamed;
  const sent: unknown = request.body;
  const text = sent instanceof Uint8Array ? new TextDecoder().decode(sent) : sent;
  const body: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  const items = memberOf(body, 'TransactItems');
  if (!Array.isArray(items)) return nameIn(body);
  return items.length === 0 ? unnamed : items.flatMap((item: unknown) => Object.values(item ?? {}).flatMap(nameIn));
}

function nameIn(value: unknown): readonly string[] {
  const name = memberOf(value, 'TableName');
  return typeof name === 'string' ? [name] : unnamed;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
