/** Container images in Amazon ECR. */
import { CloudError } from '../../cloud/errors.ts';
import type { FactTools } from './tools.ts';

interface EcrImage {
  readonly registryId: string;
  readonly region: string;
  readonly repository: string;
  /** By its digest where it is named with one, else by its tag. */
  readonly id: { readonly imageDigest: string } | { readonly imageTag: string };
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com/nano/api:1.2`, also by the registry's names for FIPS and dual stack. */
const registry =
  /^(\d{12})\.dkr(?:\.ecr(?:-fips)?|-ecr(?:-fips)?)\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)\/(.+)$/;

/** Undefined for an image of another registry. */
function ecrImage(image: string): EcrImage | undefined {
  const [, registryId, region, path] = registry.exec(image) ?? [];
  if (registryId === undefined || region === undefined || path === undefined) return undefined;
  const [named = '', digest] = path.split('@');
  const [repository = '', tag = 'latest'] = named.split(':');
  const id = digest === undefined ? { imageTag: tag } : { imageDigest: digest };
  return { registryId, region, repository, id };
}

/** Asked where the image's own name says. One that is archived cannot be pulled, and counts as gone. */
export async function imageExists({ clients }: FactTools, image: string): Promise<boolean | undefined> {
  const wanted = ecrImage(image);
  if (wanted === undefined) return undefined;
  const ecr = await clients.ecr(wanted.region);
  try {
    const { imageDetails } = await ecr.describeImages({
      registryId: wanted.registryId,
      repositoryName: wanted.repository,
      imageIds: [wanted.id],
    });
    return (imageDetails ?? []).some(({ imageStatus = 'ACTIVE' }) => imageStatus === 'ACTIVE');
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return false;
    throw error;
  }
}
