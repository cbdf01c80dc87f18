/**
 * Could the database take over? Topology, versions, who can write there, how far the copy is behind, what it could be
 * restored from. Pure.
 * Source: Aurora User Guide, "Using switchover or failover in Amazon Aurora Global Database" and "Limitations of Amazon
 * Aurora Global Database".
 */
import { firstInstanceOf } from '../../cloud/database-names.ts';
import type { DatabaseState } from '../../cloud/facts.ts';
import type { GlobalDatabase } from '../../cloud/recovery-facts.ts';
import { servingOf, writerOf } from '../../diagnosis/database/statuses.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import {
  awsLine,
  breach,
  clock,
  listed,
  missing,
  notConfigured,
  ok,
  seenIn,
  span,
  unknown,
  unseen,
  warning,
  type Judged,
  type Origin,
} from '../judged.ts';
import type { ReadinessSeen, SiteTold } from './seen.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A copy that is further behind is not switched over to: writes would be blocked until it has caught up. */
const inStepMs = 30_000;
/** A point that is older says nothing of now. */
export const freshMs = 5 * minuteMs;
/** Daily backups, and two hours for the window in which they are made. */
const snapshotAgeMs = 26 * hourMs;
/** Aurora keeps the newest restorable moment within minutes of now. */
const restorableAgeMs = 30 * minuteMs;
/** How long making an instance takes, as far as anybody knows beforehand. */
export const instanceMs = 10 * minuteMs;

const clusters = (region: string): Origin => ({ operation: 'rds:DescribeDBClusters', region });

export function isGone({ region }: Pick<ReadinessSeen, 'region'>): boolean {
  return region.known && (region.value.state === 'down' || region.value.state === 'cut-off');
}

export function topology(seen: ReadinessSeen, told: SiteTold): Judged {
  const { from, to, globalCluster } = told;
  if (from.database === undefined) return notConfigured('database is not configured');
  if (to.database === undefined) return notConfigured('database.recoveryCluster is not configured');
  const { cluster } = to.database;
  if (globalCluster !== undefined) {
    const origin = { operation: 'rds:DescribeGlobalClusters', region: to.region };
    const look = awsLine(
      told,
      to.region,
      'rds',
      'describe-global-clusters',
      '--global-cluster-identifier',
      globalCluster,
    );
    return seen.global.known
      ? globalTopology(seen.global.value, told, cluster, look)
      : missing(seen.global, origin, `the global database ${globalCluster}`, look);
  }
  const { newDatabase } = seen;
  if (!newDatabase.known) return missing(newDatabase, clusters(to.region), cluster, 'nanoops config show');
  const { replicatesFrom } = newDatabase.value;
  const found = seenIn(clusters(to.region), `${cluster} copies ${replicatesFrom ?? 'nobody'}`);
  if (replicatesFrom === undefined) {
    return breach(`${cluster} in ${to.region} is a cluster of its own and copies nothing`, found, {
      nextStep: awsLine(told, to.region, 'rds', 'describe-db-clusters', '--db-cluster-identifier', cluster),
    });
  }
  return ok(`${cluster} in ${to.region} is a replica, to be promoted; there is no way back but a new one`, found);
}

function globalTopology(global: GlobalDatabase, { from, to }: SiteTold, cluster: string, look: string): Judged {
  const leader = global.members.find(({ isWriter }) => isWriter);
  const member = global.members.find((each) => each.region === to.region && each.cluster === cluster);
  const found = seenIn(
    global.source,
    `${global.globalCluster} is ${global.status}: ${global.members
      .map(
        (each) => `${each.cluster} in ${each.region} ${each.isWriter ? 'writes' : (each.synchronization ?? 'follows')}`,
      )
      .join(', ')}`,
  );
  const next = { nextStep: look };
  if (global.moving !== undefined) {
    return breach(`${global.globalCluster} is being moved already: ${global.moving.status}`, found, next);
  }
  if (member === undefined) {
    return breach(`${cluster} in ${to.region} is not part of ${global.globalCluster}`, found, next);
  }
  if (member.isWriter) {
    return breach(`${to.region} writes already: there is nothing to fail over to`, found, {
      nextStep: 'nanoops dr failback --dry-run',
    });
  }
  if (member.synchronization !== undefined && member.synchronization !== 'connected') {
    return breach(`${cluster} in ${to.region} is ${member.synchronization}: it has to be in step first`, found, next);
  }
  if (leader?.region !== from.region) {
    return warning(
      leader === undefined ? 'nobody writes' : `${leader.region} writes, and not ${from.region}`,
      found,
      next,
    );
  }
  if (global.status !== 'available') return warning(`${global.globalCluster} is ${global.status}`, found, next);
  return ok(`${from.region} writes, ${to.region} follows in ${global.globalCluster}, and nothing is under way`, found);
}

