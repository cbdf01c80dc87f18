/** A new version was rolled out right before it became slow. */
import { evidence, missingEvidence } from '../../evidence.ts';
import { change, opposeSurge, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { measuredOnset } from '../../incident.ts';

export const badDeploy: LatencyCause = {
  id: 'bad-deploy',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { suspectDeployment: deployment, serverErrors, picture, symptom } = signals;
    const { region } = picture;
    const source = { operation: 'ecs:ListServiceDeployments', region };
    const onset = measuredOnset(symptom);
    if (deployment !== undefined && onset !== undefined) {
      const minutes = Math.round((onset - deployment.startedAt) / 60_000);
      const when = minutes > 0 ? `${minutes} min before the onset` : 'at the onset';
      const version = deployment.taskDefinition === undefined ? '' : ` of ${tail(deployment.taskDefinition)}`;
      balance.favour(4, evidence(source, `deployment${version} began ${when}`));
    } else if (picture.deployments.known) {
      balance.oppose(5, evidence(source, 'no deployment was under way in the 20 minutes before the onset'));
    } else {
      const failed = missingEvidence(picture.deployments, source.operation, region);
      if (failed !== undefined) balance.miss(failed);
    }
    weighTraces(signals, balance, 'service', 'spent in the service itself');
    if (serverErrors !== undefined && serverErrors.score >= 4 && serverErrors.during >= 0.005) {
      balance.favour(0.7, change('5xx share', serverErrors));
    }
    opposeSurge(signals, balance, 2);
    opposeZone(signals, balance, 3);
  },
  summary: ({ suspectDeployment: deployment }, component) =>
    `${component} is slow since a deployment${deployment?.taskDefinition === undefined ? '' : ` of ${tail(deployment.taskDefinition)}`}`,
};

function tail(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}
