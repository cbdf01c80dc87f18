/**
 * What somebody who means harm, or a disk that fails, may put in the place of anything that nanoops reads: good texts and
 * documents with something wrong in them, and things that were never meant. And what must hold whatever is read: a value,
 * or an error of the reader's own kind that a person can act on.
 */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { StateError } from '../../src/engine/journal-store.ts';
import { NanoopsError } from '../../src/errors.ts';
import { inTier } from '../support/tier.ts';
import { nasty } from '../terminal/nasty.ts';

/** How often a property is tried. */
export function runs(some: number, all: number): { readonly numRuns: number } {
  return { numRuns: inTier({ some, all }) };
}

/** Keys that mean something to the language itself. */
export const hostileKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  'then',
  'length',
  '',
] as const;

const hostileKey = fc.oneof(fc.constantFrom(...hostileKeys), nasty, fc.string({ maxLength: 5 }));

const hostileScalar = fc.oneof(
  nasty,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    0.5,
    1e21,
    -1e21,
    1e300,
    8.64e15,
    8.64e15 + 1,
    Number.MAX_SAFE_INTEGER,
    5e-324,
    '',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    '{}',
    '[',
    '%s%n',
    '../../../etc/passwd',
    '${env:HOME}',
    'x'.repeat(10_000),
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any value of JSON, with more of what is dangerous than chance would give. */
export const hostileValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    hostileScalar,
    fc.array(tie('value'), { maxLength: 3 }),
    // `fromEntries` defines members, so that `__proto__` is one like any other.
    fc.array(fc.tuple(hostileKey, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** Deeper than any stack. */
const endlessDepth = 100_000;

/** A list in a list in a list, as JSON. */
export function deepJson(depth = endlessDepth): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** A good document with something else in one to four of its places: changed, gone, or with a key too many. */
export function mutated(document: unknown): fc.Arbitrary<unknown> {
  const mutation = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'replace', 'remove', 'add'),
    key: hostileKey,
    value: hostileValue,
  });
  return fc.array(mutation, { minLength: 1, maxLength: 4 }).map((mutations) => {
    let result: unknown = structuredClone(document);
    for (const { at, how, key, value } of mutations) {
      const places = placesIn(result);
      const place = places[at % places.length];
      if (place === undefined) result = value;
      else if (how === 'replace') set(place.holder, place.key, value);
      else if (how === 'remove') remove(place);
      else set(place.holder, key, value);
    }
    return result;
  });
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

/** Every member of every list and object. */
function placesIn(document: unknown): readonly Place[] {
  const places: Place[] = [];
  const waiting: unknown[] = [document];
  for (let value = waiting.pop(); waiting.length > 0 || value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      places.push({ holder: value, key });
      if (typeof member === 'object' && member !== null) waiting.push(member);
    }
  }
  return places;
}

function set(holder: object, key: string, value: unknown): void {
  if (Array.isArray(holder) && !/^\d+$/.test(key)) holder.push(value);
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder, key);
}

/** A good text that was cut, doubled, or written into, in one to five places. */
export function garbled(text: string, pieces: readonly string[] = []): fc.Arbitrary<string> {
  const piece = fc.oneof(
    nasty,
    fc.constantFrom(...hostileKeys, '{', '}', '[', ']', '"', "'", ':', ',', '\n', ' ', '\t', '-', '#', ...pieces),
  );
  const edit = fc.record({
    at: fc.nat(),
    length: fc.nat(40),
    how: fc.constantFrom('insert', 'insert', 'replace', 'cut', 'double', 'end'),
    piece,
  });
  return fc.array(edit, { minLength: 1, maxLength: 5 }).map((edits) => {
    let result = text;
    for (const { at, length, how, piece: put } of edits) {
      const from = at % (result.length + 1);
      const middle = result.slice(from, from + length);
      const after = result.slice(from + length);
      const before = result.slice(0, from);
      if (how === 'insert') result = before + put + middle + after;
      else if (how === 'replace') result = before + put + after;
      else if (how === 'cut') result = before + after;
      else if (how === 'double') result = before + middle + middle + after;
      else result = before;
    }
    return result;
  });
}

/**
 * What a reader made of something: its value, or the error for people that it threw. What is neither is a defect, and
 * thrown on.
 */
export function readingOf<T>(read: () => T): { readonly value: T } | { readonly error: NanoopsError | StateError } {
  try {
    return { value: read() };
  } catch (error) {
    return { error: forPeople(error) };
  }
}

function forPeople(error: unknown): NanoopsError | StateError {
  if (!(error instanceof NanoopsError) && !(error instanceof StateError)) throw error;
  const nextStep = error instanceof NanoopsError ? error.nextStep : error.details.nextStep;
  expect(error.message).not.toBe('');
  expect(nextStep).not.toBe('');
  return error;
}

type Reading = ReturnType<typeof readingOf>;

interface OwnErrors {
  readonly codes: readonly string[];
  /** Where its texts are shown as they are; the error view cleans all others. */
  readonly isPrintable?: boolean;
}

/** What is wrong with the error of a reading: it is of another kind than `own`, or tells of the language it is written in. */
export function wrongIn(reading: Reading, { codes, isPrintable = false }: OwnErrors): readonly string[] {
  if (!('error' in reading)) return [];
  const { error } = reading;
  if (!(error instanceof NanoopsError)) return [`${error.name} in the place of a NanoopsError`];
  const told = [error.message, ...error.details, error.nextStep].join('');
  return [
    ...(codes.includes(error.code) && error.exitCode === 2 ? [] : [`${error.code}, exit code ${error.exitCode}`]),
    ...(isPrintable && /\p{Cc}/u.test(told) ? [`what steers a terminal: ${JSON.stringify(told)}`] : []),
    ...(/RangeError|TypeError|call stack/.test(told) ? [`an error of the language: ${told}`] : []),
  ];
}

/** No reader may have left anything where every object finds it. */
export function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.keys(Array.prototype)).toEqual([]);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
}

/** A key that pollutes whoever merges it, as JSON. */
export const pollution = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