/** A managed failover and a switchover want the same version on both sides. */
export function versions(seen: ReadinessSeen, told: SiteTold): Judged {
  const { oldDatabase, newDatabase, global } = seen;
  const { from, to, globalCluster } = told;
  if (!newDatabase.known) return unseen(newDatabase, clusters(to.region));
  const old = oldDatabase.known
    ? oldDatabase.value.engineVersion
    : global.known
      ? global.value.engineVersion
      : undefined;
  const fresh = newDatabase.value.engineVersion;
  const found = [
    ...seenIn(newDatabase.value.source, `${to.database?.cluster ?? ''} runs ${fresh}`),
    ...(old === undefined
      ? []
      : seenIn(
          oldDatabase.known ? oldDatabase.value.source : { operation: 'rds:DescribeGlobalClusters', region: to.region },
          `${from.database?.cluster ?? ''} runs ${old}`,
        )),
  ];
  if (old === undefined) {
    const why = oldDatabase.known ? 'it is not told' : oldDatabase.reason;
    if (!oldDatabase.known && oldDatabase.because === 'skipped') return notConfigured(why);
    return unknown(`which version ${from.region} runs is not known: ${why}`, found, nextOf(oldDatabase));
  }
  if (old === fresh) return ok(`both run ${fresh}`, found);
  const [behind, cluster, newer] = isOlder(fresh, old)
    ? [to.region, to.database?.cluster, old]
    : [from.region, from.database?.cluster, fresh];
  const next = {
    nextStep: awsLine(
      told,
      behind,
      ...['rds', 'modify-db-cluster', '--db-cluster-identifier', cluster ?? '', '--engine-version', newer],
      '--apply-immediately',
    ),
  };
  const text = `the versions differ: ${old} in ${from.region}, ${fresh} in ${to.region}`;
  if (globalCluster === undefined) return warning(text, found, next);
  return breach(`${text}; that neither switches over nor fails over, it can only be detached`, found, next);
}

function nextOf(known: { readonly nextStep?: string } | { readonly known: true }): { nextStep?: string } {
  return 'nextStep' in known && known.nextStep !== undefined ? { nextStep: known.nextStep } : {};
}

