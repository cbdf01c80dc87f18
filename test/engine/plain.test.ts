/** What survives being written and read back, and the one text that equal values have. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalTextOf, plainOf, type Plain } from '../../src/engine/plain.ts';

class Point {
  readonly x = 1;
}

describe('plain data', () => {
  it.each<[string, unknown, Plain]>([
    ['null', null, null],
    ['truth', true, true],
    ['a number', 1.5, 1.5],
    ['a text', 'a', 'a'],
    ['a list', [1, 'a', null, [false]], [1, 'a', null, [false]]],
    ['a list with holes', [undefined, 1], [null, 1]],
    ['an object', { a: { b: [1] } }, { a: { b: [1] } }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])('is %s', (_, value, plain) => {
    expect(plainOf(value)).toStrictEqual(plain);
  });

  it('loses what is undefined, as JSON does', () => {
    expect(plainOf({ a: undefined, b: 1 })).toStrictEqual({ b: 1 });
  });

  it('keeps a member that is called __proto__', () => {
    const plain = plainOf(JSON.parse('{"__proto__":{"a":1}}'));
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"a":1}}');
  });

  it.each<[string, unknown, string]>([
    ['no number', Number.NaN, 'the value is NaN, which JSON cannot hold'],
    ['infinity', [1, Infinity], 'the value[1] is Infinity, which JSON cannot hold'],
    ['a big integer', { a: { b: 1n } }, 'the value.a.b is a bigint, which JSON cannot hold'],
    ['a function', { a: [() => 1] }, 'the value.a[0] is a function, which JSON cannot hold'],
    ['nothing', undefined, 'the value is a undefined, which JSON cannot hold'],
    ['a date', { at: new Date(0) }, 'the value.at is a Date, which JSON cannot hold'],
    ['a map', new Map(), 'the value is a Map, which JSON cannot hold'],
    ['a thing of a class', [new Point()], 'the value[0] is a Point, which JSON cannot hold'],
  ])('is not %s', (_, value, message) => {
    expect(() => plainOf(value)).toThrow(expect.objectContaining({ name: 'NotPlainError', message }));
  });

  it('is told by the name of where it stands', () => {
    expect(() => plainOf([1n], 'the plan')).toThrow('the plan[0] is a bigint');
  });
});

describe('canonical JSON', () => {
  it.each<[Plain | undefined, string]>([
    [undefined, 'null'],
    [null, 'null'],
    ['a "b"', '"a \\"b\\""'],
    [1, '1'],
    [[], '[]'],
    [[1, 'a', [null]], '[1,"a",[null]]'],
    [{}, '{}'],
    [{ b: 1, a: { d: [2], c: undefined }, '"': 3 }, '{"\\"":3,"a":{"d":[2]},"b":1}'],
  ])('of %j is the same whatever the order of members', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('is one text for every order', () => {
    expect(canonicalJson({ a: 1, b: 2, c: 3 })).toBe(canonicalJson({ c: 3, a: 1, b: 2 }));
  });
});

describe('the text that journals are hashed by', () => {
  const textOr = (text: () => string): string => {
    try {
      return text();
    } catch (error) {
      // Of two members that cannot be held, either may be named.
      return error instanceof Error && error.name === 'NotPlainError' ? 'refused' : String(error);
    }
  };

  it('is that of plain data, and what is none is refused', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(textOr(() => canonicalTextOf(value))).toBe(textOr(() => canonicalJson(plainOf(value))));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([-0, 1e21, 1e-7, '\u2028\uD800"', { b: undefined, a: [undefined], __proto__: null }])(
    'is so of %j',
    (value) => {
      expect(canonicalTextOf(value)).toBe(canonicalJson(plainOf(value)));
    },
  );
});
