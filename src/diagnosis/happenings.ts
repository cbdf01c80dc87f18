/** What happened around an onset that may have brought an incident about: deployments, and tasks killed for their memory. Pure. */
import type { DeploymentRecord, StoppedTask } from '../cloud/facts.ts';
import { measuredOnset, type Incident } from './incident.ts';

const minuteMs = 60_000;
/** A rollout that began this long before the onset may have caused it; one that began after it cannot have. */
const suspectBeforeMs = 20 * minuteMs;
const suspectAfterMs = 2 * minuteMs;

export interface SuspectDeployment extends DeploymentRecord {
  /** True where it was itself a way back; see the function of that name. */
  readonly isWayBack?: boolean;
}

/** The newest deployment that began shortly before the onset. */
export function suspectDeployment(
  deployments: readonly DeploymentRecord[],
  incident: Incident,
): SuspectDeployment | undefined {
  const onset = measuredOnset(incident);
  if (onset === undefined) return undefined;
  const suspect = deployments
    .filter((each) => each.startedAt <= onset + suspectAfterMs && (each.finishedAt ?? onset) >= onset - suspectBeforeMs)
    .toSorted((a, b) => b.startedAt - a.startedAt)[0];
  return suspect !== undefined && isWayBack(suspect, deployments) ? { ...suspect, isWayBack: true } : suspect;
}

/** True where a deployment left what had been rolled out over its own version before. */
export function isWayBack(
  { startedAt, taskDefinition, previousTaskDefinitions }: DeploymentRecord,
  deployments: readonly DeploymentRecord[],
): boolean {
  return deployments.some(
    (each) =>
      each.startedAt < startedAt &&
      each.taskDefinition !== undefined &&
      each.taskDefinition !== taskDefinition &&
      previousTaskDefinitions.includes(each.taskDefinition) &&
      each.previousTaskDefinitions.some((previous) => previous === taskDefinition),
  );
}

/**
 * 137 is SIGKILL: a container that stopped by itself with it was killed for its memory, but so exits everything that ECS
 * replaces and that does not heed SIGTERM (Amazon ECS Developer Guide, "Stopped tasks error codes").
 */
export function isOutOfMemory(task: StoppedTask, incident: Incident): boolean {
  if (task.stoppedAt === undefined || task.stoppedAt < incident.during.from - 10 * minuteMs) return false;
  const stoppedByItself = task.stopCode === undefined || task.stopCode === 'EssentialContainerExited';
  return task.containers.some(
    ({ exitCode, reason }) => (exitCode === 137 && stoppedByItself) || /outofmemory/i.test(reason ?? ''),
  );
}
