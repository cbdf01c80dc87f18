/** How the cluster is backed up: for how long, when, whether last nights' backups are there, here and in the other region. */
import type { DatabaseBackup } from '../../cloud/backup-facts.ts';
import type { ClusterSnapshot } from '../../cloud/recovery-facts.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import type { Known } from '../../diagnosis/known.ts';
import { evidence, type Evidence } from '../../diagnosis/evidence.ts';
import { check, type CheckTold } from '../check.ts';
import {
  awsLine,
  breach,
  missing,
  notConfigured,
  ok,
  seenIn,
  span,
  unknown,
  unseen,
  warning,
  type Judged,
} from '../judged.ts';
import { dayMs, hourMs, minuteMs } from '../kit.ts';
import { limitTexts, type Limit } from '../limits.ts';
import { judged } from '../measures.ts';
import { lagOfCopy } from '../metrics/database.ts';
import { seen } from '../observations.ts';
import { replicaLoss, lossText, restorableLoss, type LagSeen } from './losses.ts';
import {
  dailyWindow,
  dueNights,
  isWithin,
  nightEvidence,
  nightName,
  nightNames,
  nightsHeld,
  quietWindow,
  wantedWindow,
  windowTextOf,
  type Night,
} from './nights.ts';
import { seenOfBackups } from './observations.ts';
import { halfOf, together, worstOf, type Side } from './sides.ts';

const area = 'backup';
const describeClusters = 'rds:DescribeDBClusters';
const describeSnapshots = 'rds:DescribeDBClusterSnapshots';

interface BackupSeen {
  readonly primaryBackup: Known<DatabaseBackup>;
  readonly recoveryBackup: Known<DatabaseBackup>;
}

/** In each region: of what is known of its cluster, or why it is not. */
function ofClusters(
  { primaryBackup, recoveryBackup }: BackupSeen,
  told: CheckTold,
  judge: (backup: DatabaseBackup, cluster: DatabaseRef) => Judged,
): Judged {
  const of = (side: Side, backup: Known<DatabaseBackup>) => {
    const region = told.stack[side]?.region ?? side;
    const cluster = halfOf(told, side)?.database;
    if (cluster !== undefined && backup.known) return { region, judged: judge(backup.value, cluster) };
    return { region, judged: unseenCluster(backup, region, cluster, told) };
  };
  return together([of('primary', primaryBackup), of('recovery', recoveryBackup)]);
}

function unseenCluster(
  backup: Known<DatabaseBackup>,
  region: string,
  cluster: DatabaseRef | undefined,
  told: CheckTold,
): Judged {
  if (backup.known || cluster === undefined) return notConfigured(backup.known ? 'no cluster' : backup.reason);
  return missing(backup, { operation: describeClusters, region }, cluster.cluster, look(cluster, told));
}

function look({ region, cluster }: DatabaseRef, told: CheckTold): string {
  return awsLine(told, region, 'rds', 'describe-db-clusters', '--db-cluster-identifier', cluster);
}

function modify({ region, cluster }: DatabaseRef, told: CheckTold, ...words: readonly string[]): string {
  return awsLine(told, region, 'rds', 'modify-db-cluster', '--db-cluster-identifier', cluster, ...words);
}

/** The most that Aurora keeps. */
const longestRetentionDays = 35;

export const databaseRetention = check('backup-database-retention', {
  title: 'Database: kept for',
  area,
  severity: 'critical',
  needs: { primaryBackup: seenOfBackups.primaryBackup, recoveryBackup: seenOfBackups.recoveryBackup },
  judge: (clusters, told, limit) => ({
    ...ofClusters(clusters, told, (backup, cluster) => judgeRetention(backup, cluster, told, limit)),
    ...limitTexts(limit),
  }),
});

