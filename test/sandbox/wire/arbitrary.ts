/** Makes up values of any SDK schema, for tests that send them over the wire and want them back as they were. */
import type { NormalizedSchema } from '@smithy/core/schema';
import * as fc from 'fast-check';
import { requiredMembersOf } from '../../../src/sandbox/wire/schema.ts';

const DEEPEST = 4;
const COMMON = 'abcdefghijklmnopqrstuvwxyzABC0123456789-_./:+=&<>"\'%#?*~ ';

export interface Making {
  /** Texts that travel in XML cannot hold control characters. */
  readonly text: fc.Arbitrary<string>;
  /** Values for members that clients check or rewrite before they send, by name. */
  readonly members: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** The protocol writes nothing for an empty list, so that it cannot be told from none. */
  readonly losesEmptyLists: boolean;
}

/** Printable Unicode, XML's special characters and line ends included; not white space alone, which parsers drop. */
export const printable: fc.Arbitrary<string> = fc
  .string({
    unit: fc.oneof(
      { arbitrary: fc.constantFrom(...COMMON.split('')), weight: 8 },
      { arbitrary: fc.constantFrom('ä', '€', '日', '😀', '\n', '\t'), weight: 1 },
    ),
    maxLength: 12,
  })
  .filter((text) => text === '' || text.trim() !== '');

/** Any text at all, control characters included. */
export const anyText: fc.Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 12 });

export function valueOf(schema: NormalizedSchema, making: Making, depth = 0): fc.Arbitrary<unknown> {
  if (schema.isStructSchema()) return structureOf(schema, making, depth);
  if (schema.isListSchema()) {
    const minLength = making.losesEmptyLists || schema.getMergedTraits().xmlFlattened ? 1 : 0;
    return fc.array(valueOf(schema.getValueSchema(), making, depth + 1), { minLength, maxLength: 3 });
  }
  if (schema.isMapSchema()) {
    return fc.dictionary(
      fc.stringMatching(/^[A-Za-z][\w.-]{0,8}$/u),
      valueOf(schema.getValueSchema(), making, depth + 1),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    );
  }
  return scalarOf(schema, making);
}

function structureOf(schema: NormalizedSchema, making: Making, depth: number): fc.Arbitrary<unknown> {
  const values = new Map(
    [...schema.structIterator()]
      .filter(([, member]) => fits(member, depth + 1))
      .map(([name, member]) => [name, making.members[name] ?? valueOf(member, making, depth + 1)]),
  );
  const names = [...values.keys()];
  if (schema.isUnionSchema()) return fc.constantFrom(...names).chain((name) => recordOf([name], values));
  const required = requiredMembersOf(schema).filter((name) => values.has(name));
  // At most a handful of members at once, as some structures have a hundred; never none, which forms cannot tell.
  return fc
    .subarray(names, { minLength: Math.min(1, names.length), maxLength: Math.min(8, names.length) })
    .chain((chosen) => recordOf([...new Set([...required, ...chosen])], values));
}

function recordOf(names: readonly string[], values: ReadonlyMap<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc.record(Object.fromEntries(names.map((name) => [name, values.get(name) ?? fc.constant(undefined)])));
}

/** Whether a value of the schema can end before it gets too deep. */
function fits(schema: NormalizedSchema, depth: number): boolean {
  if (schema.isListSchema() || schema.isMapSchema()) return fits(schema.getValueSchema(), depth + 1);
  if (!schema.isStructSchema()) return true;
  return depth < DEEPEST && [...schema.structIterator()].some(([, member]) => fits(member, depth + 1));
}

function scalarOf(schema: NormalizedSchema, making: Making): fc.Arbitrary<unknown> {
  const { httpLabel, httpHeader, httpQuery } = schema.getMergedTraits();
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isNumericSchema())
    return fc.oneof(
      fc.integer(),
      fc.double({ noDefaultInfinity: true, noNaN: true }).filter((value) => !Object.is(value, -0)),
    );
  if (schema.isBigIntegerSchema()) return fc.bigInt();
  if (schema.isTimestampSchema()) {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    return httpHeader === undefined && httpQuery === undefined && httpLabel === undefined
      ? fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => new Date(ms))
      : seconds.map((value) => new Date(value * 1000));
  }
  if (schema.isBlobSchema()) return fc.uint8Array({ maxLength: 9 });
  if (httpLabel) return fc.stringMatching(/^[A-Za-z0-9][\w.~ä:-]{0,8}$/u);
  if (httpHeader !== undefined) return fc.stringMatching(/^[A-Za-z0-9_-]{1,9}$/u);
  return making.text;
}
