/**
 * Replacing every task of an ECS service by one of the same version, so that whatever a task keeps from its past
 * (connections, what it read when it started) is made anew.
 */
import type { ServiceState } from '../cloud/facts.ts';
import type { ServiceRef } from '../cloud/stack.ts';
import type { Change, Look } from '../engine/change.ts';
import type { ActContext, ObserveContext, Polled } from '../engine/step.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from './kit.ts';

type Looking = ObserveContext<RunbookPorts, RunbookSettings>;
type Doing = ActContext<ActPorts, RunbookSettings>;

export type RestartInput = {
  readonly service: Pick<ServiceRef, 'region' | 'cluster' | 'service'>;
  /** The ids of the deployments that the service has before. */
  readonly deployments: readonly string[];
  readonly taskDefinition: string;
};

const versionOf = (taskDefinition: string): string => taskDefinition.split('/').at(-1) ?? taskDefinition;

/** Or why not: while a rollout is under way, tasks are replaced already. */
export function planRestart(
  { region, cluster, service }: ServiceRef,
  state: ServiceState,
): { readonly change: Change<RestartInput> } | { readonly reason: string } {
  const primary = primaryOf(state);
  if (primary === undefined) return { reason: 'which deployment the service runs is unknown' };
  if (primary.rollout === 'in-progress') return { reason: 'a rollout is under way, which replaces the tasks already' };
  return {
    change: {
      operation: 'ecs:UpdateService',
      region,
      resource: `${cluster}/${service}`,
      summary: `replace every task by a new one of ${versionOf(state.taskDefinition)}`,
      before: { deployment: primary.id },
      after: { deployment: 'a new one of the same version' },
      // The tasks that were are gone; nothing else is.
      risk: 'irreversible',
      blastRadius: 'every task of the service is replaced, some at a time; requests go on',
      input: {
        service: { region, cluster, service },
        deployments: state.deployments.map(({ id }) => id),
        taskDefinition: state.taskDefinition,
      },
    },
  };
}

function primaryOf(state: ServiceState) {
  return state.deployments.find(({ status }) => status === 'primary');
}

/** A deployment that was not there before, of the same version, is the restart: whoever asked for it. */
export async function lookAtRestart({ input }: Change<RestartInput>, { ports }: Looking): Promise<Look> {
  const state = await ports.facts.serviceState(input.service);
  const primary = primaryOf(state);
  if (primary === undefined) return { state: 'unknown', detail: 'ECS names no primary deployment' };
  const detail = `deployment ${primary.id} of ${versionOf(primary.taskDefinition)}, rollout ${primary.rollout}`;
  if (input.deployments.includes(primary.id)) return { state: 'not-started', detail };
  if (primary.taskDefinition !== input.taskDefinition) return { state: 'drifted', detail };
  if (primary.rollout === 'failed') return { state: 'failed', detail };
  return { state: primary.rollout === 'completed' ? 'done' : 'in-flight', detail };
}

export async function applyRestart({ input }: Change<RestartInput>, { ports }: Doing): Promise<void> {
  await ports.changes.restartTasks(input.service);
}

/** Waits until every task is of the new deployment. */
export async function pollRestart(
  { input }: Change<RestartInput>,
  { ports, clock }: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const state = await ports.facts.serviceState(input.service);
  const primary = primaryOf(state);
  const detail = `${primary?.running ?? 0} of ${state.desired} new tasks run, rollout ${primary?.rollout ?? 'unknown'}`;
  if (primary === undefined || input.deployments.includes(primary.id)) return { state: 'waiting', detail };
  if (primary.rollout === 'failed') return { state: 'failed', detail };
  const isThere =
    primary.rollout === 'completed' &&
    primary.running >= state.desired &&
    state.deployments.every((each) => each === primary || each.running === 0);
  return isThere ? { state: 'reached', output: { at: clock.now() }, detail } : { state: 'waiting', detail };
}
