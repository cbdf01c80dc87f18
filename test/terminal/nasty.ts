/** Foreign text at its worst, for tests of whatever shows it. */
import * as fc from 'fast-check';

/** Text with more of what is dangerous than chance would give. */
export const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;title\u0007',
        '\u001b]8;;https://evil.example\u001b\\',
        '\u009b31m',
        '\u001b[?1049h',
        '\u001bP1$r\u001b\\',
        '\u001b',
        '\u0007',
        '\r',
        '\n',
        '\t',
        '\u0000',
        '\u007f',
        '\u0085',
        '\u2028',
        '\ud800',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u200d',
        '\ufeff',
        '\u00ad',
        '\u{e0041}',
        '\u3164',
        'a\u0300\u0301\u0302\u0303\u0304',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
