/**
 * The world in motion: the state, the requests and the counts of any minute, computed when asked for and remembered for
 * a while. All of it is a function of the inventory and the minute; forgetting costs time and changes nothing.
 */
import type { LogEvent } from './logs/log-event.ts';
import { gaussian, noise } from '../random.ts';
import { isUnserved } from './health.ts';
import { livesToServe, regionOf, type RegionInventory, type WorldInventory } from './inventory.ts';
import { demandOf, MINUTE_MS, minuteState, type Demand, type MinuteState } from './minute.ts';
import { quietMinutes } from './quiet.ts';
import { sampleRequests, visitRequests, type RequestSample, type SampledRequest } from './requests.ts';
import { answerSpans, type AnswerSpan } from './resolution.ts';
import { api } from './workload.ts';

const STATES_KEPT = 2000;
/** Whoever looks back over weeks passes each minute once: keeping them costs more than it saves. */
const OLD_STATES_KEPT = 32;
const OLD_MINUTES = 2 * 24 * 60;
const SUMMARIES_KEPT = 1500;
const SAMPLES_KEPT = 128;
const LOGS_KEPT = 192;
/** So many quiet minutes share their latencies. */
const QUIET_MINUTES = 120;

/** The sampled requests of a minute: how they ended, and the times in milliseconds of those that a target answered. */
class RequestSummary {
  seen = 0;
  /** By the application's fault or its world's, beyond the errors of any day. */
  failed = 0;
  unreached = 0;
  s3Errors = 0;
  private readonly totals: number[] = [];
  private readonly byZone: number[][] = [[], [], []];
  private readonly s3Times: number[] = [];
  private sortedAll: Float64Array | undefined;
  private sortedS3: Float64Array | undefined;

  add(request: SampledRequest): void {
    const { failure } = request;
    this.seen += 1;
    if (failure === 'target-connection') {
      this.unreached += 1;
      return;
    }
    if (request.status >= 500 && failure !== 'internal') this.failed += 1;
    if (failure === 's3-error') this.s3Errors += 1;
    this.totals.push(request.totalMs);
    this.byZone[request.task.zoneIndex]?.push(request.totalMs);
    if (request.s3Ms > 0) this.s3Times.push(request.s3Ms);
  }

  get all(): Float64Array {
    this.sortedAll ??= new Float64Array(this.totals).toSorted();
    return this.sortedAll;
  }

  /** Of the zone's targets: 0, 1 or 2. */
  zone(index: number): Float64Array {
    return new Float64Array(this.byZone[index] ?? []).toSorted();
  }

  /** What S3 took for a request, as it sees it. */
  get s3(): Float64Array {
    this.sortedS3 ??= new Float64Array(this.s3Times).toSorted();
    return this.sortedS3;
  }
}

/** Counted over the minute, of all requests and not just of the sample. */
export interface MinuteCounts {
  readonly targetServerErrors: number;
  readonly balancerServerErrors: number;
  readonly clientErrors: number;
  readonly targetConnectionErrors: number;
  readonly s3ServerErrors: number;
}

/** What was computed of minutes, by region and minute. */
class Memory {
  readonly states = new Map<string, MinuteState>();
  readonly oldStates = new Map<string, MinuteState>();
  readonly demands = new Map<string, Demand>();
  readonly samples = new Map<string, RequestSample>();
  readonly summaries = new Map<string, RequestSummary>();
  readonly countsByMinute = new Map<string, MinuteCounts>();
  readonly logs = new Map<string, readonly LogEvent[]>();

  /** Forgets that minute and all after it. */
  forget(first: number): void {
    const { states, oldStates, demands, samples, summaries, countsByMinute, logs } = this;
    for (const memory of [states, oldStates, demands, samples, summaries, countsByMinute, logs]) {
      for (const key of memory.keys()) {
        if (Number(key.slice(key.lastIndexOf('/') + 1)) >= first) memory.delete(key);
      }
    }
  }
}

const pasts = new WeakMap<WorldInventory, Memory>();

/** Nothing that happens in a world changes what was before it began: worlds of one inventory share it. */
function pastOf(beginning: WorldInventory): Memory {
  const known = pasts.get(beginning) ?? new Memory();
  pasts.set(beginning, known);
  return known;
}

export class Dynamics {
  private current: WorldInventory;
  /** Of minutes before `pastEnd`; shared with other worlds that began as this one. */
  private readonly past: Memory;
  private pastEnd: number;
  private readonly present = new Memory();
  private spans: readonly AnswerSpan[] | undefined;
  private quiet: ((minute: number) => boolean) | undefined;

  constructor(world: WorldInventory) {
    this.current = world;
    this.past = pastOf(world);
    this.pastEnd = Math.floor(world.startMs / MINUTE_MS);
  }

  get world(): WorldInventory {
    return this.current;
  }

  /** The world has changed from `from` on (epoch milliseconds): what was computed of that minute and later is forgotten. */
  replace(world: WorldInventory, from: number): void {
    this.current = world;
    this.spans = undefined;
    this.quiet = undefined;
    const first = Math.floor(from / MINUTE_MS);
    // What others share is left as it is: from there on this world has a past of its own.
    this.pastEnd = Math.min(this.pastEnd, first);
    this.present.forget(first);
  }

  private memory(minute: number): Memory {
    return minute < this.pastEnd ? this.past : this.present;
  }

  state(region: RegionInventory, minute: number): MinuteState {
    const isOld = minute < this.current.startMs / MINUTE_MS - OLD_MINUTES;
    const { oldStates, states } = this.memory(minute);
    const [memory, most] = isOld ? [oldStates, OLD_STATES_KEPT] : [states, STATES_KEPT];
    return remembered(memory, most, `${region.region}/${minute}`, () =>
      minuteState(this.world, this.latest(region), minute, this.answers),
    );
  }

