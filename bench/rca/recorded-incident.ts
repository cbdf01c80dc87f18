/**
 * A recorded incident as a diagnosis meets it: facts that answer from the recording, and the capture of the run that asked them. The
 * hurt component stands for the API, as if the balancer before it had counted; what the recording does not hold (tasks, the
 * database, logs) is not configured, and traces are none, so that nothing is made up.
 */
import type { Capture } from '../../src/capture/capture.ts';
import type { Changes } from '../../src/cloud/changes.ts';
import type { Facts } from '../../src/cloud/facts.ts';
import { InspectionError } from '../../src/cloud/inspection.ts';
import type { Series, Source, Window } from '../../src/cloud/series.ts';
import type { CallStatistics, ServiceGraph } from '../../src/cloud/service-graph-facts.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { CallComponent, Call, HurtComponent, Readings } from '../../src/diagnosis/root-cause/input.ts';
import { quantile } from '../../src/diagnosis/statistics.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import { errors } from '../../src/runbooks/errors.ts';
import { latency } from '../../src/runbooks/latency.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { captureRun } from '../../src/use-cases/capture.ts';
import type { Session } from '../../src/use-cases/session.ts';

const minuteMs = 60_000;
/** Of the normal period, the last so much is put right before the incident: as much as a diagnosis looks back at. */
const lookbackMs = 180 * minuteMs;
const region = 'us-east-1';

export interface RecordedIncident {
  /** What the stack is called. */
  readonly name: string;
  readonly components: readonly CallComponent[];
  readonly calls: readonly Call[];
  readonly symptom: HurtComponent;
  /** Of the readings, in milliseconds. */
  readonly periodMs: number;
}

/** Runs the diagnosis of the symptom on it, and keeps what it saw. `version`: of nanoops. */
export async function captureIncident(
  incident: RecordedIncident,
  version: string,
): Promise<{ readonly capture: Capture; readonly document: RunDocument }> {
  const timeline = timelineOf(incident);
  const clock = new VirtualClock(timeline.until);
  const written = configOf(incident, timeline);
  const config = parseConfig(written, 'the recording');
  const refuse = async (): Promise<never> => {
    throw new InspectionError('unreachable', 'the recording does not hold it', 'ask the stack itself');
  };
  const nothing = { ok: false, detail: 'the recording does not hold it', output: '' } as const;
  const session: Session = {
    config,
    written,
    stack: stackOf(config),
    cloud: {
      facts: factsOf(incident, timeline),
      changes: {} as Changes,
      prepare: () => undefined,
      usage: () => ({ calls: 0, mutations: 0, byOperation: {} }),
      close: () => undefined,
    },
    outside: {
      probe: async () => ({ ok: false, durationMs: 0, detail: nothing.detail }),
      resolve: async () => [],
      newestHeartbeat: async () => ({ detail: nothing.detail }),
      writeAndRead: async () => nothing,
      consistency: async () => nothing,
    },
    named: { call: refuse, program: refuse, address: refuse },
    inspection: {
      database: { server: refuse, statements: refuse, indexes: refuse },
      cache: { server: refuse, keys: refuse },
      web: { get: refuse },
    },
    isSimulated: false,
    verify: () => Promise.resolve(),
    awsOptions: [],
    clock,
    random: seeded(timeline.until),
    signal: new AbortController().signal,
    emit: () => undefined,
  };
  const runbook = incident.symptom.kind === 'latency' ? latency : errors;
  try {
    return await captureRun(session, { runbook, since: timeline.since, until: timeline.until }, version);
  } finally {
    clock.close();
  }
}

/** One reading of each component, and when it was. */
interface Timeline {
  /** When each begins, rising. */
  readonly at: readonly number[];
  /** Where in the readings it stands: before 0 in the normal period, from its end; else in the incident. */
  readonly index: readonly number[];
  /** When the incident begins and ends. */
  readonly since: number;
  readonly until: number;
}

