import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NanoopsError } from '../../src/errors.ts';
import { errorView } from '../../src/terminal/error-view.ts';
import { nasty } from './nasty.ts';

const config = new NanoopsError('nanoops.yaml: 2 faults', {
  code: 'ConfigInvalid',
  exitCode: 2,
  details: [
    '3:1 regions: "primry" is not a key here; did you mean "primary"?',
    '9:3 api.loadBalancer: must be the tail of an ARN',
  ],
  nextStep: 'nanoops config schema',
  cause: new Error('parsing failed', { cause: new TypeError('bad indentation') }),
});

describe('an error that a user can mend', () => {
  it('says what is wrong, every fault, and what to type', () => {
    expect(errorView(config, { verbose: false, columns: 100 })).toBe(
      [
        'error: nanoops.yaml: 2 faults',
        '  – 3:1 regions: "primry" is not a key here; did you mean "primary"?',
        '  – 9:3 api.loadBalancer: must be the tail of an ARN',
        'next:  nanoops config schema',
        '',
      ].join('\n'),
    );
  });

  it('tells with -v what led to it', () => {
    const text = errorView(config, { verbose: true, columns: 100 });
    expect(text).toContain('because: Error: parsing failed');
    expect(text).toContain('because: TypeError: bad indentation');
  });

  it('breaks what is long, but never what is to be typed', () => {
    const nextStep = 'aws logs tail /aws/rds/cluster/nano-db/slowquery --region us-west-2 --since 30m';
    const error = new NanoopsError('word '.repeat(30).trim(), { code: 'Long', exitCode: 3, nextStep });
    const lines = errorView(error, { verbose: false, columns: 40 }).split('\n');
    expect(lines).toContain(`next:  ${nextStep}`);
    for (const line of lines.filter((each) => !each.startsWith('next:'))) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('breaks what is to be done, where it is prose', () => {
    const nextStep = 'look at what is there first, since it may have been done: nanoops runs list';
    const error = new NanoopsError('x', { code: 'Long', exitCode: 3, nextStep });
    expect(errorView(error, { verbose: false, columns: 40 })).toBe(
      [
        'error: x',
        'next:  look at what is there first,',
        '       since it may have been done:',
        '       nanoops runs list',
        '',
      ].join('\n'),
    );
  });

  it('ends, even where causes go in a ring', () => {
    const first = new Error('first');
    const second = new Error('second', { cause: first });
    first.cause = second;
    const error = new NanoopsError('x', { code: 'X', exitCode: 2, nextStep: 'y', cause: first });
    expect(errorView(error, { verbose: true, columns: 80 }).split('\n').length).toBeLessThan(12);
  });
});

describe('a defect', () => {
  const defect = new TypeError("Cannot read properties of undefined (reading 'points')");

  it('is told as one, asks for a report, and keeps its stack to itself', () => {
    const text = errorView(defect, { verbose: false, columns: 100 });
    expect(text).toContain('error: a defect of nanoops: Cannot read');
    expect(text).toMatch(/next: {2}add -v .* report it/);
    expect(text).not.toMatch(/^\s+at /m);
  });

  it('shows a short stack with -v', () => {
    const frames = errorView(defect, { verbose: true, columns: 100 }).match(/^ +at .+$/gm) ?? [];
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.length).toBeLessThanOrEqual(8);
  });

  it('may be anything that can be thrown', () => {
    for (const thrown of ['text', undefined, null, 7, { a: 1 }]) {
      expect(errorView(thrown, { verbose: true, columns: 80 })).toMatch(/^error: a defect of nanoops: /);
    }
  });
});

it('lets no text of an error reach the terminal as a command', () => {
  fc.assert(
    fc.property(nasty, fc.boolean(), (text, verbose) => {
      const error = new NanoopsError(text, {
        code: 'X',
        exitCode: 2,
        details: [text],
        nextStep: text,
        cause: new Error(text),
      });
      for (const each of [error, new Error(text), text]) {
        expect(errorView(each, { verbose, columns: 80 }).replaceAll('\n', '')).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u,
        );
      }
    }),
  );
});
