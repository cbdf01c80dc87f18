/** Simulated AWS STS: who calls, and roles that anybody may assume here. AWS STS API Reference. */
import {
  AssumeRole$,
  GetCallerIdentity$,
  type AssumeRoleRequest,
  type AssumeRoleResponse,
  type GetCallerIdentityRequest,
  type GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { callerArn } from '../permissions.ts';
import { hexNoise } from '../random.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation } from './operation.ts';

const DEFAULT_SESSION_SECONDS = 3600;

export function stsService(world: World): SimulatedService {
  const { account } = world.inventory.names;
  return {
    service: 'sts',
    signingName: 'sts',
    protocol: 'query',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: [
      operation<GetCallerIdentityRequest, GetCallerIdentityResponse>(GetCallerIdentity$, () => ({
        UserId: 'AROASANDBOXSANDBOXSB:nanoops',
        Account: account,
        Arn: callerArn(account),
      })),
      operation<AssumeRoleRequest, AssumeRoleResponse>(AssumeRole$, (input) => {
        const role = /^arn:aws:iam::(\d{12}):role\/(?:.+\/)?([\w+=,.@-]+)$/.exec(input.RoleArn ?? '');
        if (role === null) throw new ServiceFault('ValidationError', `${input.RoleArn ?? ''} is invalid`);
        const session = input.RoleSessionName ?? '';
        return {
          // Credentials of nothing: the sandbox checks no signature.
          Credentials: {
            AccessKeyId: 'ASIASANDBOXSANDBOXSB',
            SecretAccessKey: 'sandbox',
            SessionToken: `sandbox-${hexNoise(world.inventory.seed, input.RoleArn ?? '', session)}`,
            Expiration: new Date(world.now() + (input.DurationSeconds ?? DEFAULT_SESSION_SECONDS) * 1000),
          },
          AssumedRoleUser: {
            AssumedRoleId: `AROASANDBOXSANDBOXSB:${session}`,
            Arn: `arn:aws:sts::${role[1] ?? account}:assumed-role/${role[2] ?? ''}/${session}`,
          },
        };
      }),
    ],
  };
}
