/**
 * From what was looked at to how much of everything is used and when it runs short: each resource against the share that
 * may be used sustainably, and the users against the plan. What could not be seen says so, resource by resource.
 */
import type { Point, Series } from '../../cloud/series.ts';
import { carrying, usersOutlook, type Tier, type UsersOutlook } from '../../capacity/plan.ts';
import { lookedAt, shareOf, useOf, usedShare, type Span, type Use } from '../../capacity/resource.ts';
import { dayMs } from '../../capacity/days.ts';
import type { Crossing } from '../../capacity/crossing.ts';
import { evidence, type Evidence } from '../../diagnosis/evidence.ts';
import type { Known } from '../../diagnosis/known.ts';
import type { NeedValues } from '../../engine/step.ts';
import type { CheckStatus } from '../check.ts';
import { unseen, type Judged } from '../judged.ts';
import type { CheckSettings } from '../kit.ts';
import { amount } from '../limits.ts';
import { noData, seriesEvidence } from '../measures.ts';
import type { capacitySeen } from './capacity-observations.ts';

export type CapacitySeen = NeedValues<typeof capacitySeen>;

/** What something came to, or why it came to nothing. */
export type Outlined<T> =
  | ({ readonly state: 'told'; readonly evidence: readonly Evidence[] } & T)
  | {
      readonly state: 'unknown' | 'not-configured';
      readonly reason: string;
      readonly nextStep?: string;
      readonly evidence: readonly Evidence[];
    };

export interface Resource {
  readonly id: string;
  readonly title: string;
  /** What to do when it runs short. */
  readonly nextStep: string;
  readonly outlined: Outlined<{ readonly use: Use }>;
}

export interface Capacity {
  readonly span: Span;
  /** Per cent. */
  readonly threshold: number;
  readonly users: Outlined<{ readonly outlook: UsersOutlook }>;
  readonly resources: readonly Resource[];
}

export function capacityOf(
  seen: CapacitySeen,
  settings: Pick<CheckSettings, 'until' | 'site' | 'limits' | 'tiers'>,
): Capacity {
  const { region } = settings.site;
  const threshold = settings.limits['weekly-capacity'].target;
  if (threshold === undefined)
    throw new TypeError('weekly-capacity has no target, which the configuration always gives');
  const span = lookedAt(settings.until);
  const metrics = { operation: 'cloudwatch:GetMetricData', region };
  const used = (series: Series, share: readonly Point[] = series.points): Resource['outlined'] => {
    if (share.length === 0) return absent(noData(undefined, 'nothing was reported within five weeks', series));
    const use = useOf(share, span, threshold);
    return { state: 'told', use, evidence: [seriesEvidence(series, seenText(use))] };
  };
  const when = <T>(known: Known<T>, outline: (value: T) => Resource['outlined'], origin = metrics) =>
    known.known ? outline(known.value) : absent(unseen(known, origin));
  return {
    span,
    threshold,
    users: usersOf(seen.users, span, settings.tiers, metrics),
    resources: [
      {
        id: 'ecs-cpu',
        title: 'CPU of the tasks',
        nextStep: 'let more tasks run: raise the desired count, or the minimum of Auto Scaling',
        outlined: when(seen.service, ({ cpuAverage }) => used(cpuAverage)),
      },
      {
        id: 'ecs-memory',
        title: 'Memory of the tasks',
        nextStep: 'give a task more memory: a new revision of the task definition',
        outlined: when(seen.service, ({ memoryAverage }) => used(memoryAverage)),
      },
      {
        id: 'task-count',
        title: 'Tasks, of the most that may run',
        nextStep: 'raise the maximum of Auto Scaling, and see that database connections suffice for it',
        outlined: when(
          seen.scaling,
          (limits) => {
            if (limits === null) return notSetUp('Auto Scaling does not own the number of tasks: there is no maximum');
            return when(seen.tasks, (running) => {
              const counted = running.points.length > 0;
              const others = seen.service.known && seen.service.value.cpuAverage.points.length > 0;
              // Other metrics of the same service arrive: it is this one that is not switched on.
              if (!counted && others)
                return notSetUp('Container Insights is off: nobody counts running tasks over time');
              const share = used(running, shareOf(running, limits.max));
              const most = evidence(
                { operation: 'application-autoscaling:DescribeScalableTargets', region },
                `${limits.min} to ${limits.max} tasks`,
              );
              return { ...share, evidence: [...share.evidence, most] };
            });
          },
          { operation: 'application-autoscaling:DescribeScalableTargets', region },
        ),
      },
      {
        id: 'database-cpu',
        title: 'CPU of the database',
        nextStep: 'move the writer to a greater instance class, or take reads off it; nanoops tune shows statements',
        outlined: when(seen.database, ({ cpu }) => used(cpu)),
      },
      {
        id: 'database-connections',
        title: 'Connections of the database',
        nextStep: 'make pools smaller, put RDS Proxy in between, or take a greater instance class',
        outlined: when(seen.database, ({ connections }) =>
          when(
            seen.connectionLimit,
            (most) => {
              const origin = { operation: 'rds:DescribeDBParameters', region };
              if (most === null) {
                const reason =
                  'max_connections of the writer cannot be told: its parameter group holds a formula, or its class is not known';
                return { state: 'unknown', reason, evidence: [evidence(origin, reason)] };
              }
              const share = used(connections, shareOf(connections, most));
              return {
                ...share,
                evidence: [...share.evidence, evidence(origin, `max_connections ${amount(most, 'count')}`)],
              };
            },
            { operation: 'rds:DescribeDBInstances', region },
          ),
        ),
      },
      {
        id: 'database-storage',
        title: 'Storage of the database',
        nextStep: 'archive or delete what is not needed; an Aurora volume has an end',
        outlined: when(seen.storage, ({ usedBytes, leftBytes }) =>
          usedBytes.points.length > 0 && leftBytes.points.length === 0
            ? absent(
                noData(
                  undefined,
                  'how much is left of the volume was not reported (Aurora MySQL alone reports it)',
                  leftBytes,
                ),
              )
            : used(usedBytes, usedShare(usedBytes, leftBytes)),
        ),
      },
      {
        id: 'cache-memory',
        title: 'Memory of the cache',
        nextStep: 'a greater node type; a cache that evicts may be full on purpose: then raise the target',
        outlined: when(seen.cache, ({ memory }) => used(memory)),
      },
      {
        id: 'cache-cpu',
        title: 'CPU of the cache’s engine',
        nextStep: 'spread the keys over more shards, or read from replicas: Redis runs commands on one thread',
        outlined: when(seen.cache, ({ engineCpu }) => used(engineCpu)),
      },
    ],
  };
}

