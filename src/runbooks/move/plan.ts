/**
 * How a stack is moved to another region, or why it cannot be: pure, from what was seen. Every change of the move is in the
 * plan, so that whoever agrees agrees to all of it; what is not in it is not done.
 */
import { firstInstanceOf } from '../../cloud/database-names.ts';
import {
  scalingKinds,
  type DatabaseInstance,
  type DatabaseState,
  type ScalingLimits,
  type ServiceState,
} from '../../cloud/facts.ts';
import type {
  AlarmState,
  DnsRecord,
  GlobalDatabase,
  LoadBalancerState,
  ReplicationLag,
} from '../../cloud/recovery-facts.ts';
import { servingOf, writerOf } from '../../diagnosis/database/statuses.ts';
import type { Known } from '../../diagnosis/known.ts';
import type { Change } from '../../engine/change.ts';
import type { PlainRecord } from '../../engine/plain.ts';
import type { InstanceInput } from '../database-restore.ts';
import type { MoveSettings } from '../kit.ts';
import { isSame } from '../equal.ts';
import {
  fenceChange,
  planCapacity,
  reverseCount,
  suspensionChange,
  type CountInput,
  type SuspensionInput,
} from '../service-changes.ts';
import { planRestart, type RestartInput } from '../task-restart.ts';
import { databaseMove, type DatabaseMoveInput, type MoveKind } from './database-move.ts';
import type { Detection } from './detection.ts';
import { globalText } from './observations.ts';
import { spanText } from './settings.ts';
import { longestTtlMs, planTraffic, type TrafficInput } from './traffic-move.ts';

const minuteMs = 60_000;
/** A copy that is further behind is not switched over to: writes would be blocked until it has caught up. */
export const inStepMs = 30_000;

/** So long it is waited for that the tasks of the old region have stopped; the outage goes on meanwhile. */
export const stoppedWithinMs = 2 * minuteMs;

/** A minute's lag is reported so long after its beginning: what has stopped falls that much further behind unseen. */
const reportedAfterMs = 3 * minuteMs;

/** What was seen of both regions. */
export interface Picture {
  readonly detection: Detection;
  readonly oldService: Known<ServiceState>;
  readonly oldLimits: Known<ScalingLimits | null>;
  readonly oldDatabase: Known<DatabaseState>;
  readonly global: Known<GlobalDatabase>;
  readonly newDatabase: Known<DatabaseState>;
  readonly lag: Known<ReplicationLag>;
  readonly newService: Known<ServiceState>;
  readonly newLimits: Known<ScalingLimits | null>;
  readonly newBalancer: Known<LoadBalancerState>;
  readonly records: Known<readonly DnsRecord[]>;
  readonly switches: Known<Readonly<Record<string, 'on' | 'off'>>>;
  readonly alarms: Known<readonly AlarmState[]>;
  /** Why the region that takes over is not fit to, a line each; not looked at when absent. */
  readonly fitness?: Known<readonly string[]>;
}

export interface MovePlan {
  readonly mode: MoveKind | 'none';
  /** Why it cannot be done, a line each; nothing is changed then. */
  readonly blockers: readonly string[];
  /** True where all that blocks is that everything is where it is to go. */
  readonly needless?: true;
  /** What whoever agrees must know, a line each. */
  readonly concerns: readonly string[];
  readonly splitBrain: 'excluded' | 'possible';
  /** Milliseconds of writes that may be lost: 0 for a switchover; absent where nobody can tell. */
  readonly lossMs?: number;
  readonly instance?: Change<InstanceInput>;
  /** Keeps Auto Scaling from starting again what is stopped. */
  readonly suspend?: Change<SuspensionInput>;
  readonly fence?: Change<CountInput>;
  /** True where what writes in the old region is stopped, or being stopped already, and that is waited for. */
  readonly fences: boolean;
  readonly database?: Change<DatabaseMoveInput>;
  readonly capacity?: Change<CountInput>;
  /** Lets Auto Scaling follow the load again, where it was suspended. */
  readonly resume?: Change<SuspensionInput>;
  /** Puts the capacity back as it was, once the stack has come back. */
  readonly standby?: Change<CountInput>;
  /** Tasks that are to run in the region that takes over. */
  readonly tasks?: number;
  readonly restart?: Change<RestartInput>;
  readonly traffic?: Change<TrafficInput>;
  /** Why traffic needs no change. */
  readonly trafficDone?: string;
  /** True where a person has to move traffic. */
  readonly movesByHand: boolean;
  readonly ttlMs: number;
  /** True where everything can be put back: nothing is lost by it, and the region that is left is alive. */
  readonly undoable: boolean;
}

