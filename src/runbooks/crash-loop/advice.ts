/** What helps against a crash loop: in words, and as a command line that a person can type. */
import type { CrashLoopCause } from '../../diagnosis/crash-loop/diagnose.ts';
import type { ServiceState } from '../../cloud/facts.ts';
import { valueOf } from '../../diagnosis/known.ts';
import { settled } from '../../engine/step.ts';
import { awsCommand } from '../aws-command.ts';
import { decide, type Remediation, type RunbookSettings } from '../kit.ts';
import { diagnosis } from './diagnosis.ts';
import { serviceState } from './observations.ts';

export const advice = decide('advice', {
  title: 'What helps',
  needs: { diagnosis, state: settled(serviceState) },
  skip: ({ diagnosis: { causes } }) => (causes.length === 0 ? 'there is nothing to mend' : undefined),
  run: ({ diagnosis: { causes }, state }, { settings }) => {
    const found: Record<string, Remediation> = {};
    for (const cause of causes) found[cause.cause] = remedyFor(cause, valueOf(state), settings);
    return found;
  },
  detail: (found) => Object.values(found)[0]?.summary ?? 'nothing that nanoops knows of',
});

function remedyFor(
  { help }: CrashLoopCause,
  state: ServiceState | undefined,
  { site, awsOptions }: RunbookSettings,
): Remediation {
  const { compute } = site;
  const { summary } = help;
  if (compute === undefined) return { stepId: 'page', summary };
  const { region, cluster, service } = compute;
  switch (help.kind) {
    case 'stop-rollout':
      return {
        stepId: 'roll-back',
        summary,
        ...(help.deployment.startsWith('arn:')
          ? {
              command: awsCommand(
                'ecs stop-service-deployment',
                { region, 'service-deployment-arn': help.deployment, 'stop-type': 'ROLLBACK' },
                awsOptions,
              ),
            }
          : {}),
      };
    case 'roll-back':
      return {
        stepId: 'roll-back',
        summary,
        command: awsCommand('ecs update-service', { region, cluster, service, 'task-definition': help.to }, awsOptions),
      };
    case 'wait':
      return { stepId: 'advise', summary: `${summary}: look again in some minutes` };
    case 'page':
      return {
        stepId: 'page',
        summary,
        ...(state === undefined
          ? {}
          : {
              command: awsCommand(
                'ecs describe-task-definition',
                { region, 'task-definition': state.taskDefinition },
                awsOptions,
              ),
            }),
      };
  }
}
