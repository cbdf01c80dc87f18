/** What calls change of the ECS service: UpdateService and StopServiceDeployment (Amazon ECS API Reference). */
import type {
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs';
import { currentDeployment } from '../world/service-scheduler.ts';
import { rollbackTarget, withDesiredCount, withNewDeployment, withRollback } from '../world/service-changes.ts';
import { ServiceFault } from '../wire/service.ts';
import { isUnderWay, serviceDeployments, statusOf } from './ecs-deployments.ts';
import { nameIn, type EcsHere } from './ecs-here.ts';

const MOST_TASKS = 5_000;
const simulated: readonly (keyof UpdateServiceRequest)[] = [
  'cluster',
  'service',
  'desiredCount',
  'taskDefinition',
  'forceNewDeployment',
];

function invalid(message: string): ServiceFault {
  return new ServiceFault('InvalidParameterException', message);
}

export function updateService(here: EcsHere, input: UpdateServiceRequest): void {
  const { region, now, world } = here;
  if (nameIn(input.service ?? '') !== region.names.service) {
    throw new ServiceFault('ServiceNotFoundException', 'Service not found.');
  }
  const known: readonly string[] = simulated;
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !known.includes(name));
  if (other !== undefined) throw invalid(`UpdateService with ${other[0]} is not simulated.`);
  const { desiredCount, forceNewDeployment } = input;
  if (desiredCount !== undefined && !(Number.isInteger(desiredCount) && desiredCount >= 0)) {
    throw invalid('Desired count must be an integer that is not negative.');
  }
  if (desiredCount !== undefined && desiredCount > MOST_TASKS) {
    throw invalid(`Desired count cannot be more than ${MOST_TASKS}.`);
  }
  const wanted = input.taskDefinition === undefined ? undefined : definitionOf(here, input.taskDefinition);
  const current = currentDeployment(region, now)?.taskDefinition;
  const deploys = forceNewDeployment === true || (wanted !== undefined && wanted !== current);
  const definition = wanted ?? current;
  world.change(
    {
      operation: 'ecs:UpdateService',
      region: region.region,
      resource: `${region.names.cluster}/${region.names.service}`,
      detail: [
        ...(desiredCount === undefined ? [] : [`desiredCount ${desiredCount}`]),
        ...(wanted === undefined ? [] : [`taskDefinition ${wanted}`]),
        ...(forceNewDeployment === true ? ['forceNewDeployment'] : []),
      ].join(', '),
    },
    (inventory) => {
      const counted =
        desiredCount === undefined ? inventory : withDesiredCount(inventory, region.region, desiredCount, now);
      return deploys && definition !== undefined ? withNewDeployment(counted, region.region, definition, now) : counted;
    },
  );
}

/** By ARN, family and revision, or family alone, which means its newest revision. */
function definitionOf({ region, arns, now }: EcsHere, given: string): string {
  const name = nameIn(given);
  const found = region.taskDefinitions.findLast(
    (each) => each.registeredAt <= now && (each.id === name || each.family === name),
  );
  if (found === undefined || (given.startsWith('arn:') && given !== arns.taskDefinition(found.id))) {
    throw new ServiceFault('ClientException', 'TaskDefinition not found.');
  }
  return found.id;
}

/**
 * Takes back a deployment that is under way. One whose rollback has begun goes on with it (Amazon ECS Developer Guide,
 * "Stopping Amazon ECS service deployments").
 */
export function stopServiceDeployment(
  here: EcsHere | undefined,
  input: StopServiceDeploymentRequest,
): StopServiceDeploymentResponse {
  const arn = input.serviceDeploymentArn ?? '';
  const deployment = here && serviceDeployments(here).find((each) => here.arns.serviceDeployment(each) === arn);
  if (here === undefined || deployment === undefined) {
    throw new ServiceFault('ServiceDeploymentNotFoundException', 'Service deployment not found.');
  }
  if (input.stopType !== undefined && input.stopType !== 'ROLLBACK') {
    throw invalid(`StopServiceDeployment with ${input.stopType} is not simulated.`);
  }
  const { region, now, world } = here;
  const status = statusOf(region, deployment, now);
  if (!isUnderWay(region, deployment, now)) {
    throw new ServiceFault(
      'ConflictException',
      `The service deployment cannot be stopped because its status is ${status}.`,
    );
  }
  if (status === 'IN_PROGRESS') {
    if (rollbackTarget(region, deployment) === undefined) {
      throw new ServiceFault('ConflictException', 'There is no completed service revision to roll back to.');
    }
    world.change(
      {
        operation: 'ecs:StopServiceDeployment',
        region: region.region,
        resource: `${region.names.cluster}/${region.names.service}`,
        detail: `ROLLBACK ${deployment.id}`,
      },
      (inventory) => withRollback(inventory, region.region, deployment.id, now),
    );
  }
  return { serviceDeploymentArn: arn };
}
