/** What identifies a sampled request wherever it is seen: in a trace and in a log line. */
import { hexNoiseUnder, noise } from '../random.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import { MINUTE_MS } from './minute.ts';
import type { SampledRequest } from './requests.ts';

/** Made up when it is asked for: most requests are looked at for their times alone. */
export class RequestIdentity {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  private readonly seed: number;
  private readonly region: string;
  private readonly minute: number;
  private readonly request: SampledRequest;
  private under: ((name: string) => string) | undefined;

  constructor(seed: number, region: string, minute: number, request: SampledRequest) {
    this.seed = seed;
    this.region = region;
    this.minute = minute;
    this.request = request;
    this.start = minute * MINUTE_MS + request.offsetMs;
    this.end = this.start + request.totalMs;
  }

  get requestId(): string {
    return `req-${this.hex('request')}`;
  }

  /** X-Ray's form: version, epoch seconds and 96 bits, in hexadecimal. */
  get traceId(): string {
    const seconds = Math.floor(this.start / 1000).toString(16);
    return `1-${seconds}-${this.hex('trace-a')}${this.hex('trace-b')}${this.hex('trace-c')}`;
  }

  /** The path with identifiers in it. */
  get path(): string {
    return this.request.endpoint.path.replace('{nano}', this.nanoId).replace('{chat}', this.hex('chat'));
  }

  get userId(): string {
    return `usr-${this.hex('user').slice(0, 6)}`;
  }

  get nanoId(): string {
    return this.hex('nano');
  }

  get clientIp(): string {
    return `203.0.113.${1 + Math.floor(noise(this.seed, this.key, 'client') * 250)}`;
  }

  private get key(): string {
    return `${this.region}/${this.minute}/${this.request.index}`;
  }

  private hex(name: string): string {
    this.under ??= hexNoiseUnder(this.seed, this.key);
    return this.under(name);
  }
}

/** Every second request of the sample is traced, which is about what X-Ray's default rule gives. */
export function isTraced(request: SampledRequest): boolean {
  return request.index % 2 === 0 && request.failure !== 'target-connection';
}

export function identify(
  world: WorldInventory,
  region: RegionInventory,
  minute: number,
  request: SampledRequest,
): RequestIdentity {
  return new RequestIdentity(world.seed, region.region, minute, request);
}

/** The second of the epoch that a trace id names; undefined where it is no trace id. */
export function secondOfTrace(traceId: string): number | undefined {
  const found = /^1-([0-9a-f]{8})-[0-9a-f]{24}$/.exec(traceId);
  return found?.[1] === undefined ? undefined : parseInt(found[1], 16);
}
