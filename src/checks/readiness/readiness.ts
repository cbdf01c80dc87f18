/**
 * Could we fail over now? Every check in the order in which an operator reads them, the verdict over all, and the answer
 * in one line. Pure.
 */
import { images, capacity, certificate, loadBalancer, secrets, service, targets, taskDefinition } from './compute.ts';
import { isGone, parameters, pointInTime, replicationLag, snapshots, topology, versions, writer } from './database.ts';
import { healthChecks, mechanism, recordFound, timeToLive } from './dns.ts';
import { heartbeat, permissions, probe, receivers, state, writeProbe } from './nanoops.ts';
import { alarms, drill, forecast, plan, primary, rpo, rto } from './recovery.ts';
import type { CheckArea, CheckSeverity } from '../check.ts';
import { listed, span, type CheckResult, type Judged } from '../judged.ts';
import { nothingSeen, type ReadinessSeen, type ReadinessTold, type SiteTold } from './seen.ts';
import { backlog, bucketReplication, cache, sessions } from './storage.ts';

interface ReadinessCheck<Seen, Told> {
  readonly id: `readiness-${string}`;
  readonly title: string;
  readonly area: CheckArea;
  readonly severity: CheckSeverity;
  readonly judge: (seen: Seen, told: Told) => Judged;
}

/** What a region needs of its own before anything is moved to it. */
const ownChecks = [
  { id: 'readiness-engine', title: 'Engine versions', area: 'database', severity: 'critical', judge: versions },
  { id: 'readiness-writer', title: 'Writer instance', area: 'database', severity: 'critical', judge: writer },
  { id: 'readiness-service', title: 'Service', area: 'compute', severity: 'critical', judge: service },
  { id: 'readiness-task', title: 'Task definition', area: 'compute', severity: 'critical', judge: taskDefinition },
  { id: 'readiness-image', title: 'Images', area: 'compute', severity: 'critical', judge: images },
  { id: 'readiness-secrets', title: 'Secrets', area: 'compute', severity: 'critical', judge: secrets },
  {
    id: 'readiness-capacity',
    title: 'Room for today\u2019s load',
    area: 'compute',
    severity: 'critical',
    judge: capacity,
  },
  { id: 'readiness-balancer', title: 'Load balancer', area: 'api', severity: 'critical', judge: loadBalancer },
  { id: 'readiness-targets', title: 'Targets', area: 'api', severity: 'critical', judge: targets },
  { id: 'readiness-certificate', title: 'Certificate', area: 'api', severity: 'critical', judge: certificate },
  { id: 'readiness-sessions', title: 'Sessions', area: 'storage', severity: 'critical', judge: sessions },
  { id: 'readiness-cache', title: 'Cache', area: 'cache', severity: 'critical', judge: cache },
] as const satisfies readonly ReadinessCheck<ReadinessSeen, SiteTold>[];

/** What is between the regions, and how one gets from the one to the other. */
const wayChecks = [
  { id: 'readiness-topology', title: 'Topology', area: 'database', severity: 'critical', judge: topology },
  { id: 'readiness-lag', title: 'Replication lag', area: 'database', severity: 'critical', judge: replicationLag },
  { id: 'readiness-snapshots', title: 'Snapshots', area: 'database', severity: 'warning', judge: snapshots },
  { id: 'readiness-restore', title: 'Point in time', area: 'database', severity: 'warning', judge: pointInTime },
  { id: 'readiness-parameters', title: 'Parameter groups', area: 'database', severity: 'warning', judge: parameters },
  {
    id: 'readiness-replication',
    title: 'Bucket replication',
    area: 'storage',
    severity: 'critical',
    judge: bucketReplication,
  },
  { id: 'readiness-backlog', title: 'Objects to be copied', area: 'storage', severity: 'critical', judge: backlog },
  { id: 'readiness-record', title: 'Record', area: 'dns', severity: 'critical', judge: recordFound },
  { id: 'readiness-ttl', title: 'TTL', area: 'dns', severity: 'warning', judge: timeToLive },
  { id: 'readiness-switch', title: 'Traffic switch', area: 'dns', severity: 'critical', judge: mechanism },
  { id: 'readiness-health-checks', title: 'Health checks', area: 'dns', severity: 'critical', judge: healthChecks },
] as const satisfies readonly ReadinessCheck<ReadinessSeen, SiteTold>[];

