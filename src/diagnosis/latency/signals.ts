/** The picture, condensed: how each measured thing changed, once for all the causes that weigh it. */
import type { StoppedTask, ZoneTraffic } from '../../cloud/facts.ts';
import type { Series, Source, Window } from '../../cloud/series.ts';
import { evidence, missingEvidence, type Evidence } from '../evidence.ts';
import { isOutOfMemory, suspectDeployment, type SuspectDeployment } from '../happenings.ts';
import { logsBefore } from '../incident.ts';
import { valueOf, type Known } from '../known.ts';
import { countLines, type LogCount, type LogKind } from '../log-patterns.ts';
import { componentTimes, excesses, type ComponentKind, type Excess } from '../self-time.ts';
import { ratioSeries, shiftOf, type Shift } from '../shift.ts';
import { slowStatements, type SlowStatement } from '../slow-log.ts';
import { median, sum } from '../statistics.ts';
import type { Symptom } from '../symptom.ts';
import type { LatencyPicture } from './picture.ts';

export interface Signals {
  readonly picture: LatencyPicture;
  readonly symptom: Symptom;
  readonly requests?: Shift;
  readonly serverErrors?: Shift;
  readonly cpu?: Shift;
  readonly cpuMaximum?: Shift;
  readonly memory?: Shift;
  readonly databaseCpu?: Shift;
  readonly databaseConnections?: Shift;
  readonly selectLatency?: Shift;
  readonly dmlLatency?: Shift;
  readonly databaseQueries?: Shift;
  readonly hitRatio?: Shift;
  readonly evictions?: Shift;
  readonly firstByte?: Shift;
  readonly zones: readonly ZoneShift[];
  /** What slow requests spend more time in; empty where traces tell nothing. */
  readonly excess: readonly Excess[];
  readonly traceSource?: Source;
  readonly slowStatements: { readonly before: readonly SlowStatement[]; readonly during: readonly SlowStatement[] };
  /** The statement that costs most of those which the slow log did not have, or had far less often, before. */
  readonly newlySlow?: SlowStatement;
  /** False where nothing was read of the slow log's normal period, so that nobody can tell what is new. */
  readonly isSlowLogComparable: boolean;
  /** The newest deployment that began shortly before the onset. */
  readonly suspectDeployment?: SuspectDeployment;
  /** Tasks that ran out of memory around the incident. */
  readonly outOfMemory: readonly StoppedTask[];
  lines(kind: LogKind): LogCount | undefined;
}

export interface ZoneShift {
  readonly zone: string;
  readonly latency: Shift;
  readonly connectionErrors?: Shift;
}

export function signalsOf(picture: LatencyPicture): Signals {
  const { symptom } = picture;
  const shift = (series: Series | undefined): Shift | undefined =>
    series === undefined ? undefined : shiftOf(series, symptom.before, symptom.during);
  const traffic = valueOf(picture.traffic);
  const use = valueOf(picture.utilisation);
  const load = valueOf(picture.databaseLoad);
  const cache = valueOf(picture.cacheLoad);
  const bucket = valueOf(picture.bucketLoad);
  const errors = valueOf(picture.errorLines);
  const slowLog = valueOf(picture.slowQueries);
  const slowLines = slowLog?.lines ?? [];
  const inWindow = (window: Window) =>
    slowStatements(slowLines.filter((line) => line.at >= window.from && line.at < window.to));
  const statements = { before: inWindow(symptom.before), during: inWindow(symptom.during) };
  // A search that was cut short keeps its newest lines.
  const readFrom = slowLog?.truncated === true ? (slowLines[0]?.at ?? symptom.before.to) : symptom.before.from;
  const comparedMs = Math.max(0, symptom.before.to - Math.max(symptom.before.from, readFrom));
  return {
    picture,
    symptom,
    requests: shift(traffic?.requests),
    serverErrors:
      traffic &&
      shift(ratioSeries('5xx share', [traffic.targetServerErrors, traffic.balancerServerErrors], [traffic.requests])),
    cpu: shift(use?.cpuAverage),
    cpuMaximum: shift(use?.cpuMaximum),
    memory: shift(use?.memoryAverage),
    databaseCpu: shift(load?.cpu),
    databaseConnections: shift(load?.connections),
    selectLatency: shift(load?.selectLatency),
    dmlLatency: shift(load?.dmlLatency),
    databaseQueries: shift(load?.queries),
    hitRatio: cache && shift(ratioSeries('hit rate', [cache.hits], [cache.hits, cache.misses])),
    evictions: shift(cache?.evictions),
    firstByte: shift(bucket?.firstByteLatencyP99),
    zones: zoneShifts(valueOf(picture.zones) ?? [], symptom),
    ...traceSignals(picture),
    slowStatements: statements,
    newlySlow: newlySlow(statements, comparedMs, symptom.during),
    isSlowLogComparable: comparedMs > 0,
    suspectDeployment: suspectDeployment(valueOf(picture.deployments) ?? [], symptom),
    outOfMemory: (valueOf(picture.stoppedTasks) ?? []).filter((task) => isOutOfMemory(task, symptom)),
    lines: (kind) => errors && countLines(errors, kind, logsBefore(symptom), symptom.during),
  };
}