/** Every change of the plan, in the order in which they are made. */
export function changesIn(plan: MovePlan): readonly Change[] {
  const all: readonly (Change | undefined)[] = [
    plan.instance,
    plan.suspend,
    plan.fence,
    plan.database,
    plan.capacity,
    plan.resume,
    plan.restart,
    plan.traffic,
    plan.standby,
  ];
  return all.filter((change) => change !== undefined);
}

export function planMove(seen: Picture, move: MoveSettings): MovePlan {
  const blockers: string[] = [];
  const concerns: string[] = [];
  const database = planDatabase(seen, move, blockers, concerns);
  const mode = database?.change.input.kind ?? 'none';
  const isLossy = mode === 'failover' || mode === 'detach' || mode === 'promotion';
  const fence = isLossy ? planFence(seen, move, concerns) : { fences: false };
  const capacity = planService(seen, move, blockers, concerns);
  const traffic = planSwitch(seen, move, blockers);
  if (seen.fitness?.known === true) {
    // Where there is a region that serves, nothing is moved to one that cannot; where there is none, whatever there is is better.
    (move.isDrill || seen.detection.state === 'well' ? blockers : concerns).push(...seen.fitness.value);
  }
  const unfenced = isLossy && !fence.fences && move.from.compute !== undefined && !isFenced(seen);
  if (unfenced) {
    concerns.push(
      seen.detection.state === 'cut-off'
        ? `split brain: the writer in ${move.from.region} lives and cannot be fenced; two writers take writes until it is`
        : `split brain is possible: the writer in ${move.from.region} cannot be fenced, and may take writes when its region comes back`,
    );
  }
  if ((mode === 'detach' || mode === 'promotion') && !unfenced && move.from.compute !== undefined) {
    const cluster = move.from.database?.cluster ?? 'the old cluster';
    concerns.push(
      `${cluster} in ${move.from.region} stays a writer, on its own: its application is stopped there, and what anything else writes to it is not in ${move.to.region}`,
    );
  }
  const undoable = !isLossy && seen.detection.state === 'well';
  const nothing = [database, capacity.change, capacity.resume, traffic.change].every((each) => each === undefined);
  const needless = nothing && blockers.length === 0 && !traffic.byHand;
  if (needless) {
    blockers.push(`there is nothing to move: ${move.to.region} serves already`);
  }
  const isPossible = blockers.length === 0;
  const standby = capacity.change !== undefined && move.comesBack ? reverseCount(capacity.change) : undefined;
  return {
    mode: isPossible ? mode : 'none',
    blockers,
    ...(needless ? { needless } : {}),
    concerns,
    splitBrain: isPossible && (unfenced || (isLossy && move.from.compute === undefined)) ? 'possible' : 'excluded',
    ...(isLossy ? (database?.change.lossMs === undefined ? {} : { lossMs: database.change.lossMs }) : { lossMs: 0 }),
    movesByHand: isPossible && traffic.byHand,
    ttlMs: traffic.ttlMs,
    undoable,
    fences: false,
    ...(isPossible
      ? {
          ...(database?.instance === undefined ? {} : { instance: database.instance }),
          ...fence,
          ...(database === undefined ? {} : { database: undoable ? database.change : staying(database.change) }),
          ...(capacity.change === undefined ? {} : { capacity: undoable ? capacity.change : staying(capacity.change) }),
          ...(standby === undefined ? {} : { standby }),
          ...(capacity.resume === undefined ? {} : { resume: capacity.resume }),
          ...(capacity.tasks === undefined ? {} : { tasks: capacity.tasks }),
          ...(capacity.restart === undefined || database === undefined ? {} : { restart: capacity.restart }),
          ...(traffic.change === undefined ? {} : { traffic: undoable ? traffic.change : staying(traffic.change) }),
          ...(traffic.done === undefined ? {} : { trafficDone: traffic.done }),
        }
      : {}),
  };
}

/** What is done for a region that is gone is not put back for it. */
function staying<Input extends PlainRecord>(change: Change<Input>): Change<Input> {
  return { ...change, input: { ...change.input, stays: true } };
}

