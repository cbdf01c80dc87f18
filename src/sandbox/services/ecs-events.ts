/** The service's events, as they follow from its history (Amazon ECS Developer Guide, "Amazon ECS service events"). */
import type { ServiceEvent } from '@aws-sdk/client-ecs';
import { desiredAt, runningTasks, type Deployment, type RegionInventory } from '../world/inventory.ts';
import type { EcsHere } from './ecs-here.ts';

const MOST_EVENTS = 100;
const STEADY_EVERY_MS = 6 * 3_600_000;
/** ECS complains of tasks that end when so many did in so short a time, and says it again only after a while. */
const COMPLAINT_COUNT = 4;
const COMPLAINT_WINDOW_MS = 5 * 60_000;
const COMPLAINT_EVERY_MS = 10 * 60_000;

interface Told {
  readonly at: number;
  readonly message: string;
}

/** Newest first, at most a hundred. */
export function eventsOf(here: EcsHere): ServiceEvent[] {
  const { region, now } = here;
  const prefix = `(service ${region.names.service})`;
  const told = [
    ...region.deployments.flatMap((deployment) => ofDeployment(region, deployment, prefix)),
    ...ofTasks(here, prefix),
    ...complaints(region, prefix),
    ...steadyStates(region, now, prefix),
  ];
  return told
    .filter((event) => event.at <= now)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MOST_EVENTS)
    .map((event, index) => ({
      id: `${region.vpcId.slice(4, 12)}-${String(index).padStart(4, '0')}-4000-8000-${Math.floor(event.at).toString(16).padStart(12, '0')}`,
      createdAt: new Date(event.at),
      message: event.message,
    }));
}

function ofDeployment(region: RegionInventory, deployment: Deployment, prefix: string): readonly Told[] {
  const { number, startedAt, finishedAt, endedAt, end, rollbackOf } = deployment;
  const told: Told[] = [];
  const named = `${prefix} (deployment ecs-svc/${number})`;
  if (rollbackOf !== undefined) {
    const taken = region.deployments.find((each) => each.id === rollbackOf)?.number ?? '';
    told.push({
      at: startedAt,
      message: `${prefix} (deployment ecs-svc/${taken}) was stopped: rolling back to deployment ecs-svc/${number}.`,
    });
  }
  if (endedAt !== undefined && end === 'circuit-breaker') {
    told.push({ at: endedAt, message: `${named} deployment failed: tasks failed to start.` });
  }
  if (finishedAt !== undefined) {
    told.push({ at: finishedAt, message: `${named} deployment completed.` });
    told.push({ at: finishedAt + 300, message: `${prefix} has reached a steady state.` });
  }
  return told;
}

function ofTasks({ region, arns }: EcsHere, prefix: string): readonly Told[] {
  const told: Told[] = [];
  for (const task of region.tasks) {
    told.push({ at: task.createdAt, message: `${prefix} has started 1 tasks: (task ${task.id}).` });
    const { stoppedAt } = task;
    if (stoppedAt !== undefined && task.stopCode === 'TaskFailedToStart') {
      told.push({
        at: stoppedAt,
        message: `${prefix} was unable to start task ${task.id}: ${task.stoppedReason ?? ''}`,
      });
      continue;
    }
    told.push({
      at: task.startedAt,
      message: `${prefix} registered 1 targets in (target-group ${arns.targetGroup()})`,
    });
    if (stoppedAt === undefined) continue;
    if (task.stopCode === 'ServiceSchedulerInitiated') {
      told.push({ at: stoppedAt - 30_000, message: `${prefix} has stopped 1 running tasks: (task ${task.id}).` });
    }
    told.push({
      at: stoppedAt - 1_000,
      message: `${prefix} deregistered 1 targets in (target-group ${arns.targetGroup()})`,
    });
  }
  return told;
}

/** What ECS says when tasks end by themselves again and again. */
function complaints(region: RegionInventory, prefix: string): readonly Told[] {
  const ends = region.tasks
    .filter((task) => task.crash !== undefined)
    .flatMap((task) => task.stoppedAt ?? [])
    .toSorted((a, b) => a - b);
  const told: Told[] = [];
  for (const [index, at] of ends.entries()) {
    const first = ends[index - COMPLAINT_COUNT + 1];
    if (first === undefined || at - first > COMPLAINT_WINDOW_MS) continue;
    if (at - (told.at(-1)?.at ?? -Infinity) < COMPLAINT_EVERY_MS) continue;
    told.push({
      at,
      message: `${prefix} is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
    });
  }
  return told;
}

/** ECS repeats that all is well every six hours, and says it when tasks that were added or replaced are there. */
function steadyStates(region: RegionInventory, now: number, prefix: string): readonly Told[] {
  const message = `${prefix} has reached a steady state.`;
  const told: Told[] = [];
  for (const { at: changed } of region.desiredCounts.slice(1)) {
    const there = region.tasks.map((task) => task.stoppedAt ?? task.startedAt).filter((at) => at >= changed);
    const at = Math.max(...there) + 300;
    if (Number.isFinite(at) && isComplete(region, at)) told.push({ at, message });
  }
  const since = region.deployments.at(-1)?.finishedAt ?? now;
  for (let at = since + STEADY_EVERY_MS; at < now; at += STEADY_EVERY_MS) {
    if (isComplete(region, at)) told.push({ at, message });
  }
  return told;
}

function isComplete(region: RegionInventory, at: number): boolean {
  return runningTasks(region, at).length === desiredAt(region, at);
}
