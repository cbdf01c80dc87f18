/** A small evaluator of policies: what is not allowed is refused (IAM User Guide, "Policy evaluation logic"). */
import type { PolicyReport } from '../../src/report/policy-schemas.ts';

type Policies = Pick<PolicyReport, 'policies'>;

/** `*` stands for anything, `?` for one character (IAM User Guide, "Resource"). */
function covers(pattern: string, arn: string): boolean {
  const parts = pattern
    .split('')
    .map((sign) => (sign === '*' ? '.*' : sign === '?' ? '.' : sign.replace(/[\\^$.|+()[\]{}]/g, '\\$&')));
  return new RegExp(`^${parts.join('')}$`, 's').test(arn);
}

export function allows({ policies }: Policies, action: string, arn: string): boolean {
  return policies.some(({ document }) =>
    document.Statement.some(
      ({ Action: actions, Resource: resource }) =>
        actions.includes(action) && [resource].flat().some((pattern) => covers(pattern, arn)),
    ),
  );
}

/** Every action that a policy allows on anything. */
export function actionsIn({ policies }: Policies): readonly string[] {
  const actions = policies.flatMap(({ document }) => document.Statement.flatMap(({ Action }) => Action));
  return [...new Set(actions)].toSorted();
}