interface DatabasePlan {
  readonly change: Change<DatabaseMoveInput>;
  readonly instance?: Change<InstanceInput>;
}

/** Undefined where there is no database to move, or it is there already; also where it cannot be, which is then a blocker. */
function planDatabase(
  seen: Picture,
  move: MoveSettings,
  blockers: string[],
  concerns: string[],
): DatabasePlan | undefined {
  const { from, to, globalCluster } = move;
  if (from.database === undefined || to.database === undefined) {
    if (from.database !== undefined)
      blockers.push('database.recoveryCluster is not configured: there is nothing to take over with');
    return undefined;
  }
  const present = seen.newDatabase;
  if (!present.known) {
    blockers.push(`${to.database.cluster} in ${to.region} cannot be looked at: ${present.reason}`);
    return undefined;
  }
  const clusters = clustersOf(seen, move, present.value);
  const kind =
    globalCluster === undefined
      ? planPromotion(present.value, move, blockers)
      : planGlobal(seen, move, blockers, concerns);
  if (kind === undefined) return undefined;
  const instance = planInstance(seen, move, present.value, blockers, concerns);
  if (clusters === undefined) {
    blockers.push(`the ARNs of the clusters are not known`);
    return undefined;
  }
  const input = { kind, ...(globalCluster === undefined ? {} : { globalCluster }), ...clusters };
  const change = databaseMove(input, kind === 'switchover' ? undefined : expectedLossMs(seen));
  return { change, ...(instance === undefined ? {} : { instance }) };
}

function clustersOf(
  { global, oldDatabase }: Picture,
  { from, to }: MoveSettings,
  present: DatabaseState,
): Pick<DatabaseMoveInput, 'from' | 'to'> | undefined {
  if (from.database === undefined || to.database === undefined) return undefined;
  const members = global.known ? global.value.members : [];
  const memberIn = (region: string, cluster: string) =>
    members.find((each) => each.region === region && each.cluster === cluster);
  const oldArn =
    memberIn(from.region, from.database.cluster)?.arn ??
    (oldDatabase.known ? oldDatabase.value.arn : undefined) ??
    present.replicatesFrom;
  const newArn = memberIn(to.region, to.database.cluster)?.arn ?? present.arn;
  if (newArn === undefined) return undefined;
  return {
    from: { region: from.region, cluster: from.database.cluster, arn: oldArn ?? '' },
    to: { region: to.region, cluster: to.database.cluster, arn: newArn },
  };
}

function planPromotion(present: DatabaseState, move: MoveSettings, blockers: string[]): 'promotion' | undefined {
  const { to, mode, isDrill } = move;
  if (present.replicatesFrom === undefined) return undefined; // It is a cluster of its own already.
  if (mode === 'switchover' && isDrill) {
    blockers.push(
      `${to.database?.cluster ?? ''} is a read replica: it can only be promoted, which cannot be taken back (drill with --mode failover, or use a global database)`,
    );
    return undefined;
  }
  return 'promotion';
}

function planGlobal(
  seen: Picture,
  move: MoveSettings,
  blockers: string[],
  concerns: string[],
): Exclude<MoveKind, 'promotion'> | undefined {
  const { from, to, globalCluster = '', mode, isDrill } = move;
  const cluster = to.database?.cluster ?? '';
  if (!seen.global.known) {
    blockers.push(`the global database ${globalCluster} cannot be looked at in ${to.region}: ${seen.global.reason}`);
    return undefined;
  }
  const global = seen.global.value;
  if (global.moving !== undefined) {
    blockers.push(`${globalCluster} is being moved already: ${globalText(global)}`);
    return undefined;
  }
  const member = global.members.find((each) => each.region === to.region && each.cluster === cluster);
  if (member === undefined) {
    const alone = seen.newDatabase.known ? writerOf(seen.newDatabase.value) : undefined;
    blockers.push(
      `${cluster} in ${to.region} is not part of ${globalCluster}${alone === undefined ? '' : ': it is a cluster of its own, with a writer'}; add the region again first (aws rds create-db-cluster --global-cluster-identifier ${globalCluster})`,
    );
    return undefined;
  }
  if (member.isWriter) return undefined;
  const isAlive = seen.detection.state === 'well' || seen.detection.state === 'impaired';
  const wantsSwitchover = isDrill ? mode === 'switchover' : seen.detection.state === 'well';
  const versions = versionsOf(seen);
  const differ = versions !== undefined && versions.old !== versions.new;
  if (versions === undefined) concerns.push('whether both clusters run the same version of the engine is not known');
  if (wantsSwitchover) {
    if (!isAlive) {
      blockers.push(`${from.region} does not answer: a switchover waits for it (dr failover does without)`);
      return undefined;
    }
    if (member.synchronization !== undefined && member.synchronization !== 'connected') {
      blockers.push(`${cluster} is ${member.synchronization}: it has to be in step first`);
      return undefined;
    }
    if (differ) {
      blockers.push(versionText(versions));
      return undefined;
    }
    const behindMs = seen.lag.known ? seen.lag.value.lag.points.at(-1)?.value : undefined;
    if (behindMs === undefined)
      concerns.push('how far the copy is behind is not known: a switchover waits until it is not');
    if (behindMs !== undefined && behindMs > inStepMs) {
      blockers.push(
        `the copy is ${spanText(behindMs)} behind: a switchover would wait for it with writes blocked; mend the replication first`,
      );
      return undefined;
    }
    if (mode === 'failover' && !isDrill) concerns.push(`${from.region} is well: a switchover loses nothing`);
    return 'switchover';
  }
  if (differ) {
    concerns.push(`${versionText(versions)}: the cluster is taken out of the global database instead`);
    return 'detach';
  }
  return 'failover';
}

