/** The service map and its statistics, counted from traces. */
import type { HistogramEntry, Service, ServiceStatistics, TimeSeriesServiceStatistics } from '@aws-sdk/client-xray';
import type { TraceNode, TraceRecord } from '../world/traces.ts';
import type { World } from '../world/world.ts';

class Counter {
  private ok = 0;
  private faults = 0;
  private errors = 0;
  private seconds = 0;
  private readonly bySeconds = new Map<number, number>();

  add(node: TraceNode): void {
    if (node.fault) this.faults += 1;
    else if (node.error) this.errors += 1;
    else this.ok += 1;
    this.seconds += node.seconds;
    // Two significant digits, about as coarse as X-Ray's own histograms.
    const value = Number(node.seconds.toPrecision(2));
    this.bySeconds.set(value, (this.bySeconds.get(value) ?? 0) + 1);
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

interface CountedNode {
  readonly name: string;
  readonly type: string;
  readonly counter: Counter;
}

/** The clients, the traced service and everything that it calls, as nodes with edges between them. */
export function serviceGraph(world: World, traces: readonly TraceRecord[], fromMs: number, toMs: number): Service[] {
  const nodes = new Map<string, CountedNode>();
  for (const trace of traces) {
    for (const node of trace.nodes) {
      const known = nodes.get(node.name) ?? { name: node.name, type: node.type, counter: new Counter() };
      known.counter.add(node);
      nodes.set(node.name, known);
    }
  }
  const own = traces[0]?.nodes[0]?.name;
  if (own === undefined) return [];
  const times = { StartTime: new Date(fromMs), EndTime: new Date(toMs) };
  const order = [...nodes.values()].toSorted(
    (a, b) => Number(b.name === own) - Number(a.name === own) || (a.name < b.name ? -1 : 1),
  );
  const references = new Map(order.map((node, index) => [node.name, index + 1]));
  const edge = (node: CountedNode) => ({
    ReferenceId: references.get(node.name),
    ...times,
    SummaryStatistics: node.counter.statistics(),
    ResponseTimeHistogram: node.counter.histogram(),
    Aliases: [],
  });
  const services = order.map((node): Service => ({
    ReferenceId: references.get(node.name),
    Name: node.name,
    Names: [node.name],
    Root: node.name === own,
    AccountId: world.inventory.names.account,
    Type: node.type,
    State: 'active',
    ...times,
    Edges: node.name === own ? order.filter((each) => each.name !== own).map(edge) : [],
    SummaryStatistics: node.counter.statistics(),
    DurationHistogram: node.counter.histogram(),
    ResponseTimeHistogram: node.counter.histogram(),
  }));
  const entry = order[0];
  const clients: Service = {
    ReferenceId: 0,
    Name: own,
    Names: [own],
    Type: 'client',
    State: 'unknown',
    ...times,
    Edges: entry === undefined ? [] : [edge(entry)],
  };
  return [clients, ...services];
}

/** Statistics of one node, or of what entered the system, for each period of the window that has traces. */
export function serviceStatistics(
  traces: readonly TraceRecord[],
  name: string | undefined,
  fromMs: number,
  toMs: number,
  periodMs: number,
): TimeSeriesServiceStatistics[] {
  const periods = new Map<number, Counter>();
  for (const trace of traces) {
    const node = name === undefined ? trace.nodes[0] : trace.nodes.find((each) => each.name === name);
    if (node === undefined) continue;
    const at = Math.floor(trace.identity.end / periodMs) * periodMs;
    const counter = periods.get(at) ?? new Counter();
    counter.add(node);
    periods.set(at, counter);
  }
  return [...periods]
    .filter(([at]) => at >= fromMs - periodMs && at < toMs)
    .toSorted((a, b) => a[0] - b[0])
    .map(([at, counter]) => ({
      Timestamp: new Date(at),
      ServiceSummaryStatistics: counter.statistics(),
      ResponseTimeHistogram: counter.histogram(),
    }));
}
