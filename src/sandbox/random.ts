/**
 * Numbers that look random and are not: the same seed gives the same run, to the byte. `seeded` is a sequence, for what
 * happens in a fixed order; `noise` and `gaussian` are functions of their keys, for values that must not depend on who
 * asks first (a metric's sample at a minute, a call's latency). Not for secrets.
 */
import type { Random } from '../engine/clock.ts';

/** A part of a key. The number 1 and the text '1' are different keys. */
export type NoiseKey = string | number;

const TWO_TO_32 = 2 ** 32;
const HEX_START = 0x51ed270b;

/** A sequence of numbers in [0, 1), the same for the same seed (mulberry32, public domain). */
export function seeded(seed: number): Random {
  let state = hashOf(0x9e3779b9, seed, []);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  };
}

/** A number in [0, 1) that depends on the seed and the keys alone. */
export function noise(seed: number, ...keys: readonly NoiseKey[]): number {
  // 21 + 32 bits: as fine as a double can tell apart in [0, 1).
  const high = hashOf(0x2545f491, seed, keys) >>> 11;
  return (high * TWO_TO_32 + hashOf(0x8f1bbcdc, seed, keys)) / 2 ** 53;
}

/** A standard normal variate (mean 0, deviation 1) that depends on the seed and the keys alone (Box-Muller). */
export function gaussian(seed: number, ...keys: readonly NoiseKey[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - noise(seed, 'radius', ...keys)));
  return radius * Math.cos(2 * Math.PI * noise(seed, 'angle', ...keys));
}

/** Whose draws: the seed's, or, for a model that predicts, the middle of each range. */
export interface Chance {
  readonly seed: number;
  readonly typical?: boolean;
}

/** How long something takes: between the two, in their unit, by the seed and the keys alone; not rounded. */
export function drawn(
  { seed, typical = false }: Chance,
  [from, to]: readonly [number, number],
  ...keys: readonly NoiseKey[]
): number {
  return from + (to - from) * (typical ? 0.5 : noise(seed, ...keys));
}

/** Which of several that are drawn at once: the first of `of` is 1. */
export interface Place {
  readonly index: number;
  readonly of: number;
}

/**
 * One of several durations that are drawn at once, the longest of which may be what is waited for. A model that predicts
 * spreads them as that many draws are expected to lie (the order statistics of a uniform distribution, index / (of + 1)):
 * were each of them the middle, so would be the longest, which it hardly ever is.
 */
export function drawnAmong(
  chance: Chance,
  [from, to]: readonly [number, number],
  { index, of }: Place,
  ...keys: readonly NoiseKey[]
): number {
  return chance.typical === true ? from + ((to - from) * index) / (of + 1) : drawn(chance, [from, to], ...keys);
}

/** 32 bits of the keys as lower-case hexadecimal text, for made-up identifiers. */
export function hexNoise(seed: number, ...keys: readonly NoiseKey[]): string {
  return hexOf(hashOf(HEX_START, seed, keys));
}

/** As `hexNoise(seed, first, last)`, for many last keys of one first, which is read once. */
export function hexNoiseUnder(seed: number, first: NoiseKey): (last: NoiseKey) => string {
  const begun = withKey(begin(HEX_START, seed), first);
  return (last) => hexOf(finished(withKey(begun, last)));
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Of 32 bits, byte by byte: half of all numbers of 32 bits are slow to write otherwise. */
function hexOf(hash: number): string {
  const byte = (shift: number): string => hexBytes[(hash >>> shift) & 0xff] ?? '';
  return byte(24) + byte(16) + byte(8) + byte(0);
}

function hashOf(start: number, seed: number, keys: readonly NoiseKey[]): number {
  let hash = begin(start, seed);
  for (const key of keys) hash = withKey(hash, key);
  return finished(hash);
}

function begin(start: number, seed: number): number {
  return withText(start ^ 0x811c9dc5, `${seed}`);
}

/** Lengths and types are hashed too, so that ('ab', 'c') and ('a', 'bc') differ. Texts are not put together: that costs more. */
function withKey(hash: number, key: NoiseKey): number {
  if (typeof key === 'number') return withText(withText(hash, '|n'), `${key}`);
  return withText(withText(withText(withText(hash, '|s'), `${key.length}`), ':'), key);
}

/** FNV-1a over UTF-16 code units. */
function withText(begun: number, text: string): number {
  let hash = begun;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** MurmurHash3's mixer, since FNV alone leaves neighbours correlated. */
function finished(begun: number): number {
  let hash = Math.imul(begun ^ (begun >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