function versionsOf({ oldDatabase, global, newDatabase }: Picture) {
  const old = oldDatabase.known
    ? oldDatabase.value.engineVersion
    : global.known
      ? global.value.engineVersion
      : undefined;
  const fresh = newDatabase.known ? newDatabase.value.engineVersion : undefined;
  return old === undefined || fresh === undefined ? undefined : { old, new: fresh };
}

/** No version of Aurora MySQL fails over between patch levels (Aurora User Guide, "Managed … failovers"). */
function versionText(versions: { readonly old: string; readonly new: string }): string {
  return `the engine versions differ (${versions.old} and ${versions.new}), which neither switches over nor fails over`;
}

/** Whether a class may lead: those with burstable performance cannot be part of a global database. */
export function canLead(instanceClass: string): boolean {
  return !/^db\.t\d/.test(instanceClass);
}

function planInstance(
  seen: Picture,
  { to }: MoveSettings,
  present: DatabaseState,
  blockers: string[],
  concerns: string[],
): Change<InstanceInput> | undefined {
  const cluster = to.database?.cluster ?? '';
  const ready = present.instances.filter(({ status }) => servingOf(status) === 'serving');
  const small = ready.filter(({ instanceClass }) => !canLead(instanceClass));
  if (ready.length > 0 && small.length === ready.length) {
    concerns.push(
      `${small[0]?.instanceClass ?? ''} in ${to.region} is of a burstable class, which is to lead nothing for long`,
    );
  }
  if (ready.length > 0) return undefined;
  if (present.instances.length > 0) {
    blockers.push(
      `no instance of ${cluster} is available: ${present.instances.map(({ id, status }) => `${id} is ${status}`).join(', ')}`,
    );
    return undefined;
  }
  const instanceClass = likeOld(seen)?.instanceClass;
  if (instanceClass === undefined) {
    blockers.push(
      `${cluster} has no instance, and of which class it needs one is not known: add it (aws rds create-db-instance --region ${to.region} --db-cluster-identifier ${cluster} …)`,
    );
    return undefined;
  }
  concerns.push(`${cluster} has no instance: one is made first, which takes some minutes`);
  const instance = firstInstanceOf(cluster);
  return {
    operation: 'rds:CreateDBInstance',
    region: to.region,
    resource: `${cluster}/${instance}`,
    summary: `an instance ${instance}, ${instanceClass}`,
    before: {},
    after: { instance, instanceClass },
    risk: 'reversible',
    blastRadius: 'nobody: it costs money until somebody deletes it',
    input: { database: { region: to.region, cluster }, instance, instanceClass, engine: present.engine },
  };
}

function likeOld({ oldDatabase }: Picture): DatabaseInstance | undefined {
  return oldDatabase.known ? (writerOf(oldDatabase.value) ?? oldDatabase.value.instances[0]) : undefined;
}

/**
 * What may be lost, rounded up to whole minutes so that the same plan stays the same plan while the lag wanders: all that
 * may have been written from the newest write that is known to be copied until the outage began; or how far the copy is
 * behind now, where writes go on. Undefined where nothing tells.
 */