function judgeRetention(
  { retentionDays, source }: DatabaseBackup,
  cluster: DatabaseRef,
  told: CheckTold,
  limit: Limit,
) {
  const wanted = Math.min(longestRetentionDays, Math.ceil((limit.target ?? 0) / dayMs));
  const nextStep = modify(cluster, told, '--backup-retention-period', String(wanted));
  if (retentionDays === undefined) {
    const text = `for how long backups of ${cluster.cluster} are kept is not told`;
    return unknown(text, seenIn(source, text), { nextStep: look(cluster, told) });
  }
  const found = seenIn(source, `${cluster.cluster}: BackupRetentionPeriod ${retentionDays}`);
  if (retentionDays === 0) return breach('automated backups are off', found, { nextStep });
  const days = `${retentionDays} ${retentionDays === 1 ? 'day' : 'days'}`;
  return judged(limit, { value: retentionDays * dayMs }, `backups are kept for ${days}`, found, nextStep);
}

export const databaseWindow = check('backup-database-window', {
  title: 'Database: window',
  area,
  severity: 'warning',
  needs: { primaryBackup: seenOfBackups.primaryBackup, recoveryBackup: seenOfBackups.recoveryBackup },
  judge: (clusters, told) => ({
    ...ofClusters(clusters, told, (backup, cluster) => judgeWindow(backup, cluster, told)),
    target: windowTextOf(wantedWindow),
  }),
});

function judgeWindow({ window, source }: DatabaseBackup, cluster: DatabaseRef, told: CheckTold): Judged {
  const parsed = dailyWindow(window);
  if (parsed === undefined) {
    const text = `when ${cluster.cluster} is backed up is not told`;
    return unknown(text, seenIn(source, `PreferredBackupWindow ${window ?? 'is absent'}`), {
      nextStep: look(cluster, told),
    });
  }
  const found = seenIn(source, `${cluster.cluster}: PreferredBackupWindow ${window}`);
  const at = `backups are made at ${windowTextOf(parsed)}`;
  if (isWithin(parsed, wantedWindow)) return ok(at, found);
  const nextStep = modify(cluster, told, '--preferred-backup-window', '02:00-03:00');
  return isWithin(parsed, quietWindow)
    ? warning(`${at}, when few are there, though not within ${windowTextOf(wantedWindow)}`, found, { nextStep })
    : breach(`${at}, outside the quiet hours (${windowTextOf(quietWindow)})`, found, { nextStep });
}

/** What RDS makes in a window may begin at its end, and takes a while. */
const snapshotGraceMs = hourMs;
/** Copies to another region are whole ones, and may take hours (Aurora User Guide, "Copying a DB cluster snapshot"). */
const copyGraceMs = 6 * hourMs;
/** The newest restorable moment is within five minutes; twice that is not usual. */
const usualRestorableMs = 10 * minuteMs;

/** RDS's own, and AWS Backup's; not what somebody makes by hand. */
const automatic: ReadonlySet<string> = new Set(['automated', 'awsbackup']);

export interface RecentSeen {
  readonly primaryBackup: Known<DatabaseBackup>;
  readonly primarySnapshots: Known<readonly ClusterSnapshot[]>;
}

export const databaseRecent = check('backup-database-recent', {
  title: 'Database: last 3 nights',
  area,
  severity: 'critical',
  window: '3d',
  needs: { primaryBackup: seenOfBackups.primaryBackup, primarySnapshots: seenOfBackups.primarySnapshots },
  judge: judgeRecent,
});

/** Whether the primary cluster's last nights are there, and how near to now it can be restored to. */
export function judgeRecent({ primaryBackup, primarySnapshots }: RecentSeen, told: CheckTold): Judged {
  const cluster = halfOf(told, 'primary')?.database;
  const region = told.stack.primary.region;
  if (!primaryBackup.known || cluster === undefined) return unseenCluster(primaryBackup, region, cluster, told);
  if (!primarySnapshots.known) return unseen(primarySnapshots, { operation: describeSnapshots, region });
  const backup = primaryBackup.value;
  const nights = judgeNights(backup, primarySnapshots.value, cluster, told);
  const restorable = judgeRestorable(backup, cluster, told);
  const [worst] = worstOf([nights, restorable]);
  return {
    ...(worst ?? nights),
    summary: `${nights.summary}; ${restorable.summary}`,
    evidence: [...nights.evidence, ...restorable.evidence],
    ...(restorable.observed === undefined ? {} : { observed: restorable.observed }),
  };
}