function usersOf(
  known: CapacitySeen['users'],
  span: Span,
  tiers: readonly Tier[],
  origin: { readonly operation: string; readonly region: string },
): Capacity['users'] {
  if (!known.known) return absent(unseen(known, origin));
  const series = known.value.dailyActiveUsers;
  const outlook = usersOutlook(series.points, span, tiers);
  const now = outlook.now === undefined ? 'nothing of late' : `${amount(outlook.now.value, 'count')} newest`;
  return { state: 'told', outlook, evidence: [seriesEvidence(series, `${now}, ${outlook.days.length} days`)] };
}

function absent({ status, summary, nextStep, evidence: found }: Judged) {
  const state = status === 'not-configured' ? ('not-configured' as const) : ('unknown' as const);
  return { state, reason: summary, evidence: found, ...(nextStep === undefined ? {} : { nextStep }) };
}

function notSetUp(reason: string) {
  return { state: 'not-configured', reason, evidence: [] } as const;
}

function seenText({ days, level }: Use): string {
  const high = level === undefined ? '' : `, ${amount(level, 'percent')} in the high hours of the last week`;
  return `${days.length} days by the hour${high}`;
}

/** What is there already is a breach, what comes within `soonMs` a warning. */
export function statusOfResource({ outlined }: Resource, { span }: Capacity, soonMs: number): CheckStatus {
  if (outlined.state !== 'told') return outlined.state;
  const { crossing } = outlined.use;
  if (crossing === undefined) return 'unknown';
  if (crossing.outlook === 'reached') return 'breach';
  return isSoon(crossing, span, soonMs) ? 'warning' : 'ok';
}

/** A plan that the users outgrow within `soonMs`, or that ends below them, is a warning: it is no fault of the stack yet. */
export function statusOfUsers({ users, span }: Capacity, soonMs: number): CheckStatus {
  if (users.state !== 'told') return users.state;
  const { now, tiers } = users.outlook;
  if (now === undefined) return 'unknown';
  const tier = carrying(tiers, now.value);
  if (tier === undefined) return 'warning';
  if (tier.crossing === undefined) return 'unknown';
  return isSoon(tier.crossing, span, soonMs) ? 'warning' : 'ok';
}

function isSoon({ at }: Crossing, { to }: Span, soonMs: number): boolean {
  return at !== undefined && at <= to + soonMs;
}

export function inDays(days: number): number {
  return days * dayMs;
}
