/** What `tune` looks at, beside what AWS tells: the database, the cache and the site themselves. Each is read once. */
import type { WebAnswer } from '../../cloud/inspection.ts';
import { InspectionError } from '../../cloud/inspection.ts';
import { settled } from '../../engine/step.ts';
import { observe, part, unlessConfigured, type CheckSettings } from '../kit.ts';
import { assetsIn, looksLikeMap, mapsOf } from './page.ts';
import type { TuningSettings } from './settings.ts';

/** Plans are asked for one by one, each with a limit of its own. */
const databaseMs = 120_000;

type Told = Pick<CheckSettings, 'stack' | 'site' | 'tuning'>;

/** A connection leads to one region's half, the primary one. */
function unlessConnected(told: Told, has: keyof TuningSettings, key: string): string | undefined {
  if (told.tuning?.[has] !== true) return `${key} is not configured`;
  const { primary } = told.stack;
  return told.site.region === primary.region ? undefined : `${key} leads to ${primary.region}`;
}

const noDatabase = (told: Told) => unlessConnected(told, 'hasDatabaseConnection', 'database.connection');
const noCache = (told: Told) => unlessConnected(told, 'hasCacheConnection', 'cache.connection');

const databaseServer = observe('tune-database-server', {
  title: 'The database server',
  calls: [],
  skip: (_needs, settings) => noDatabase(settings),
  run: (_needs, { ports, signal }) => ports.inspection.database.server(signal),
  detail: ({ version }) => version,
});

const statements = observe('tune-statements', {
  title: 'Statements, and the plans of the costliest',
  calls: [],
  timeoutMs: databaseMs,
  skip: (_needs, settings) => noDatabase(settings),
  run: (_needs, { ports, signal }) => ports.inspection.database.statements(signal),
  detail: ({ statements: read, counted }) => `${read.length} of ${counted} statements`,
});

const indexes = observe('tune-indexes', {
  title: 'Indexes, and whether they are used',
  calls: [],
  timeoutMs: databaseMs,
  skip: (_needs, settings) => noDatabase(settings),
  run: (_needs, { ports, signal }) => ports.inspection.database.indexes(signal),
  detail: ({ indexes: read, tables }) => `${read.length} indexes of ${tables} tables`,
});

const connectionLimit = observe('tune-connection-limit', {
  title: 'How many connections the database takes',
  calls: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBParameters',
    'rds:DescribeDBClusterParameters',
  ],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: async (_needs, { ports, settings }) => (await ports.facts.connectionLimit(part(settings.site.database))) ?? null,
  detail: (limit) => (limit === null ? 'cannot be told' : `${limit} connections`),
});

const clusterParameters = observe('tune-cluster-parameters', {
  title: 'What somebody set in the database\u2019s parameter group',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBClusterParameters'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: (_needs, { ports, settings }) => ports.facts.clusterParameters(part(settings.site.database)),
  detail: (parameters) => `${Object.keys(parameters).length} parameters`,
});

const tasks = observe('tune-tasks', {
  title: 'How many tasks connect to it',
  calls: ['ecs:DescribeServices'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(settings.site.compute)),
  detail: ({ desired }) => `${desired} tasks`,
});

const taskLimits = observe('tune-task-limits', {
  title: 'How many tasks there may ever be',
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: async (_needs, { ports, settings }) => (await ports.facts.scalingLimits(part(settings.site.compute))) ?? null,
  detail: (limits) => (limits === null ? 'not scaled by anybody' : `at most ${limits.max} tasks`),
});

const cacheServer = observe('tune-cache-server', {
  title: 'The cache server',
  calls: [],
  skip: (_needs, settings) => noCache(settings),
  run: (_needs, { ports, signal }) => ports.inspection.cache.server(signal),
  detail: ({ version, policy }) => `${version}, ${policy ?? 'policy not told'}`,
});

const cacheKeys = observe('tune-cache-keys', {
  title: 'Some of the keys, and how long they live',
  calls: [],
  skip: (_needs, settings) =>
    noCache(settings) ??
    (Object.keys(settings.tuning?.ttls ?? {}).length === 0 ? 'cache.ttls is not configured' : undefined),
  run: (_needs, { ports, settings, signal }) =>
    ports.inspection.cache.keys(Object.keys(part(settings.tuning).ttls), signal),
  detail: ({ sampled, total }) => `${sampled} of ${total} keys`,
});

const cacheParameters = observe('tune-cache-parameters', {
  title: 'What the cache throws away when it is full',
  calls: [
    'elasticache:DescribeReplicationGroups',
    'elasticache:DescribeCacheClusters',
    'elasticache:DescribeCacheParameters',
  ],
  skip: (_needs, { site }) => unlessConfigured(site.cache, 'cache'),
  run: (_needs, { ports, settings }) => ports.facts.cacheParameters(part(settings.site.cache)),
  detail: ({ group, maxMemoryPolicy }) => `${group}: ${maxMemoryPolicy ?? 'not told'}`,
});

const distribution = observe('tune-distribution', {
  title: 'The distribution',
  calls: ['cloudfront:GetDistributionConfig', 'cloudfront:GetCachePolicy'],
  skip: (_needs, { tuning }) => unlessConfigured(tuning?.cdn, 'cdn'),
  run: (_needs, { ports, settings }) => ports.facts.distribution(part(settings.tuning?.cdn).distribution),
  detail: ({ behaviours }) => `${behaviours.length} behaviours`,
});

