/** How the buckets are guarded: versions, copies in the other region, and what becomes of old objects. */
import type { Archiving, BucketLifecycle, LifecycleRule } from '../../cloud/backup-facts.ts';
import type { BucketReplication, ReplicationBacklog } from '../../cloud/recovery-facts.ts';
import type { BucketRef } from '../../cloud/stack.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import {
  awsLine,
  breach,
  listed,
  missing,
  notConfigured,
  ok,
  seenIn,
  unknown,
  unseen,
  warning,
  type Judged,
} from '../judged.ts';
import { dayMs } from '../kit.ts';
import { limitTexts, type Limit } from '../limits.ts';
import { judged } from '../measures.ts';
import { rpoText } from './database.ts';
import { uploadLoss } from './losses.ts';
import { seenOfBackups } from './observations.ts';
import { halfOf, together, worstOf, type Side } from './sides.ts';

const area = 'backup';

/** In each region: of what is known of its bucket, or why it is not. */
function ofBuckets<T>(
  seen: Readonly<Record<Side, Known<T>>>,
  operation: string,
  told: CheckTold,
  judge: (found: T, bucket: BucketRef) => Judged,
): Judged {
  return together(
    (['primary', 'recovery'] as const).map((side) => {
      const region = told.stack[side]?.region ?? side;
      const bucket = halfOf(told, side)?.storage;
      const found = seen[side];
      if (bucket !== undefined && found.known) return { region, judged: judge(found.value, bucket) };
      if (found.known || bucket === undefined) {
        return { region, judged: notConfigured(found.known ? 'no bucket' : found.reason) };
      }
      return { region, judged: missing(found, { operation, region }, bucket.bucket, 'nanoops config show') };
    }),
  );
}

export const versioning = check('backup-s3-versioning', {
  title: 'Bucket: versions',
  area,
  severity: 'critical',
  needs: { primary: seenOfBackups.primaryBucket, recovery: seenOfBackups.recoveryBucket },
  judge: (seen, told) => ({
    ...ofBuckets(seen, 's3:GetBucketVersioning', told, (found, bucket) => judgeVersioning(found, bucket, told)),
    target: 'Enabled',
  }),
});

function judgeVersioning({ versioning: state, source }: BucketReplication, bucket: BucketRef, told: CheckTold): Judged {
  const found = seenIn({ ...source, operation: 's3:GetBucketVersioning' }, `${bucket.bucket}: ${state ?? 'never on'}`);
  if (state === 'Enabled') return ok('versioning is on', found);
  return breach(
    `versioning is ${state === 'Suspended' ? 'suspended' : 'off'}: what is replaced or deleted is gone`,
    found,
    {
      nextStep: awsLine(
        told,
        bucket.region,
        ...['s3api', 'put-bucket-versioning', '--bucket', bucket.bucket],
        ...['--versioning-configuration', 'Status=Enabled'],
      ),
    },
  );
}

interface ReplicationSeen {
  readonly source: Known<BucketReplication>;
  readonly destination: Known<BucketReplication>;
  readonly backlog: Known<ReplicationBacklog>;
}

export const replication = check('backup-s3-replication', {
  title: 'Bucket: other region',
  area,
  severity: 'critical',
  needs: {
    source: seenOfBackups.primaryBucket,
    destination: seenOfBackups.recoveryBucket,
    backlog: seenOfBackups.bucketBacklog,
  },
  judge: judgeReplication,
});

