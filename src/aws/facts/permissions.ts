/** What the caller may do, as IAM's simulator says. */
import type { EvaluationResult } from '@aws-sdk/client-iam';
import { CloudError } from '../../cloud/errors.ts';
import { globalRegion } from '../global-region.ts';
import { iamActionOf } from '../../iam/actions.ts';
import { caller } from './identity.ts';
import { allPages, type FactTools } from './tools.ts';

/** `arn:aws:sts::123456789012:assumed-role/nanoops/session` */
const assumedRole = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//;

interface Principal {
  /** Of a role, without its path, which the caller's ARN leaves out. */
  readonly arn: string;
  readonly role?: string;
}

function principalOf(callerArn: string): Principal {
  const [, partition, account, role] = assumedRole.exec(callerArn) ?? [];
  return role === undefined ? { arn: callerArn } : { arn: `arn:${partition}:iam::${account}:role/${role}`, role };
}

async function simulate(
  { wiring, clients }: FactTools,
  region: string,
  principal: string,
  actions: readonly string[],
): Promise<readonly EvaluationResult[]> {
  const iam = await clients.iam(region);
  const call = { service: 'iam', operation: 'SimulatePrincipalPolicy', region: globalRegion };
  return allPages(wiring, call, async (Marker) => {
    const answer = await iam.simulatePrincipalPolicy({
      PolicySourceArn: principal,
      ActionNames: [...actions],
      Marker,
    });
    return { items: answer.EvaluationResults ?? [], next: answer.IsTruncated === true ? answer.Marker : undefined };
  });
}

/** Of an operation as of an action: no action bears the name of an operation that needs another one. */
function actionOf(name: string): string {
  const [service = '', operation = ''] = name.split(':');
  return iamActionOf(service, operation);
}

function isAllowed(result: EvaluationResult): boolean {
  return (
    result.EvalDecision === 'allowed' &&
    result.OrganizationsDecisionDetail?.AllowedByOrganizations !== false &&
    result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary !== false
  );
}

/**
 * By operations or by IAM's actions, told by the names that were asked for. On all resources: a policy that allows an action on some of them only counts as one that does not (IAM API Reference,
 * SimulatePrincipalPolicy). The roles of IAM Identity Center have a path, which only IAM knows.
 */
export async function permissions(
  tools: FactTools,
  region: string,
  asked: readonly string[],
): Promise<Readonly<Record<string, boolean>>> {
  const { wiring, clients } = tools;
  if (asked.length === 0) return {};
  const actions = [...new Set(asked.map(actionOf))];
  const { arn, role } = principalOf((await caller(tools, region)).arn);
  let results: readonly EvaluationResult[];
  try {
    results = await simulate(tools, region, arn, actions);
  } catch (error) {
    const hasPath = role !== undefined && error instanceof CloudError && error.kind === 'not-found';
    if (!hasPath) throw error;
    const iam = await clients.iam(region);
    const { Role } = await iam.getRole({ RoleName: role });
    results = await simulate(tools, region, Role?.Arn ?? arn, actions);
  }
  const told = new Map(results.map((result) => [result.EvalActionName?.toLowerCase(), isAllowed(result)]));
  return Object.fromEntries(
    asked.map((name) => {
      const action = actionOf(name);
      const allowed = told.get(action.toLowerCase());
      if (allowed !== undefined) return [name, allowed] as const;
      const call = { service: 'iam', operation: 'SimulatePrincipalPolicy', region: globalRegion };
      throw wiring.failure('malformed-answer', call, `it says nothing of ${action}`);
    }),
  );
}
