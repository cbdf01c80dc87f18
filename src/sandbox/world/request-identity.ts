/** What identifies a sampled request wherever it is seen: in a trace and in a log line. */
import { hexNoise, noise } from '../random.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import { MINUTE_MS } from './minute.ts';
import type { SampledRequest } from './requests.ts';

export interface RequestIdentity {
  readonly requestId: string;
  /** X-Ray's form: version, epoch seconds and 96 bits, in hexadecimal. */
  readonly traceId: string;
  /** The path with identifiers in it. */
  readonly path: string;
  readonly userId: string;
  readonly nanoId: string;
  readonly clientIp: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
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
  const key = `${region.region}/${minute}/${request.index}`;
  const hex = (name: string) => hexNoise(world.seed, key, name);
  const start = minute * MINUTE_MS + request.offsetMs;
  const nanoId = hex('nano');
  const seconds = Math.floor(start / 1000).toString(16);
  return {
    requestId: `req-${hex('request')}`,
    traceId: `1-${seconds}-${hex('trace-a')}${hex('trace-b')}${hex('trace-c')}`,
    path: request.endpoint.path.replace('{nano}', nanoId).replace('{chat}', hex('chat')),
    userId: `usr-${hex('user').slice(0, 6)}`,
    nanoId,
    clientIp: `203.0.113.${1 + Math.floor(noise(world.seed, key, 'client') * 250)}`,
    start,
    end: start + request.totalMs,
  };
}

/** The second of the epoch that a trace id names; undefined where it is no trace id. */
export function secondOfTrace(traceId: string): number | undefined {
  const found = /^1-([0-9a-f]{8})-[0-9a-f]{24}$/.exec(traceId);
  return found?.[1] === undefined ? undefined : parseInt(found[1], 16);
}
