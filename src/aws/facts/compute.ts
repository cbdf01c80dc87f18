/** The ECS service: what it uses, what runs, what was deployed, what stopped, and who scales it. */
import type { Deployment as EcsDeployment, Service, ServiceDeployment, Task } from '@aws-sdk/client-ecs';
import {
  scalingKinds,
  suspensionNames,
  type Deployment,
  type DeploymentRecord,
  type ScalingLimits,
  type ServiceState,
  type ServiceUtilisation,
  type StoppedTask,
} from '../../cloud/facts.ts';
import { serviceUtilisationMetrics } from '../../cloud/metrics.ts';
import type { Window } from '../../cloud/series.ts';
import type { ServiceRef } from '../../cloud/stack.ts';
import { allPages, inGroups, readMetrics, type FactTools } from './tools.ts';

/** How long a rollout may have been under way when a window begins, and still be found in it. */
const longestRolloutMs = 24 * 3_600_000;

/** DescribeServiceDeployments and DescribeServiceRevisions take no more ARNs (ECS API Reference). */
const arnsPerCall = 20;
/** DescribeTasks takes no more tasks. */
const tasksPerCall = 100;

function nameOf({ cluster, service }: ServiceRef): string {
  return `${cluster}/${service}`;
}

/**
 * Utilisation as ECS publishes it, and the network's as Container Insights does (Amazon ECS Developer Guide, "Amazon
 * ECS service utilization metrics"; CloudWatch User Guide, "Amazon ECS Container Insights metrics").
 */
export function serviceUtilisation(tools: FactTools, service: ServiceRef, window: Window): Promise<ServiceUtilisation> {
  return readMetrics(tools, service.region, serviceUtilisationMetrics(service), window);
}

async function describeService({ wiring, clients }: FactTools, ref: ServiceRef): Promise<Service> {
  const ecs = await clients.ecs(ref.region);
  const answer = await ecs.describeServices({ cluster: ref.cluster, services: [ref.service] });
  const found = answer.services?.[0];
  if (found !== undefined) return found;
  const reason = answer.failures?.map(({ reason: why, detail }) => [why, detail].filter(Boolean).join(': ')).join('; ');
  const call = { service: 'ecs', operation: 'DescribeServices', region: ref.region, resource: nameOf(ref) };
  throw wiring.failure('not-found', call, reason ?? '');
}

const deploymentStatuses = { PRIMARY: 'primary', ACTIVE: 'active', INACTIVE: 'inactive' } as const;
const rollouts = { COMPLETED: 'completed', IN_PROGRESS: 'in-progress', FAILED: 'failed' } as const;

/** The entry for a name that may be one of a table's, or anything that AWS has added since. */
function known<T>(table: Readonly<Record<string, T>>, name: string | undefined): T | 'unknown' {
  return name !== undefined && Object.hasOwn(table, name) ? (table[name] ?? 'unknown') : 'unknown';
}

function deploymentFrom(given: EcsDeployment): Deployment {
  return {
    id: given.id ?? 'unknown',
    status: known(deploymentStatuses, given.status),
    rollout: known(rollouts, given.rolloutState),
    taskDefinition: given.taskDefinition ?? 'unknown',
    createdAt: given.createdAt?.getTime() ?? 0,
    updatedAt: given.updatedAt?.getTime(),
    desired: given.desiredCount ?? 0,
    running: given.runningCount ?? 0,
    pending: given.pendingCount ?? 0,
    failedTasks: given.failedTasks ?? 0,
  };
}

export async function serviceState(tools: FactTools, ref: ServiceRef): Promise<ServiceState> {
  const service = await describeService(tools, ref);
  return {
    status: service.status ?? 'unknown',
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    pending: service.pendingCount ?? 0,
    taskDefinition: service.taskDefinition ?? 'unknown',
    deployments: (service.deployments ?? []).map(deploymentFrom),
    events: (service.events ?? [])
      .flatMap(({ createdAt, message }) =>
        createdAt === undefined || message === undefined ? [] : [{ at: createdAt.getTime(), message }],
      )
      .toSorted((a, b) => b.at - a.at),
    subnets: service.networkConfiguration?.awsvpcConfiguration?.subnets ?? [],
    securityGroups: service.networkConfiguration?.awsvpcConfiguration?.securityGroups ?? [],
    source: { operation: 'ecs:DescribeServices', region: ref.region, detail: nameOf(ref) },
  };
}

/** Deployments that were under way at some time of the window, newest first. */
export async function deployments(
  { wiring, clients }: FactTools,
  ref: ServiceRef,
  window: Window,
): Promise<readonly DeploymentRecord[]> {
  const ecs = await clients.ecs(ref.region);
  const createdAt = { after: new Date(window.from - longestRolloutMs), before: new Date(window.to) };
  const call = { service: 'ecs', operation: 'ListServiceDeployments', region: ref.region };
  const listed = await allPages(wiring, call, async (nextToken) => {
    const answer = await ecs.listServiceDeployments({
      cluster: ref.cluster,
      service: ref.service,
      createdAt,
      nextToken,
      maxResults: 100,
    });
    return { items: answer.serviceDeployments ?? [], next: answer.nextToken };
  });
  const arns = listed.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? []);
  const described = await Promise.all(
    inGroups(arns, arnsPerCall).map((group) => ecs.describeServiceDeployments({ serviceDeploymentArns: [...group] })),
  );
  const overlapping = described
    .flatMap(({ serviceDeployments }) => serviceDeployments ?? [])
    .filter((given) => startOf(given) < window.to && (given.finishedAt?.getTime() ?? Infinity) >= window.from);
  const definitions = await taskDefinitions(ecs, overlapping);
  return overlapping.map((given) => recordFrom(given, definitions)).toSorted((a, b) => b.startedAt - a.startedAt);
}

