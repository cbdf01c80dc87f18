/** What happened around an onset that may have brought an incident about: deployments, and tasks killed for their memory. Pure. */
import type { DeploymentRecord, StoppedTask } from '../cloud/facts.ts';
import { measuredOnset, type Incident } from './incident.ts';

const minuteMs = 60_000;
/** A rollout that began this long before the onset may have caused it; one that began after it cannot have. */
const suspectBeforeMs = 20 * minuteMs;
const suspectAfterMs = 2 * minuteMs;

/** The newest deployment that began shortly before the onset. */
export function suspectDeployment(
  deployments: readonly DeploymentRecord[],
  incident: Incident,
): DeploymentRecord | undefined {
  const onset = measuredOnset(incident);
  if (onset === undefined) return undefined;
  return deployments
    .filter((each) => each.startedAt <= onset + suspectAfterMs && (each.finishedAt ?? onset) >= onset - suspectBeforeMs)
    .toSorted((a, b) => b.startedAt - a.startedAt)[0];
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
