/**
 * Whether every hop of a request leaves traces: from the client to the balancer, the service, and what it calls. A sample
 * of traces shows what is instrumented; what none of them shows is not, or was not called.
 */
import type { TraceSample, TraceSpan } from '../../cloud/facts.ts';
import type { CheckId } from '../../config/check-ids.ts';
import { evidence } from '../../diagnosis/evidence.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { notConfigured, ok, unknown, unseen, warning, type Judged } from '../judged.ts';
import { seen } from '../observations.ts';

/** That none of so many shows a hop is no chance any more. */
const fewestTraces = 20;

interface Hop {
  readonly title: string;
  /** Why it is not looked at; undefined where it is. */
  readonly absent?: (told: CheckTold) => string | undefined;
  readonly shows: (span: TraceSpan, told: CheckTold) => boolean;
  /** Within a sentence: `SQL`. */
  readonly what: string;
  /** What is more to be said where it is well. */
  readonly remark?: string;
  readonly nextStep: string;
}

type HopId = Extract<CheckId, `logs-trace-${string}`>;

function hop(id: HopId, { title, absent, shows, what, remark, nextStep }: Hop) {
  return check(id, {
    title,
    area: 'logs',
    severity: 'warning',
    window: '5m',
    needs: { traces: seen.statements },
    judge: ({ traces }, told) => {
      const reason = absent?.(told);
      if (reason !== undefined) return notConfigured(reason);
      return judgeHop(traces, told, (span) => shows(span, told), { what, nextStep, remark });
    },
  });
}

function judgeHop(
  known: Known<TraceSample>,
  { site }: CheckTold,
  shows: (span: TraceSpan) => boolean,
  { what, nextStep, remark }: Pick<Hop, 'what' | 'nextStep'> & { readonly remark: string | undefined },
): Judged {
  if (!known.known) return unseen(known, { operation: 'xray:BatchGetTraces', region: site.region });
  const { traces, matched, source } = known.value;
  const showing = traces.filter(({ spans }) => spans.some(shows)).length;
  const sample = `${showing} of ${traces.length} traces sampled over 5m (of ${matched} found) show ${what}`;
  const found = [evidence(source, sample)];
  const observed = { value: showing, unit: 'count', window: '5m' };
  if (showing > 0) return ok(remark === undefined ? sample : `${sample}; ${remark}`, found, { observed });
  if (traces.length < fewestTraces) {
    return unknown(`${traces.length} traces were found over 5m, none of which shows ${what}: too few to tell`, found, {
      observed,
      nextStep: traces.length === 0 ? 'see whether the service sends traces: nanoops diagnose latency' : nextStep,
    });
  }
  return warning(
    `none of ${traces.length} traces over 5m shows ${what}: it is not instrumented, or was not called`,
    found,
    {
      observed,
      nextStep,
    },
  );
}

/** What X-Ray infers from somebody's call to the service, the service did not send. */
function isOwn({ segment, inferred, name }: TraceSpan, { site }: CheckTold): boolean {
  return segment && inferred !== true && name === site.tracing?.service;
}

/**
 * The balancer sends no segments, and only adds the header X-Amzn-Trace-Id. That the trace goes on in the service shows in
 * a segment of the service that nobody else's is above and that holds the address which was asked for.
 */
export const traceEntry = hop('logs-trace-entry', {
  title: 'Trace: client to balancer',
  what: 'the request as it came through the balancer',
  remark: 'the balancer itself sends no segments',
  absent: ({ site }) => (site.api === undefined ? 'api.loadBalancer is not configured' : undefined),
  shows: (span, told) => isOwn(span, told) && span.parentId === undefined && span.url !== undefined,
  nextStep: 'take up the header X-Amzn-Trace-Id in the service: the X-Ray middleware of its framework does',
});

export const traceService = hop('logs-trace-service', {
  title: 'Trace: balancer to service',
  what: 'a segment of the service',
  shows: isOwn,
  nextStep: 'compare tracing.service with the name that the service gives itself (xray_recorder.configure)',
});

export const traceSql = hop('logs-trace-sql', {
  title: 'Trace: service to database',
  what: 'SQL',
  absent: ({ site }) => (site.database === undefined ? 'database is not configured' : undefined),
  shows: ({ sql, origin }) => sql !== undefined || origin === 'Database::SQL',
  nextStep: 'instrument the SQL driver: patch_all() before it is imported',
});

export const traceStorage = hop('logs-trace-s3', {
  title: 'Trace: service to S3',
  what: 'calls to S3',
  absent: ({ site }) => (site.storage === undefined ? 'storage is not configured' : undefined),
  shows: ({ name, namespace, origin, url }) =>
    origin === 'AWS::S3' ||
    (namespace === 'aws' && name === 'S3') ||
    /^https?:\/\/[^/]*\bs3[.-][^/]*amazonaws\.com/.test(url ?? ''),
  nextStep: 'instrument the AWS SDK: patch_all() covers boto3',
});

export const traceCache = hop('logs-trace-cache', {
  title: 'Trace: service to cache',
  what: 'calls to Redis',
  absent: ({ site }) => (site.cache === undefined ? 'cache is not configured' : undefined),
  shows: ({ name, url }, { site }) =>
    /redis|elasticache|\.cache\.amazonaws\.com/i.test(`${name} ${url ?? ''}`) ||
    (site.cache !== undefined && name.includes(site.cache.replicationGroup)),
  nextStep: 'instrument the Redis client: wrap its calls in a subsegment that is named after the cache',
});
