/** CloudFront, as far as facts need it. */
import {
  CloudFrontClient,
  GetCachePolicyCommand,
  GetDistributionConfigCommand,
  ListDistributionsCommand,
  ListInvalidationsCommand,
  type GetCachePolicyCommandInput,
  type GetDistributionConfigCommandInput,
  type ListDistributionsCommandInput,
  type ListInvalidationsCommandInput,
} from '@aws-sdk/client-cloudfront';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectCloudFront(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('cloudfront', settings.region, new CloudFrontClient(settings));
  return {
    getDistributionConfig: (input: GetDistributionConfigCommandInput) =>
      send(new GetDistributionConfigCommand(input), { members: ['DistributionConfig'] }),
    getCachePolicy: (input: GetCachePolicyCommandInput) =>
      send(new GetCachePolicyCommand(input), { members: ['CachePolicy'] }),
    listDistributions: (input: ListDistributionsCommandInput) =>
      send(new ListDistributionsCommand(input), { members: ['DistributionList'] }),
    listInvalidations: (input: ListInvalidationsCommandInput) =>
      send(new ListInvalidationsCommand(input), { members: ['InvalidationList'] }),
  };
}
