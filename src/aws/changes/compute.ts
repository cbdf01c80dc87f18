/**
 * What can be done to an ECS service, each one call of the ECS or Application Auto Scaling API, with nothing in it but
 * what is to be different: both keep what a request leaves out. Whether it is right to do so is decided above.
 */
import { scalingKinds, suspensionNames, type ScalingKind } from '../../cloud/facts.ts';
import type { ServiceRef } from '../../cloud/stack.ts';
import type { Clients } from '../clients.ts';

export async function setDesiredCount(clients: Clients, ref: ServiceRef, count: number): Promise<void> {
  const ecs = await clients.ecs(ref.region);
  await ecs.updateService({ cluster: ref.cluster, service: ref.service, desiredCount: count });
}

export async function setTaskDefinition(clients: Clients, ref: ServiceRef, taskDefinition: string): Promise<void> {
  const ecs = await clients.ecs(ref.region);
  await ecs.updateService({ cluster: ref.cluster, service: ref.service, taskDefinition });
}

/** `deployment` is the ARN of a service deployment, which names the cluster and the service as well. */
export async function rollBackDeployment(clients: Clients, { region }: ServiceRef, deployment: string): Promise<void> {
  const ecs = await clients.ecs(region);
  await ecs.stopServiceDeployment({ serviceDeploymentArn: deployment, stopType: 'ROLLBACK' });
}

export async function restartTasks(clients: Clients, ref: ServiceRef): Promise<void> {
  const ecs = await clients.ecs(ref.region);
  await ecs.updateService({ cluster: ref.cluster, service: ref.service, forceNewDeployment: true });
}

/**
 * Of a target that is registered already: then a request with one limit keeps the other, the role and what is suspended
 * (Application Auto Scaling API Reference, RegisterScalableTarget). AWS refuses it for one that is not.
 */
export async function setMinimumCapacity(clients: Clients, ref: ServiceRef, minimum: number): Promise<void> {
  const scaling = await clients.applicationAutoScaling(ref.region);
  await scaling.registerScalableTarget({ ...targetOf(ref), MinCapacity: minimum });
}

/** Application Auto Scaling User Guide, "Suspend and resume scaling". */
export async function setSuspendedScaling(
  clients: Clients,
  ref: ServiceRef,
  suspended: readonly ScalingKind[],
): Promise<void> {
  const scaling = await clients.applicationAutoScaling(ref.region);
  await scaling.registerScalableTarget({
    ...targetOf(ref),
    SuspendedState: Object.fromEntries(scalingKinds.map((kind) => [suspensionNames[kind], suspended.includes(kind)])),
  });
}

function targetOf({ cluster, service }: ServiceRef) {
  return {
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${cluster}/${service}`,
  } as const;
}