const invalidations = observe('tune-invalidations', {
  title: 'Its invalidations',
  calls: ['cloudfront:ListInvalidations'],
  skip: (_needs, { tuning }) => unlessConfigured(tuning?.cdn, 'cdn'),
  run: (_needs, { ports, settings }) => ports.facts.invalidations(part(settings.tuning?.cdn).distribution),
  detail: ({ newest }) => `${newest.length} invalidations`,
});

/** What one GET came to. */
export type Fetched = { readonly url: string } & ({ readonly answer: WebAnswer } | { readonly problem: string });

/** So many requests are under way at once. */
const atOnce = 4;
/** A page that loads more is judged by these. */
const mostAssets = 30;
const mostZips = 3;

/** Text is asked for as browsers ask for it. */
const asBrowser = { accept: '*/*', 'accept-encoding': 'gzip, deflate, br' };

interface Getting {
  readonly ports: { readonly inspection: { readonly web: { get: GetOne } } };
  readonly signal: AbortSignal;
}

type GetOne = (url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<WebAnswer>;

/** Each of them, in their order. One that fails keeps none of the others. */
async function getAll(
  urls: readonly string[],
  headers: Readonly<Record<string, string>>,
  { ports, signal }: Getting,
): Promise<readonly Fetched[]> {
  const results: Fetched[] = [];
  for (let from = 0; from < urls.length; from += atOnce) {
    const batch = urls.slice(from, from + atOnce);
    results.push(
      ...(await Promise.all(
        batch.map(async (url): Promise<Fetched> => {
          try {
            return { url, answer: await ports.inspection.web.get(url, headers, signal) };
          } catch (error) {
            if (!(error instanceof InspectionError)) throw error;
            return { url, problem: error.message };
          }
        }),
      )),
    );
  }
  return results;
}

const page = observe('tune-page', {
  title: 'The page that users open',
  calls: [],
  skip: (_needs, { tuning }) => unlessConfigured(tuning?.cdn?.url, 'cdn.url'),
  run: async (_needs, { ports, settings, signal }) => {
    const answer = await ports.inspection.web.get(part(settings.tuning?.cdn?.url), asBrowser, signal);
    if (answer.status === 200) return answer;
    const to = answer.headers['location'] ?? '';
    const place = URL.canParse(to, answer.url) ? `, a redirect to ${new URL(to, answer.url).host}` : '';
    throw new InspectionError(
      'rejected',
      `${new URL(answer.url).host} answered with ${answer.status}${place}: there is no page to look at`,
      'cdn.url in nanoops.yaml: the address at which users see the page',
    );
  },
  detail: ({ status, url }) => `${status} ${url}`,
});

/** What the page loads from its own site, and the paths that the configuration names; not the ZIPs among them. */
const assets = observe('tune-assets', {
  title: 'What the page loads',
  calls: [],
  needs: { page },
  run: async ({ page: answer }, context) => {
    const found = assetsIn(answer);
    const { url = answer.url, probes = [] } = context.settings.tuning?.cdn ?? {};
    const probed = probes.map((path) => new URL(path, url).href).filter((each) => !isZip(each));
    const linked = found.loaded.slice(0, mostAssets);
    const fetched = await getAll([...new Set([...linked, ...probed])], asBrowser, context);
    return { fetched, linked: new Set(linked), left: found.loaded.length - linked.length, elsewhere: found.elsewhere };
  },
  detail: ({ fetched }) => `${fetched.length} answers`,
});

/** Where the maps of its scripts and styles would be: as they say themselves, and where tools put them. */
const maps = observe('tune-source-maps', {
  title: 'Whether source maps are public',
  calls: [],
  needs: { assets },
  run: async ({ assets: { fetched } }, context) => {
    const answers = fetched.flatMap((each) => ('answer' in each ? [each.answer] : []));
    const wanted = answers.flatMap(mapsOf);
    const urls = [...new Set(wanted.flatMap(({ map }) => map ?? []))].slice(0, 2 * mostAssets);
    const got = await getAll(urls, asBrowser, context);
    return {
      inline: wanted.filter(({ map }) => map === undefined).map(({ of }) => of),
      fetched: got,
      open: got.flatMap((each) => ('answer' in each && looksLikeMap(each.answer) ? [each.url] : [])),
    };
  },
  detail: ({ open }) => `${open.length} are public`,
});

/** One byte of each ZIP. */
const ranges = observe('tune-ranges', {
  title: 'Whether ZIPs can be had in parts',
  calls: [],
  needs: { page },
  run: async ({ page: answer }, context) => {
    const { url = answer.url, probes = [] } = context.settings.tuning?.cdn ?? {};
    const probed = probes.map((path) => new URL(path, url).href).filter(isZip);
    const urls = [...new Set([...probed, ...assetsIn(answer).zips])].slice(0, Math.max(mostZips, probed.length));
    return getAll(urls, { range: 'bytes=0-0', 'accept-encoding': 'identity' }, context);
  },
  detail: (fetched) => `${fetched.length} ZIPs`,
});

function isZip(url: string): boolean {
  return new URL(url).pathname.toLowerCase().endsWith('.zip');
}

export const seen = {
  databaseServer: settled(databaseServer),
  statements: settled(statements),
  indexes: settled(indexes),
  connectionLimit: settled(connectionLimit),
  clusterParameters: settled(clusterParameters),
  tasks: settled(tasks),
  taskLimits: settled(taskLimits),
  cacheServer: settled(cacheServer),
  cacheKeys: settled(cacheKeys),
  cacheParameters: settled(cacheParameters),
  distribution: settled(distribution),
  invalidations: settled(invalidations),
  page: settled(page),
  assets: settled(assets),
  maps: settled(maps),
  ranges: settled(ranges),
} as const;