function isOlder(one: string, other: string): boolean {
  const numbers = (text: string): readonly number[] => (text.match(/\d+/g) ?? []).map(Number);
  const [a, b] = [numbers(one), numbers(other)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Classes with burstable performance cannot be part of a global database (Aurora User Guide, "Limitations …"). */
function isBurstable(instanceClass: string): boolean {
  return /^db\.t\d/.test(instanceClass);
}

/** `db.r6g.2xlarge` is twice `db.r6g.xlarge`; undefined for a class that has no size in it. */
function sizeOf(instanceClass: string): number | undefined {
  const size = instanceClass.split('.').at(-1) ?? '';
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  if (times !== undefined) return 2 * Number(times);
  return { small: 0.25, medium: 0.5, large: 1, xlarge: 2 }[size];
}

export function writer(seen: ReadinessSeen, told: SiteTold): Judged {
  const { newDatabase, oldDatabase } = seen;
  const { to, globalCluster } = told;
  const cluster = to.database?.cluster ?? '';
  const look = awsLine(told, to.region, 'rds', 'describe-db-clusters', '--db-cluster-identifier', cluster);
  if (!newDatabase.known) return missing(newDatabase, clusters(to.region), cluster, look);
  const state = newDatabase.value;
  const found = seenIn(state.source, instancesText(cluster, state));
  if (servingOf(state.status) !== 'serving') {
    return breach(`${cluster} in ${to.region} is ${state.status}`, found, { nextStep: look });
  }
  const ready = state.instances.filter(({ status }) => servingOf(status) === 'serving');
  const likeness = oldDatabase.known ? (writerOf(oldDatabase.value) ?? oldDatabase.value.instances[0]) : undefined;
  if (ready.length > 0) {
    if (ready.every(({ instanceClass }) => isBurstable(instanceClass))) {
      const text = `${ready[0]?.instanceClass ?? ''} in ${to.region} is of a burstable class`;
      return globalCluster === undefined
        ? warning(`${text}, which leads nothing for long`, found, { nextStep: look })
        : breach(`${text}, which cannot lead a global database`, found, { nextStep: look });
    }
    const size = Math.max(...ready.map(({ instanceClass }) => sizeOf(instanceClass) ?? 0));
    const wanted = likeness === undefined ? undefined : sizeOf(likeness.instanceClass);
    const names = ready.map(({ id, instanceClass }) => `${id} (${instanceClass})`);
    return wanted !== undefined && size < wanted
      ? warning(`${listed(names)} is smaller than the writer of today, ${likeness?.instanceClass ?? ''}`, found, {
          nextStep: look,
        })
      : ok(`${listed(names)} can lead`, found);
  }
  if (state.instances.length > 0) {
    return breach(`no instance of ${cluster} in ${to.region} is available`, found, { nextStep: look });
  }
  const make = awsLine(
    told,
    to.region,
    ...[
      'rds',
      'create-db-instance',
      '--db-cluster-identifier',
      cluster,
      '--db-instance-identifier',
      firstInstanceOf(cluster),
    ],
    ...['--engine', state.engine, '--db-instance-class', likeness?.instanceClass ?? '<class>'],
  );
  return likeness === undefined
    ? breach(`${cluster} has no instance, and of which class it needs one is not known`, found, { nextStep: make })
    : warning(
        `${cluster} has no instance: a ${likeness.instanceClass} is made first, which takes about ${span(instanceMs)}; with ${told.from.region} gone nobody tells the class`,
        found,
        { nextStep: make },
      );
}

function instancesText(cluster: string, { status, instances }: DatabaseState): string {
  const all = instances.map(({ id, role, status: own, instanceClass }) => `${id} ${role} ${instanceClass} ${own}`);
  return `${cluster} is ${status}: ${all.length === 0 ? 'no instances' : all.join(', ')}`;
}

export function replicationLag(seen: ReadinessSeen, told: SiteTold): Judged {
  const { lag } = seen;
  const { from, to, rpoMs, nowMs } = told;
  const origin = { operation: 'cloudwatch:GetMetricData', region: to.region };
  if (!lag.known) return unseen(lag, origin);
  const newest = lag.value.lag.points.at(-1);
  const bounds = { target: `\u2264 ${span(inStepMs)}`, alert: `> ${span(rpoMs)}` };
  const look = { nextStep: 'nanoops diagnose database' };
  if (newest === undefined) {
    return unknown(`how far the copy in ${to.region} is behind is not reported`, seenIn(origin, lag.value.metric), {
      ...bounds,
      ...look,
    });
  }
  const text = newest.value < minuteMs ? quantity(newest.value, 'ms') : span(newest.value);
  const found = seenIn(lag.value.lag.source, `${lag.value.metric} ${text} at ${clock(newest.at)}`);
  const seenAt = { ...bounds, observed: { value: newest.value, unit: 'ms', atMs: newest.at } };
  if (nowMs - newest.at > freshMs) {
    return unknown(`${text}, but nothing was reported since ${clock(newest.at)}`, found, { ...seenAt, ...look });
  }
  if (isGone(seen) && newest.value > inStepMs) {
    // It grows by itself, and waiting makes nothing better.
    const upTo = clock(newest.at - newest.value);
    return warning(`everything up to ${upTo} has arrived, and nothing since: ${from.region} is gone`, found, seenAt);
  }
  if (newest.value > rpoMs) {
    return breach(`the copy is ${text} behind: more than the objective of ${span(rpoMs)}`, found, {
      ...seenAt,
      ...look,
    });
  }
  if (newest.value > inStepMs) {
    return warning(`the copy is ${text} behind: a switchover would wait for it with writes blocked`, found, {
      ...seenAt,
      ...look,
    });
  }
  return ok(`the copy is ${text} behind`, found, seenAt);
}

export function snapshots(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to, nowMs } = told;
  const cluster = to.database?.cluster ?? '';
  const origin = { operation: 'rds:DescribeDBClusterSnapshots', region: to.region };
  if (!seen.snapshots.known) return unseen(seen.snapshots, origin);
  const next = {
    target: `\u2264 ${span(snapshotAgeMs)} old`,
    nextStep: awsLine(
      told,
      to.region,
      ...['rds', 'create-db-cluster-snapshot', '--db-cluster-identifier', cluster],
      ...['--db-cluster-snapshot-identifier', `${cluster}-by-hand`],
    ),
  };
  const done = seen.snapshots.value.flatMap(({ id, at, status }) =>
    status === 'available' && at !== undefined ? [{ id, at }] : [],
  );
  const newest = done.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) {
    return warning(`there is no snapshot of ${cluster} in ${to.region}`, seenIn(origin, 'none is available'), next);
  }
  const ageMs = nowMs - newest.at;
  const found = seenIn(origin, `${newest.id} of ${new Date(newest.at).toISOString()}`);
  const observed = { value: ageMs, unit: 'ms', atMs: newest.at };
  return ageMs > snapshotAgeMs
    ? warning(`the newest snapshot in ${to.region} is ${span(ageMs)} old`, found, { ...next, observed })
    : ok(`the newest snapshot is ${span(ageMs)} old`, found, { target: next.target, observed });
}

