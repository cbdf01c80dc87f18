/** What helps against a crash loop: back to the version before, or a person. */
import type { Blame } from './blame.ts';

export type CrashLoopHelp =
  /** `deployment` is the id of the rollout that is to be stopped with a rollback. */
  | { readonly kind: 'stop-rollout'; readonly deployment: string; readonly to?: string; readonly summary: string }
  /** `to` is the task definition that ran before. */
  | { readonly kind: 'roll-back'; readonly to: string; readonly summary: string }
  /** ECS acts already. */
  | { readonly kind: 'wait'; readonly summary: string }
  | { readonly kind: 'page'; readonly summary: string };

export function helpFor(
  isDeployment: boolean,
  blame: Blame,
  state: 'ongoing' | 'over' | 'none' | 'unknown',
  why: string | undefined,
  areDeploymentsKnown: boolean,
): CrashLoopHelp {
  const { record, previous, version } = blame;
  if (!isDeployment) {
    const reason = why === undefined ? '' : `: ${why}`;
    const back = areDeploymentsKnown
      ? 'no deployment explains it, so that going back would not help'
      : 'whether going back would help is not known, since deployments could not be read';
    return { kind: 'page', summary: `page: ${back}${reason}` };
  }
  if (blame.isRolledBack) return { kind: 'wait', summary: 'ECS has rolled the deployment back' };
  if (blame.isRollingBack) return { kind: 'wait', summary: 'ECS is rolling the deployment back' };
  if (state === 'over') {
    return { kind: 'wait', summary: 'tasks no longer crash: nothing is to be rolled back now; look again if they do' };
  }
  if (blame.isWayBack && previous !== undefined && version !== undefined) {
    const summary = `page: somebody went back from ${tail(previous)} to ${tail(version)} already, and that crashes: which of them is well is not known`;
    return { kind: 'page', summary };
  }
  const back = previous === undefined ? '' : `, which goes back to ${tail(previous)}`;
  if (blame.isUnderWay && record !== undefined) {
    const summary = `stop the rollout of ${version === undefined ? record.id : tail(version)}${back}`;
    return {
      kind: 'stop-rollout',
      deployment: record.id,
      ...(previous === undefined ? {} : { to: previous }),
      summary,
    };
  }
  if (previous === undefined) {
    return { kind: 'page', summary: 'page: the deployment is to blame, but which version ran before is not known' };
  }
  return { kind: 'roll-back', to: previous, summary: `go back to ${tail(previous)}, which ran before` };
}

function tail(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}
