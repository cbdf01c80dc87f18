/** From a configuration to what `tune` is told of it. */
import type { TuningSettings } from '../checks/tune/settings.ts';
import type { Config } from '../config/schema.ts';

export { tuneChecks } from '../checks/tune/checks.ts';

/** The pool that the specification has (SQLAlchemy's `max_overflow` is 10 where nobody sets it). */
const specifiedPool = { size: 20, overflow: 10, recycle: 3_600_000, workersPerTask: 1 } as const;

export function tuningOf({ database, cache, cdn }: Config): TuningSettings {
  const { size, overflow, recycle, workersPerTask } = database?.pool ?? specifiedPool;
  return {
    hasDatabaseConnection: database?.connection !== undefined,
    hasCacheConnection: cache?.connection !== undefined,
    pool: { size, overflow, recycleMs: recycle, workersPerTask, isConfigured: database?.pool !== undefined },
    ttls: cache?.ttls ?? {},
    ...(cdn === undefined
      ? {}
      : {
          cdn: {
            distribution: cdn.distribution,
            ...(cdn.url === undefined ? {} : { url: cdn.url }),
            probes: cdn.probes,
          },
        }),
  };
}
