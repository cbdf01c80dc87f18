/**
 * What runbooks do to an ECS service: one task more, and back to an earlier version. Each change is told, looked up,
 * made and put back here, so that every runbook does it in the same way.
 */
import { scalingKinds, type ScalingKind, type ScalingLimits, type ServiceState } from '../cloud/facts.ts';
import type { ServiceRef } from '../cloud/stack.ts';
import type { SuspectDeployment } from '../diagnosis/happenings.ts';
import type { Change, Look } from '../engine/change.ts';
import type { ActContext, ObserveContext, Polled } from '../engine/step.ts';
import { isSame } from './equal.ts';
import type { ActPorts, RunbookPorts, RunbookSettings } from './kit.ts';

type Looking = ObserveContext<RunbookPorts, RunbookSettings>;
type Doing = ActContext<ActPorts, RunbookSettings>;
type Service = Pick<ServiceRef, 'region' | 'cluster' | 'service'>;

const nameOf = ({ cluster, service }: Service): string => `${cluster}/${service}`;
const serviceOf = ({ region, cluster, service }: ServiceRef): Service => ({ region, cluster, service });

export type CountInput = {
  readonly service: Service;
  /** What is set: the service's own count, or the least that Application Auto Scaling keeps. */
  readonly sets: 'desired-count' | 'minimum-capacity';
  /** Absent where it could not be looked at. */
  readonly from?: number;
  readonly to: number;
  /** True where it is not put back, whatever becomes of the run. */
  readonly stays?: boolean;
};

/**
 * A number of tasks. Where Application Auto Scaling owns the count its minimum is raised, and it raises the count at once;
 * a bare change of the count it would undo. Source: Application Auto Scaling API Reference, RegisterScalableTarget.
 */
function countChange(
  ref: ServiceRef,
  sets: CountInput['sets'],
  from: number,
  to: number,
  tasksNow: number,
): Change<CountInput> {
  const service = serviceOf(ref);
  const what = sets === 'desired-count' ? 'desiredCount' : 'minCapacity';
  const tasks = Math.max(to, tasksNow);
  return {
    operation: sets === 'desired-count' ? 'ecs:UpdateService' : 'application-autoscaling:RegisterScalableTarget',
    region: ref.region,
    resource: nameOf(ref),
    summary: `${what} ${from} \u2192 ${to}`,
    before: { [what]: from },
    after: { [what]: to },
    risk: 'reversible',
    blastRadius:
      to > from
        ? `${tasks} tasks instead of ${tasksNow}; those that run are not touched`
        : 'tasks above it may be stopped by Auto Scaling, one by one',
    input: { service, sets, from, to },
  };
}

/** As it was before; undefined for what is to stay. */
export function reverseUnlessStaying(applied: Change<CountInput>): Change<CountInput> | undefined {
  return applied.input.stays === true ? undefined : reverseCount(applied);
}

/** Undefined where nobody knows what it was before. */
export function reverseCount(applied: Change<CountInput>): Change<CountInput> | undefined {
  const { service, sets, from, to } = applied.input;
  return from === undefined ? undefined : countChange({ ...service }, sets, to, from, to);
}

export async function lookAtCount({ input }: Change<CountInput>, { ports }: Looking): Promise<Look> {
  const { service, sets, from, to } = input;
  const [state, limits] = await Promise.all([
    ports.facts.serviceState(service),
    sets === 'minimum-capacity' ? ports.facts.scalingLimits(service) : undefined,
  ]);
  if (sets === 'minimum-capacity' && limits === undefined) {
    return { state: 'drifted', detail: `Application Auto Scaling does not own ${nameOf(service)} any more` };
  }
  const value = limits === undefined ? state.desired : limits.min;
  const detail = `${sets === 'desired-count' ? 'the desired count' : 'the minimum'} is ${value}, ${state.desired} tasks are wanted`;
  if (value === to) return { state: sets === 'desired-count' || state.desired >= to ? 'done' : 'in-flight', detail };
  return { state: value === from ? 'not-started' : 'drifted', detail };
}

