/** From what was found, and what was not, to a verdict: high latency needs attention, and a gap is never called healthy. */
import type { ApiTraffic, CacheLoad, DatabaseLoad, ServiceUtilisation } from '../../cloud/facts.ts';
import type { Series } from '../../cloud/series.ts';
import { valueOf, type Known } from '../../diagnosis/known.ts';
import type { RankedCause } from '../../diagnosis/known-causes.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import type { Symptom } from '../../diagnosis/symptom.ts';
import { silentSteps, type Escalation } from '../grounds.ts';
import type { DiagnosisConclusion, Remediation } from '../kit.ts';

interface Ended {
  readonly symptom: Known<Symptom>;
  readonly diagnosis: Known<{ readonly causes: readonly RankedCause[] }>;
  readonly traffic: Known<ApiTraffic>;
  readonly utilisation: Known<ServiceUtilisation>;
  readonly databaseLoad: Known<DatabaseLoad>;
  readonly cacheLoad: Known<CacheLoad>;
  readonly escalation: Known<Escalation>;
}

/** `titles` are the steps' own, by the same names as in `ended`, for telling what could not be read. */
export function concludeLatency(
  ended: Ended & Readonly<Record<string, Known<unknown>>>,
  remedyFor: (cause: RankedCause) => Remediation | undefined,
  titles: Readonly<Record<string, string>> = {},
): DiagnosisConclusion {
  const symptom = valueOf(ended.symptom);
  const causes = (valueOf(ended.diagnosis)?.causes ?? []).map((cause) => {
    const remediation = remedyFor(cause);
    return remediation === undefined ? cause : { ...cause, remediation };
  });
  const gaps = [...failures(ended, titles), ...silences(ended)];
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
    nextSteps: nextSteps(symptom, ended.traffic),
  };
}

function nextSteps(symptom: Symptom | undefined, traffic: Known<ApiTraffic>): readonly string[] {
  if (isUnmeasured(traffic)) return ['add api.loadBalancer to nanoops.yaml: it tells whether the API is slow'];
  if (symptom?.state !== 'unknown') return [];
  return [...silentSteps, 'nanoops diagnose errors'];
}

function verdictOf(symptom: Symptom | undefined, gaps: readonly string[]): DiagnosisConclusion['verdict'] {
  if (symptom === undefined || symptom.state === 'unknown') return 'unknown';
  if (symptom.state === 'ongoing') return 'attention';
  return gaps.length > 0 ? 'unknown' : 'ok';
}

function reasonOf(known: Known<unknown>): string {
  return known.known ? '' : `it is unknown whether the API is slow: ${root(known.reason)}`;
}

/** Nobody said which balancer the API is behind. */
function isUnmeasured(traffic: Known<ApiTraffic>): boolean {
  return !traffic.known && traffic.because === 'skipped';
}

/** What keeps a caller from every answer alike, whatever was asked: told once, with all that it hid. */
const sharedClasses: readonly string[] = ['credentials', 'unreachable', 'throttled'];

interface Failure {
  readonly reason: string;
  readonly titles: readonly string[];
}

/** What should have been looked at and could not be, each reason once. */
function failures(
  ended: Readonly<Record<string, Known<unknown>>>,
  titles: Readonly<Record<string, string>>,
): readonly string[] {
  const found = new Map<string, Failure>();
  for (const [name, known] of Object.entries(ended)) {
    if (known.known || known.because === 'skipped') continue;
    const reason = root(known.reason);
    const { errorClass, nextStep } = known;
    const isShared = nextStep !== undefined && errorClass !== undefined && sharedClasses.includes(errorClass);
    const key = isShared ? `${errorClass}: ${nextStep}` : reason;
    const title = titles[name];
    // A step that only waited for another one hid nothing of its own.
    const hidden = isShared && title !== undefined && reason === known.reason ? [title] : [];
    const before = found.get(key) ?? { reason, titles: [] };
    found.set(key, { reason: before.reason, titles: [...before.titles, ...hidden] });
  }
  return [...found.values()].map(({ reason, titles: hidden }) =>
    hidden.length < 2 ? reason : `${reason.replace(/\.$/, '')}. Not read because of it: ${hidden.join('; ')}`,
  );
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
