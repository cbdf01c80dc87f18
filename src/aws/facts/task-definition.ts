/** Versions of a service: what their tasks are started from. */
import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import { CloudError } from '../../cloud/errors.ts';
import type { TaskDefinitionState } from '../../cloud/recovery-facts.ts';
import type { FactTools } from './tools.ts';

const operation = 'DescribeTaskDefinition';

/** What a container cannot be started without: of its variables, its log driver and its image's registry. */
function secretsOf({ secrets, logConfiguration, repositoryCredentials }: ContainerDefinition): readonly string[] {
  const given = [...(secrets ?? []), ...(logConfiguration?.secretOptions ?? [])].map(({ valueFrom }) => valueFrom);
  return [...given, repositoryCredentials?.credentialsParameter].flatMap((secret) => secret ?? []);
}

/** ECS has no code of its own for it, but a ClientException like for much else. */
async function describe({ wiring, clients }: FactTools, region: string, arn: string): Promise<TaskDefinition> {
  const call = { service: 'ecs', operation, region, resource: arn };
  const ecs = await clients.ecs(region);
  try {
    const { taskDefinition: found } = await ecs.describeTaskDefinition({ taskDefinition: arn });
    if (found !== undefined) return found;
  } catch (error) {
    const isMissing = error instanceof CloudError && error.message.includes('Unable to describe task definition');
    if (!isMissing) throw error;
  }
  throw wiring.failure('not-found', call, '');
}

export async function taskDefinition(tools: FactTools, region: string, arn: string): Promise<TaskDefinitionState> {
  const found = await describe(tools, region, arn);
  const containers = found.containerDefinitions ?? [];
  return {
    arn: found.taskDefinitionArn ?? arn,
    status: found.status ?? 'unknown',
    images: [...new Set(containers.flatMap(({ image }) => image ?? []))],
    secrets: [...new Set(containers.flatMap(secretsOf))],
    source: { operation: `ecs:${operation}`, region, detail: arn },
  };
}
