/**
 * The guard: sits in every client, below retries, where nothing gets past it. Counts what is sent, and refuses each
 * operation that is neither on the list of reads nor among the changes that were allowed when the client was made, and
 * each change that would not go to AWS. Knows nothing of what operations mean.
 */
import { HttpRequest } from '@smithy/core/protocols';
import type { Pluggable } from '@smithy/types';
import type { ApiUsage } from '../cloud/cloud.ts';
import type { Clock } from '../engine/clock.ts';
import { guardError } from './errors.ts';
import { onlyAws } from './only-aws.ts';
import { operationOfContext } from './operation.ts';
import type { AwsCall, Mode } from './options.ts';
import { kindOfOperation, reads } from './reads.ts';

export interface Guard {
  /** True of an operation, as `service:Operation`, that passes as one that only looks. */
  readonly isRead: (name: string) => boolean;
  /** The plug-in for a client of `service` (its prefix in IAM) in `region`. */
  plugin<Input extends object, Output extends object>(service: string, region: string): Pluggable<Input, Output>;
  /** True for an error that came of a read, which may therefore be sent again. */
  readonly mayRepeat: (error: unknown) => boolean;
  readonly usage: () => ApiUsage;
}

/** Who is told of what is sent, and by which clock it is timed. */
export interface Listener {
  readonly clock: Clock;
  readonly onCall: (call: AwsCall) => void;
}

export interface GuardOptions {
  /** Somebody typed where requests go, or they do not leave this process. */
  readonly goesAnywhere?: boolean;
}

export function createGuard(
  mode: Mode,
  listener?: Listener,
  namedReads: readonly string[] = [],
  { goesAnywhere = false }: GuardOptions = {},
): Guard {
  const sealed = typeof mode === 'object' && 'only' in mode;
  const allowed = new Set(mode === 'read-only' ? [] : sealed ? mode.only : mode.changes);
  const alsoReads = new Set(namedReads.filter((name) => kindOfOperation(name) === 'read'));
  const isRead = (name: string): boolean => reads.has(name) || alsoReads.has(name);
  const byOperation = new Map<string, number>();
  const repeatable = new WeakSet<object>();
  let calls = 0;
  let mutations = 0;

  const admit = (service: string, operation: string, region: string) => {
    const name = `${service}:${operation}`;
    const read = isRead(name);
    const may = allowed.has(name) || (read && !sealed);
    if (!may) throw guardError({ service, operation, region, read }, [...allowed]);
    return read;
  };

  return {
    isRead,
    plugin: (service, region) => ({
      applyToStack: (stack) => {
        // Before what counts: what is refused is not sent.
        const isChange = (operation: string): boolean => !isRead(`${service}:${operation}`);
        if (!goesAnywhere) stack.use(onlyAws(service, region, isChange));
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
            const heard = listener && hearing(listener, { service, operation, region }, args);
            try {
              const result = await next(args);
              heard?.(result.output);
              return result;
            } catch (error) {
              heard?.(error);
              if (read && isObject(error)) repeatable.add(error);
              throw error;
            }
          },
          { step: 'finalizeRequest', priority: 'low' },
        );
      },
    }),
    mayRepeat: (error) => isObject(error) && repeatable.has(error),
    usage: () => ({
      calls,
      mutations,
      byOperation: Object.fromEntries([...byOperation].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    }),
  };
}

/** Begins to time an attempt; what is returned takes its output or its error. */
function hearing(
  { clock, onCall }: Listener,
  call: Pick<AwsCall, 'service' | 'operation' | 'region'>,
  { request }: { readonly request?: unknown },
): (outcome: unknown) => void {
  const startedAt = clock.now();
  const { method, path } = HttpRequest.isInstance(request) ? request : { method: 'POST', path: '/' };
  return (outcome) => {
    const metadata = memberOf(outcome, '$metadata');
    const status = memberOf(metadata, 'httpStatusCode');
    const requestId = memberOf(metadata, 'requestId') ?? memberOf(metadata, 'extendedRequestId');
    onCall({
      ...call,
      method,
      path,
      durationMs: clock.now() - startedAt,
      ...(typeof status === 'number' ? { status } : {}),
      ...(typeof requestId === 'string' ? { requestId } : {}),
      ...(outcome instanceof Error ? { error: outcome.name } : {}),
    });
  };
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