function timelineOf({ components, symptom, periodMs }: RecordedIncident): Timeline {
  const hurt = componentOf(components, symptom.component);
  const [first = 0] = hurt.incident.at;
  const calm = Math.min(hurt.normal.at.length, lookbackMs / periodMs);
  const index = Array.from({ length: calm + hurt.incident.at.length }, (_, place) => place - calm);
  return {
    at: index.map((place) => first + place * periodMs),
    index,
    since: first,
    until: first + hurt.incident.at.length * periodMs,
  };
}

function componentOf(components: readonly CallComponent[], id: string): CallComponent {
  const found = components.find((component) => component.id === id);
  if (found === undefined) throw new TypeError(`${id} is no component of the recording`);
  return found;
}

/** What the stack is held to. Nobody wrote down what its owners promised: what it kept nearly always while it was well. */
function configOf({ name, components, symptom }: RecordedIncident, { index }: Timeline): object {
  const hurt = componentOf(components, symptom.component);
  const calm = index.filter((place) => place < 0);
  const kept = (column: readonly number[] | undefined): number =>
    quantile(
      calm.flatMap((place) => {
        const value = column?.at(place) ?? Number.NaN;
        return Number.isNaN(value) ? [] : [value];
      }),
      0.95,
    ) ?? 1;
  const limits = (percentile: string) => {
    const target = Math.max(1, Math.round(kept(hurt.normal.percentiles?.[percentile]) * 1_000));
    return { target: `${target}ms`, alert: `${target * 2}ms` };
  };
  return {
    service: name,
    regions: { primary: region },
    api: { loadBalancer: `app/${name}/0000000000000000` },
    tracing: { service: hurt.name },
    objectives: { checks: { 'api-latency-p95': limits('p95'), 'api-latency-p99': limits('p99') } },
  };
}

function factsOf(incident: RecordedIncident, timeline: Timeline): Facts {
  const { components, symptom, periodMs } = incident;
  const hurt = componentOf(components, symptom.component);
  const source: Source = { operation: 'cloudwatch:GetMetricData', region, detail: `recorded of ${hurt.id}` };
  const minutes = periodMs / minuteMs;

  /** Each minute of a period as `of` makes it of the period's reading; none where nothing was measured. */
  const series = (
    unit: Series['unit'],
    window: Window,
    column: (readings: Readings) => readonly number[] | undefined,
    of: (value: number, minute: number) => number = (value) => value,
  ): Series => ({
    label: hurt.id,
    unit,
    periodMs: minuteMs,
    points: timeline.at.flatMap((at, place) => {
      const value = valueOf(hurt, column, timeline.index[place] ?? 0);
      if (Number.isNaN(value)) return [];
      return Array.from({ length: minutes }, (_, minute) => ({
        at: at + minute * minuteMs,
        value: of(value, minute),
      })).filter((point) => point.at >= window.from && point.at < window.to);
    }),
    source,
  });
  /** Whole requests, as even as it goes. */
  const share = (count: number, minute: number): number =>
    Math.floor((count * (minute + 1)) / minutes) - Math.floor((count * minute) / minutes);
  const none = (window: Window): Series => series('count', window, () => undefined);
  const counts = (window: Window) => ({
    requests: series('count', window, ({ requests }) => requests, share),
    targetServerErrors: series('count', window, ({ faults }) => faults, share),
    balancerServerErrors: none(window),
    targetClientErrors: none(window),
  });
  const xray: Source = { operation: 'xray:GetServiceGraph', region, detail: 'recorded' };
  const noTraces = async () => ({
    traces: [],
    matched: 0,
    truncated: false,
    source: { ...xray, operation: 'xray:GetTraceSummaries' },
  });

  const facts: Pick<
    Facts,
    'apiTraffic' | 'apiOutcomes' | 'zoneTraffic' | 'traces' | 'searchTraces' | 'serviceGraphs' | 'recentChanges'
  > = {
    apiTraffic: async (_api, window) => ({
      ...counts(window),
      latencyP50: series('s', window, ({ percentiles }) => percentiles?.['p50']),
      latencyP95: series('s', window, ({ percentiles }) => percentiles?.['p95']),
      latencyP99: series('s', window, ({ percentiles }) => percentiles?.['p99']),
      targetConnectionErrors: none(window),
      healthyHosts: none(window),
      unhealthyHosts: none(window),
    }),
    apiOutcomes: async (_api, window) => ({
      ...counts(window),
      balancerUnavailable: none(window),
      balancerClientErrors: none(window),
    }),
    zoneTraffic: async () => [],
    traces: noTraces,
    searchTraces: noTraces,
    serviceGraphs: async (_traced, windows) =>
      windows.map((window) => ({
        ...graphOf(incident, timeline, window),
        truncated: false,
        dangling: 0,
        source: xray,
      })),
    recentChanges: async () => ({
      changes: [],
      truncated: true,
      source: { operation: 'cloudtrail:LookupEvents', region, detail: 'not recorded' },
    }),
  };
  return facts as Facts;
}