function judgeNights(
  { window: given, createdAt }: DatabaseBackup,
  snapshots: readonly ClusterSnapshot[],
  cluster: DatabaseRef,
  told: CheckTold,
): Judged {
  const window = dailyWindow(given) ?? wantedWindow;
  const due = dueNights({ nowMs: told.nowMs, window, graceMs: snapshotGraceMs, since: createdAt });
  const origin = { operation: describeSnapshots, region: cluster.region };
  if (due.length === 0) {
    const text = `${cluster.cluster} is younger than a night, and no snapshot is due yet`;
    return ok(text, seenIn(origin, text));
  }
  const held = nightsHeld(
    due,
    snapshots.filter(({ type }) => automatic.has(type)),
    window,
  );
  const found = held.map((night) => evidence(origin, nightEvidence(night)));
  const lacking = held.filter(({ whole }) => whole === undefined);
  if (lacking.length === 0) return ok(`automated snapshots of ${nightsText(due)} are there`, found);
  const nextStep = listSnapshots(cluster, told);
  const byHand = nightsHeld(due, snapshots, window).filter(({ whole }) => whole === undefined);
  return byHand.length === 0
    ? warning(`only snapshots made by hand are there of ${nightNames(lacking)}`, found, { nextStep })
    : breach(`no usable automated snapshot of ${nightNames(byHand)}`, found, { nextStep });
}

function listSnapshots({ region, cluster }: DatabaseRef, told: CheckTold): string {
  return awsLine(told, region, 'rds', 'describe-db-cluster-snapshots', '--db-cluster-identifier', cluster);
}

/** `the last 3 nights (2026-11-21 to 2026-11-23)` */
function nightsText(nights: readonly number[]): string {
  const [first, last] = [nights[0], nights.at(-1)];
  if (first === undefined || last === undefined) return 'no night';
  return first === last
    ? `the last night (${nightName(first)})`
    : `the last ${nights.length} nights (${nightName(first)} to ${nightName(last)})`;
}

function judgeRestorable(backup: DatabaseBackup, cluster: DatabaseRef, told: CheckTold): Judged {
  const { restorableTo, source } = backup;
  const nextStep = look(cluster, told);
  const { lossMs = Infinity, because } = restorableLoss(backup, told.nowMs);
  const found = seenIn(
    source,
    `LatestRestorableTime ${restorableTo === undefined ? 'is absent' : new Date(restorableTo).toISOString()}`,
  );
  if (restorableTo === undefined) return breach(`${because}: ${rpoText(told)} is missed`, found, { nextStep });
  const extras = { observed: { value: lossMs, unit: 'ms', atMs: restorableTo } };
  if (lossMs > told.rpoMs) return breach(`${because}: ${rpoText(told)} is missed`, found, { ...extras, nextStep });
  return lossMs > usualRestorableMs
    ? warning(`${because}, where 5 min are usual`, found, { ...extras, nextStep })
    : ok(because, found, extras);
}

export function rpoText({ rpoMs }: Pick<CheckTold, 'rpoMs'>): string {
  return `the RPO of ${span(rpoMs)}`;
}

export interface CrossRegionSeen extends LagSeen {
  readonly copies: Known<readonly ClusterSnapshot[]>;
  readonly recoverySnapshots: Known<readonly ClusterSnapshot[]>;
  readonly recoveryBackup: Known<DatabaseBackup>;
  readonly primaryBackup: Known<DatabaseBackup>;
}

