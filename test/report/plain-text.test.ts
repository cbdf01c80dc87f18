import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain } from '../../src/report/plain-text.ts';
import { nasty } from '../terminal/nasty.ts';

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe('plain', () => {
  it('lets nothing through that a terminal would obey or a reader could not see', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(plain(text)).not.toMatch(unseen);
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing more when done twice', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(plain(plain(text))).toBe(plain(text));
      }),
    );
  });

  it('keeps what people write', () => {
    for (const text of [
      'p99 640 ms → 4.81 s',
      'Übergröße naïve',
      '数据库 很慢',
      '🚀 deploy',
      "SELECT *  FROM `a`  WHERE b='c'",
    ]) {
      expect(plain(text)).toBe(text);
    }
  });

  it('takes a control sequence away whole', () => {
    expect(plain('\u001b[31mred\u001b[0m')).toBe('red');
    expect(plain('\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007')).toBe('click');
    expect(plain('\u001b]0;owned\u001b\\title')).toBe('title');
    expect(plain('\u009b2Jgone')).toBe('gone');
  });

  it('cannot be tricked into making a sequence out of the rest of another', () => {
    expect(plain('\u001b\u001b[0m[31mred')).not.toContain('\u001b');
    expect(plain('\u001b[\u001b[0m31mred')).not.toContain('\u001b');
  });

  it('puts everything on one line', () => {
    expect(plain('one\r\ntwo\tthree\u2028four')).toBe('one two three four');
  });

  it('stays quick on text made to be slow', () => {
    for (const part of ['\u001b]', '\u0090', '\u001b[', '\u009b0', '\u001b ', 'a\u0300']) {
      expect(plain(part.repeat(50_000))).not.toMatch(/\p{Cc}/u);
    }
  });
});
