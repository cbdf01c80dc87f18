/**
 * What helps against each cause of latency, as text and as the command that would do it. Nothing here acts, and an
 * index is never more than a suggestion.
 */
import type { DatabaseLoad, FlowLog, ScalingLimits, ServiceState } from '../../cloud/facts.ts';
import { shellLine } from '../../cloud/shell-line.ts';
import type { ServiceRef } from '../../cloud/stack.ts';
import type { Known } from '../../diagnosis/known.ts';
import type { SuspectDeployment } from '../../diagnosis/happenings.ts';
import { indexCandidate } from '../../diagnosis/index-candidate.ts';
import type { SlowStatement } from '../../diagnosis/slow-log.ts';
import { median } from '../../diagnosis/statistics.ts';
import type { Remediation } from '../kit.ts';

/** What suggested commands need to look where the run looked. */
export interface Reach {
  /** Options that reach the same account: `--profile`, `--endpoint-url`. */
  readonly awsOptions: readonly string[];
  /** The incident's beginning, as `aws logs tail --since` takes it; see `tailSince`. */
  readonly since: string;
}

/** An `aws` command line: what it does, what it does it to, and its options. */
function aws(
  { awsOptions }: Reach,
  action: string,
  options: Readonly<Record<string, string>>,
  ...operands: readonly string[]
): string {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  return shellLine('aws', ...action.split(' '), ...operands, ...flags, ...awsOptions);
}

const minuteMs = 60_000;
/** A window that ends this near to now ends now: metrics are late by less. */
const nowMs = 10 * minuteMs;
const leadMinutes = 5;
const fewestMinutes = 15;

/**
 * The start of the log lines worth reading: a little before the incident. Counted back from now while it is fresh, and an
 * absolute time where the window ended in the past.
 * Source: AWS CLI Command Reference, logs tail, `--since`.
 */
export function tailSince(onset: number, windowTo: number, now: number): string {
  if (now - windowTo > nowMs) {
    return `${new Date(onset - leadMinutes * minuteMs).toISOString().slice(0, 19)}Z`;
  }
  return `${Math.max(fewestMinutes, Math.ceil((now - onset) / minuteMs) + leadMinutes)}m`;
}

/**
 * One task more. Where Application Auto Scaling owns the count, its minimum is raised, since it would undo a bare
 * change; its maximum and the configured one are never passed.
 * Source: Application Auto Scaling API Reference, RegisterScalableTarget.
 */
export function scaleOut(
  service: ServiceRef,
  state: ServiceState,
  limits: Known<ScalingLimits | undefined>,
  reach: Reach,
): Remediation {
  const stepId = 'scale-out';
  // A minimum above the present count is on its way already, and must not be lowered.
  const to = Math.max(state.desired, (limits.known ? limits.value?.min : undefined) ?? 0) + 1;
  const where = `${service.cluster}/${service.service}`;
  if (!limits.known) {
    return {
      stepId,
      summary: `one task more on ${where} (${state.desired} → ${to}), but it is unknown whether Auto Scaling would undo it: ${limits.reason}`,
    };
  }
  const owner = limits.value;
  const most = Math.min(owner?.max ?? Number.POSITIVE_INFINITY, service.maxTasks ?? Number.POSITIVE_INFINITY);
  if (to > most) {
    const whose = owner !== undefined && most === owner.max ? 'Auto Scaling\u2019s maximum' : 'compute.maxTasks';
    return {
      stepId,
      summary: `${where} is at ${state.desired} tasks, the limit set by ${whose} (${most}): raise it first`,
    };
  }
  if (owner === undefined) {
    return {
      stepId,
      summary: `one task more on ${where}: ${state.desired} → ${to}`,
      command: aws(reach, 'ecs update-service', {
        region: service.region,
        cluster: service.cluster,
        service: service.service,
        'desired-count': String(to),
      }),
    };
  }
  return {
    stepId,
    summary: `one task more on ${where}: ${state.desired} → ${to}, by Auto Scaling\u2019s minimum (${owner.min} now; put it back afterwards)`,
    command: aws(reach, 'application-autoscaling register-scalable-target', {
      region: service.region,
      'service-namespace': 'ecs',
      'scalable-dimension': 'ecs:service:DesiredCount',
      'resource-id': `service/${service.cluster}/${service.service}`,
      'min-capacity': String(to),
    }),
  };
}

