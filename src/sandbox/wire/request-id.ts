/**
 * Request ids that a run can repeat: they depend on the seed and on the how-manieth such call it is, not on the order
 * of calls to different operations, which may race.
 */
import { hexNoise } from '../random.ts';
import type { CallContext } from './service.ts';

export type RequestIds = (call: CallContext) => string;

/** Ids in the form of a UUID. */
export function seededRequestIds(seed: number): RequestIds {
  const counts = new Map<string, number>();
  return ({ service, operation, region }) => {
    const key = `${region}/${service}/${operation}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const hex = [1, 2, 3, 4].map((part) => hexNoise(seed, 'request-id', key, count, part)).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
}