function expectedLossMs({ detection, lag }: Picture): number | undefined {
  if (!lag.known) return undefined;
  const { points } = lag.value.lag;
  const { outageAt, state } = detection;
  const isOver = state === 'down' && outageAt !== undefined;
  const before = isOver ? points.filter(({ at }) => at < outageAt) : points;
  const newest = before.at(-1);
  if (newest === undefined) return undefined;
  // Of the last five minutes the worst: the lag at the very moment is not known.
  const worst = Math.max(...before.slice(-5).map(({ value }) => value));
  const isStalled = newest.value >= minuteMs;
  const unseen = isOver ? newest.value + outageAt - newest.at : isStalled ? newest.value + reportedAfterMs : 0;
  return Math.max(1, Math.ceil(Math.max(worst, unseen) / minuteMs)) * minuteMs;
}

/**
 * What is planned where a run that waited for its yes goes on: the plan that was shown, as long as it still holds. A yes to a
 * loss is one to a smaller loss.
 */
export function planAgain(present: MovePlan, first: MovePlan): MovePlan {
  const { database, lossMs } = present;
  if (database === undefined || first.database === undefined) return present;
  if (lossMs === undefined || first.lossMs === undefined || lossMs > first.lossMs) return present;
  const { lossMs: _loss, ...now } = database;
  const { lossMs: _shown, ...then } = first.database;
  return isSame(now, then) ? { ...present, lossMs: first.lossMs, database: first.database } : present;
}

/** Whether nothing runs there that could write, or will by itself. */
function isFenced({ oldService, oldLimits }: Pick<Picture, 'oldService' | 'oldLimits'>): boolean {
  if (!oldService.known || !oldLimits.known) return false;
  const { desired, running, pending } = oldService.value;
  return desired === 0 && running === 0 && pending === 0 && !mayScale(oldLimits.value);
}

/** Whether Application Auto Scaling may start tasks. */
function mayScale(limits: ScalingLimits | null): limits is ScalingLimits {
  return limits !== null && limits.max > 0 && limits.suspended.length < scalingKinds.length;
}

function planFence(
  { oldService, oldLimits, detection }: Picture,
  { from }: MoveSettings,
  concerns: string[],
): Pick<MovePlan, 'suspend' | 'fence' | 'fences'> {
  if (from.compute === undefined || isFenced({ oldService, oldLimits })) return { fences: false };
  // Where some of the region answers, what did not may do so the next time.
  if (!oldService.known && detection.state !== 'impaired') return { fences: false };
  const desired = oldService.known ? oldService.value.desired : undefined;
  const limits = oldLimits.known ? oldLimits.value : null;
  concerns.push(
    `the tasks in ${from.region} are stopped first, so that they write nothing any more, and waited for up to ${spanText(stoppedWithinMs)}; where that does not succeed, two writers are possible, and the move goes on all the same`,
    ...(oldService.known
      ? []
      : [`how many tasks run in ${from.region} cannot be looked at, so that their count is not put back by itself`]),
    ...(oldLimits.known
      ? []
      : [
          `what Auto Scaling does in ${from.region} cannot be looked at, and it is suspended all the same, which is not put back by itself: ${oldLimits.reason}`,
        ]),
  );
  return {
    fences: true,
    ...(!oldLimits.known || mayScale(limits)
      ? { suspend: suspensionChange(from.compute, limits?.suspended, scalingKinds) }
      : {}),
    ...(desired === 0 ? {} : { fence: fenceChange(from.compute, desired) }),
  };
}

interface ServicePlan {
  readonly tasks?: number;
  readonly change?: Change<CountInput>;
  readonly resume?: Change<SuspensionInput>;
  readonly restart?: Change<RestartInput>;
}

