/** What `tune` looks at, in the order of the specification: the database, the cache, the delivery of content. */
import type { Check } from '../check.ts';
import { cacheEvictions, cacheHitRate, cachePolicy, cacheTtls } from './cache.ts';
import {
  apiCaching,
  cdnInvalidations,
  cdnTtl,
  compression,
  criticalCss,
  minification,
  rangeRequests,
  sourceMaps,
  staticCaching,
} from './delivery.ts';
import { primaryKeys, redundantIndexes, unusedIndexes } from './indexes.ts';
import { poolRecycle, poolSize, queryCache } from './pool.ts';
import { fullScans, leadingWildcards, missingIndexes, slowStatements, sorts } from './statements.ts';

/** Apart from the catalogue: only `tune` connects to the database and the cache, and asks the site. */
export const tuneChecks: readonly Check[] = [
  slowStatements,
  fullScans,
  sorts,
  leadingWildcards,
  missingIndexes,
  unusedIndexes,
  redundantIndexes,
  primaryKeys,
  poolSize,
  poolRecycle,
  queryCache,
  cachePolicy,
  cacheHitRate,
  cacheEvictions,
  cacheTtls,
  compression,
  minification,
  sourceMaps,
  criticalCss,
  staticCaching,
  apiCaching,
  rangeRequests,
  cdnTtl,
  cdnInvalidations,
];
