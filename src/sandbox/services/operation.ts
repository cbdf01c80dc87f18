/** Joins an SDK's operation schema to a handler with that operation's types. */
import type { StaticOperationSchema } from '@smithy/types';
import type { CallContext, SimulatedOperation } from '../wire/service.ts';

/** What answers an operation, in the types of the SDK. */
type Handler<Input, Output> = (input: Input, call: CallContext) => Output;

export function operation<Input, Output>(
  schema: StaticOperationSchema,
  handle: Handler<Input, Output>,
): SimulatedOperation {
  return { schema, handle };
}

/** A page of a list: its items, and the token of the next one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Cuts a page out of a list. `token` is what the page before gave; undefined when it is none of ours. */
export function pageOf<T>(all: readonly T[], size: number, token?: string): Page<T> | undefined {
  const from = token === undefined || token === '' ? 0 : positionOf(token);
  if (from === undefined || from > all.length) return undefined;
  const to = from + size;
  return { items: all.slice(from, to), ...(to < all.length && { next: tokenAt(to) }) };
}

const TOKEN = /^nanoops-page-(\d{1,9})$/;

function tokenAt(position: number): string {
  return Buffer.from(`nanoops-page-${position}`).toString('base64url');
}

function positionOf(token: string): number | undefined {
  const found = TOKEN.exec(Buffer.from(token, 'base64url').toString('utf8'));
  return found === null ? undefined : Number(found[1]);
}
