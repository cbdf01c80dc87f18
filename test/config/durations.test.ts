import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration, parseInstantOrDuration } from '../../src/config/durations.ts';
import { NanoopsError } from '../../src/errors.ts';
import { failureOf } from './example.ts';

function outcomeOf(text: string): unknown {
  try {
    return parseDuration(text);
  } catch (error) {
    return error;
  }
}

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    ['', /is empty/],
    ['90', /^90 has no unit: 90s, 90m or 90h\?/],
    ['-5m', /negative/],
    ['1.5h', /Write 1h30m/],
    ['15 min', /Write 15m/],
    ['15M', /Write 15m/],
    ['2 hours', /Write 2h/],
    ['30m1h', /is no duration/],
    ['soon', /is no duration/],
    ['5m\u001B[31m', /\\u001b\[31m/],
    ['99999999999999999999d', /too long/],
  ])('%j is refused, and the message says how to write it', async (text, message) => {
    const failure = await failureOf(() => parseDuration(text));
    expect(failure).toMatchObject({ code: 'InvalidDuration', exitCode: 2 });
    expect(`${failure.message}\n${failure.nextStep}`).toMatch(message);
    // The problem is told once, and how to write it once.
    expect(failure.message).not.toContain(failure.nextStep.slice(1, -1));
  });

  test('the flag that it came with is named', async () => {
    expect((await failureOf(() => parseDuration('soon', '--timeout'))).message).toBe(
      '--timeout: "soon" is no duration',
    );
    expect(parseDuration('90s', '--timeout')).toBe(90_000);
  });

  test('every whole number of milliseconds is read back as it was written', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test('no text is read as anything but a whole number of milliseconds, or refused with a reason', () => {
    const pieces = fc.array(fc.constantFrom('1', '0', '9', 'd', 'h', 'm', 's', 'ms', '-', '.', ' '), { maxLength: 10 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((each) => each.join('')),
        ),
        (text) => {
          const read = outcomeOf(text);
          expect(read instanceof NanoopsError || Number.isSafeInteger(read)).toBe(true);
        },
      ),
    );
  });
});

describe('times for --since and --until', () => {
  const now = Date.UTC(2026, 10, 23, 12, 0, 0);

  test.each([
    ['15m', now - 900_000],
    ['2026-11-23T10:00:00Z', Date.UTC(2026, 10, 23, 10)],
    ['2026-11-23T10:00Z', Date.UTC(2026, 10, 23, 10)],
    ['2026-11-23T10:00:00.57Z', Date.UTC(2026, 10, 23, 10, 0, 0, 570)],
    ['2026-11-23T11:00+01:00', Date.UTC(2026, 10, 23, 10)],
    ['2026-11-23T05:30:00-0430', Date.UTC(2026, 10, 23, 10)],
    ['2024-02-29T00:00Z', Date.UTC(2024, 1, 29)],
  ])('%s', (text, at) => {
    expect(parseInstantOrDuration(text, now)).toBe(at);
  });

  test.each([
    ['2026-11-23T10:00', /has no time zone/],
    ['2026-11-23', /a date without a time and a zone/],
    ['2026-02-30T10:00Z', /no time that exists/],
    ['2026-11-23T24:00Z', /no time that exists/],
    ['2026-11-23T10:00+25:00', /no time that exists/],
    ['yesterday', /neither a time nor a duration/],
    ['1700000000', /neither a time nor a duration/],
    ['10', /^10 has no unit: 10s, 10m or 10h\?$/],
  ])('%s is refused rather than guessed', async (text, message) => {
    const failure = await failureOf(() => parseInstantOrDuration(text, now));
    expect(failure).toMatchObject({ code: 'InvalidTime', exitCode: 2 });
    expect(failure.message).toMatch(message);
    expect(failure.nextStep).not.toBe('');
  });

  test('the flag that it came with is named', async () => {
    for (const text of ['10', 'yesterday', '2026-11-23', '2026-11-23T10:00']) {
      expect((await failureOf(() => parseInstantOrDuration(text, now, '--since'))).message).toMatch(/^--since: /);
    }
  });

  test('every instant of four-digit years is read back', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          expect(parseInstantOrDuration(date.toISOString(), now)).toBe(date.getTime());
        },
      ),
    );
  });
});
