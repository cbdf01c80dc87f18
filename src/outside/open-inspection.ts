/**
 * The port `Inspection` on the real world: the database, the cache and the site that the configuration names, asked from this
 * machine. Never opened for a simulation or a rehearsal.
 */
import { InspectionError, type Inspection } from '../cloud/inspection.ts';
import type { Config } from '../config/schema.ts';
import type { SecretRef } from '../config/secrets.ts';
import type { Clock } from '../engine/clock.ts';
import { NanoopsError } from '../errors.ts';
import { openCache } from './inspect/cache.ts';
import { openDatabase } from './inspect/database.ts';
import { openWeb } from './inspect/web.ts';

export interface InspectionOptions {
  readonly config: Pick<Config, 'database' | 'cache' | 'cdn'>;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Of nanoops, for the user agent. */
  readonly version: string;
  /** From a reference to the secret. Asked for when something connects, and not before. */
  readonly secret: (ref: SecretRef) => Promise<string>;
}

/** Contacts nothing before it is asked to. */
export function openInspection({ config, signal, clock, version, secret }: InspectionOptions): Inspection {
  const databaseConnection = config.database?.connection;
  const cacheConnection = config.cache?.connection;
  const password = (ref: SecretRef | undefined) => async () => (ref === undefined ? undefined : resolved(ref, secret));
  return {
    database:
      databaseConnection === undefined
        ? { server: absent('database'), statements: absent('database'), indexes: absent('database') }
        : openDatabase({
            connection: databaseConnection,
            password: password(databaseConnection.password),
            clock,
            signal,
          }),
    cache:
      cacheConnection === undefined
        ? { server: absent('cache'), keys: absent('cache') }
        : openCache({ connection: cacheConnection, password: password(cacheConnection.password), clock, signal }),
    web: openWeb({ site: config.cdn?.url, clock, signal, version }),
  };
}

function absent(part: string): () => Promise<never> {
  return () =>
    Promise.reject(
      new InspectionError(
        'rejected',
        `${part}.connection is not configured`,
        `${part}.connection in nanoops.yaml; nanoops config schema tells what it holds`,
      ),
    );
}

/** A secret that is not there is no fault of the program: what needs it is unknown, and the rest is looked at. */
async function resolved(ref: SecretRef, secret: InspectionOptions['secret']): Promise<string> {
  try {
    return await secret(ref);
  } catch (error) {
    if (!(error instanceof NanoopsError)) throw error;
    throw new InspectionError('rejected', error.message, error.nextStep, { cause: error });
  }
}