function planService(
  seen: Picture,
  { from, to, isDrill, comesBack, restartsApplication, neededTasks }: MoveSettings,
  blockers: string[],
  concerns: string[],
): ServicePlan {
  if (to.compute === undefined) return {};
  if (!seen.newService.known) {
    blockers.push(`${to.compute.service} in ${to.region} cannot be looked at: ${seen.newService.reason}`);
    return {};
  }
  const state = seen.newService.value;
  const limits = seen.newLimits.known ? (seen.newLimits.value ?? undefined) : undefined;
  if (!seen.newLimits.known) {
    blockers.push(
      `how far ${to.compute.service} in ${to.region} may grow cannot be looked at: ${seen.newLimits.reason}`,
    );
    return {};
  }
  const running =
    seen.oldService.known && seen.oldService.value.desired > 0 ? seen.oldService.value.desired : undefined;
  const needed = running ?? neededTasks;
  if (needed === undefined) {
    concerns.push(
      `how many tasks ${from.region} ran is not known: ${to.region} goes on with the ${state.desired} that it has, and Auto Scaling's own`,
    );
  }
  const plan = planCapacity(to.compute, state, limits, needed ?? state.desired);
  if (plan.missing > 0) {
    const text = `${to.compute.service} in ${to.region} may run ${plan.tasks} tasks at most, ${plan.missing} fewer than today\u2019s load needs`;
    // Of a region that is gone, half of the capacity is better than none.
    (isDrill || seen.detection.state === 'well' ? blockers : concerns).push(text);
  }
  const isSuspended = limits !== undefined && limits.suspended.length > 0;
  if (isSuspended && comesBack) {
    blockers.push(`Auto Scaling is suspended in ${to.region}: a drill would not leave it as it is; resume it first`);
  }
  if (isSuspended) {
    concerns.push(
      `Auto Scaling is suspended in ${to.region}: it is resumed once traffic is there, so that the service follows its load`,
    );
  }
  if (plan.tasks === 0) blockers.push(`${to.compute.service} in ${to.region} is to run no task at all`);
  const restart = restartsApplication && state.running > 0 ? planRestart(to.compute, state) : undefined;
  if (restart !== undefined && 'reason' in restart) concerns.push(`tasks are not replaced: ${restart.reason}`);
  return {
    tasks: plan.tasks,
    ...(plan.change === undefined ? {} : { change: plan.change }),
    ...(isSuspended ? { resume: suspensionChange(to.compute, limits.suspended, []) } : {}),
    ...(restart === undefined || !('change' in restart) ? {} : { restart: restart.change }),
  };
}

interface SwitchPlan {
  readonly byHand: boolean;
  readonly ttlMs: number;
  readonly change?: Change<TrafficInput>;
  readonly done?: string;
}

function planSwitch(seen: Picture, { to, traffic }: MoveSettings, blockers: string[]): SwitchPlan {
  if (traffic === undefined) return { byHand: true, ttlMs: longestTtlMs([]) };
  const records = seen.records.known ? seen.records.value : undefined;
  const states = seen.switches.known ? seen.switches.value : undefined;
  const balancer = seen.newBalancer.known ? seen.newBalancer.value : undefined;
  const plan = planTraffic(traffic, { region: to.region, balancer }, records, states);
  if ('reason' in plan) {
    const why = traffic.mechanism === 'records' && !seen.records.known ? ` (${seen.records.reason})` : '';
    blockers.push(`traffic cannot be moved: ${plan.reason}${why}`);
    return { byHand: false, ttlMs: longestTtlMs(records ?? []) };
  }
  return {
    byHand: false,
    ttlMs: plan.ttlMs,
    ...('change' in plan ? { change: plan.change } : { done: plan.done }),
  };
}

export function lossText({ lossMs }: MovePlan): string {
  return lossMs === undefined
    ? 'how much would be lost is not known'
    : `up to ${spanText(lossMs)} of the newest writes may be lost`;
}

/** What a yes to the plan means, a line each. */
export function planFacts(plan: MovePlan, { detection }: Picture, { from, to }: MoveSettings): readonly string[] {
  const ways = {
    switchover: `the database is switched over from ${from.region} to ${to.region}: nothing is lost, writes fail for a minute or two`,
    failover: `the database fails over to ${to.region} with what it has`,
    detach: `the database in ${to.region} leaves the global database and goes on alone, with what it has; the way back means adding a region again`,
    promotion: `the replica in ${to.region} is promoted with what it has; there is no way back but a new replica`,
    none: 'the database is not touched',
  } as const;
  const isLossy = plan.mode === 'failover' || plan.mode === 'detach' || plan.mode === 'promotion';
  return [
    ...detection.evidence,
    ways[plan.mode],
    ...(isLossy ? [lossText(plan)] : []),
    ...plan.concerns,
    plan.undoable
      ? 'what does not come out well is put back'
      : 'it is not put back by itself: the way back is nanoops dr failback',
  ];
}
