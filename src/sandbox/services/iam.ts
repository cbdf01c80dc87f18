/** Simulated AWS IAM: the caller's role and the policy simulator. IAM is of no region; its API is in us-east-1. AWS IAM API Reference. */
import {
  GetRole$,
  SimulatePrincipalPolicy$,
  type EvaluationResult,
  type GetRoleRequest,
  type GetRoleResponse,
  type SimulatePolicyResponse,
  type SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import { allows } from '../permissions.ts';
import { CALLER_ROLE } from '../world/names.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const DEFAULT_PAGE = 100;
const ACTION = /^[a-z0-9-]+:[A-Za-z0-9]+$/;

export function iamService(world: World): SimulatedService {
  return {
    service: 'iam',
    signingName: 'iam',
    protocol: 'query',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    homeRegion: 'us-east-1',
    operations: [
      operation<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>(SimulatePrincipalPolicy$, (input) =>
        simulate(world, input),
      ),
      operation<GetRoleRequest, GetRoleResponse>(GetRole$, (input) => getRole(world, input)),
    ],
  };
}

function simulate(world: World, input: SimulatePrincipalPolicyRequest): SimulatePolicyResponse {
  principalOrFault(world, input.PolicySourceArn ?? '');
  const actions = input.ActionNames ?? [];
  const misnamed = actions.filter((action) => !ACTION.test(action));
  if (actions.length === 0 || misnamed.length > 0) {
    throw new ServiceFault('InvalidInput', `Invalid Action Name: ${misnamed.join(', ')}`);
  }
  const resources = input.ResourceArns ?? ['*'];
  const results = actions.flatMap((action) => resources.map((resource) => evaluated(world, action, resource)));
  const page = pageOf(results, input.MaxItems ?? DEFAULT_PAGE, input.Marker);
  if (page === undefined) throw new ServiceFault('InvalidInput', 'Invalid Marker.');
  return {
    EvaluationResults: [...page.items],
    IsTruncated: page.next !== undefined,
    ...(page.next !== undefined && { Marker: page.next }),
  };
}

/** STS lets its callers assume a role of any name: each is there. */
function getRole(world: World, input: GetRoleRequest): GetRoleResponse {
  const RoleName = input.RoleName ?? '';
  return {
    Role: {
      Path: '/',
      RoleName,
      RoleId: 'AROASANDBOXSANDBOXSB',
      Arn: `arn:aws:iam::${world.inventory.names.account}:role/${RoleName}`,
      CreateDate: new Date(world.inventory.createdAt),
    },
  };
}

/** Only users, groups and roles have policies: an assumed role's session is refused. The account has no users. */
function principalOrFault(world: World, arn: string): void {
  const [, kind, name = ''] = /^arn:aws:iam::\d{12}:(user|group|role)\/(?:.+\/)?([\w+=,.@-]+)$/.exec(arn) ?? [];
  if (kind === undefined) {
    throw new ServiceFault('InvalidInput', `Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  if (kind !== 'role' || !arn.includes(`:${world.inventory.names.account}:`)) {
    throw new ServiceFault('NoSuchEntity', `The ${kind} with name ${name} cannot be found.`, 404);
  }
}

function evaluated(world: World, action: string, resource: string): EvaluationResult {
  const allowed = allows(world, action);
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: allowed ? 'allowed' : 'implicitDeny',
    MatchedStatements: allowed
      ? [
          {
            SourcePolicyId: CALLER_ROLE,
            SourcePolicyType: 'user-managed',
            StartPosition: { Line: 3, Column: 17 },
            EndPosition: { Line: 8, Column: 6 },
          },
        ]
      : [],
    MissingContextValues: [],
  };
}