function startOf(given: ServiceDeployment): number {
  return (given.startedAt ?? given.createdAt)?.getTime() ?? 0;
}

function revisionsOf(given: ServiceDeployment): readonly string[] {
  const revisions = [given.targetServiceRevision, ...(given.sourceServiceRevisions ?? [])];
  return revisions.flatMap((revision) => revision?.arn ?? []);
}

/** The task definition of each service revision that the deployments name. */
async function taskDefinitions(
  ecs: Awaited<ReturnType<FactTools['clients']['ecs']>>,
  found: readonly ServiceDeployment[],
): Promise<ReadonlyMap<string, string>> {
  const arns = [...new Set(found.flatMap(revisionsOf))];
  const answers = await Promise.all(
    inGroups(arns, arnsPerCall).map((group) => ecs.describeServiceRevisions({ serviceRevisionArns: [...group] })),
  );
  return new Map(
    answers
      .flatMap(({ serviceRevisions }) => serviceRevisions ?? [])
      .flatMap(({ serviceRevisionArn, taskDefinition }) =>
        serviceRevisionArn === undefined || taskDefinition === undefined
          ? []
          : [[serviceRevisionArn, taskDefinition] as const],
      ),
  );
}

function recordFrom(given: ServiceDeployment, definitions: ReadonlyMap<string, string>): DeploymentRecord {
  const previous = (given.sourceServiceRevisions ?? []).flatMap(({ arn }) => definitions.get(arn ?? '') ?? []);
  return {
    id: given.serviceDeploymentArn ?? 'unknown',
    status: given.status ?? 'UNKNOWN',
    startedAt: startOf(given),
    finishedAt: given.finishedAt?.getTime(),
    taskDefinition: definitions.get(given.targetServiceRevision?.arn ?? ''),
    previousTaskDefinitions: [...new Set(previous)],
  };
}

/** ECS forgets stopped tasks after about an hour. Newest first. */
export async function stoppedTasks({ wiring, clients }: FactTools, ref: ServiceRef): Promise<readonly StoppedTask[]> {
  const ecs = await clients.ecs(ref.region);
  const call = { service: 'ecs', operation: 'ListTasks', region: ref.region };
  const arns = await allPages(wiring, call, async (nextToken) => {
    const answer = await ecs.listTasks({
      cluster: ref.cluster,
      serviceName: ref.service,
      desiredStatus: 'STOPPED',
      nextToken,
      maxResults: 100,
    });
    return { items: answer.taskArns ?? [], next: answer.nextToken };
  });
  const answers = await Promise.all(
    inGroups(arns, tasksPerCall).map((tasks) => ecs.describeTasks({ cluster: ref.cluster, tasks: [...tasks] })),
  );
  return answers
    .flatMap(({ tasks }) => tasks ?? [])
    .map(stoppedTaskFrom)
    .toSorted((a, b) => (b.stoppedAt ?? 0) - (a.stoppedAt ?? 0));
}

function stoppedTaskFrom(task: Task): StoppedTask {
  return {
    taskArn: task.taskArn ?? 'unknown',
    taskDefinition: task.taskDefinitionArn,
    stoppedAt: task.stoppedAt?.getTime(),
    stopCode: task.stopCode,
    reason: task.stoppedReason,
    containers: (task.containers ?? []).map(({ name, exitCode, reason }) => ({
      name: name ?? 'unknown',
      exitCode,
      reason,
    })),
  };
}

export async function scalingLimits(
  { wiring, clients }: FactTools,
  ref: ServiceRef,
): Promise<ScalingLimits | undefined> {
  const scaling = await clients.applicationAutoScaling(ref.region);
  const resourceId = `service/${nameOf(ref)}`;
  const about = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;
  const call = { service: 'application-autoscaling', operation: 'DescribeScalingPolicies', region: ref.region };
  const [targets, policies] = await Promise.all([
    scaling.describeScalableTargets({ ...about, ResourceIds: [resourceId] }),
    allPages(wiring, call, async (NextToken) => {
      const answer = await scaling.describeScalingPolicies({ ...about, ResourceId: resourceId, NextToken });
      return { items: answer.ScalingPolicies ?? [], next: answer.NextToken };
    }),
  ]);
  const target = targets.ScalableTargets?.[0];
  if (target?.MinCapacity === undefined || target.MaxCapacity === undefined) return undefined;
  return {
    min: target.MinCapacity,
    max: target.MaxCapacity,
    policies: policies.flatMap(({ PolicyName }) => PolicyName ?? []),
    suspended: scalingKinds.filter((kind) => target.SuspendedState?.[suspensionNames[kind]] === true),
  };
}
