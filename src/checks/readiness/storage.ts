/**
 * Is everything else there, beside the database: uploads copied, a cache, sessions? Pure.
 * Source: S3 User Guide, "Monitoring replication with metrics"; DynamoDB Developer Guide, "Global tables".
 */
import {
  awsLine,
  breach,
  clock,
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
import type { ReadinessSeen, SiteTold } from './seen.ts';

/** S3's replication metrics are late; older points say nothing of now. */
const freshMs = 15 * 60_000;

export function bucketReplication(seen: ReadinessSeen, told: SiteTold): Judged {
  const { from, to } = told;
  if (from.storage === undefined) return notConfigured('storage is not configured');
  if (to.storage === undefined) return notConfigured('storage.replicaBucket is not configured');
  const { bucket } = from.storage;
  const replica = to.storage.bucket;
  const origin = { operation: 's3:GetBucketReplication', region: from.region };
  const nextStep = awsLine(told, from.region, 's3api', 'get-bucket-replication', '--bucket', bucket);
  if (!seen.replication.known) return missing(seen.replication, origin, bucket, nextStep);
  const { versioning, rules, source } = seen.replication.value;
  const found = seenIn(
    source,
    `${bucket}: versioning ${versioning ?? 'never on'}; ${rules.length === 0 ? 'no rules' : rules.map((rule) => `${rule.id} ${rule.enabled ? 'on' : 'off'} to ${rule.destination}`).join(', ')}`,
  );
  if (versioning !== 'Enabled') {
    return breach(`${bucket} is not versioned, so that nothing of it is copied`, found, {
      nextStep: awsLine(
        told,
        from.region,
        ...['s3api', 'put-bucket-versioning', '--bucket', bucket, '--versioning-configuration', 'Status=Enabled'],
      ),
    });
  }
  const fitting = rules.filter(({ enabled, destination }) => enabled && destination === replica);
  if (fitting.length === 0) return breach(`no rule copies ${bucket} to ${replica}`, found, { nextStep });
  if (fitting.every(({ prefix }) => prefix !== '')) {
    return warning(`only ${fitting.map(({ prefix }) => `${prefix}*`).join(', ')} of ${bucket} is copied`, found, {
      nextStep,
    });
  }
  if (fitting.every(({ metrics }) => !metrics)) {
    return warning(`${bucket} is copied, but how far behind the copy is nobody tells: its metrics are off`, found, {
      nextStep,
    });
  }
  return ok(`${bucket} is copied to ${replica}`, found);
}

export function backlog(seen: ReadinessSeen, told: SiteTold): Judged {
  const { from, to, rpoMs, nowMs } = told;
  const origin = { operation: 'cloudwatch:GetMetricData', region: to.region };
  if (!seen.backlog.known) return unseen(seen.backlog, origin);
  const { pendingOperations, latency } = seen.backlog.value;
  const pending = pendingOperations.points.at(-1);
  const behind = latency.points.at(-1);
  const alert = `> ${span(rpoMs)}`;
  const nextStep = awsLine(
    told,
    from.region,
    's3api',
    'get-bucket-replication',
    '--bucket',
    from.storage?.bucket ?? '',
  );
  if (pending === undefined || nowMs - pending.at > freshMs) {
    const since = pending === undefined ? '' : ` since ${clock(pending.at)}`;
    return unknown(
      `how much waits to be copied is not reported${since}: S3\u2019s replication metrics may be off`,
      seenIn(origin, 'AWS/S3 OperationsPendingReplication'),
      { alert, nextStep },
    );
  }
  const found = [
    ...seenIn(pendingOperations.source, `${pending.value} objects waited at ${clock(pending.at)}`),
    ...(behind === undefined
      ? []
      : seenIn(latency.source, `${span(behind.value * 1000)} behind at ${clock(behind.at)}`)),
  ];
  if (behind === undefined || nowMs - behind.at > freshMs) {
    return pending.value === 0
      ? ok('nothing waits to be copied', found, { alert })
      : unknown(`${pending.value} objects wait to be copied; for how long is not reported`, found, { alert, nextStep });
  }
  const behindMs = behind.value * 1000;
  const extras = { alert, observed: { value: behindMs, unit: 'ms', atMs: behind.at } };
  const text = `${pending.value} objects wait to be copied, ${span(behindMs)} behind`;
  return behindMs > rpoMs
    ? breach(`${text}: more than the objective of ${span(rpoMs)}`, found, { ...extras, nextStep })
    : ok(text, found, extras);
}

/** What can be used while something is done to it. */
const usable: ReadonlySet<string> = new Set(['modifying', 'snapshotting']);

export function cache(seen: ReadinessSeen, told: SiteTold): Judged {
  const { to } = told;
  const group = to.cache?.replicationGroup ?? '';
  const origin = { operation: 'elasticache:DescribeReplicationGroups', region: to.region };
  const nextStep = awsLine(told, to.region, 'elasticache', 'describe-replication-groups');
  if (!seen.newCache.known) return missing(seen.newCache, origin, group, nextStep);
  const { status, nodes, nodeType, source } = seen.newCache.value;
  const found = seenIn(
    source,
    `${group} is ${status}: ${nodes} nodes${nodeType === undefined ? '' : ` of ${nodeType}`}`,
  );
  if (status === 'available') return ok(`${group} is available`, found);
  const text = `${group} in ${to.region} is ${status}`;
  return usable.has(status) ? warning(text, found, { nextStep }) : breach(text, found, { nextStep });
}

export function sessions(seen: ReadinessSeen, told: SiteTold): Judged {
  const { from, to, sessionsTable = '' } = told;
  const origin = { operation: 'dynamodb:DescribeTable', region: to.region };
  const nextStep = awsLine(told, from.region, 'dynamodb', 'describe-table', '--table-name', sessionsTable);
  if (!seen.sessions.known) return missing(seen.sessions, origin, sessionsTable, nextStep);
  const { status, replicas, source } = seen.sessions.value;
  const found = seenIn(
    source,
    `${sessionsTable} is ${status}; replicas: ${replicas.map((each) => `${each.region} ${each.status}`).join(', ') || 'none'}`,
  );
  if (!replicas.some(({ region }) => region === from.region)) {
    return breach(
      `${sessionsTable} in ${to.region} is a table of its own, not a replica of that in ${from.region}`,
      found,
      {
        nextStep,
      },
    );
  }
  const own = replicas.find(({ region }) => region === to.region)?.status ?? status;
  if (status !== 'ACTIVE' || own !== 'ACTIVE') {
    return warning(`${sessionsTable} in ${to.region} is ${status === 'ACTIVE' ? own : status}`, found, { nextStep });
  }
  return ok(`${sessionsTable} has a replica there`, found);
}
