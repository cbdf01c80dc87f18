/** Whether secrets and parameters are there. Their values are neither asked for nor given. */
import { CloudError } from '../../cloud/errors.ts';
import { allPages, type FactTools } from './tools.ts';

/** `arn:aws:secretsmanager:us-east-1:123456789012:secret:nano/db-Ab12Cd`: what ECS appends to it says which part of it. */
const secretArnParts = 7;

/**
 * By ARN, or by the name of a parameter, as ECS has it (ECS Developer Guide, "Specifying sensitive data"). What an ARN
 * says to be in another region is not in this one.
 */
export async function secretExists(tools: FactTools, region: string, secret: string): Promise<boolean> {
  if (!secret.startsWith('arn:')) return parameterExists(tools, region, [secret]);
  const [, , service, where, , ...rest] = secret.split(':');
  if (where !== region) return false;
  if (service === 'secretsmanager') {
    return managedSecretExists(tools, region, secret.split(':').slice(0, secretArnParts).join(':'));
  }
  const name = rest.join(':').replace(/^parameter\//, '');
  // The ARN of `/name` is that of `name`.
  return parameterExists(tools, region, [name, `/${name}`]);
}

/** One that is to be deleted hands out its value no more. */
async function managedSecretExists({ clients }: FactTools, region: string, id: string): Promise<boolean> {
  const secretsManager = await clients.secretsManager(region);
  try {
    const { DeletedDate } = await secretsManager.describeSecret({ SecretId: id });
    return DeletedDate === undefined;
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return false;
    throw error;
  }
}

async function parameterExists(
  { wiring, clients }: FactTools,
  region: string,
  names: readonly string[],
): Promise<boolean> {
  const ssm = await clients.ssm(region);
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [...names] }];
  const call = { service: 'ssm', operation: 'DescribeParameters', region };
  const found = await allPages(wiring, call, async (NextToken) => {
    const answer = await ssm.describeParameters({ ParameterFilters, NextToken });
    return { items: answer.Parameters ?? [], next: answer.NextToken };
  });
  return found.some(({ Name }) => Name !== undefined && names.includes(Name));
}