function zoneShifts(zones: readonly ZoneTraffic[], symptom: Symptom): readonly ZoneShift[] {
  return zones.flatMap((zone) => {
    const latency = shiftOf(zone.latencyP99, symptom.before, symptom.during);
    if (latency === undefined) return [];
    const filled = fillWithZero(zone.targetConnectionErrors, zone.requests);
    const connectionErrors = shiftOf(filled, symptom.before, symptom.during);
    return [{ zone: zone.zone, latency, ...(connectionErrors === undefined ? {} : { connectionErrors }) }];
  });
}

/** Error counts are published only when they are not zero: a gap beside requests is a zero. */
function fillWithZero(counts: Series, requests: Series): Series {
  const known = new Map(counts.points.map((point) => [point.at, point.value]));
  return { ...counts, points: requests.points.map((point) => ({ at: point.at, value: known.get(point.at) ?? 0 })) };
}

function traceSignals(picture: LatencyPicture): Pick<Signals, 'excess' | 'traceSource'> {
  const slow = valueOf(picture.slowTraces);
  if (slow === undefined) return { excess: [] };
  const normal = valueOf(picture.normalTraces)?.traces ?? [];
  return {
    excess: excesses(componentTimes(slow.traces, picture.names), componentTimes(normal, picture.names)),
    traceSource: slow.source,
  };
}

/** At least so many times, and so many times as often as before, counted by the time that each period lasts. */
const fewestExecutions = 3;
const growth = 3;

function newlySlow(statements: Signals['slowStatements'], beforeMs: number, during: Window): SlowStatement | undefined {
  if (beforeMs <= 0) return undefined;
  const duringMs = during.to - during.from;
  const known = new Map(statements.before.map((each) => [each.shape, each.count]));
  return statements.during.find(
    ({ shape, count }) => count >= fewestExecutions && count * beforeMs >= growth * (known.get(shape) ?? 0) * duringMs,
  );
}

/** The share of added time that traces lay on components of these kinds; undefined where traces tell nothing. */
export function shareOf(signals: Signals, kinds: readonly ComponentKind[]): number | undefined {
  if (signals.excess.every((each) => each.excessMs === 0)) return undefined;
  return sum(signals.excess.filter((each) => kinds.includes(each.component.kind)).map((each) => each.share));
}

/** The zone that is slow while the others are not, if there is just one such. */
export function oddZone(signals: Signals): { readonly odd: ZoneShift; readonly othersSeconds: number } | undefined {
  if (signals.zones.length < 2) return undefined;
  const [odd, ...others] = signals.zones.toSorted((a, b) => b.latency.during - a.latency.during);
  const othersSeconds = median(others.map((zone) => zone.latency.during));
  if (odd === undefined || othersSeconds === undefined) return undefined;
  const isAlone = odd.latency.during >= 2.5 * othersSeconds && others.every((zone) => zone.latency.ratio < 1.8);
  return isAlone && odd.latency.ratio >= 2 ? { odd, othersSeconds } : undefined;
}

/** The same for a metric that could not be compared: CloudWatch answered, but with too little. */
export function missingMetric(known: Known<unknown>, what: string, region: string): Evidence | undefined {
  const operation = 'cloudwatch:GetMetricData';
  return known.known
    ? evidence({ operation, region }, `CloudWatch holds too little of ${what} to compare`)
    : missingEvidence(known, operation, region);
}
