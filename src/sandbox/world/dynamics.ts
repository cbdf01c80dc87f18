/**
 * The world in motion: the state, the requests and the counts of any minute, computed when asked for and remembered for
 * a while. All of it is a function of the inventory and the minute; forgetting costs time and changes nothing.
 */
import { gaussian, noise } from '../random.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import { MINUTE_MS, minuteState, type MinuteState } from './minute.ts';
import { normalTable, sampleRequests, type NormalTable, type RequestSample } from './requests.ts';
import { api } from './workload.ts';

const STATES_KEPT = 2000;
const SUMMARIES_KEPT = 1500;
const SAMPLES_KEPT = 12;

/** Sorted times in milliseconds, of those requests that a target answered. */
export interface LatencySummary {
  readonly all: Float64Array;
  /** By zone: 0, 1, 2. */
  readonly zones: readonly Float64Array[];
  readonly s3: Float64Array;
  readonly s3FirstByte: Float64Array;
}

/** Counted over the minute, of all requests and not just of the sample. */
export interface MinuteCounts {
  readonly targetServerErrors: number;
  readonly balancerServerErrors: number;
  readonly clientErrors: number;
  readonly targetConnectionErrors: number;
  readonly s3ServerErrors: number;
}

export class Dynamics {
  readonly world: WorldInventory;
  private readonly table: NormalTable = normalTable();
  private readonly states = new Map<string, MinuteState>();
  private readonly samples = new Map<string, RequestSample>();
  private readonly thinSamples = new Map<string, RequestSample>();
  private readonly summaries = new Map<string, LatencySummary>();
  private readonly countsByMinute = new Map<string, MinuteCounts>();

  constructor(world: WorldInventory) {
    this.world = world;
  }

  state(region: RegionInventory, minute: number): MinuteState {
    return remembered(this.states, STATES_KEPT, `${region.region}/${minute}`, () =>
      minuteState(this.world, region, minute),
    );
  }

  /** The minute's sampled requests, in no particular order of time. */
  requests(region: RegionInventory, minute: number): RequestSample {
    return remembered(this.samples, SAMPLES_KEPT, `${region.region}/${minute}`, () =>
      sampleRequests(this.world, region, this.state(region, minute), this.table),
    );
  }

  latencies(region: RegionInventory, minute: number): LatencySummary {
    return remembered(this.summaries, SUMMARIES_KEPT, `${region.region}/${minute}`, () =>
      summarise(this.thinRequests(region, minute)),
    );
  }

  counts(region: RegionInventory, minute: number): MinuteCounts {
    return remembered(this.countsByMinute, STATES_KEPT, `${region.region}/${minute}`, () =>
      this.countMinute(region, minute),
    );
  }

  /** The same requests without their parts, or with them where they are at hand. */
  private thinRequests(region: RegionInventory, minute: number): RequestSample {
    const key = `${region.region}/${minute}`;
    return (
      this.samples.get(key) ??
      remembered(this.thinSamples, SAMPLES_KEPT, key, () =>
        sampleRequests(this.world, region, this.state(region, minute), this.table, false),
      )
    );
  }

  private countMinute(region: RegionInventory, minute: number): MinuteCounts {
    const { seed } = this.world;
    const state = this.state(region, minute);
    const around = (expected: number, key: string) =>
      poisson(expected, noise(seed, region.region, key, minute), gaussian(seed, region.region, key, minute));
    const base = {
      targetServerErrors: around(state.requests * api.baseErrorShare, 'target-5xx'),
      clientErrors: around(state.requests * api.clientErrorShare, '4xx'),
      s3ServerErrors: 0,
      targetConnectionErrors: 0,
      balancerServerErrors: this.killedRequests(region, minute, state),
    };
    if (!state.stressed) return base;
    const { requests, weight } = this.thinRequests(region, minute);
    let failed = 0;
    let unreached = 0;
    let s3Errors = 0;
    for (const request of requests) {
      if (request.failure === 'target-connection') unreached += 1;
      else if (request.status >= 500 && request.failure !== 'internal') failed += 1;
      if (request.failure === 's3-error') s3Errors += 1;
    }
    return {
      ...base,
      targetServerErrors: base.targetServerErrors + Math.round(failed * weight),
      balancerServerErrors: base.balancerServerErrors + Math.round(unreached * weight),
      // The balancer tries again before it gives up, so it counts more errors than requests that failed for them.
      targetConnectionErrors: Math.round(unreached * weight * 2.4),
      s3ServerErrors: Math.round(s3Errors * weight * 1.6),
    };
  }

  /** Requests that were in a container when it was killed, and those sent to it before the balancer noticed. */
  private killedRequests(region: RegionInventory, minute: number, state: MinuteState): number {
    const killed = region.tasks.filter(
      (task) =>
        task.stopCode === 'EssentialContainerExited' &&
        task.stoppedAt !== undefined &&
        Math.floor(task.stoppedAt / MINUTE_MS) === minute,
    );
    if (killed.length === 0 || state.tasks.length === 0) return 0;
    return Math.round(killed.length * (state.arrivalsPerSecond / state.tasks.length) * 4);
  }
}

function summarise(sample: RequestSample): LatencySummary {
  const all: number[] = [];
  const zones: number[][] = [[], [], []];
  const s3: number[] = [];
  const s3FirstByte: number[] = [];
  for (const request of sample.requests) {
    if (request.failure === 'target-connection') continue;
    all.push(request.totalMs);
    zones[request.task.zoneIndex]?.push(request.totalMs);
    if (request.s3Ms === 0) continue;
    s3.push(request.s3Ms * 0.94);
    s3FirstByte.push(request.s3Ms * 0.62);
  }
  return {
    all: sorted(all),
    zones: zones.map(sorted),
    s3: sorted(s3),
    s3FirstByte: sorted(s3FirstByte),
  };
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/** A Poisson variate by inversion for small means, by the normal approximation for large ones. */
export function poisson(mean: number, uniform: number, normal: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  let term = Math.exp(-mean);
  let sum = term;
  let count = 0;
  while (uniform > sum && count < 200) {
    count += 1;
    term *= mean / count;
    sum += term;
  }
  return count;
}

/** Looks the key up, or makes the value and forgets the oldest. */
function remembered<T>(memory: Map<string, T>, most: number, key: string, make: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (memory.size >= most) {
    const oldest = memory.keys().next();
    if (oldest.done !== true) memory.delete(oldest.value);
  }
  memory.set(key, made);
  return made;
}