const readinessChecks: readonly ReadinessCheck<ReadinessSeen, ReadinessTold>[] = [
  { id: 'readiness-primary', title: 'The primary region', area: 'recovery', severity: 'warning', judge: primary },
  { id: 'readiness-plan', title: 'The plan', area: 'recovery', severity: 'critical', judge: plan },
  { id: 'readiness-rto', title: 'Predicted RTO', area: 'recovery', severity: 'critical', judge: rto },
  { id: 'readiness-rpo', title: 'Predicted RPO', area: 'recovery', severity: 'critical', judge: rpo },
  { id: 'readiness-drill', title: 'The newest drill', area: 'recovery', severity: 'info', judge: drill },
  { id: 'readiness-alarms', title: 'Alarms of health', area: 'recovery', severity: 'warning', judge: alarms },
  ...wayChecks,
  ...ownChecks,
  { id: 'readiness-probe', title: 'Answers from outside', area: 'api', severity: 'warning', judge: probe },
  { id: 'readiness-write-probe', title: 'Write probe', area: 'api', severity: 'warning', judge: writeProbe },
  { id: 'readiness-heartbeat', title: 'Heartbeats', area: 'database', severity: 'warning', judge: heartbeat },
  { id: 'readiness-permissions', title: 'Permissions', area: 'nanoops', severity: 'critical', judge: permissions },
  { id: 'readiness-state', title: 'Where runs are kept', area: 'nanoops', severity: 'critical', judge: state },
  { id: 'readiness-notify', title: 'Notifications', area: 'nanoops', severity: 'warning', judge: receivers },
];

export function judgeReadiness(seen: ReadinessSeen, told: ReadinessTold): readonly CheckResult[] {
  return readinessChecks.map(({ id, title, area, severity, judge }) => {
    const isAsked = id === 'readiness-drill' && told.drill.limitMs !== undefined;
    return { id, title, area, severity: isAsked ? 'critical' : severity, ...judge(seen, told) };
  });
}

/** Whether a failover is possible now, what blocks it, what slows it, and what it would come to. */
export interface Answer {
  /** Null: nobody can tell. */
  readonly possible: boolean | null;
  readonly blocks: readonly string[];
  readonly slows: readonly string[];
  readonly unknown: readonly string[];
  readonly rtoMs: number | null;
  readonly rpoMs: number | null;
  /** One line. */
  readonly text: string;
}

/** What the region that would be left knows alone: where it is gone, no failover waits for it. */
const oldOnly: ReadonlySet<string> = new Set([
  'readiness-engine',
  'readiness-parameters',
  'readiness-task',
  'readiness-capacity',
  'readiness-replication',
  'readiness-record',
]);

export function answerOf(results: readonly CheckResult[], seen: ReadinessSeen, told: ReadinessTold): Answer {
  const having = (status: CheckResult['status']): readonly CheckResult[] =>
    results.filter((each) => each.status === status);
  const [blocking, slowing, open] = [having('breach'), having('warning'), having('unknown')];
  const needed = isGone(seen) ? open.filter(({ id }) => !oldOnly.has(id)) : open;
  const { rtoMs, rpoMs } = forecast(seen, told);
  const possible = blocking.length > 0 ? false : needed.length > 0 ? null : true;
  const names = (all: readonly CheckResult[]): string => listed(all.map(({ title }) => lowered(title)));
  const { from, to } = told;
  const head =
    possible === false
      ? `A failover to ${to.region} is blocked now: ${names(blocking)}${fallback(seen, told)}`
      : possible === null
        ? `Nothing seen blocks a failover to ${to.region}, but not everything could be seen: ${names(needed)}`
        : `A failover to ${to.region} is possible now${open.length === 0 ? '' : `, though ${from.region} does not tell: ${names(open)}`}`;
  const slow = slowing.length === 0 ? '' : `; slowed or weakened by ${names(slowing)}`;
  const aims = `RTO ${span(rtoMs)} of ${span(told.rtoMs)}, RPO ${rpoMs === null ? 'not known' : span(rpoMs)} of ${span(told.rpoMs)}`;
  return {
    possible,
    blocks: blocking.map(({ id }) => id),
    slows: slowing.map(({ id }) => id),
    unknown: open.map(({ id }) => id),
    rtoMs: possible === false ? null : rtoMs,
    rpoMs: possible === false ? null : rpoMs,
    text: `${head}${slow}. Predicted${possible === false ? ' once that is mended' : ''}: ${aims}.`,
  };
}

/** What could be done all the same, were the region that would be left gone. */
function fallback({ plans }: ReadinessSeen, { from }: ReadinessTold): string {
  const all = plans.known ? plans.value : [];
  const isOnlyDrill = all.some(({ occasion, blockers }) => occasion === 'drill' && blockers.length > 0);
  const outage = all.find(({ occasion }) => occasion === 'outage');
  if (!isOnlyDrill || outage === undefined || outage.blockers.length > 0) return '';
  return ` (were ${from.region} gone: ${outage.mode})`;
}

/** In the middle of a sentence; abbreviations stay as they are. */
function lowered(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? `${title.charAt(0).toLowerCase()}${title.slice(1)}` : title;
}

/**
 * Why a region is not fit to take over, a line each; empty where nothing that was seen speaks against it. What was not
 * looked at, or could not be seen, is no reason. The same judgements as in the report, of what the region needs of its own,
 * for whoever is about to move there.
 */
export function readinessBlockers(seen: Partial<ReadinessSeen>, told: SiteTold): readonly string[] {
  const all: ReadinessSeen = { ...nothingSeen, ...seen };
  return ownChecks.flatMap(({ title, judge }) => {
    const { status, summary } = judge(all, told);
    return status === 'breach' ? [`${title}: ${summary}`] : [];
  });
}
