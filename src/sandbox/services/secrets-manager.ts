/**
 * Simulated AWS Secrets Manager: the database's password, described in both regions. Nobody can ask for its value, and
 * there is none. Secrets Manager API Reference.
 */
import {
  DescribeSecret$,
  type DescribeSecretRequest,
  type DescribeSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { isMissing } from '../world/region-needs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf, secretName } from './arns.ts';
import { operation } from './operation.ts';

export function secretsManagerService(world: World): SimulatedService {
  return {
    service: 'secretsmanager',
    signingName: 'secretsmanager',
    protocol: 'json-1.1',
    target: 'secretsmanager',
    operations: [
      operation<DescribeSecretRequest, DescribeSecretResponse>(DescribeSecret$, (input, call) =>
        describeSecret(world, call, input),
      ),
    ],
  };
}

function describeSecret(world: World, call: CallContext, input: DescribeSecretRequest): DescribeSecretResponse {
  const { primary, recovery, createdAt, names } = world.inventory;
  const now = world.now();
  const region = world.region(call.region);
  const arn = region && arnsOf(world, region).secret();
  const name = secretName(world);
  // A secret goes by its name, its ARN, and its ARN without the six characters at its end.
  const known = [name, arn, arn?.replace(/-[^-]{6}$/, '')];
  if (region === undefined || !known.includes(input.SecretId) || isMissing(world.inventory, region, 'secret', now)) {
    throw new ServiceFault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  const copied = ![primary, recovery].some((each) => isMissing(world.inventory, each, 'secret', now));
  return {
    ARN: arn,
    Name: name,
    Description: `Password of the application's user in ${names.service}'s database`,
    CreatedDate: new Date(createdAt),
    LastChangedDate: new Date(createdAt),
    VersionIdsToStages: { [world.inventory.healthCheckId]: ['AWSCURRENT'] },
    PrimaryRegion: primary.region,
    ...(copied && {
      ReplicationStatus: [
        {
          Region: recovery.region,
          KmsKeyId: 'alias/aws/secretsmanager',
          Status: 'InSync',
          StatusMessage: 'Replication succeeded',
        },
      ],
    }),
  };
}