/** What the copies in the other region are looked for with. */
export const crossRegionNeeds = {
  copies: seenOfBackups.copies,
  recoverySnapshots: seenOfBackups.recoverySnapshots,
  recoveryBackup: seenOfBackups.recoveryBackup,
  primaryBackup: seenOfBackups.primaryBackup,
} as const;

export const databaseCrossRegion = check('backup-database-cross-region', {
  title: 'Database: other region',
  area,
  severity: 'critical',
  window: '3d',
  needs: { ...crossRegionNeeds, there: seen.lagThere, here: seen.lagHere },
  judge: (found, told) => {
    const copies = judgeCopies(found, told);
    if (copies.status === 'not-configured') return copies;
    const replica = judgeReplica(found, told);
    const [worst] = worstOf([copies, replica]);
    return {
      ...(worst ?? copies),
      summary: `${copies.summary}; ${replica.summary}`,
      evidence: [...copies.evidence, ...replica.evidence],
      ...(replica.observed === undefined ? {} : { observed: replica.observed }),
    };
  },
});

/**
 * Whether last nights' backups are in the recovery region: as copies of the primary cluster's snapshots, or as the backups
 * that the cluster there makes of its own data, which are as good where it follows the primary one.
 */
export function judgeCopies(found: Omit<CrossRegionSeen, 'there' | 'here'>, told: CheckTold): Judged {
  const { copies, recoverySnapshots, recoveryBackup, primaryBackup } = found;
  const [from, to] = [told.stack.primary, halfOf(told, 'recovery')];
  const cluster = from.database;
  if (to === undefined || cluster === undefined) {
    return notConfigured(copies.known ? 'there is no other region' : copies.reason);
  }
  const origin = { operation: describeSnapshots, region: to.region };
  if (!copies.known && !recoverySnapshots.known) return unseen(copies, origin);
  const own = to.database;
  const primary = primaryBackup.known ? primaryBackup.value : undefined;
  const window = dailyWindow(primary?.window) ?? wantedWindow;
  const due = dueNights({ nowMs: told.nowMs, window, graceMs: copyGraceMs, since: primary?.createdAt });
  if (due.length === 0) {
    const text = `${cluster.cluster} is younger than a night, and no copy is due yet`;
    return ok(text, seenIn(origin, text));
  }
  const copied = nightsHeld(due, copies.known ? copiesOf(copies.value, from.region, cluster, own) : [], window);
  const kept = recoveryBackup.known ? recoveryBackup.value : undefined;
  const ownWindow = dailyWindow(kept?.window) ?? window;
  const ownNights = nightsHeld(
    due.map((night) => night - window.startMs + ownWindow.startMs),
    recoverySnapshots.known ? recoverySnapshots.value.filter(({ type }) => automatic.has(type)) : [],
    ownWindow,
  );
  const covered = due.map((night, index): Covered => {
    const [copy, snapshot] = [copied[index], ownNights[index]];
    if (copy?.whole !== undefined) return { night: copy, by: 'copies' };
    if (snapshot?.whole !== undefined) return { night: snapshot, by: 'own' };
    const restorable = kept !== undefined && isRestorable(kept, night + window.lengthMs);
    const nearest = copy?.flaw === undefined ? snapshot : copy;
    return { night: nearest ?? { night }, by: restorable ? 'point-in-time' : undefined };
  });
  return judgeCovered(covered, { origin, due, cluster, told, own, kept, unseenPart: unseenOfPair(found) });
}

/** What could not be seen of the two ways in which backups may be there. */
function unseenOfPair({
  copies,
  recoverySnapshots,
}: Pick<CrossRegionSeen, 'copies' | 'recoverySnapshots'>): string | undefined {
  return [copies, recoverySnapshots].flatMap((each) =>
    !each.known && each.because === 'unknown' ? [each.reason] : [],
  )[0];
}

interface Covered {
  readonly night: Night;
  readonly by: 'copies' | 'own' | 'point-in-time' | undefined;
}

