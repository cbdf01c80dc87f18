/**
 * The guard: sits in every client, below retries, where nothing gets past it. Counts what is sent, and refuses each
 * operation that is neither on the list of reads nor among the changes that were allowed when the client was made.
 * Knows nothing of what operations mean.
 */
import type { Pluggable } from '@smithy/types';
import type { ApiUsage } from '../cloud/cloud.ts';
import { guardError } from './errors.ts';
import { operationOfContext } from './operation.ts';
import type { Mode } from './options.ts';
import { reads } from './reads.ts';

export interface Guard {
  /** The plug-in for a client of `service` (its prefix in IAM) in `region`. */
  plugin<Input extends object, Output extends object>(service: string, region: string): Pluggable<Input, Output>;
  /** True for an error that came of a read, which may therefore be sent again. */
  readonly mayRepeat: (error: unknown) => boolean;
  readonly usage: () => ApiUsage;
}

export function createGuard(mode: Mode): Guard {
  const changes = new Set(mode === 'read-only' ? [] : mode.changes);
  const byOperation = new Map<string, number>();
  const repeatable = new WeakSet<object>();
  let calls = 0;
  let mutations = 0;

  const admit = (service: string, operation: string, region: string) => {
    const name = `${service}:${operation}`;
    const read = reads.has(name);
    if (!read && !changes.has(name)) throw guardError({ service, operation, region, read }, [...changes]);
    return read;
  };

  return {
    plugin: (service, region) => ({
      applyToStack: (stack) => {
        // Without names, so that no other middleware can take their places.
        stack.add(
          (next, context) => async (args) => {
            admit(service, operationOfContext(context), region);
            return next(args);
          },
          { step: 'initialize', priority: 'high' },
        );
        stack.add(
          (next, context) => async (args) => {
            const operation = operationOfContext(context);
            const read = admit(service, operation, region);
            const name = `${service}:${operation}`;
            calls += 1;
            if (!read) mutations += 1;
            byOperation.set(name, (byOperation.get(name) ?? 0) + 1);
            try {
              return await next(args);
            } catch (error) {
              if (read && typeof error === 'object' && error !== null) repeatable.add(error);
              throw error;
            }
          },
          { step: 'finalizeRequest', priority: 'low' },
        );
      },
    }),
    mayRepeat: (error) => typeof error === 'object' && error !== null && repeatable.has(error),
    usage: () => ({
      calls,
      mutations,
      byOperation: Object.fromEntries([...byOperation].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    }),
  };
}
