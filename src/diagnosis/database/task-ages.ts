/**
 * Which tasks began after a moment: by the service's events, which name each task that ECS starts, and the task's id, with
 * which the awslogs driver ends the name of its log stream.
 * Source: Amazon ECS Developer Guide, "Amazon ECS service event messages" and "Using the awslogs log driver".
 */
import type { ServiceState } from '../../cloud/facts.ts';

/** Tasks that were started after `at`, by whether their streams are among those that tell of failures. */
export function tasksSince(
  service: ServiceState,
  failingStreams: readonly string[],
  at: number,
): { readonly failing: number; readonly well: number } {
  const failing = new Set(failingStreams.map(taskOf));
  const young = new Set(service.events.filter((event) => event.at > at).flatMap(({ message }) => startedIn(message)));
  const count = [...young].filter((task) => failing.has(task)).length;
  return { failing: count, well: young.size - count };
}

/** `prefix/container/task-id` is the stream of `task-id`. */
export function taskOf(streamOrArn: string): string {
  return streamOrArn.split('/').at(-1) ?? streamOrArn;
}

/** `(service nano-api) has started 2 tasks: (task 0a1b…) (task 2c3d…).` */
function startedIn(message: string): readonly string[] {
  if (!/\bhas started \d+ tasks?\b/.test(message)) return [];
  return [...message.matchAll(/\(task ([\w-]+)\)/g)].flatMap(([, task]) => task ?? []);
}