export async function applyCount({ input }: Change<CountInput>, { ports }: Doing): Promise<void> {
  const { service, sets, to } = input;
  if (sets === 'desired-count') await ports.changes.setDesiredCount(service, to);
  else await ports.changes.setMinimumCapacity(service, to);
}

/** One task more, or why not. */
export function planScaleOut(
  service: ServiceRef,
  state: ServiceState,
  owner: ScalingLimits | undefined,
): { readonly change: Change<CountInput> } | { readonly reason: string } {
  const to = Math.max(state.desired, owner?.min ?? 0) + 1;
  const most = Math.min(owner?.max ?? Number.POSITIVE_INFINITY, service.maxTasks ?? Number.POSITIVE_INFINITY);
  if (to > most) return { reason: `${nameOf(service)} is at its limit of ${most} tasks` };
  return {
    change:
      owner === undefined
        ? countChange(service, 'desired-count', state.desired, to, state.desired)
        : countChange(service, 'minimum-capacity', owner.min, to, state.desired),
  };
}

/**
 * At least so many tasks as are needed, or as many as the limits allow. Without a change where there are enough.
 * `missing`: how many tasks the limits keep it from.
 */
export function planCapacity(
  service: ServiceRef,
  state: ServiceState,
  owner: ScalingLimits | undefined,
  needed: number,
): { readonly change?: Change<CountInput>; readonly tasks: number; readonly missing: number } {
  const most = Math.min(owner?.max ?? Number.POSITIVE_INFINITY, service.maxTasks ?? Number.POSITIVE_INFINITY);
  const tasks = Math.max(state.desired, Math.min(needed, most));
  const missing = Math.max(0, needed - tasks);
  // What is suspended may not raise the count, and does not lower it either.
  const isSuspended = owner !== undefined && owner.suspended.length > 0;
  if (owner !== undefined && owner.min < tasks && !isSuspended) {
    return { change: countChange(service, 'minimum-capacity', owner.min, tasks, state.desired), tasks, missing };
  }
  // Auto Scaling raises a count below its minimum only when it is told of a minimum.
  if (state.desired < tasks) {
    return { change: countChange(service, 'desired-count', state.desired, tasks, state.desired), tasks, missing };
  }
  return { tasks, missing };
}

/** All tasks are stopped, so that nothing of the service writes any more; can be put back. */
export function fenceChange(service: ServiceRef, desired: number | undefined): Change<CountInput> {
  const blastRadius = 'every task of the service is stopped, so that none of them writes to the old database';
  const change = countChange(service, 'desired-count', desired ?? 0, 0, desired ?? 0);
  if (desired !== undefined) return { ...change, blastRadius };
  const { from: _unknown, ...input } = change.input;
  return {
    ...change,
    blastRadius,
    summary: 'desiredCount \u2192 0',
    before: { desiredCount: 'not known' },
    input,
  };
}

/** However many tasks there are by now, they are to be stopped. */
export async function lookAtFence(change: Change<CountInput>, context: Looking): Promise<Look> {
  const seen = await lookAtCount(change, context);
  return change.input.to === 0 && seen.state === 'drifted' ? { ...seen, state: 'not-started' } : seen;
}

/** Waits until no task of the service runs any more. */
export async function pollStopped(
  service: ServiceRef,
  { ports, clock }: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const { desired, running, pending } = await ports.facts.serviceState(service);
  const left = Math.max(desired, running + pending);
  if (left === 0) return { state: 'reached', output: { at: clock.now() }, detail: 'no task runs any more' };
  return {
    state: 'waiting',
    detail: desired > 0 ? `${desired} tasks are to run there` : `${left} tasks are still stopping`,
  };
}

export type SuspensionInput = {
  readonly service: Service;
  /** What is suspended, in the order of `scalingKinds`; absent where that could not be looked at. */
  readonly from?: readonly ScalingKind[];
  readonly to: readonly ScalingKind[];
};