  /** What of a minute's state is known without its tasks and its database, at a tenth of the cost. */
  demand(region: RegionInventory, minute: number): Demand {
    const key = `${region.region}/${minute}`;
    const { states, demands } = this.memory(minute);
    return (
      states.get(key) ?? remembered(demands, STATES_KEPT, key, () => demandOf(this.world, region, minute, this.answers))
    );
  }

  /** True of a minute long ago in which nothing was wrong, and requests failed no more often than they always do. */
  isQuiet(minute: number): boolean {
    this.quiet ??= quietMinutes(this.current, this.answers);
    return this.quiet(minute);
  }

  /** What the API's name led to, and when. */
  private get answers(): readonly AnswerSpan[] {
    this.spans ??= answerSpans(this.current);
    return this.spans;
  }

  /** The minute's sampled requests, in no particular order of time. */
  requests(region: RegionInventory, minute: number): RequestSample {
    const { samples } = this.memory(minute);
    const key = `${region.region}/${minute}`;
    if (samples.get(key)?.hasParts === false) samples.delete(key);
    return remembered(samples, SAMPLES_KEPT, key, () => this.sample(region, minute, true));
  }

  /** The same requests for those that do not look into them: they may lack their parts. */
  wholeRequests(region: RegionInventory, minute: number): RequestSample {
    return remembered(this.memory(minute).samples, SAMPLES_KEPT, `${region.region}/${minute}`, () =>
      this.sample(region, minute, false),
    );
  }

  private sample(region: RegionInventory, minute: number, hasParts: boolean): RequestSample {
    return sampleRequests(this.world, this.latest(region), this.state(region, minute), hasParts);
  }

  /** Of quiet minutes that lie together, one stands for all: to draw each one's requests would take long for a month. */
  latencies(region: RegionInventory, minute: number): Pick<RequestSummary, 'all' | 'zone' | 's3'> {
    const middle = (Math.floor(minute / QUIET_MINUTES) + 0.5) * QUIET_MINUTES;
    if (minute !== middle && this.isQuiet(minute) && this.isQuiet(middle)) return this.latencies(region, middle);
    return this.summary(region, minute);
  }

  private summary(region: RegionInventory, minute: number): RequestSummary {
    const { samples, summaries } = this.memory(minute);
    const key = `${region.region}/${minute}`;
    return remembered(summaries, SUMMARIES_KEPT, key, () => {
      const summary = new RequestSummary();
      const add = (request: SampledRequest): void => summary.add(request);
      const sample = samples.get(key);
      if (sample === undefined) visitRequests(this.world, this.latest(region), this.state(region, minute), add);
      else sample.requests.forEach(add);
      return summary;
    });
  }

  counts(region: RegionInventory, minute: number): MinuteCounts {
    return remembered(this.memory(minute).countsByMinute, STATES_KEPT, `${region.region}/${minute}`, () =>
      this.countMinute(this.latest(region), minute),
    );
  }

  /** The lines of a log's minute, made once. */
  lines(group: string, region: RegionInventory, minute: number, make: () => readonly LogEvent[]): readonly LogEvent[] {
    return remembered(this.memory(minute).logs, LOGS_KEPT, `${group}/${region.region}/${minute}`, make);
  }

  /** The region as it is now, for callers that hold it as it was. */
  private latest(region: RegionInventory): RegionInventory {
    return regionOf(this.current, region.region) ?? region;
  }

  private countMinute(region: RegionInventory, minute: number): MinuteCounts {
    const { seed } = this.world;
    const { effects, requests, failingShare } = this.demand(region, minute);
    const around = (expected: number, key: string) =>
      poisson(
        expected,
        () => noise(seed, region.region, key, minute),
        () => gaussian(seed, region.region, key, minute),
      );
    const usual = {
      targetServerErrors: around(requests * api.baseErrorShare, 'target-5xx'),
      clientErrors: around(requests * (api.clientErrorShare + effects.clientErrors), '4xx'),
      s3ServerErrors: 0,
      targetConnectionErrors: 0,
      balancerServerErrors: Math.round(requests * failingShare),
    };
    if (this.isQuiet(minute)) return usual;
    const state = this.state(region, minute);
    const base = {
      ...usual,
      balancerServerErrors: usual.balancerServerErrors + this.killedRequests(region, minute, state),
    };
    // Without a target nobody but the balancer answers: 503.
    if (isUnserved(region, state)) {
      return { ...base, targetServerErrors: 0, clientErrors: 0, balancerServerErrors: state.requests };
    }
    if (!state.stressed) return base;
    const { seen, failed, unreached, s3Errors } = this.summary(region, minute);
    const weight = seen === 0 ? 0 : state.requests / seen;
    const targetServerErrors = Math.min(state.requests, base.targetServerErrors + Math.round(failed * weight));
    return {
      ...base,
      targetServerErrors,
      clientErrors: Math.min(base.clientErrors, state.requests - targetServerErrors),
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
        livesToServe(task) &&
        task.stoppedAt !== undefined &&
        Math.floor(task.stoppedAt / MINUTE_MS) === minute,
    );
    if (killed.length === 0 || state.tasks.length === 0) return 0;
    return Math.round(killed.length * (state.arrivalsPerSecond / state.tasks.length) * 4);
  }
}

/** A Poisson variate by inversion for small means, by the normal approximation for large ones. */
function poisson(mean: number, uniform: () => number, normal: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  let term = Math.exp(-mean);
  let sum = term;
  let count = 0;
  const drawn = uniform();
  while (drawn > sum && count < 200) {
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
