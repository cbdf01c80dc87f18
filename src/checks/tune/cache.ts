/** Redis: what it throws away, how often it helps, and how long keys live. */
import type { KeyGroup, KeySample } from '../../cloud/inspection.ts';
import { check } from '../check.ts';
import { notConfigured, ok, seenIn, span, unknown, unseen, warning, type Judged, type Origin } from '../judged.ts';
import { hourMs, windowOf } from '../kit.ts';
import { amount, limitTexts } from '../limits.ts';
import { hasPoints, noData, seriesEvidence, sumOf, windowText } from '../measures.ts';
import { seen as seenOfAws } from '../observations.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { seen } from './observations.ts';
import { linesOf, redis, unseenThere } from './origins.ts';

const area = 'cache';
const lru: ReadonlySet<string> = new Set(['allkeys-lru', 'volatile-lru']);

export const cachePolicy = check('tune-cache-policy', {
  title: 'Eviction policy',
  area,
  severity: 'warning',
  needs: { server: seen.cacheServer, parameters: seen.cacheParameters },
  judge: ({ server, parameters }, told): Judged => {
    const byAws: Origin = { operation: 'elasticache:DescribeCacheParameters', region: told.site.region };
    const running = server.known ? server.value.policy : undefined;
    const set = parameters.known ? parameters.value.maxMemoryPolicy : undefined;
    const found = [
      ...(running === undefined ? [] : seenIn(redis(told, 'INFO'), `maxmemory-policy ${running}`)),
      ...(parameters.known ? seenIn(byAws, `${parameters.value.group}: ${set ?? 'it does not say'}`) : []),
    ];
    const policy = running ?? set;
    if (policy === undefined) {
      // What was asked of the server and failed says more than what was not configured.
      if (!parameters.known)
        return server.known || server.because === 'skipped'
          ? unseen(parameters, byAws)
          : unseenThere(server, redis(told, 'INFO'));
      return unknown('neither the cache nor its parameter group says what is thrown away', found);
    }
    const extras = { target: 'allkeys-lru or volatile-lru' };
    const nextStep =
      'set maxmemory-policy to allkeys-lru in a parameter group of your own; volatile-lru where keys without a TTL must stay';
    if (lru.has(policy)) {
      return running !== undefined && set !== undefined && running !== set
        ? warning(`it runs with ${running}, its parameter group says ${set}`, found, {
            ...extras,
            nextStep: 'a node that is replaced comes up with what the group says',
          })
        : ok(`${policy}: the least recently used go first`, found, extras);
    }
    if (policy === 'noeviction') {
      return warning('noeviction: once it is full every write fails', found, { ...extras, nextStep });
    }
    return warning(`${policy}: not the least recently used go first`, found, { ...extras, nextStep });
  },
});

export const cacheHitRate = check('tune-cache-hit-rate', {
  title: 'Hit rate',
  area,
  severity: 'warning',
  window: '1h',
  needs: { load: seenOfAws.cacheLoad },
  judge: ({ load }, told): Judged => {
    const limit = told.limits['alert-cache-hit-rate'];
    const least = limit.target ?? limit.alert;
    const texts = limitTexts({
      ...limit,
      alert: undefined,
      ...(least === undefined ? {} : { target: least, meetsAtTarget: true }),
    });
    if (!load.known)
      return { ...unseen(load, { operation: 'cloudwatch:GetMetricData', region: told.site.region }), ...texts };
    const window = windowOf(told, hourMs);
    const { hits, misses } = load.value;
    if (!hasPoints(hits, window) && !hasPoints(misses, window)) {
      return {
        ...noData(undefined, `neither hits nor misses were reported over ${windowText(window)}`, hits),
        ...texts,
      };
    }
    const [hit, missed] = [sumOf(hits, window), sumOf(misses, window)];
    const found = [seriesEvidence(hits, `${hit} hits`), seriesEvidence(misses, `${missed} misses`)];
    if (hit + missed === 0) return unknown(`nothing was looked up over ${windowText(window)}`, found, texts);
    const share = (hit / (hit + missed)) * 100;
    const extras = { ...texts, observed: { value: share, unit: '%', window: windowText(window) } };
    const text = `${amount(share, 'percent')} of ${quantity(hit + missed, 'count')} look-ups over ${windowText(window)} were hits`;
    return least === undefined || share >= least
      ? ok(text, found, extras)
      : warning(text, found, {
          ...extras,
          nextStep: 'which keys are asked for once only, and which expire before they are asked for again?',
        });
  },
});

