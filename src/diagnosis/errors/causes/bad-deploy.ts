/** A new version was rolled out right before requests began to fail, and they fail in it. */
import { evidence, missingEvidence } from '../../evidence.ts';
import { beforeText, opposeBalancer, tail, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';

export const badDeploy: ErrorCause = {
  id: 'bad-deploy',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { suspectDeployment: deployment, picture } = signals;
    const source = { operation: 'ecs:ListServiceDeployments', region: picture.region };
    if (deployment !== undefined) {
      const version = deployment.taskDefinition === undefined ? '' : ` of ${tail(deployment.taskDefinition)}`;
      balance.favour(4, evidence(source, `a deployment${version} began ${beforeText(signals, deployment.startedAt)}`));
    } else if (picture.deployments.known) {
      balance.oppose(5, evidence(source, 'no deployment was under way in the 20 minutes before the onset'));
    } else {
      const failed = missingEvidence(picture.deployments, source.operation, picture.region);
      if (failed !== undefined) balance.miss(failed);
    }
    weighOrigins(signals, balance, 'service');
    weighMessages(signals, balance, 1, 'unnamed');
    opposeBalancer(signals, balance, 1.5);
  },
  summary: ({ suspectDeployment: deployment }, component) =>
    `${component} fails since a deployment${deployment?.taskDefinition === undefined ? '' : ` of ${tail(deployment.taskDefinition)}`}`,
};
