/** Simulated Amazon CloudFront: the distribution, its cache policies, its invalidations. Amazon CloudFront API Reference. */
import {
  GetCachePolicy$,
  GetDistributionConfig$,
  ListDistributions$,
  ListInvalidations$,
  type CacheBehavior,
  type DefaultCacheBehavior,
  type GetCachePolicyRequest,
  type GetCachePolicyResult,
  type GetDistributionConfigRequest,
  type GetDistributionConfigResult,
  type DistributionSummary,
  type ListDistributionsRequest,
  type ListDistributionsResult,
  type ListInvalidationsRequest,
  type ListInvalidationsResult,
} from '@aws-sdk/client-cloudfront';
import { isUntuned } from '../world/tuning.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation } from './operation.ts';

const HOUR_MS = 3_600_000;
const ORIGIN = 'api';
/** AWS's own "CachingDisabled", whose id is the same in every account (Developer Guide, "Use managed cache policies"). */
const DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const OWN = '5d0a1c3e-7b2f-4e86-9c41-0f6a8b7d2e13';

export function cloudfrontService(world: World): SimulatedService {
  const { names } = world.inventory;
  const known = (id: string | undefined): void => {
    if (id === names.distribution) return;
    throw new ServiceFault('NoSuchDistribution', 'The specified distribution does not exist.', 404);
  };
  const behaviour = (policy: string): DefaultCacheBehavior => ({
    TargetOriginId: ORIGIN,
    ViewerProtocolPolicy: 'redirect-to-https',
    Compress: !isUntuned(world, 'distribution'),
    CachePolicyId: policy,
  });
  const login = (): CacheBehavior => ({ ...behaviour(DISABLED), PathPattern: '/api/v1/chats/*' });
  const origins = () => ({
    Quantity: 1,
    Items: [
      {
        Id: ORIGIN,
        DomainName: names.record,
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' as const },
      },
    ],
  });
  // What people open is the name of which the API's is a part.
  const aliases = () => ({ Quantity: 1, Items: [names.record.split('.').slice(1).join('.')] });
  const summary = (): DistributionSummary => ({
    Id: names.distribution,
    ARN: `arn:aws:cloudfront::${names.account}:distribution/${names.distribution}`,
    Status: 'Deployed',
    LastModifiedTime: new Date(world.inventory.createdAt),
    DomainName: 'd111111abcdef8.cloudfront.net',
    Aliases: aliases(),
    Origins: origins(),
    DefaultCacheBehavior: behaviour(OWN),
    CacheBehaviors: { Quantity: 1, Items: [login()] },
    CustomErrorResponses: { Quantity: 0 },
    Comment: names.service,
    PriceClass: 'PriceClass_All',
    Enabled: true,
    ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
    Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
    WebACLId: '',
    HttpVersion: 'http2',
    IsIPV6Enabled: true,
    Staging: false,
  });
  return {
    service: 'cloudfront',
    signingName: 'cloudfront',
    protocol: 'rest-xml',
    xmlNamespace: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
    homeRegion: 'us-east-1',
    operations: [
      operation<GetDistributionConfigRequest, GetDistributionConfigResult>(GetDistributionConfig$, ({ Id }) => {
        known(Id);
        return {
          ETag: 'E2QWRUHEXAMPLE',
          DistributionConfig: {
            CallerReference: `${names.service}-cdn`,
            Comment: names.service,
            Enabled: true,
            Aliases: aliases(),
            Origins: origins(),
            DefaultCacheBehavior: behaviour(OWN),
            CacheBehaviors: { Quantity: 1, Items: [login()] },
          },
        };
      }),
      operation<ListDistributionsRequest, ListDistributionsResult>(ListDistributions$, (input) => ({
        DistributionList: {
          Marker: input.Marker ?? '',
          MaxItems: input.MaxItems ?? 100,
          IsTruncated: false,
          Quantity: 1,
          Items: [summary()],
        },
      })),
      operation<GetCachePolicyRequest, GetCachePolicyResult>(GetCachePolicy$, ({ Id }) => {
        const modified = new Date(world.inventory.createdAt);
        if (Id === DISABLED) {
          const config = { Name: 'Managed-CachingDisabled', MinTTL: 0, DefaultTTL: 0, MaxTTL: 0 };
          return { CachePolicy: { Id: DISABLED, LastModifiedTime: modified, CachePolicyConfig: config } };
        }
        if (Id !== OWN) throw new ServiceFault('NoSuchCachePolicy', 'The cache policy does not exist.', 404);
        const ttl = isUntuned(world, 'distribution') ? 86_400 : 600;
        const config = { Name: `${names.service}-pages`, MinTTL: 0, DefaultTTL: ttl, MaxTTL: 31_536_000 };
        return { CachePolicy: { Id: OWN, LastModifiedTime: modified, CachePolicyConfig: config } };
      }),
      operation<ListInvalidationsRequest, ListInvalidationsResult>(ListInvalidations$, (input) => {
        known(input.DistributionId);
        // Sent whenever something is published; of one pace, whatever the hour.
        const count = isUntuned(world, 'distribution') ? 0 : 12;
        const last = Math.floor(world.now() / HOUR_MS) * HOUR_MS - 20 * 60_000;
        const items = Array.from({ length: count }, (_each, index) => ({
          Id: `I${String(index).padStart(2, '0')}NANOEXAMPLE`,
          CreateTime: new Date(last - index * 5 * HOUR_MS),
          Status: 'Completed',
        }));
        const size = Math.min(input.MaxItems ?? 100, 100);
        return {
          InvalidationList: {
            Marker: input.Marker ?? '',
            MaxItems: size,
            IsTruncated: items.length > size,
            Quantity: Math.min(size, items.length),
            Items: items.slice(0, size),
          },
        };
      }),
    ],
  };
}