function valueOf(
  { normal, incident }: CallComponent,
  column: (readings: Readings) => readonly number[] | undefined,
  index: number,
): number {
  return (index < 0 ? column(normal)?.at(index) : column(incident)?.[index]) ?? Number.NaN;
}

/** The readings whose middle lies in the window, together. Calls have no readings of their own, and none are made up. */
function graphOf(
  { components, calls, periodMs }: RecordedIncident,
  { at, index }: Timeline,
  window: Window,
): Pick<ServiceGraph, 'components' | 'calls'> {
  const places = index.filter((_, place) => {
    const middle = (at[place] ?? 0) + periodMs / 2;
    return middle >= window.from && middle < window.to;
  });
  return {
    components: components.map((component) => ({
      id: component.id,
      name: component.name,
      ...(component.type === undefined ? {} : { type: component.type }),
      isRoot: calls.every(({ to }) => to !== component.id),
      statistics: places.map((place) => statisticsOf(component, place)).reduce(together, noCalls),
    })),
    calls: calls.map(({ from, to }) => ({ from, to, statistics: noCalls })),
  };
}

const noCalls: CallStatistics = { requests: 0, ok: 0, errors: 0, throttles: 0, faults: 0, totalMs: 0, latencies: [] };
/** Up to which share of the requests each percentile stands for what they took. */
const shares = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 1],
] as const;

function statisticsOf(component: CallComponent, place: number): CallStatistics {
  const measured = (column: (readings: Readings) => readonly number[] | undefined): number =>
    valueOf(component, column, place) || 0;
  const requests = measured((readings) => readings.requests);
  const faults = Math.min(
    requests,
    measured((readings) => readings.faults),
  );
  const meanSeconds = measured((readings) => readings.meanSeconds);
  let before = 0;
  const latencies = shares.flatMap(([name, share]) => {
    const upTo = Math.round(requests * share);
    const count = upTo - before;
    before = upTo;
    // Where a percentile was not recorded, the mean is the best guess at what such requests took.
    const ms = (measured(({ percentiles }) => percentiles?.[name]) || meanSeconds) * 1_000;
    return count > 0 ? [{ ms, count }] : [];
  });
  return { ...noCalls, requests, ok: requests - faults, faults, totalMs: requests * meanSeconds * 1_000, latencies };
}

function together(a: CallStatistics, b: CallStatistics): CallStatistics {
  return {
    ...noCalls,
    requests: a.requests + b.requests,
    ok: a.ok + b.ok,
    faults: a.faults + b.faults,
    totalMs: a.totalMs + b.totalMs,
    latencies: [...a.latencies, ...b.latencies].toSorted((one, other) => one.ms - other.ms),
  };
}