function suspensionText(kinds: readonly ScalingKind[] | undefined): string {
  if (kinds === undefined) return 'not known';
  if (kinds.length === 0) return 'nothing';
  return kinds.length === scalingKinds.length ? 'all of it' : kinds.join(', ');
}

/** What Application Auto Scaling does not do for the service: all of it while nobody may start tasks, nothing once it serves. */
export function suspensionChange(
  ref: ServiceRef,
  from: readonly ScalingKind[] | undefined,
  to: readonly ScalingKind[],
): Change<SuspensionInput> {
  return {
    operation: 'application-autoscaling:RegisterScalableTarget',
    region: ref.region,
    resource: nameOf(ref),
    summary: `scaling suspended: ${suspensionText(from)} \u2192 ${suspensionText(to)}`,
    before: { suspended: suspensionText(from) },
    after: { suspended: suspensionText(to) },
    risk: 'reversible',
    blastRadius: to.length === 0 ? 'the count of tasks follows the load' : 'the count of tasks stays as it is set',
    input: { service: serviceOf(ref), ...(from === undefined ? {} : { from }), to },
  };
}

/** Undefined where nobody knows what was suspended before. */
export function reverseSuspension({ input }: Change<SuspensionInput>): Change<SuspensionInput> | undefined {
  return input.from === undefined ? undefined : suspensionChange({ ...input.service }, input.to, input.from);
}

export async function lookAtSuspension({ input }: Change<SuspensionInput>, { ports }: Looking): Promise<Look> {
  const { service, from, to } = input;
  const limits = await ports.facts.scalingLimits(service);
  if (limits === undefined) {
    return { state: 'drifted', detail: `Application Auto Scaling does not own ${nameOf(service)} any more` };
  }
  const detail = `scaling suspended: ${suspensionText(limits.suspended)}`;
  if (isSame(limits.suspended, to)) return { state: 'done', detail };
  // To suspend all of it is right whatever is suspended by now.
  const fits = from === undefined || to.length === scalingKinds.length || isSame(limits.suspended, from);
  return { state: fits ? 'not-started' : 'drifted', detail };
}

export async function applySuspension({ input }: Change<SuspensionInput>, { ports }: Doing): Promise<void> {
  await ports.changes.setSuspendedScaling(input.service, input.to);
}

/** Waits until the tasks run that were asked for, and their targets are healthy. */
export async function pollTasks(
  service: ServiceRef,
  atLeast: number,
  { ports, settings, clock }: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const { api } = settings.site;
  const [state, targets] = await Promise.all([
    ports.facts.serviceState(service),
    api?.targetGroup === undefined ? undefined : ports.facts.targetHealth(api),
  ]);
  const healthy = targets?.filter((target) => target.state === 'healthy').length;
  const detail = `${state.running} of ${state.desired} tasks run${healthy === undefined ? '' : `, ${healthy} targets healthy`}`;
  if (state.desired < atLeast) {
    return { state: 'failed', detail: `somebody else set the count to ${state.desired}: ${detail}` };
  }
  const isThere = state.running >= atLeast && (healthy ?? atLeast) >= atLeast;
  return isThere ? { state: 'reached', output: { at: clock.now() }, detail } : { state: 'waiting', detail };
}

export type VersionInput = {
  readonly service: Service;
  /** The ARN of the task definition that is left, and of the one that is gone to. */
  readonly from: string;
  readonly to: string;
  /** The deployment under way that is stopped; absent where a new deployment goes back. */
  readonly deployment?: string;
};

const versionOf = (taskDefinition: string): string => taskDefinition.split('/').at(-1) ?? taskDefinition;

/**
 * Back to the task definition before. While the deployment to blame is under way it is stopped, and ECS rolls it back; later a new
 * deployment of the earlier task definition is made. Source: Amazon ECS API Reference, StopServiceDeployment.
 */