function judgeReplication({ source, destination, backlog }: ReplicationSeen, told: CheckTold): Judged {
  const [from, to] = [halfOf(told, 'primary')?.storage, told.stack.recovery?.storage];
  const region = told.stack.primary.region;
  if (from === undefined) return notConfigured(source.known ? 'storage is not configured' : source.reason);
  if (to === undefined) return notConfigured('storage.replicaBucket is not configured');
  const origin = { operation: 's3:GetBucketReplication', region };
  const nextStep = awsLine(told, region, 's3api', 'get-bucket-replication', '--bucket', from.bucket);
  if (!source.known) return missing(source, origin, from.bucket, nextStep);
  const { rules } = source.value;
  const found = seenIn(
    source.value.source,
    `${from.bucket}: ${rules.map((rule) => `${rule.id} ${rule.enabled ? 'on' : 'off'}, ${partOf(rule)} to ${rule.destination}`).join('; ') || 'no rules'}`,
  );
  const toReplica = rules.filter((rule) => rule.destination === to.bucket);
  const on = toReplica.filter(({ enabled }) => enabled);
  const whole = on.filter((rule) => rule.prefix === '' && rule.isSelective !== true);
  const next = { nextStep };
  if (rules.length === 0) return breach(`nothing copies ${from.bucket} to ${to.bucket}`, found, next);
  if (toReplica.length === 0) {
    const elsewhere = listed([...new Set(rules.map((rule) => rule.destination))]);
    return breach(`${from.bucket} is copied to ${elsewhere}, and not to ${to.bucket}`, found, next);
  }
  if (on.length === 0) return breach(`the rule that copies ${from.bucket} to ${to.bucket} is off`, found, next);
  if (whole.length === 0) return breach(`only ${listed(on.map(partOf))} of ${from.bucket} is copied`, found, next);
  const arrival = { operation: 's3:GetBucketVersioning', region: to.region };
  if (!destination.known && destination.because === 'unknown') {
    return missing(
      destination,
      arrival,
      to.bucket,
      awsLine(told, to.region, 's3api', 'head-bucket', '--bucket', to.bucket),
    );
  }
  if (source.value.versioning !== 'Enabled') {
    return breach(`${from.bucket} is not versioned, so that nothing of it is copied`, found, next);
  }
  const copied = `${from.bucket} is copied to ${to.bucket}`;
  if (halfOf(told, 'recovery') === undefined) return ok(`${copied}; ${to.region} is not looked at`, found);
  if (whole.every(({ metrics }) => !metrics)) {
    return warning(`${copied}, but nobody tells how far behind: the rule\u2019s metrics are off`, found, {
      nextStep: 'turn on replication metrics in the rule (S3 console, Management, Replication rules)',
    });
  }
  const { lossMs, because } = uploadLoss(backlog, told.nowMs);
  const metrics = { operation: 'cloudwatch:GetMetricData', region: to.region };
  const all = [...found, ...seenIn(metrics, because)];
  if (lossMs === undefined) {
    const unmeasured = backlog.known ? undefined : unseen(backlog, metrics).nextStep;
    return unknown(`${copied}; ${because}`, all, { nextStep: unmeasured ?? 'nanoops dr readiness' });
  }
  const extras = { observed: { value: lossMs, unit: 'ms' } };
  return lossMs > told.rpoMs
    ? breach(`${copied}; ${because}: ${rpoText(told)} is missed`, all, { ...extras, nextStep: 'nanoops dr readiness' })
    : ok(`${copied}; ${because}, and meets ${rpoText(told)}`, all, extras);
}

/** `all`, `img/*`, `some` */
function partOf({ prefix, isSelective }: { readonly prefix: string; readonly isSelective?: boolean }): string {
  if (prefix !== '') return `${prefix}*`;
  return isSelective === true ? 'what bears some tag or size' : 'all';
}

/** What S3 calls Glacier (Amazon S3 User Guide, "Storage classes for rarely accessed objects"). */
const glacier: Readonly<Record<string, string>> = {
  GLACIER: 'Glacier Flexible Retrieval',
  GLACIER_IR: 'Glacier Instant Retrieval',
  DEEP_ARCHIVE: 'Glacier Deep Archive',
};

/** An object there has to be restored before it can be read: 3 to 5 h as a rule, of Deep Archive 12 h. */
const restoredFirst: Readonly<Record<string, string>> = { GLACIER: '3 to 5 h', DEEP_ARCHIVE: '12 h' };

export const lifecycle = check('backup-s3-lifecycle', {
  title: 'Bucket: to Glacier',
  area,
  severity: 'warning',
  needs: { primary: seenOfBackups.primaryLifecycle, recovery: seenOfBackups.recoveryLifecycle },
  judge: (seen, told, limit) => ({
    ...ofBuckets(seen, 's3:GetBucketLifecycleConfiguration', told, (found, bucket) =>
      judgeLifecycle(found, bucket, told, limit),
    ),
    ...limitTexts(limit),
  }),
});

