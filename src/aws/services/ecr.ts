/** ECR, as far as facts need it. */
import { DescribeImagesCommand, ECRClient, type DescribeImagesCommandInput } from '@aws-sdk/client-ecr';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectEcr(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('ecr', settings.region, new ECRClient(settings));
  return {
    describeImages: (input: DescribeImagesCommandInput) =>
      send(new DescribeImagesCommand(input), { lists: ['imageDetails'] }),
  };
}
