/** An inspection that says what a test tells it to. Strict: a look that no test provided is a defect of the test. */
import type { Inspection } from '../../src/cloud/inspection.ts';

/** What each look gives, or rejects with. */
export interface ToldInspection {
  readonly database?: Partial<Inspection['database']>;
  readonly cache?: Partial<Inspection['cache']>;
  readonly web?: Partial<Inspection['web']>;
}

export function fakeInspection({ database = {}, cache = {}, web = {} }: ToldInspection = {}): Inspection {
  const untold = (look: string) => () => Promise.reject(new TypeError(`this test does not say what ${look} gives`));
  return {
    database: {
      server: untold('database.server'),
      statements: untold('database.statements'),
      indexes: untold('database.indexes'),
      ...database,
    },
    cache: { server: untold('cache.server'), keys: untold('cache.keys'), ...cache },
    web: { get: untold('web.get'), ...web },
  };
}
