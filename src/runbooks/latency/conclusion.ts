/** From what was found, and what was not, to a verdict: high latency needs attention, and a gap is never called healthy. */
import type { ApiTraffic, CacheLoad, DatabaseLoad, ServiceUtilisation } from '../../cloud/facts.ts';
import type { Series } from '../../cloud/series.ts';
import { valueOf, type Known } from '../../diagnosis/known.ts';
import type { RankedCause } from '../../diagnosis/latency/diagnose.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import type { Symptom } from '../../diagnosis/symptom.ts';
import type { DiagnosisConclusion, Remediation } from '../kit.ts';

interface Ended {
  readonly symptom: Known<Symptom>;
  readonly diagnosis: Known<{ readonly causes: readonly RankedCause[] }>;
  readonly traffic: Known<ApiTraffic>;
  readonly utilisation: Known<ServiceUtilisation>;
  readonly databaseLoad: Known<DatabaseLoad>;
  readonly cacheLoad: Known<CacheLoad>;
  readonly escalation: Known<{ readonly due: boolean; readonly summary: string }>;
}

export function concludeLatency(
  ended: Ended & Readonly<Record<string, Known<unknown>>>,
  remedyFor: (cause: RankedCause) => Remediation | undefined,
): DiagnosisConclusion {
  const symptom = valueOf(ended.symptom);
  const causes = (valueOf(ended.diagnosis)?.causes ?? []).map((cause) => {
    const remediation = remedyFor(cause);
    return remediation === undefined ? cause : { ...cause, remediation };
  });
  const gaps = [...failures(ended), ...silences(ended)];
  const escalation = valueOf(ended.escalation);
  return {
    verdict: verdictOf(symptom, gaps),
    symptom:
      symptom === undefined
        ? { state: 'unknown', summary: reasonOf(ended.symptom) }
        : {
            state: symptom.state,
            onset: symptom.onset,
            endedAt: symptom.endedAt,
            summary: symptom.summary,
          },
    causes,
    ...(escalation === undefined ? {} : { escalation }),
    notes: gaps,
  };
}

function verdictOf(symptom: Symptom | undefined, gaps: readonly string[]): DiagnosisConclusion['verdict'] {
  if (symptom === undefined || symptom.state === 'unknown') return 'unknown';
  if (symptom.state === 'ongoing') return 'attention';
  return gaps.length > 0 ? 'unknown' : 'ok';
}

function reasonOf(known: Known<unknown>): string {
  return known.known ? '' : `it is unknown whether the API is slow: ${root(known.reason)}`;
}

/** What should have been looked at and could not be, each reason once. */
function failures(ended: Readonly<Record<string, Known<unknown>>>): readonly string[] {
  const reasons = Object.values(ended).flatMap((known) =>
    known.known || known.because === 'skipped' ? [] : [root(known.reason)],
  );
  return [...new Set(reasons)];
}

/** What a step says that only waited for others, without the others. */
function root(reason: string): string {
  return reason.replace(/^(?:needs "[^"]*": )+/, '');
}

/** Parts that answered without a value for the time that is judged: typos in names and lost telemetry look like this. */
function silences(ended: Ended): readonly string[] {
  const judged = valueOf(ended.symptom)?.during;
  const isEmpty = (series: Series): boolean =>
    judged === undefined ? series.points.length === 0 : pointsIn(series, judged).length === 0;
  const traffic = valueOf(ended.traffic);
  const use = valueOf(ended.utilisation);
  const load = valueOf(ended.databaseLoad);
  const cache = valueOf(ended.cacheLoad);
  const silent = (what: string, ...series: readonly (Series | undefined)[]): string[] =>
    series.some((each) => each !== undefined) && series.every((each) => each === undefined || isEmpty(each))
      ? [`${what}: CloudWatch holds no data for ${series.find((each) => each !== undefined)?.source.detail}`]
      : [];
  return [
    ...silent('API latency', traffic?.latencyP99),
    ...silent('ECS CPU', use?.cpuAverage),
    ...silent('ECS memory', use?.memoryAverage),
    ...silent('database CPU', load?.cpu),
    ...silent('database connections', load?.connections),
    ...silent('cache hits and misses', cache?.hits, cache?.misses),
  ];
}