/** A cluster of the same name may be there: what it makes of its own is no copy. */
function copiesOf(
  snapshots: readonly ClusterSnapshot[],
  from: string,
  cluster: DatabaseRef,
  own: DatabaseRef | undefined,
): readonly ClusterSnapshot[] {
  return snapshots.filter(
    ({ type, copiedFrom }) =>
      type !== 'automated' &&
      (copiedFrom === undefined ? own?.cluster !== cluster.cluster : copiedFrom.region === from),
  );
}

function isRestorable({ restorableFrom, restorableTo }: DatabaseBackup, at: number): boolean {
  return restorableFrom !== undefined && restorableTo !== undefined && restorableFrom <= at && at <= restorableTo;
}

interface CoveredTold {
  readonly origin: { readonly operation: string; readonly region: string };
  readonly due: readonly number[];
  readonly cluster: DatabaseRef;
  readonly own: DatabaseRef | undefined;
  readonly kept: DatabaseBackup | undefined;
  readonly told: CheckTold;
  readonly unseenPart: string | undefined;
}

function judgeCovered(covered: readonly Covered[], context: CoveredTold): Judged {
  const { origin, due, cluster, own, kept, told, unseenPart } = context;
  const { region } = origin;
  const found: readonly Evidence[] = [
    ...covered.map(({ night }) => evidence(origin, nightEvidence(night))),
    ...(kept?.restorableTo === undefined
      ? []
      : seenIn(
          kept.source,
          `${own?.cluster ?? ''} can be restored to any moment up to ${new Date(kept.restorableTo).toISOString()}`,
        )),
  ];
  const lacking = covered.filter(({ by }) => by === undefined).map(({ night }) => night);
  const nextStep = listSnapshots({ region, cluster: cluster.cluster }, told);
  if (lacking.length > 0) {
    const text = `no usable backup of ${nightNames(lacking)} is in ${region}`;
    return unseenPart === undefined
      ? breach(text, found, { nextStep })
      : unknown(`${text} as far as could be seen: ${unseenPart}`, found, { nextStep });
  }
  const ways = (['copies', 'own', 'point-in-time'] as const).filter((way) => covered.some(({ by }) => by === way));
  const name = own?.cluster ?? 'the cluster there';
  const waysText = ways.map(
    (way) =>
      ({
        copies: 'copied snapshots',
        own: `${name}\u2019s own snapshots`,
        'point-in-time': `${name}\u2019s own point-in-time backups`,
      })[way],
  );
  return ok(`${nightsText(due)} are in ${region} (${waysText.join(', ')})`, found);
}

/** Copies alone miss an objective of minutes, whole as they are: what follows the primary cluster meets it. */
function judgeReplica(found: CrossRegionSeen, told: CheckTold): Judged {
  const { lossMs, because } = replicaLoss(found, told);
  const lag = lagOfCopy(found)?.source ?? {
    operation: 'cloudwatch:GetMetricData',
    region: told.stack.recovery?.region ?? told.site.region,
  };
  const nextStep = 'nanoops dr readiness';
  if (lossMs === undefined) return unknown(because, seenIn(lag, because), { nextStep });
  const replica = halfOf(told, 'recovery')?.database;
  if (replica === undefined) {
    const text = `${because}: ${lossText(lossMs)} would be lost with ${told.stack.primary.region}, and ${rpoText(told)} missed`;
    return warning(text, seenIn({ ...lag, operation: describeClusters }, because), {
      nextStep: 'add a region to the cluster (an Aurora global database), and set database.recoveryCluster',
    });
  }
  const extras = { observed: { value: lossMs, unit: 'ms' } };
  return lossMs > told.rpoMs
    ? breach(`${because}: ${rpoText(told)} is missed`, seenIn(lag, because), { ...extras, nextStep })
    : ok(`${because}, and meets ${rpoText(told)}, which copies alone would not`, seenIn(lag, because), extras);
}