export const cacheEvictions = check('tune-cache-evictions', {
  title: 'Evictions',
  area,
  severity: 'warning',
  window: '1h',
  needs: { load: seenOfAws.cacheLoad, server: seen.cacheServer },
  judge: ({ load, server }, told): Judged => {
    const target = { target: '0' };
    if (!load.known)
      return { ...unseen(load, { operation: 'cloudwatch:GetMetricData', region: told.site.region }), ...target };
    const window = windowOf(told, hourMs);
    const { evictions } = load.value;
    if (!hasPoints(evictions, window)) {
      return {
        ...noData(
          undefined,
          `no evictions were reported over ${windowText(window)}, nor that there were none`,
          evictions,
        ),
        ...target,
      };
    }
    const count = sumOf(evictions, window);
    const memory = server.known
      ? seenIn(
          redis(told, 'INFO'),
          `${quantity(server.value.usedMemoryBytes, 'bytes')} used of ${server.value.maxMemoryBytes === 0 ? 'no limit of its own' : quantity(server.value.maxMemoryBytes, 'bytes')}`,
        )
      : [];
    const found = [seriesEvidence(evictions, `${countText(count)} evictions`), ...memory];
    const extras = { ...target, observed: { value: count, unit: 'count', window: windowText(window) } };
    return count === 0
      ? ok(`none over ${windowText(window)}`, found, extras)
      : warning(`${countText(count)} keys were thrown away over ${windowText(window)} to make room`, found, {
          ...extras,
          nextStep: 'shorter TTLs, smaller values, or a larger node type',
        });
  },
});

export const cacheTtls = check('tune-cache-ttls', {
  title: 'TTLs by key',
  area,
  severity: 'warning',
  needs: { keys: seen.cacheKeys },
  judge: ({ keys }, told): Judged => {
    const origin = redis(told, 'TTL');
    if (!keys.known) return unseenThere(keys, origin);
    const ttls = told.tuning?.ttls ?? {};
    if (Object.keys(ttls).length === 0) return notConfigured('cache.ttls is not configured');
    return judgeKeys(keys.value, ttls, origin);
  },
});

/** Left of a TTL that is set anew at this moment, and the answer's way. */
const slackMs = 1_000;

function judgeKeys(sample: KeySample, ttls: Readonly<Record<string, number>>, origin: Origin): Judged {
  const { groups, total, sampled, isComplete } = sample;
  const named = groups.flatMap((group) =>
    group.pattern === undefined ? [] : [{ ...group, limitMs: ttls[group.pattern] ?? 0, pattern: group.pattern }],
  );
  const rest = groups.find(({ pattern }) => pattern === undefined);
  const basis = isComplete
    ? `all ${countText(total)} keys`
    : `a sample of ${countText(sampled)} of ${countText(total)} keys`;
  const found = [
    ...seenIn(origin, `looked at ${basis}`),
    ...linesOf(origin, named, (group) => `${group.pattern}: ${groupText(group)}, may live for ${span(group.limitMs)}`),
    ...(rest === undefined || rest.keys === 0 ? [] : seenIn(origin, `other keys: ${groupText(rest)}`)),
  ];
  const forever = named.filter(({ withoutExpiry }) => withoutExpiry > 0);
  const long = named.filter(({ longestLeftMs = 0, limitMs }) => longestLeftMs > limitMs + slackMs);
  const extras = { target: named.map(({ pattern, limitMs }) => `${pattern} \u2264${span(limitMs)}`).join(', ') };
  const faults = [
    ...forever.map(
      ({ pattern, withoutExpiry, keys }) => `${countText(withoutExpiry)} of ${countText(keys)} ${pattern} never expire`,
    ),
    ...long.map(
      ({ pattern, longestLeftMs = 0, limitMs }) =>
        `${pattern} live for ${span(longestLeftMs)} and more instead of ${span(limitMs)}`,
    ),
    ...(rest !== undefined && rest.withoutExpiry > 0
      ? [`${countText(rest.withoutExpiry)} other keys never expire`]
      : []),
  ];
  if (faults.length > 0) {
    return warning(`${faults.join('; ')} (in ${basis})`, found, {
      ...extras,
      nextStep: 'set the TTL with the value: SET key value EX seconds; cache.ttls says what is aimed for',
    });
  }
  const missing = named.filter((group) => group.keys === 0).map(({ pattern }) => pattern);
  if (missing.length === named.length || (missing.length > 0 && !isComplete)) {
    return unknown(`no key like ${missing.join(', ')} in ${basis}`, found, {
      ...extras,
      nextStep: 'cache.ttls in nanoops.yaml: how do your keys begin?',
    });
  }
  const text = `all expire in time, of ${basis}`;
  return ok(missing.length === 0 ? text : `${text}; there are none like ${missing.join(', ')}`, found, extras);
}

function groupText({ keys, withoutExpiry, longestLeftMs }: KeyGroup): string {
  const left = longestLeftMs === undefined ? '' : `, at most ${span(longestLeftMs)} left`;
  return `${countText(keys)} keys, ${countText(withoutExpiry)} without expiry${left}`;
}

function countText(count: number): string {
  return amount(count, 'count');
}
