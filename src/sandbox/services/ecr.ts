/** Simulated Amazon ECR: the images of the service, in the registry of each region. Amazon ECR API Reference. */
import {
  DescribeImages$,
  type DescribeImagesRequest,
  type DescribeImagesResponse,
  type ImageDetail,
  type ImageIdentifier,
} from '@aws-sdk/client-ecr';
import { hexNoise, noise } from '../random.ts';
import { deploymentsUntil, type RegionInventory, type TaskDefinition } from '../world/inventory.ts';
import { isMissing } from '../world/region-needs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const MINUTE_MS = 60_000;
const MEAN_IMAGE_BYTES = 180_000_000;
const DEFAULT_PAGE = 100;

export function ecrService(world: World): SimulatedService {
  return {
    service: 'ecr',
    signingName: 'ecr',
    protocol: 'json-1.1',
    target: 'AmazonEC2ContainerRegistry_V20150921',
    operations: [
      operation<DescribeImagesRequest, DescribeImagesResponse>(DescribeImages$, (input, call) =>
        describeImages(world, world.region(call.region), input),
      ),
    ],
  };
}

function describeImages(
  world: World,
  region: RegionInventory | undefined,
  input: DescribeImagesRequest,
): DescribeImagesResponse {
  const { account } = world.inventory.names;
  const registry = input.registryId ?? account;
  const repository = input.repositoryName ?? '';
  const images = region === undefined || registry !== account ? [] : imagesOf(world, region, repository);
  if (images.length === 0) {
    throw new ServiceFault(
      'RepositoryNotFoundException',
      `The repository with name '${repository}' does not exist in the registry with id '${registry}'`,
    );
  }
  const there = region === undefined ? [] : images.filter((each) => isThere(world, region, each));
  const details = there.map((each) => detailOf(world, each, repository));
  if (input.imageIds !== undefined && input.imageIds.length > 0) {
    return { imageDetails: input.imageIds.map((id) => wanted(details, id, repository, registry)) };
  }
  const page = pageOf(details, input.maxResults ?? DEFAULT_PAGE, input.nextToken);
  if (page === undefined) throw new ServiceFault('InvalidParameterException', 'Invalid parameter: nextToken');
  return { imageDetails: [...page.items], ...(page.next !== undefined && { nextToken: page.next }) };
}

/** The definitions whose image is, or ought to be, in the repository. */
function imagesOf(world: World, region: RegionInventory, repository: string): readonly TaskDefinition[] {
  const now = world.now();
  return region.taskDefinitions.filter(
    ({ image, registeredAt }) => registeredAt <= now && repositoryIn(image) === repository,
  );
}

/** What the fault takes away is the image that the service's tasks are started from. */
function isThere(world: World, region: RegionInventory, { image }: TaskDefinition): boolean {
  const now = world.now();
  if (!isMissing(world.inventory, region, 'image', now)) return true;
  const newest = deploymentsUntil(region, now)[0]?.taskDefinition;
  return image !== region.taskDefinitions.find(({ id }) => id === newest)?.image;
}

/** `nano-api` of `123456789012.dkr.ecr.us-west-2.amazonaws.com/nano-api:2026.11.17`. */
function repositoryIn(image: string): string {
  return image.slice(image.indexOf('/') + 1).split(':')[0] ?? '';
}

/** The digest is of what is in the image, and the same wherever it was copied to. */
function detailOf(world: World, { image, registeredAt }: TaskDefinition, repository: string): ImageDetail {
  const { seed, names } = world.inventory;
  const tag = image.split(':').at(-1) ?? '';
  const digest = Array.from({ length: 8 }, (_, part) => hexNoise(seed, 'image', tag, part)).join('');
  return {
    registryId: names.account,
    repositoryName: repository,
    imageDigest: `sha256:${digest}`,
    imageTags: [tag],
    imageSizeInBytes: Math.round(MEAN_IMAGE_BYTES * (0.95 + 0.1 * noise(seed, 'image-size', tag))),
    imagePushedAt: new Date(registeredAt - 2 * MINUTE_MS),
    imageManifestMediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    artifactMediaType: 'application/vnd.docker.container.image.v1+json',
  };
}

function wanted(
  details: readonly ImageDetail[],
  { imageTag, imageDigest }: ImageIdentifier,
  repository: string,
  registry: string,
): ImageDetail {
  const found = details.find(
    (each) =>
      (imageTag === undefined || each.imageTags?.includes(imageTag) === true) &&
      (imageDigest === undefined || each.imageDigest === imageDigest),
  );
  if (found !== undefined) return found;
  const quoted = (value: string | undefined) => (value === undefined ? `'null'` : `'${value}'`);
  throw new ServiceFault(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:${quoted(imageDigest)}, imageTag:${quoted(imageTag)}} does not exist within the repository with name '${repository}' in the registry with id '${registry}'`,
  );
}
