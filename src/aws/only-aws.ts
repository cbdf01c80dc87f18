/**
 * Keeps changes from going elsewhere than to AWS or this machine, wherever an endpoint was named: in a variable, in a profile, in a
 * configuration. Looks at the request itself, so that it need not know of any of them.
 */
import { HttpRequest } from '@smithy/core/protocols';
import type { Pluggable } from '@smithy/types';
import { isRequestElsewhere } from '../cloud/endpoints.ts';
import { elsewhereError, type Call } from './errors.ts';
import { operationOfContext } from './operation.ts';

/** @throws CloudError `refused-elsewhere`, also for what is no request that can be looked at */
export function refuseElsewhere(call: Omit<Call, 'read'>, request: unknown): void {
  const isSeen = HttpRequest.isInstance(request);
  if (isSeen && !isRequestElsewhere(call.service, request)) return;
  const { protocol = '', hostname = '', port } = isSeen ? request : {};
  const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  throw elsewhereError({ ...call, read: false }, URL.canParse(url) ? new URL(url).origin : 'what is no address');
}

/** For a client all of whose operations that `changes` names are changes; the others look. */
export function onlyAws<I extends object, O extends object>(
  service: string,
  region: string,
  changes: (operation: string) => boolean,
): Pluggable<I, O> {
  const check = (operation: string, request: unknown): void => {
    if (changes(operation)) refuseElsewhere({ service, operation, region }, request);
  };
  return {
    applyToStack: (stack) => {
      // Without names, so that no other middleware can take their places. Before it is signed, and below retries.
      stack.add(
        (next, context) => async (args) => {
          check(operationOfContext(context), args.request);
          return next(args);
        },
        { step: 'build', priority: 'high' },
      );
      stack.add(
        (next, context) => async (args) => {
          check(operationOfContext(context), args.request);
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
    },
  };
}