export function pointInTime(seen: ReadinessSeen, told: SiteTold): Judged {
  const { newDatabase } = seen;
  const { to, nowMs } = told;
  const cluster = to.database?.cluster ?? '';
  if (!newDatabase.known) return unseen(newDatabase, clusters(to.region));
  const { restorableTo, source, backupRetentionDays } = newDatabase.value;
  const days = backupRetentionDays === undefined ? '' : `, kept for ${backupRetentionDays} days`;
  const target = `\u2264 ${span(restorableAgeMs)} ago`;
  const nextStep = awsLine(told, to.region, 'rds', 'describe-db-clusters', '--db-cluster-identifier', cluster);
  if (restorableTo === undefined) {
    const found = seenIn(source, 'LatestRestorableTime is not told');
    return warning(`${cluster} cannot be restored to a point in time`, found, { target, nextStep });
  }
  const ageMs = Math.max(0, nowMs - restorableTo);
  const found = seenIn(source, `LatestRestorableTime ${new Date(restorableTo).toISOString()}${days}`);
  const observed = { value: ageMs, unit: 'ms', atMs: restorableTo };
  return ageMs > restorableAgeMs
    ? warning(`it can be restored only to ${span(ageMs)} ago`, found, { target, observed, nextStep })
    : ok(`it can be restored to ${span(ageMs)} ago${days}`, found, { target, observed });
}

export function parameters(seen: ReadinessSeen, told: SiteTold): Judged {
  const { oldParameters, newParameters } = seen;
  const { from, to } = told;
  const operation = 'rds:DescribeDBClusterParameters';
  if (!newParameters.known) return unseen(newParameters, { operation, region: to.region });
  if (!oldParameters.known) return unseen(oldParameters, { operation, region: from.region });
  const [old, fresh] = [oldParameters.value, newParameters.value];
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].toSorted();
  const differing = names.filter((name) => old[name] !== fresh[name]);
  const found = seenIn(
    { operation, region: to.region },
    differing.length === 0
      ? `${names.length} set, the same on both sides`
      : differing.map((name) => `${name}: ${old[name] ?? 'not set'} \u2192 ${fresh[name] ?? 'not set'}`).join(', '),
  );
  if (differing.length === 0) return ok('both set the same parameters', found);
  return warning(`the parameter groups differ: ${listed(differing)}`, found, {
    nextStep: awsLine(
      told,
      to.region,
      ...['rds', 'describe-db-cluster-parameters', '--source', 'user', '--db-cluster-parameter-group-name'],
      (seen.newDatabase.known ? seen.newDatabase.value.parameterGroup : undefined) ?? '<group>',
    ),
  });
}
