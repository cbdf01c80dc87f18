/** The cache no longer holds what is asked for, so that the load falls on what it protects. */
import { quantity } from '../../evidence.ts';
import { change, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingMetric } from '../signals.ts';

export const cacheCold: LatencyCause = {
  id: 'cache-cold',
  component: ({ picture }) => picture.names.cache,
  weigh: (signals, balance) => {
    const { hitRatio, databaseQueries, picture } = signals;
    if (hitRatio === undefined) {
      const failed = missingMetric(picture.cacheLoad, 'hits and misses', picture.region);
      if (failed !== undefined) balance.miss(failed);
      return;
    }
    const lost = hitRatio.before - hitRatio.during;
    if (lost >= 0.2) balance.favour(4, change('hit rate', hitRatio));
    else balance.oppose(lost >= 0.1 ? 2 : 4, change('hit rate', hitRatio));
    if (lost >= 0.2 && databaseQueries !== undefined && databaseQueries.ratio >= 1.3) {
      balance.favour(1, change('the database gets what the cache misses: queries', databaseQueries));
    }
    if (lost >= 0.2)
      weighTraces(signals, balance, ['cache', 'database', 'service'], 'spent where misses are made good');
    opposeZone(signals, balance, 2);
  },
  summary: ({ hitRatio }, component) =>
    `${component} misses what it used to hold${hitRatio ? ` (hit rate ${quantity(hitRatio.before, 'ratio')} → ${quantity(hitRatio.during, 'ratio')})` : ''}`,
};
