/** The IAM actions that a failover of this stack needs: those of the runbook, less what is for stacks of another kind. */
import type { MoveSettings } from '../kit.ts';

/** Operations that belong to one way of moving traffic. */
const ofMechanism: Readonly<Record<string, readonly string[]>> = {
  records: ['route53:ChangeResourceRecordSets', 'route53:GetChange'],
  'routing-control': [
    'route53-recovery-cluster:GetRoutingControlState',
    'route53-recovery-cluster:UpdateRoutingControlStates',
  ],
  'health-check': ['s3:HeadObject', 's3:PutObject', 's3:DeleteObject'],
};

/** Operations whose action is called differently (Service Authorization Reference, Amazon S3). */
const renamed: Readonly<Record<string, string>> = { 's3:HeadObject': 's3:GetObject', 's3:HeadBucket': 's3:ListBucket' };

type Parts = Pick<MoveSettings, 'from' | 'to' | 'globalCluster' | 'traffic'>;

function isNeeded(operation: string, { to, globalCluster, traffic }: Parts): boolean {
  const [service = '', name = ''] = operation.split(':');
  const mechanism = Object.entries(ofMechanism).find(([, operations]) => operations.includes(operation))?.[0];
  if (mechanism !== undefined) return traffic?.mechanism === mechanism;
  switch (service) {
    case 'rds':
      if (name.includes('Global')) return globalCluster !== undefined;
      if (name === 'PromoteReadReplicaDBCluster') return globalCluster === undefined && to.database !== undefined;
      return to.database !== undefined;
    case 'ecs':
    case 'application-autoscaling':
      return to.compute !== undefined;
    case 'elasticloadbalancing':
      return to.api !== undefined;
    case 'elasticache':
      return to.cache !== undefined;
    case 'route53':
      return traffic !== undefined;
    default:
      return true;
  }
}

/** Each once, in order of their names. */
export function actionsOf(operations: readonly string[], parts: Parts): readonly string[] {
  const actions = operations.filter((operation) => isNeeded(operation, parts));
  return [...new Set(actions.map((operation) => renamed[operation] ?? operation))].toSorted();
}
