/**
 * The rules that page and warn, as alarms of CloudWatch: one entry for each check of `alerts check`. Titles, windows,
 * severities and thresholds are the checks' own; here stands how each is written in metric math, and what missing data
 * means. What an alarm cannot say is told, with who watches it instead. Pure.
 */
import { alertChecks } from '../checks/catalogue.ts';
import type { Check } from '../checks/check.ts';
import { limitTexts, type Limit } from '../checks/limits.ts';
import {
  bucketLoadMetrics,
  businessMetricsOf,
  cacheNodeMetrics,
  databaseLoadMetrics,
  globalLagMetric,
  globalLagNames,
  replicaLagMetric,
  replicaLagName,
  ruleMatchMetric,
  serviceUtilisationMetrics,
  type Metric,
} from '../cloud/metrics.ts';
import type { AlarmSpec } from '../cloud/monitoring.ts';
import type { ThresholdCheckId } from '../config/thresholds.ts';
import {
  comparisonOf,
  evaluation,
  exact,
  sumOf,
  watchedMetrics,
  windowSecondsOf,
  type Judgement,
  type MonitoringSettings,
  type WatchedSite,
} from './kit.ts';
import { failedShare, servedShare } from './ratios.ts';

/** An alarm may read no more metrics (CloudWatch API Reference, PutMetricAlarm). */
const mostMetrics = 10;

export type AlertId = Extract<ThresholdCheckId, `alert-${string}`>;

/** How a rule is written as an alarm. */
interface Written {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly expression: string | null;
  readonly how: Judgement;
  /** What no data means: as CloudWatch writes it. */
  readonly missing: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
  /** From the threshold's unit to the metric's. */
  readonly scale?: number;
}

type Outcome =
  | { readonly kind: 'alarm'; readonly written: Written }
  | { readonly kind: 'not-expressible'; readonly reason: string; readonly watchedBy: string }
  | { readonly kind: 'not-configured' };

type Write = (site: WatchedSite, settings: MonitoringSettings) => Outcome;

const notConfigured: Outcome = { kind: 'not-configured' };

function alarm(written: Written): Outcome {
  return { kind: 'alarm', written };
}

function notExpressible(reason: string, watchedBy = 'nanoops alerts check, on a schedule'): Outcome {
  return { kind: 'not-expressible', reason, watchedBy };
}

/** A region that stands by is silent by nature; of the one that serves, silence is not known to be well. */
function silence({ role }: WatchedSite): 'missing' | 'notBreaching' {
  return role === 'primary' ? 'missing' : 'notBreaching';
}

/** A balancer without tasks behind it answers whoever scans the internet with 503: a few of those page nobody. */
function fewestOf({ role }: WatchedSite, { fewestEvents }: MonitoringSettings): number {
  return role === 'primary' ? 0 : fewestEvents;
}

/**
 * -1 stands for a replication that does not run: it is behind by more every second, and no threshold is as long as a year
 * (Aurora User Guide, "Amazon CloudWatch metrics for Amazon Aurora", AuroraBinlogReplicaLag).
 */
const stoppedSeconds = 31_536_000;

/**
 * The region of the copy is the one that can tell that the other region is dead: nothing is copied any more, which is as bad
 * as a lag. In the other region the metric is there only after a move.
 */
function lag(site: WatchedSite, { stack }: MonitoringSettings): Outcome {
  const { database } = site.half;
  if (database === undefined) return notConfigured;
  const isCopied = stack.recovery?.database !== undefined;
  if (!isCopied) {
    const { replicaLag } = databaseLoadMetrics(database);
    return alarm({ metrics: { lag: replicaLag }, expression: null, how: 'any-minute', missing: 'missing' });
  }
  const isGlobal = stack.globalCluster !== undefined;
  // A replica is promoted and never copies back.
  if (!isGlobal && site.role === 'primary') return notConfigured;
  const usual = isGlobal ? globalLagMetric(database, globalLagNames[0]) : replicaLagMetric(database);
  const metric = site.lagMetric ?? usual;
  return alarm({
    metrics: { lag: metric },
    expression: metric.metric === replicaLagName ? `IF(lag < 0, ${stoppedSeconds}, lag)` : null,
    how: 'any-minute',
    missing: site.role === 'recovery' ? 'breaching' : 'notBreaching',
    ...(metric.unit === 's' ? { scale: 0.001 } : {}),
  });
}

function cacheHitRate(site: WatchedSite): Outcome {
  const { cacheNodes } = site;
  if (site.half.cache === undefined || cacheNodes === undefined) return notConfigured;
  if (cacheNodes.length * 2 > mostMetrics) {
    return notExpressible(
      `the cache has ${cacheNodes.length} nodes, each with metrics of its own, and an alarm reads no more than ${mostMetrics} metrics`,
    );
  }
  const hits = cacheNodes.map((_, index) => `hits${index + 1}`);
  const misses = cacheNodes.map((_, index) => `misses${index + 1}`);
  const perNode = cacheNodes.flatMap((node, index): readonly (readonly [string, Metric])[] => [
    [`hits${index + 1}`, cacheNodeMetrics(node).hits],
    [`misses${index + 1}`, cacheNodeMetrics(node).misses],
  ]);
  return alarm({
    metrics: Object.fromEntries(perNode),
    expression: `${sumOf(hits)} * 100 / ${sumOf([...hits, ...misses])}`,
    how: 'whole',
    missing: silence(site),
  });
}

