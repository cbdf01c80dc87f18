/**
 * What is looked at before a stack is moved: the region that takes over, which must be known, and the one that is left,
 * which may be gone. Whatever asks the latter is short and nobody depends on its answer.
 */
import type { ScalingLimits } from '../../cloud/facts.ts';
import type { AlarmState, GlobalDatabase, ReplicationLag } from '../../cloud/recovery-facts.ts';
import type { ProbeAnswer, ProgramTarget } from '../../cloud/outside.ts';
import type { RegionalStack } from '../../cloud/stack.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { part, unlessConfigured } from '../configured.ts';
import { observe, type RunbookSettings } from '../kit.ts';
import { stateText } from '../database-changes.ts';
import { moveOf, spanText } from './settings.ts';

const minuteMs = 60_000;
/** A region that does not answer is not waited for any longer than this. */
export const shortMs = 8_000;
const probes = 3;
const betweenProbesMs = 4_000;
const lagMinutes = 30;

/** Whoever asks a region that may be gone asks once. */
const once = { attempts: {}, baseDelayMs: 0, maxDelayMs: 0 };

/** Whoever asks one that may merely be impaired asks twice, in half of the time each. */
const twice = {
  attempts: { deadline: 2, unreachable: 2, 'service-fault': 2, throttled: 2 },
  baseDelayMs: 0,
  maxDelayMs: 0,
};

const from = (settings: RunbookSettings) => moveOf(settings).from;
const to = (settings: RunbookSettings) => moveOf(settings).to;

/** Where the clock of a drill begins: nothing is broken for it unless a configured program breaks it. */
export const declared = observe('declare-outage', {
  title: 'The outage is declared',
  skip: (_needs, settings) => (moveOf(settings).isDrill ? undefined : 'this is no drill'),
  run: (_needs, { clock }) => Promise.resolve({ at: clock.now() }),
  again: (_now, first) => first,
  detail: (_declared, settings) =>
    `as of now ${from(settings).region} counts as gone${moveOf(settings).outside.inject ? '' : '; nothing was done to it'}`,
});

/** A probe, and when it was sent. */
export interface Probed extends ProbeAnswer {
  readonly at: number;
}

export const outside = observe('outside', {
  title: 'The API, asked from outside',
  where: 'outside',
  skip: (_needs, settings) => unlessConfigured(moveOf(settings).outside.probe || undefined, 'api.probeUrl'),
  timeoutMs: minuteMs,
  run: async (_needs, { ports, clock, signal }): Promise<readonly Probed[]> => {
    const answers: Probed[] = [];
    while (answers.length < probes) {
      if (answers.length > 0) await clock.sleep(betweenProbesMs, signal);
      const at = clock.now();
      answers.push({ at, ...(await ports.outside.probe(signal)) });
    }
    return answers;
  },
  detail: (answers) => {
    const good = answers.filter(({ ok }) => ok).length;
    return `${good} of ${answers.length} probes were answered: ${answers.at(-1)?.detail ?? 'none sent'}`;
  },
});

export const oldService = observe('old-service', {
  title: 'Left: the service',
  where: 'from',
  calls: ['ecs:DescribeServices'],
  timeoutMs: shortMs / 2,
  retry: twice,
  skip: (_needs, settings) => unlessConfigured(from(settings).compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(from(settings).compute)),
  detail: ({ running, desired }) => `${running} of ${desired} tasks run`,
});

export const oldLimits = observe('old-limits', {
  title: 'Left: who scales the service',
  where: 'from',
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  timeoutMs: shortMs / 2,
  retry: twice,
  skip: (_needs, settings) => unlessConfigured(from(settings).compute, 'compute'),
  run: async (_needs, { ports, settings }) => (await ports.facts.scalingLimits(part(from(settings).compute))) ?? null,
  detail: limitsText,
});

export const oldDatabase = observe('old-database', {
  title: 'Left: the database',
  where: 'from',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  timeoutMs: shortMs / 2,
  retry: twice,
  skip: (_needs, settings) => unlessConfigured(from(settings).database, 'database'),
  run: (_needs, { ports, settings }) => ports.facts.databaseState(part(from(settings).database)),
  detail: stateText,
});

