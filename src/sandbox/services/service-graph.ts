/** The service map and its statistics, counted from traces: every call that a trace shows counts once. */
import type { HistogramEntry, Service, ServiceStatistics, TimeSeriesServiceStatistics } from '@aws-sdk/client-xray';
import type { TraceCall, TraceRecord } from '../world/traces.ts';
import type { World } from '../world/world.ts';
import type { EntitySelector, SelectedId } from './entity-selector.ts';

class Counter {
  private ok = 0;
  private faults = 0;
  private errors = 0;
  private seconds = 0;
  private readonly bySeconds = new Map<number, number>();

  /** `rounded`: the call's seconds, as a histogram has them. */
  add(call: TraceCall, rounded = roundedSeconds(call)): void {
    if (call.fault) this.faults += 1;
    else if (call.error) this.errors += 1;
    else this.ok += 1;
    this.seconds += call.seconds;
    this.bySeconds.set(rounded, (this.bySeconds.get(rounded) ?? 0) + 1);
  }

  statistics(): ServiceStatistics {
    return {
      OkCount: this.ok,
      ErrorStatistics: { ThrottleCount: 0, OtherCount: this.errors, TotalCount: this.errors },
      FaultStatistics: { OtherCount: this.faults, TotalCount: this.faults },
      TotalCount: this.ok + this.errors + this.faults,
      TotalResponseTime: this.seconds,
    };
  }

  histogram(): HistogramEntry[] {
    return [...this.bySeconds].toSorted((a, b) => a[0] - b[0]).map(([Value, Count]) => ({ Value, Count }));
  }
}

/** Two significant digits, about as coarse as X-Ray's own histograms. */
function roundedSeconds({ seconds }: TraceCall): number {
  return Number(seconds.toPrecision(2));
}

interface CountedNode {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly counter: Counter;
  /** What it called, by their keys. */
  readonly callees: Map<string, Counter>;
}

/** What stands before a service where requests enter the system (AWS X-Ray Developer Guide, "Viewing the trace map"). */
const CLIENT_TYPE = 'client';

/** Clients, where traces begin, and everything that is called there, as nodes with edges between them. */
export function serviceGraph(world: World, traces: readonly TraceRecord[], fromMs: number, toMs: number): Service[] {
  const nodes = new Map<string, CountedNode>();
  const roots = new Set<string>();
  // Calls are many and their names few: what was made of the last one's names mostly fits.
  const byName = new Map<string, CountedNode>();
  const nodeOf = ({ name, type }: TraceCall): CountedNode => {
    const last = byName.get(name);
    if (last?.type === type) return last;
    const key = `${type} ${name}`;
    const node = nodes.get(key) ?? { key, name, type, counter: new Counter(), callees: new Map<string, Counter>() };
    nodes.set(key, node);
    byName.set(name, node);
    return node;
  };
  for (const trace of traces) {
    const call = trace.own;
    const own = nodeOf(call);
    roots.add(own.key);
    own.counter.add(call);
    for (const inner of trace.calls) {
      const callee = nodeOf(inner);
      const rounded = roundedSeconds(inner);
      callee.counter.add(inner, rounded);
      let edge = own.callees.get(callee.key);
      if (edge === undefined) {
        edge = new Counter();
        own.callees.set(callee.key, edge);
      }
      edge.add(inner, rounded);
    }
  }
  const times = { StartTime: new Date(fromMs), EndTime: new Date(toMs) };
  const order = [...nodes].toSorted(
    ([a, { name: one }], [b, { name: other }]) => Number(roots.has(b)) - Number(roots.has(a)) || (one < other ? -1 : 1),
  );
  const references = new Map(order.map(([key], index) => [key, index + roots.size]));
  const edge = (key: string, counter: Counter) => ({
    ReferenceId: references.get(key),
    ...times,
    SummaryStatistics: counter.statistics(),
    ResponseTimeHistogram: counter.histogram(),
    Aliases: [],
  });
  const services = order.map(([key, { name, type, counter, callees }]): Service => ({
    ReferenceId: references.get(key),
    Name: name,
    Names: [name],
    Root: roots.has(key),
    AccountId: world.inventory.names.account,
    Type: type,
    State: 'active',
    ...times,
    Edges: [...callees].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([callee, calls]) => edge(callee, calls)),
    SummaryStatistics: counter.statistics(),
    DurationHistogram: counter.histogram(),
    ResponseTimeHistogram: counter.histogram(),
  }));
  const clients = order
    .filter(([key]) => roots.has(key))
    .map(([key, { name, counter }], index): Service => ({
      ReferenceId: index,
      Name: name,
      Names: [name],
      Type: CLIENT_TYPE,
      State: 'unknown',
      ...times,
      Edges: [edge(key, counter)],
    }));
  return [...clients, ...services];
}

/** Statistics of what is selected, for each period of the window in which it was called. */
export function serviceStatistics(
  world: World,
  traces: readonly TraceRecord[],
  selector: EntitySelector,
  fromMs: number,
  toMs: number,
  periodMs: number,
): TimeSeriesServiceStatistics[] {
  const chosen = chosenCalls(world, selector);
  const periods = new Map<number, Counter>();
  for (const trace of traces) {
    const at = Math.floor(trace.identity.end / periodMs) * periodMs;
    for (const call of chosen(trace)) {
      const counter = periods.get(at) ?? new Counter();
      counter.add(call);
      periods.set(at, counter);
    }
  }
  return [...periods]
    .filter(([at]) => at >= fromMs - periodMs && at < toMs)
    .toSorted((a, b) => a[0] - b[0])
    .map(([at, counter]) => ({
      Timestamp: new Date(at),
      ...(selector.kind === 'service'
        ? { ServiceSummaryStatistics: counter.statistics() }
        : { EdgeSummaryStatistics: counter.statistics() }),
      ResponseTimeHistogram: counter.histogram(),
    }));
}

/** Which of a trace's calls are selected. Without an expression it is what entered the system. */
function chosenCalls(world: World, selector: EntitySelector): (trace: TraceRecord) => readonly TraceCall[] {
  const { account } = world.inventory.names;
  const isIt = (id: SelectedId, name: string, type: string): boolean =>
    (id.name === undefined || id.name === name) &&
    (id.type === undefined || id.type === type) &&
    (id.account === undefined || id.account === account);
  switch (selector.kind) {
    case 'all':
      return ({ own }) => [own];
    case 'service':
      return ({ own, calls }) => [own, ...calls].filter(({ name, type }) => isIt(selector.id, name, type));
    case 'edge':
      return ({ own, calls }) => [
        ...(isIt(selector.from, own.name, CLIENT_TYPE) && isIt(selector.to, own.name, own.type) ? [own] : []),
        ...(isIt(selector.from, own.name, own.type)
          ? calls.filter(({ name, type }) => isIt(selector.to, name, type))
          : []),
      ];
  }
}
