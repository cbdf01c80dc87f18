import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { padEnd, plain, truncate, widthOf, wrap } from '../../src/terminal/text.ts';

const words = fc.string({ unit: 'grapheme', maxLength: 60 }).map(plain);

describe('widthOf', () => {
  it.each([
    ['plain', 5],
    ['Übergröße', 9],
    ['e\u0301', 1],
    ['数据库', 6],
    ['한국', 4],
    ['ｆｕｌｌ', 8],
    ['🚀', 2],
    ['🇩🇪', 2],
    ['👍🏽', 2],
    ['→ ✓', 3],
  ])('of %s is %d cells', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('truncate', () => {
  it('leaves what fits, and marks what was cut', () => {
    expect(truncate('nano-db', 7)).toBe('nano-db');
    expect(truncate('nano-db-1', 7)).toBe('nano-d…');
    expect(truncate('数据库很慢', 6)).toBe('数据…');
    expect(truncate('🚀🚀', 3)).toBe('🚀…');
    expect(truncate('anything', 0)).toBe('');
  });

  it('never takes more cells than it may', () => {
    fc.assert(
      fc.property(words, fc.nat(40), (text, width) => {
        expect(widthOf(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('wrap', () => {
  it('keeps a number and its unit together', () => {
    expect(wrap('p99 of 640 ms', 11)).toEqual(['p99 of', '640 ms']);
    expect(wrap('it is at 91 %, high', 13)).toEqual(['it is at', '91 %, high']);
  });

  it('breaks a word only where it is longer than a line', () => {
    expect(wrap('arn:aws:ecs:us-west-2 is it', 10)).toEqual(['arn:aws:ec', 's:us-west-', '2 is it']);
  });

  it('loses nothing but spaces, and keeps within the width', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('gets on where a character is wider than the line', () => {
    expect(wrap('数据', 1)).toEqual(['数', '据']);
  });
});

describe('padEnd', () => {
  it('fills by cells, not by characters', () => {
    expect(padEnd('数', 4)).toBe('数  ');
    expect(padEnd('long', 2)).toBe('long');
  });
});