export const oldTraffic = observe('old-traffic', {
  title: 'Left: requests',
  where: 'from',
  calls: ['cloudwatch:GetMetricData'],
  timeoutMs: shortMs / 2,
  retry: twice,
  skip: (_needs, settings) => unlessConfigured(from(settings).api, 'api'),
  run: async (_needs, { ports, settings, clock }) => {
    const now = Math.floor(clock.now() / minuteMs) * minuteMs;
    const { requests, targetServerErrors, balancerServerErrors } = await ports.facts.apiTraffic(
      part(from(settings).api),
      { from: now - 15 * minuteMs, to: now },
    );
    const last = requests.points.at(-1);
    const errors = (at: number): number =>
      [targetServerErrors, balancerServerErrors]
        .flatMap(({ points }) => points.filter((each) => each.at === at))
        .reduce((sum, { value }) => sum + value, 0);
    return last === undefined
      ? { perMinute: undefined, newestAt: undefined, errorShare: undefined }
      : {
          perMinute: last.value,
          newestAt: last.at,
          errorShare: last.value === 0 ? undefined : errors(last.at) / last.value,
        };
  },
  detail: ({ perMinute, newestAt, errorShare }) =>
    perMinute === undefined || newestAt === undefined
      ? 'no requests were measured in the last 15 minutes'
      : `${Math.round(perMinute)} requests in the minute of ${new Date(newestAt).toISOString().slice(11, 16)} UTC${
          errorShare === undefined ? '' : `, ${quantity(errorShare, 'ratio')} answered with 5xx`
        }`,
});

export const globalDatabase = observe('global-database', {
  title: 'The global database',
  where: 'to',
  calls: ['rds:DescribeGlobalClusters'],
  skip: (_needs, settings) => unlessConfigured(moveOf(settings).globalCluster, 'database.globalCluster'),
  run: (_needs, { ports, settings }) =>
    ports.facts.globalDatabase({
      region: to(settings).region,
      globalCluster: part(moveOf(settings).globalCluster),
    }),
  detail: globalText,
});

export function globalText({ status, members, moving }: GlobalDatabase): string {
  const writer = members.find(({ isWriter }) => isWriter);
  const others = members
    .filter(({ isWriter }) => !isWriter)
    .map(({ region, synchronization }) => `${region} ${synchronization ?? 'follows'}`);
  return [
    `${status}: ${writer === undefined ? 'nobody writes' : `${writer.region} writes`}`,
    ...others,
    ...(moving === undefined ? [] : [`${moving.status} is under way`]),
  ].join(', ');
}

export const newDatabase = observe('new-database', {
  title: 'Next: the database',
  where: 'to',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  skip: (_needs, settings) => unlessConfigured(to(settings).database, 'database.recoveryCluster'),
  run: (_needs, { ports, settings }) => ports.facts.databaseState(part(to(settings).database)),
  detail: (state) => (state.instances.length === 0 ? `${state.status}, without any instance` : stateText(state)),
});

export const replicationLag = observe('replication-lag', {
  title: 'Next: how far its data is behind',
  where: 'to',
  calls: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
  skip: (_needs, settings) => unlessConfigured(to(settings).database, 'database.recoveryCluster'),
  run: (_needs, { ports, settings, clock }): Promise<ReplicationLag> => {
    const now = Math.floor(clock.now() / minuteMs) * minuteMs;
    // What may be lost is told by how far the copy was behind when the outage began.
    const since = Math.floor((moveOf(settings).outageAt ?? now) / minuteMs) * minuteMs;
    const window = { from: Math.min(since, now) - lagMinutes * minuteMs, to: now };
    return ports.facts.replicationLag(part(to(settings).database), window);
  },
  again: (present, first) => {
    const [oldest] = present.lag.points;
    const before = first.lag.points.filter(({ at }) => oldest === undefined || at < oldest.at);
    return { ...present, lag: { ...present.lag, points: [...before, ...present.lag.points] } };
  },
  detail: ({ lag, metric }: ReplicationLag) => {
    const newest = lag.points.at(-1);
    return newest === undefined
      ? `not reported in the last ${lagMinutes} minutes`
      : `${quantity(newest.value, 'ms')} (${metric}, ${new Date(newest.at).toISOString().slice(11, 16)} UTC)`;
  },
});

export const newService = observe('new-service', {
  title: 'Next: the service',
  where: 'to',
  calls: ['ecs:DescribeServices'],
  skip: (_needs, settings) => unlessConfigured(to(settings).compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(to(settings).compute)),
  detail: ({ running, desired }) => `${running} of ${desired} tasks run`,
});

export const newLimits = observe('new-limits', {
  title: 'Next: how far the service may grow',
  where: 'to',
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  skip: (_needs, settings) => unlessConfigured(to(settings).compute, 'compute'),
  run: async (_needs, { ports, settings }) => {
    // A journal can hold no `undefined`.
    return (await ports.facts.scalingLimits(part(to(settings).compute))) ?? null;
  },
  detail: limitsText,
});

function limitsText(limits: ScalingLimits | null): string {
  if (limits === null) return 'nobody scales it';
  const suspended = limits.suspended.length === 0 ? '' : `, ${limits.suspended.join(', ')} suspended`;
  return `Auto Scaling keeps ${limits.min} to ${limits.max} tasks${suspended}`;
}

