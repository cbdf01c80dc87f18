/** A CloudFront distribution: how long it keeps what, and whether anybody has it forget. */
import type { CacheBehavior, CachePolicy, DefaultCacheBehavior } from '@aws-sdk/client-cloudfront';
import type { DeliveryBehaviour, Distribution, Invalidations } from '../../cloud/tuning-facts.ts';
import { globalRegion } from '../global-region.ts';
import type { FactTools } from './tools.ts';

/** What holds for a behaviour without a cache policy that sets nothing (API Reference, DefaultCacheBehavior). */
const legacyTtls = { min: 0, default: 86_400, max: 31_536_000 } as const;

export async function distribution({ clients }: FactTools, id: string): Promise<Distribution> {
  const cloudFront = await clients.cloudFront();
  const { DistributionConfig: config } = await cloudFront.getDistributionConfig({ Id: id });
  const wanted = config?.DefaultCacheBehavior;
  const behaviours: readonly (DefaultCacheBehavior & Pick<Partial<CacheBehavior>, 'PathPattern'>)[] = [
    ...(wanted === undefined ? [] : [wanted]),
    ...(config?.CacheBehaviors?.Items ?? []),
  ];
  const ids = [...new Set(behaviours.flatMap(({ CachePolicyId }) => CachePolicyId ?? []))];
  const policies = new Map(
    await Promise.all(
      ids.map(async (each) => [each, (await cloudFront.getCachePolicy({ Id: each })).CachePolicy] as const),
    ),
  );
  return {
    id,
    enabled: config?.Enabled ?? false,
    behaviours: behaviours.map((each) =>
      behaviourOf(each, each.CachePolicyId === undefined ? undefined : policies.get(each.CachePolicyId)),
    ),
    source: { operation: 'cloudfront:GetDistributionConfig', region: globalRegion, detail: id },
  };
}

function behaviourOf(
  behaviour: DefaultCacheBehavior & Pick<Partial<CacheBehavior>, 'PathPattern'>,
  policy: CachePolicy | undefined,
): DeliveryBehaviour {
  const { PathPattern: paths = '*', Compress: compresses = false } = behaviour;
  const config = policy?.CachePolicyConfig;
  const { MinTTL, DefaultTTL, MaxTTL } = config ?? behaviour;
  const min = MinTTL ?? legacyTtls.min;
  // A policy may leave them out: the greater of AWS's own and the minimum then holds (API Reference, CachePolicyConfig).
  return {
    paths,
    minTtlS: min,
    defaultTtlS: DefaultTTL ?? Math.max(min, legacyTtls.default),
    maxTtlS: MaxTTL ?? Math.max(min, DefaultTTL ?? 0, legacyTtls.max),
    compresses,
    policy: config?.Name ?? 'its own settings',
  };
}

/** The newest, as the API gives them; one page is enough to see whether anybody sends any. */
const newestWanted = 100;

export async function invalidations({ clients }: FactTools, id: string): Promise<Invalidations> {
  const cloudFront = await clients.cloudFront();
  const { InvalidationList: list } = await cloudFront.listInvalidations({
    DistributionId: id,
    MaxItems: newestWanted,
  });
  const newest = (list?.Items ?? []).map(({ Id, CreateTime, Status }) => ({
    id: Id ?? 'without an id',
    at: CreateTime?.getTime() ?? 0,
    isDone: Status === 'Completed',
  }));
  return {
    newest: newest.toSorted((a, b) => b.at - a.at),
    truncated: list?.IsTruncated ?? false,
    source: { operation: 'cloudfront:ListInvalidations', region: globalRegion, detail: id },
  };
}