/** Back to the version before. While that rollout still runs it is stopped, and ECS rolls back by itself. */
export function rollBack(
  service: ServiceRef,
  state: ServiceState,
  deployment: SuspectDeployment,
  reach: Reach,
): Remediation {
  const stepId = 'roll-back';
  if (deployment.isWayBack === true) {
    const version = deployment.taskDefinition?.split('/').at(-1) ?? 'this version';
    return {
      stepId,
      summary: `it was gone back to ${version} already: see which version is well before another is rolled out`,
    };
  }
  const isRollingOut = state.deployments.some((each) => each.status === 'primary' && each.rollout === 'in-progress');
  // Another one may be under way by now; only the one that is to blame can be stopped by its ARN.
  if (isRollingOut && deployment.finishedAt === undefined && deployment.id.startsWith('arn:')) {
    return {
      stepId,
      summary: 'stop the rollout that is under way; ECS rolls it back',
      command: aws(reach, 'ecs stop-service-deployment', {
        region: service.region,
        'service-deployment-arn': deployment.id,
        'stop-type': 'ROLLBACK',
      }),
    };
  }
  const previous = deployment.previousTaskDefinitions.find((each) => each !== deployment.taskDefinition);
  if (previous === undefined) {
    return { stepId, summary: 'roll back; which task definition ran before is unknown' };
  }
  return {
    stepId,
    summary: `back to ${previous.split('/').at(-1)}`,
    command: aws(reach, 'ecs update-service', {
      region: service.region,
      cluster: service.cluster,
      service: service.service,
      'task-definition': previous,
    }),
  };
}

/** Look at the slow query log, and what index might help: for a person to judge with EXPLAIN. */
export function suggestIndex(
  region: string,
  logGroup: string | undefined,
  worst: SlowStatement | undefined,
  reach: Reach,
): Remediation {
  const stepId = 'suggest-index';
  const command =
    logGroup === undefined
      ? undefined
      : aws(reach, 'logs tail', { region, since: reach.since }, `${logGroup}/slowquery`);
  const read = command === undefined ? {} : { command };
  if (worst === undefined) {
    return { stepId, summary: 'look at the slow query log: no statement in it was slow enough to name', ...read };
  }
  const candidate = indexCandidate(worst.shape);
  const examined = `it reads ${worst.rowsExamined} rows to send ${worst.rowsSent}`;
  if (candidate === undefined) {
    return { stepId, summary: `look at this statement with EXPLAIN; ${examined}: ${worst.shape}`, ...read };
  }
  const summary = `judge this index with EXPLAIN (${examined}; ${candidate.reason}): ${candidate.statement}`;
  return { stepId, summary, ...read };
}

/** What the network saw, where flow logs are kept. */
export function reviewFlowLogs(
  region: string,
  zone: string,
  flowLogs: Known<readonly FlowLog[]>,
  reach: Reach,
): Remediation {
  const stepId = 'review-flow-logs';
  if (!flowLogs.known)
    return { stepId, summary: `look at ${zone}; whether VPC flow logs exist is unknown: ${flowLogs.reason}` };
  const readable = flowLogs.value.find((log) => log.logGroup !== undefined);
  if (readable?.logGroup !== undefined) {
    return {
      stepId,
      summary: `look for REJECT in the flow logs of ${readable.resourceId}, and take ${zone} out of service if it stays slow`,
      command: aws(reach, 'logs tail', { region, since: reach.since, 'filter-pattern': 'REJECT' }, readable.logGroup),
    };
  }
  const kept = flowLogs.value[0];
  return kept === undefined
    ? {
        stepId,
        summary: `take ${zone} out of service if it stays slow; no VPC flow log covers its subnets, so nothing tells why`,
      }
    : {
        stepId,
        summary: `look for REJECT in flow log ${kept.id} (kept in ${kept.destination}), and take ${zone} out of service if it stays slow`,
      };
}

/** Advice where nanoops has nothing to turn. */
export function advise(cause: string, component: string): Remediation | undefined {
  const stepId = 'advise';
  switch (cause) {
    case 's3-slow':
      return {
        stepId,
        summary: `S3 is AWS\u2019s to mend: look at the AWS Health Dashboard, retry with hedging, serve ${component} through the CDN`,
      };
    case 'cache-cold':
      return {
        stepId,
        summary: `let ${component} warm up (its hit rate tells), shed load until then, and find out who flushed or replaced it`,
      };
    case 'downstream-dependency':
      return {
        stepId,
        summary: `call ${component}\u2019s owners; shorten the time-out on calls to it, or switch the feature off`,
      };
    default:
      return undefined;
  }
}

/** Whether the database would take a larger pool, and what the pools of all tasks have open now. */
export function reviewConnectionPool(
  limit: Known<number | undefined>,
  load: Known<DatabaseLoad>,
  state: Known<ServiceState>,
): Remediation {
  const stepId = 'review-pool';
  const most = limit.known ? limit.value : undefined;
  const open = load.known ? median(load.value.connections.points.slice(-5).map((point) => point.value)) : undefined;
  const tasks = state.known ? state.value.running : undefined;
  const now = open === undefined || tasks === undefined ? '' : ` (${tasks} tasks have ${Math.round(open)} open now)`;
  if (most === undefined) {
    const summary = `raise the pool\u2019s size if tasks × pool stays below max_connections, which cannot be told${now}`;
    return { stepId, summary: `${summary}; look for connections that are not given back` };
  }
  if (open !== undefined && open >= most * 0.9) {
    const full = `the database is near its own limit of ${most} connections${now}: a larger pool would not help`;
    return { stepId, summary: `${full}; look for connections that are not given back` };
  }
  const room = `raise the pool\u2019s size: the database takes ${most} connections${now}`;
  return { stepId, summary: `${room}; look for connections that are not given back` };
}