function isOfAll({ prefix, isSelective }: LifecycleRule): boolean {
  return prefix === '' && !isSelective;
}

function judgeLifecycle({ rules, source }: BucketLifecycle, bucket: BucketRef, told: CheckTold, limit: Limit): Judged {
  const leastMs = limit.target ?? 0;
  const found = seenIn(source, `${bucket.bucket}: ${rules.map(ruleText).join('; ') || 'no rules'}`);
  const nextStep = awsLine(
    told,
    bucket.region,
    ...['s3api', 'get-bucket-lifecycle-configuration', '--bucket', bucket.bucket],
  );
  const next = { nextStep };
  const enabled = rules.filter((rule) => rule.enabled);
  const deleting = enabled.filter((rule) => isDeletedBefore(rule, leastMs));
  const deletingAll = deleting.find(isOfAll);
  if (deletingAll !== undefined) return breach(`objects are deleted ${deletionText(deletingAll)}`, found, next);
  const moves = enabled.filter(isOfAll).flatMap(({ archiving }) => archiving.filter(isGlacier));
  const [first] = moves
    .flatMap(({ storageClass, afterDays }) => (afterDays === undefined ? [] : [{ storageClass, afterDays }]))
    .toSorted((a, b) => a.afterDays - b.afterDays);
  if (first === undefined) return breach(whyNotArchived(rules, moves), found, next);
  const wait = restoredFirst[first.storageClass];
  const text = `objects go to ${glacier[first.storageClass]} after ${first.afterDays} days${
    wait === undefined ? '' : ` (a download from there takes a restore of ${wait})`
  }`;
  const archived = judged(limit, { value: first.afterDays * dayMs }, text, found, nextStep);
  const [part] = deleting;
  if (part === undefined) return archived;
  const gone = warning(`${text}; ${partOf(part)} is deleted ${deletionText(part)}`, found, next);
  return worstOf([archived, gone])[0] ?? archived;
}

function isGlacier({ storageClass }: Archiving): boolean {
  return Object.hasOwn(glacier, storageClass);
}

/** A deletion on a day takes what was uploaded the day before as well. */
function isDeletedBefore({ deletesAfterDays, deletesOn }: LifecycleRule, leastMs: number): boolean {
  return deletesOn !== undefined || (deletesAfterDays !== undefined && deletesAfterDays * dayMs < leastMs);
}

function deletionText({ deletesAfterDays, deletesOn }: LifecycleRule): string {
  return deletesOn === undefined ? `after ${deletesAfterDays ?? 0} days` : `on ${dayText(deletesOn)}, however old`;
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Why nothing takes all objects to Glacier; `moves` are those of the whole bucket, and have no days. */
function whyNotArchived(rules: readonly LifecycleRule[], moves: readonly Archiving[]): string {
  const archiving = rules.filter((rule) => rule.archiving.some(isGlacier));
  const [dated] = moves;
  if (dated?.on !== undefined) return `objects go to Glacier on ${dayText(dated.on)}, and not by their age`;
  const on = archiving.filter(({ enabled }) => enabled);
  if (on.length > 0) return `only ${listed(on.map(partOf))} goes to Glacier`;
  if (archiving.length > 0)
    return `the rule that takes objects to Glacier is off (${listed(archiving.map(({ id }) => id))})`;
  return rules.length === 0 ? 'no rule takes objects to Glacier: there are none' : 'no rule takes objects to Glacier';
}

function ruleText(rule: LifecycleRule): string {
  const does = [
    ...rule.archiving.map(({ storageClass, afterDays, on }) =>
      on === undefined ? `${storageClass} after ${afterDays ?? 0} days` : `${storageClass} on ${dayText(on)}`,
    ),
    ...(isDeletedBefore(rule, Infinity) ? [`deleted ${deletionText(rule)}`] : []),
    ...(rule.forgetsAfterDays === undefined ? [] : [`old versions gone after ${rule.forgetsAfterDays} days`]),
  ];
  return `${rule.id || 'a rule'} ${rule.enabled ? 'on' : 'off'}, ${partOf(rule)}: ${does.join(', ') || 'nothing of objects'}`;
}