export function planRollBack(
  ref: ServiceRef,
  state: ServiceState,
  suspect: SuspectDeployment,
): { readonly change: Change<VersionInput> } | { readonly reason: string } {
  const from = suspect.taskDefinition ?? state.taskDefinition;
  const to = suspect.previousTaskDefinitions.find((each) => each !== from);
  if (to === undefined) return { reason: 'which task definition ran before is unknown' };
  if (state.taskDefinition !== from) {
    return { reason: `the service is on ${versionOf(state.taskDefinition)} by now, and not on ${versionOf(from)}` };
  }
  if (suspect.isWayBack === true) {
    return {
      reason: `somebody went back from ${versionOf(to)} to ${versionOf(from)} already: which of them is well is not known`,
    };
  }
  const isUnderWay =
    suspect.finishedAt === undefined &&
    suspect.id.startsWith('arn:') &&
    state.deployments.some((each) => each.status === 'primary' && each.rollout === 'in-progress');
  return { change: versionChange(ref, from, to, isUnderWay ? suspect.id : undefined) };
}

function versionChange(
  ref: ServiceRef,
  from: string,
  to: string,
  deployment: string | undefined,
): Change<VersionInput> {
  const service = serviceOf(ref);
  const stops = deployment !== undefined;
  return {
    operation: stops ? 'ecs:StopServiceDeployment' : 'ecs:UpdateService',
    region: ref.region,
    resource: nameOf(ref),
    summary: `${stops ? 'stop the rollout: ' : ''}${versionOf(from)} \u2192 ${versionOf(to)}`,
    before: { taskDefinition: versionOf(from) },
    after: { taskDefinition: versionOf(to) },
    risk: stops ? 'irreversible' : 'reversible',
    blastRadius: 'every task of the service is replaced, some at a time; requests go on',
    input: stops ? { service, from, to, deployment } : { service, from, to },
  };
}

/** A stopped rollout is not started again: whoever wants it deploys it anew. */
export function reverseVersion(applied: Change<VersionInput>): Change<VersionInput> | undefined {
  const { service, from, to, deployment } = applied.input;
  return deployment === undefined ? versionChange({ ...service }, to, from, undefined) : undefined;
}

export async function lookAtVersion({ input }: Change<VersionInput>, { ports }: Looking): Promise<Look> {
  const { service, from, to, deployment } = input;
  const state = await ports.facts.serviceState(service);
  const primary = state.deployments.find((each) => each.status === 'primary');
  const rollout = primary?.rollout ?? 'unknown';
  const detail = `the service is on ${versionOf(state.taskDefinition)}, its rollout is ${rollout}`;
  if (state.taskDefinition === to) return { state: rollout === 'in-progress' ? 'in-flight' : 'done', detail };
  if (state.taskDefinition !== from) return { state: 'drifted', detail };
  if (deployment === undefined || rollout === 'in-progress') return { state: 'not-started', detail };
  // The rollout ended before it could be stopped: it needs another plan.
  return { state: 'drifted', detail };
}

export async function applyVersion({ input }: Change<VersionInput>, { ports }: Doing): Promise<void> {
  const { service, to, deployment } = input;
  if (deployment === undefined) await ports.changes.setTaskDefinition(service, to);
  else await ports.changes.rollBackDeployment(service, deployment);
}

/** Waits until every task is of the version that was gone to, and the rollout is over. */
export async function pollVersion(
  service: ServiceRef,
  taskDefinition: string,
  { ports, clock }: Looking,
): Promise<Polled<{ readonly at: number }>> {
  const state = await ports.facts.serviceState(service);
  const primary = state.deployments.find((each) => each.status === 'primary');
  const detail = `${versionOf(state.taskDefinition)}: ${primary?.running ?? 0} of ${state.desired} tasks run, rollout ${primary?.rollout ?? 'unknown'}`;
  // A rollout that was stopped has failed for a moment, until the way back begins.
  if (primary?.rollout === 'failed' && primary.taskDefinition === taskDefinition) return { state: 'failed', detail };
  const isThere =
    primary?.taskDefinition === taskDefinition &&
    primary.rollout === 'completed' &&
    primary.running >= state.desired &&
    state.deployments.every((each) => each === primary || each.running === 0);
  return isThere ? { state: 'reached', output: { at: clock.now() }, detail } : { state: 'waiting', detail };
}