const noRequestMetrics =
  'the bucket has no metrics configuration: S3 counts no requests until one is made (S3 console, Metrics, Request metrics)';

/** The rule of EventBridge that catches crashes, by its name after the prefix. */
export const crashRule = 'crashes';

const writes: Readonly<Record<AlertId, Write>> = {
  'alert-availability': (site, settings) =>
    site.half.api === undefined
      ? notConfigured
      : alarm({
          ...servedShare(site.half.api, fewestOf(site, settings)),
          how: 'whole',
          missing: silence(site),
        }),
  'alert-error-rate': (site, settings) =>
    site.half.api === undefined
      ? notConfigured
      : alarm({
          ...failedShare(site.half.api, fewestOf(site, settings)),
          how: 'whole',
          missing: silence(site),
        }),
  'alert-replication-lag': lag,
  'alert-s3-upload-failures': ({ half, bucketFilter }) => {
    if (half.storage === undefined) return notConfigured;
    if (bucketFilter === undefined) return notExpressible(noRequestMetrics, 'nobody, until S3 counts');
    const { requests, serverErrors } = bucketLoadMetrics(half.storage, bucketFilter);
    return alarm({
      metrics: { requests, serverErrors },
      expression: `${sumOf(['serverErrors'])} * 100 / requests`,
      how: 'whole',
      // S3 publishes what it gets to, and nothing where nobody asks.
      missing: 'notBreaching',
    });
  },
  'alert-crash-loop': ({ half }, { prefix }) =>
    half.compute === undefined
      ? notConfigured
      : alarm({
          metrics: { crashes: ruleMatchMetric(`${prefix}-${crashRule}`) },
          expression: null,
          how: 'whole',
          // Published only where something crashed.
          missing: 'notBreaching',
        }),
  'alert-cpu-sustained': (site) =>
    site.half.compute === undefined
      ? notConfigured
      : alarm({
          metrics: { cpu: serviceUtilisationMetrics(site.half.compute).cpuAverage },
          expression: null,
          how: 'every-minute',
          missing: silence(site),
        }),
  'alert-slow-queries': ({ half, role }) =>
    role === 'recovery' || half.logs?.database === undefined
      ? notConfigured
      : notExpressible(
          'it is about statements in a log that become more than chance would have them: metric math counts no log entries by their duration, and knows no such test',
        ),
  'alert-cache-hit-rate': cacheHitRate,
  'alert-moderation-queue': ({ half }) =>
    half.business === undefined
      ? notConfigured
      : alarm({
          metrics: { waiting: businessMetricsOf(half.business).moderationLength },
          expression: null,
          how: 'newest-hour',
          // Some write it once a day: what was said last holds.
          missing: 'ignore',
        }),
  'alert-daily-active-users': ({ half }) =>
    half.business === undefined
      ? notConfigured
      : notExpressible('it compares two weeks, and an alarm looks back seven days at most'),
};

export type RuleOutcome =
  | { readonly kind: 'alarm'; readonly check: Check; readonly spec: RuleSpec }
  | {
      readonly kind: 'not-expressible';
      readonly check: Check;
      readonly reason: string;
      readonly watchedBy: string;
    };

/** An alarm before it is said whom it tells. */
export type RuleSpec = Omit<AlarmSpec, 'enabled' | 'alarmActions' | 'okActions' | 'insufficientDataActions'>;

/** The rules of one region that are configured there. */
export function rulesOf(site: WatchedSite, settings: MonitoringSettings): readonly RuleOutcome[] {
  return alertChecks.flatMap((check): readonly RuleOutcome[] => {
    const id = alertIdOf(check);
    const outcome = writes[id](site, settings);
    switch (outcome.kind) {
      case 'not-configured':
        return [];
      case 'not-expressible':
        return [{ ...outcome, check }];
      case 'alarm':
        return [{ kind: 'alarm', check, spec: specOf(check, settings.limits[id], outcome.written) }];
    }
  });
}

function alertIdOf({ id }: Check): AlertId {
  if (isAlertId(id)) return id;
  throw new TypeError(`${id} is evaluated by "alerts check", and has no entry among the alarms`);
}

function isAlertId(id: string): id is AlertId {
  return Object.hasOwn(writes, id);
}

function specOf(check: Check, limit: Limit, { metrics, expression, how, missing, scale = 1 }: Written): RuleSpec {
  const { periodSeconds, ...counts } = evaluation(how, windowSecondsOf(check));
  if (limit.alert === undefined) throw new TypeError(`${check.id} has no threshold`);
  return {
    description: `${check.title} ${limitTexts(limit).alert ?? ''} over ${check.window ?? ''} (${check.id}). Evaluate the rules now: nanoops alerts check`,
    metrics: watchedMetrics(metrics, periodSeconds),
    expression,
    comparison: comparisonOf(limit),
    threshold: exact(limit.alert * scale),
    ...counts,
    missing,
  };
}
