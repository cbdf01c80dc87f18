/** A made-up shop for the engine's tests: a call graph, a day of readings with chance in them, and faults to put into it. */
import type {
  Call,
  CallComponent,
  Readings,
  RootCauseInput,
  SymptomKind,
} from '../../../src/diagnosis/root-cause/input.ts';

const periodMs = 300_000;
const startMs = Date.UTC(2026, 4, 4);

/** mulberry32: the same seed gives the same numbers. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Periods from `startMs`, `first` periods later. */
export function times(points: number, first = 0): number[] {
  return Array.from({ length: points }, (_, index) => startMs + (first + index) * periodMs);
}

interface Service {
  /** Requests a period. */
  readonly requests: number;
  /** Seconds that it takes itself. */
  readonly self: number;
  /** Callees, and how many calls one request makes. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Callees before callers. */
export const shop: Readonly<Record<string, Service>> = {
  'items_AWS::DynamoDB::Table': { requests: 1600, self: 0.008, calls: {} },
  'orders_Database::SQL': { requests: 300, self: 0.012, calls: {} },
  payments_remote: { requests: 150, self: 0.09, calls: {} },
  'notify_AWS::Lambda::Function': { requests: 150, self: 0.05, calls: {} },
  'notify_AWS::Lambda': { requests: 150, self: 0.01, calls: { 'notify_AWS::Lambda::Function': 1 } },
  'catalogue_AWS::ECS::Fargate': { requests: 800, self: 0.01, calls: { 'items_AWS::DynamoDB::Table': 2 } },
  'checkout_AWS::ECS::Fargate': {
    requests: 150,
    self: 0.03,
    calls: { 'orders_Database::SQL': 2, payments_remote: 1, 'notify_AWS::Lambda': 1 },
  },
  site: { requests: 500, self: 0.03, calls: { 'catalogue_AWS::ECS::Fargate': 1.6, 'checkout_AWS::ECS::Fargate': 0.3 } },
};

const calls: readonly Call[] = Object.entries(shop).flatMap(([from, service]) =>
  Object.keys(service.calls).map((to) => ({ from, to })),
);

/** What a fault does to a component in a point; nothing, where it is left out. */
export interface Fault {
  readonly component: string;
  /** Seconds that a share of the requests take longer. */
  readonly slower?: number;
  readonly share?: number;
  /** Share of the requests that fail. */
  readonly failing?: number;
  /** How many times the requests come. */
  readonly load?: number;
  readonly isGone?: boolean;
}

/** Readings of every component: `faultAt` says what is wrong in a point. */
export function readingsOf(
  points: number,
  seed: number,
  faultAt: (point: number) => Fault | undefined = () => undefined,
  first = 0,
): ReadonlyMap<string, Readings> {
  const chance = chanceOf(seed);
  const noisy = (value: number, spread: number): number => value * (1 + spread * (chance() + chance() - 1));
  const columns = new Map(
    Object.keys(shop).map((name) => [
      name,
      {
        requests: [] as number[],
        faults: [] as number[],
        mean: [] as number[],
        p50: [] as number[],
        p99: [] as number[],
      },
    ]),
  );
  for (let point = 0; point < points; point += 1) {
    const fault = faultAt(point);
    /** Seconds and failures beyond the usual, of each request, by component; callees come first. */
    const added = new Map<string, { seconds: number; failing: number; tail: number }>();
    for (const [name, { requests, self, calls: callees }] of Object.entries(shop)) {
      const own = fault?.component === name ? fault : undefined;
      const count = Math.round(noisy(requests, 0.08) * (own?.load ?? 1));
      let seconds = noisy(self, 0.2) + (own?.slower ?? 0) * (own?.share ?? 1);
      let failing = own?.failing ?? 0;
      let tail = own?.slower ?? 0;
      for (const [callee, perCall] of Object.entries(callees)) {
        const below = added.get(callee);
        seconds += (below?.seconds ?? 0) * perCall;
        failing += (below?.failing ?? 0) * Math.min(1, perCall);
        tail = Math.max(tail, below?.tail ?? 0);
      }
      const isGone = own?.isGone === true;
      added.set(name, { seconds: isGone ? 0 : seconds, failing: isGone ? 1 : Math.min(1, failing), tail });
      const column = columns.get(name);
      const failed = Math.round(count * Math.min(1, failing)) + (chance() < 0.05 ? 1 : 0);
      column?.requests.push(isGone ? 0 : count);
      column?.faults.push(isGone ? 0 : Math.min(count, failed));
      column?.mean.push(isGone ? Number.NaN : seconds);
      column?.p50.push(isGone ? Number.NaN : noisy(seconds * 0.8, 0.1));
      column?.p99.push(isGone ? Number.NaN : noisy(self * 4, 0.3) + tail);
    }
  }
  const at = times(points, first);
  return new Map(
    [...columns].map(([name, { requests, faults, mean, p50, p99 }]) => [
      name,
      { at, requests, faults, meanSeconds: mean, percentiles: { p50, p99 } },
    ]),
  );
}

/** Where a joined name and type part, as in `notify_AWS::Lambda`. */
export function componentOf(id: string, normal: Readings, incident: Readings): CallComponent {
  const [name = id, type] = id.split('_');
  return { id, name, ...(type === undefined ? {} : { type }), normal, incident };
}

export const nothing: Readings = { at: [] };

/** A day, and five points of an incident after it, of which the middle three are hurt. */
export function incidentOf(kind: SymptomKind, fault: Fault | undefined, seed = 1, gapPoints = 0): RootCauseInput {
  const day = 288;
  const normal = readingsOf(day, seed);
  const incident = readingsOf(5, seed + 1000, (point) => (point > 0 && point < 4 ? fault : undefined), day + gapPoints);
  return {
    components: Object.keys(shop).map((id) => componentOf(id, normal.get(id) ?? nothing, incident.get(id) ?? nothing)),
    calls,
    symptom: { component: 'site', kind },
  };
}