export const newBalancer = observe('new-balancer', {
  title: 'Next: the load balancer',
  where: 'to',
  calls: [
    'elasticloadbalancing:DescribeLoadBalancers',
    'elasticloadbalancing:DescribeListeners',
    'elasticloadbalancing:DescribeListenerCertificates',
  ],
  skip: (_needs, settings) => unlessConfigured(to(settings).api, 'api.recovery'),
  run: (_needs, { ports, settings }) => ports.facts.loadBalancer(part(to(settings).api)),
  detail: ({ dnsName, state }) => `${dnsName} is ${state}`,
});

export const records = observe('records', {
  title: 'The record that clients use',
  where: 'dns',
  calls: ['route53:ListResourceRecordSets'],
  timeoutMs: 15_000,
  retry: once,
  skip: (_needs, settings) => unlessConfigured(moveOf(settings).traffic, 'dns'),
  run: (_needs, { ports, settings }) => ports.facts.records(part(moveOf(settings).traffic)),
  detail: (found) =>
    found.length === 0
      ? 'there is none'
      : found
          .map(
            ({ type, ttl, values, alias }) =>
              `${type} ${alias?.dnsName ?? values.join(', ')}${ttl === undefined ? '' : `, TTL ${ttl} s`}`,
          )
          .join('; '),
});

export const switches = observe('switches', {
  title: 'The switches of traffic',
  where: 'switches',
  calls: ['route53-recovery-cluster:GetRoutingControlState', 's3:HeadObject', 's3:HeadBucket'],
  timeoutMs: 40_000,
  skip: (_needs, settings) =>
    moveOf(settings).traffic?.mechanism === 'records'
      ? 'traffic is moved by the record itself'
      : unlessConfigured(moveOf(settings).traffic, 'dns'),
  run: async (_needs, { ports, settings }): Promise<Readonly<Record<string, 'on' | 'off'>>> => {
    const traffic = part(moveOf(settings).traffic);
    if (traffic.mechanism === 'routing-control') {
      return ports.facts.routingControls(traffic.endpoints, Object.values(traffic.controls));
    }
    if (traffic.mechanism !== 'health-check') return {};
    return { object: (await ports.facts.objectExists(traffic.switchObject)) ? 'on' : 'off' };
  },
  detail: (states) =>
    Object.entries(states)
      .map(([name, state]) => `${name.split('/').at(-1) ?? name} ${state}`)
      .join(', '),
});

export const newCache = observe('new-cache', {
  title: 'Next: the cache',
  where: 'to',
  calls: ['elasticache:DescribeReplicationGroups'],
  skip: (_needs, settings) => unlessConfigured(to(settings).cache, 'cache.recovery'),
  run: (_needs, { ports, settings }) => ports.facts.cacheState(part(to(settings).cache)),
  detail: ({ status, nodes }) => `${status}, ${nodes} nodes`,
});

export const backlog = observe('backlog', {
  title: 'Next: objects still to be copied',
  where: 'to',
  calls: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
  skip: (_needs, settings) => unlessConfigured(from(settings).storage && to(settings).storage, 'storage.replicaBucket'),
  run: async (_needs, { ports, settings, clock }) => {
    const now = Math.floor(clock.now() / minuteMs) * minuteMs;
    return ports.facts.replicationBacklog(part(from(settings).storage), part(to(settings).storage), undefined, {
      from: now - lagMinutes * minuteMs,
      to: now,
    });
  },
  detail: ({ pendingOperations, latency }) => {
    const pending = pendingOperations.points.at(-1);
    const seconds = latency.points.at(-1);
    if (pending === undefined) return 'not reported: S3 replication metrics are off, or nothing was copied';
    return `${pending.value} waiting${seconds === undefined ? '' : `, ${quantity(seconds.value, 's')} behind`}`;
  },
});

export const alarms = observe('alarms', {
  title: 'Next: alarms of health',
  where: 'to',
  calls: ['cloudwatch:DescribeAlarms'],
  skip: (_needs, settings) =>
    moveOf(settings).healthyAlarms.length === 0 ? 'drill.healthyAlarms names none' : undefined,
  run: async (_needs, { ports, settings }): Promise<readonly AlarmState[]> =>
    ports.facts.alarms(to(settings).region, moveOf(settings).healthyAlarms),
  detail: alarmText,
});

export function alarmText(states: readonly AlarmState[]): string {
  if (states.length === 0) return 'none of them is there';
  const bad = states.filter(({ state }) => state !== 'ok');
  return bad.length === 0
    ? `${states.length} OK`
    : bad.map(({ name, state }) => `${name} is ${state === 'alarm' ? 'in alarm' : 'without data'}`).join(', ');
}

/** The cluster of one half, as programs are told of it. */
export function targetOf({ region, database }: RegionalStack, endpoint?: string): ProgramTarget {
  return {
    region,
    ...(database === undefined ? {} : { cluster: database.cluster }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** `2 min behind`, for whoever decides. */
export function behindText(lagMs: number): string {
  return lagMs < 1000 ? `${Math.round(lagMs)} ms` : spanText(lagMs);
}
