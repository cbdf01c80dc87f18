/** When drills are held: which day of the month, at what local time, and what summer time and blackouts do to it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blackoutAt, daysBetween, drillDates, startOfDay, type DrillPlan } from '../../src/drills/schedule.ts';

function plan(schedule: string, timeZone = 'UTC', blackouts: DrillPlan['blackouts'] = []): DrillPlan {
  return { schedule, timeZone, blackouts };
}

function utc(text: string): number {
  return Date.parse(text);
}

/** Each date as it is read aloud: when in UTC, and when on the wall there. */
function told(given: DrillPlan, from: string, count = 1): readonly string[] {
  return drillDates(given, utc(from), count).dates.map(
    ({ at, local, clockChange, skipped }) =>
      `${new Date(at).toISOString().slice(0, 16)}Z ${local}${clockChange === undefined ? '' : ` ${clockChange}`}${skipped === undefined ? '' : ` (${skipped})`}`,
  );
}

describe('the day of the month', () => {
  test('the specification’s second Tuesday at three', () => {
    expect(told(plan('2nd tuesday 15:00'), '2026-11-26T08:00Z', 3)).toEqual([
      '2026-12-08T15:00Z 2026-12-08T15:00+00:00',
      '2027-01-12T15:00Z 2027-01-12T15:00+00:00',
      '2027-02-09T15:00Z 2027-02-09T15:00+00:00',
    ]);
  });

  test('a drill that begins this very moment is still to come, one of a millisecond ago is not', () => {
    expect(told(plan('2nd tuesday 15:00'), '2026-12-08T15:00Z')[0]).toMatch(/^2026-12-08/);
    expect(told(plan('2nd tuesday 15:00'), '2026-12-08T15:00:00.001Z')[0]).toMatch(/^2027-01-12/);
  });

  test('the last Friday is the fourth or the fifth', () => {
    expect(told(plan('last friday 09:30'), '2026-09-01T00:00Z', 3)).toEqual([
      '2026-09-25T09:30Z 2026-09-25T09:30+00:00',
      '2026-10-30T09:30Z 2026-10-30T09:30+00:00',
      '2026-11-27T09:30Z 2026-11-27T09:30+00:00',
    ]);
  });

  test('a month that begins on the weekday, and one that ends on it', () => {
    expect(told(plan('1st tuesday 00:00'), '2026-12-01T00:00Z')).toEqual(['2026-12-01T00:00Z 2026-12-01T00:00+00:00']);
    expect(told(plan('4th monday 00:00'), '2027-02-01T00:00Z')).toEqual(['2027-02-22T00:00Z 2027-02-22T00:00+00:00']);
    expect(told(plan('last sunday 23:59'), '2027-02-01T00:00Z')).toEqual(['2027-02-28T23:59Z 2027-02-28T23:59+00:00']);
    expect(told(plan('last tuesday 12:00'), '2028-02-01T00:00Z')).toEqual(['2028-02-29T12:00Z 2028-02-29T12:00+00:00']);
  });

  test('the month is that of the zone: in UTC it is still the one before', () => {
    expect(told(plan('1st friday 05:00', 'Pacific/Kiritimati'), '2026-12-31T12:00Z')).toEqual([
      '2026-12-31T15:00Z 2027-01-01T05:00+14:00',
    ]);
  });
});

describe('summer time', () => {
  test('the wall’s time stays, and UTC’s moves', () => {
    expect(told(plan('2nd tuesday 15:00', 'America/New_York'), '2027-02-01T00:00Z', 3)).toEqual([
      '2027-02-09T20:00Z 2027-02-09T15:00-05:00',
      '2027-03-09T20:00Z 2027-03-09T15:00-05:00',
      '2027-04-13T19:00Z 2027-04-13T15:00-04:00',
    ]);
  });

  test('in Berlin, an hour that does not exist moves forward by it; one that comes twice is the first', () => {
    expect(told(plan('last sunday 02:30', 'Europe/Berlin'), '2027-03-01T00:00Z')).toEqual([
      '2027-03-28T01:30Z 2027-03-28T03:30+02:00 moved-forward',
    ]);
    expect(told(plan('last sunday 02:30', 'Europe/Berlin'), '2027-10-01T00:00Z')).toEqual([
      '2027-10-31T00:30Z 2027-10-31T02:30+02:00 first-of-two',
    ]);
    // The edges themselves.
    expect(told(plan('last sunday 02:00', 'Europe/Berlin'), '2027-03-01T00:00Z')).toEqual([
      '2027-03-28T01:00Z 2027-03-28T03:00+02:00 moved-forward',
    ]);
    expect(told(plan('last sunday 03:00', 'Europe/Berlin'), '2027-03-01T00:00Z')).toEqual([
      '2027-03-28T01:00Z 2027-03-28T03:00+02:00',
    ]);
    expect(told(plan('last sunday 03:00', 'Europe/Berlin'), '2027-10-01T00:00Z')).toEqual([
      '2027-10-31T02:00Z 2027-10-31T03:00+01:00',
    ]);
  });

  test('in New York', () => {
    expect(told(plan('2nd sunday 02:30', 'America/New_York'), '2027-03-01T00:00Z')).toEqual([
      '2027-03-14T07:30Z 2027-03-14T03:30-04:00 moved-forward',
    ]);
    expect(told(plan('1st sunday 01:30', 'America/New_York'), '2027-11-01T00:00Z')).toEqual([
      '2027-11-07T05:30Z 2027-11-07T01:30-04:00 first-of-two',
    ]);
  });

  test('on Lord Howe Island the clocks change by half an hour', () => {
    expect(told(plan('1st sunday 02:15', 'Australia/Lord_Howe'), '2027-10-01T00:00Z')).toEqual([
      '2027-10-02T15:45Z 2027-10-03T02:45+11:00 moved-forward',
    ]);
    expect(told(plan('1st sunday 01:45', 'Australia/Lord_Howe'), '2027-04-01T00:00Z')).toEqual([
      '2027-04-03T14:45Z 2027-04-04T01:45+11:00 first-of-two',
    ]);
  });

  test('a zone without any', () => {
    expect(told(plan('last sunday 02:30', 'Asia/Kolkata'), '2027-03-01T00:00Z')).toEqual([
      '2027-03-27T21:00Z 2027-03-28T02:30+05:30',
    ]);
  });
});

describe('blackouts', () => {
  const freeze = { from: '2026-12-08', to: '2027-01-12', reason: 'year-end freeze' };

  test('a date in one is listed with its reason and does not count', () => {
    expect(told(plan('2nd tuesday 15:00', 'UTC', [freeze]), '2026-11-26T08:00Z', 2)).toEqual([
      '2026-12-08T15:00Z 2026-12-08T15:00+00:00 (year-end freeze)',
      '2027-01-12T15:00Z 2027-01-12T15:00+00:00 (year-end freeze)',
      '2027-02-09T15:00Z 2027-02-09T15:00+00:00',
      '2027-03-09T15:00Z 2027-03-09T15:00+00:00',
    ]);
  });

  test('without a reason, its days are one', () => {
    expect(
      told(plan('2nd tuesday 15:00', 'UTC', [{ from: '2026-12-01', to: '2026-12-31' }]), '2026-12-01T00:00Z')[0],
    ).toContain('(no drills from 2026-12-01 to 2026-12-31)');
  });

  test('its days are those of the zone: in Auckland the 9th has begun while it is the 8th in UTC', () => {
    const auckland = [{ from: '2026-12-09', to: '2026-12-09', reason: 'elections' }];
    const zone = { timeZone: 'Pacific/Auckland', blackouts: auckland };
    expect(blackoutAt(zone, utc('2026-12-08T10:59:59Z'))).toBeUndefined();
    expect(blackoutAt(zone, utc('2026-12-08T11:00:00Z'))).toBe('elections');
    expect(blackoutAt(zone, utc('2026-12-09T11:00:00Z'))).toBeUndefined();
    expect(told({ schedule: '2nd wednesday 08:00', ...zone }, '2026-12-01T00:00Z')[0]).toContain('(elections)');
  });

  test('one that never ends is told as that instead of being counted through', () => {
    const { dates, isComplete } = drillDates(
      plan('2nd tuesday 15:00', 'UTC', [{ from: '2027-01-01', to: '9999-12-31' }]),
      utc('2026-11-26T00:00Z'),
      3,
    );
    expect(isComplete).toBe(false);
    expect(dates.filter(({ skipped }) => skipped === undefined)).toMatchObject([{ date: '2026-12-08' }]);
  });
});

test('days are counted as people count them: tomorrow is 1, whatever the hour', () => {
  expect(daysBetween(utc('2026-12-07T22:59Z'), utc('2026-12-07T23:01Z'), 'Europe/Berlin')).toBe(1);
  expect(daysBetween(utc('2026-12-07T22:59Z'), utc('2026-12-07T23:01Z'), 'UTC')).toBe(0);
  // Two days of 24 and 23 hours.
  expect(daysBetween(utc('2027-03-26T23:00Z'), utc('2027-03-28T22:00Z'), 'Europe/Berlin')).toBe(2);
  expect(daysBetween(utc('2026-12-08T12:00Z'), utc('2026-12-01T12:00Z'), 'UTC')).toBe(-7);
});

test('a day begins in its zone, even where midnight is skipped', () => {
  expect(startOfDay('2026-12-08', 'Europe/Berlin')).toBe(utc('2026-12-07T23:00Z'));
  expect(startOfDay('2027-03-28', 'Asia/Beirut')).toBe(utc('2027-03-27T22:00Z'));
  expect(startOfDay('2026-02-29', 'UTC')).toBeUndefined();
  expect(startOfDay('2026-13-01', 'UTC')).toBeUndefined();
});

test('a text that is no schedule is refused', () => {
  expect(() => drillDates(plan('now and then'), 0, 1)).toThrow('"now and then" is no schedule');
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'America/St_Johns',
  'Africa/Casablanca',
  'Pacific/Chatham',
].map((timeZone) => ({
  timeZone,
  format: new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }),
}));

/** Read by Intl, and not by what made the dates. */
function wall(at: number, format: Intl.DateTimeFormat) {
  const parts = format.formatToParts(at);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  return {
    weekday: part('weekday').toLowerCase(),
    month: Number(part('year')) * 12 + Number(part('month')),
    day: Number(part('day')),
    time: `${part('hour')}:${part('minute')}`,
    length: new Date(Date.UTC(Number(part('year')), Number(part('month')), 0)).getUTCDate(),
  };
}

test('every date is that weekday, in that week of its month, at that local time; one a month', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('1st', '2nd', '3rd', '4th', 'last'),
      fc.constantFrom('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom(...zones),
      fc.integer({ min: utc('2020-01-01T00:00Z'), max: utc('2037-01-01T00:00Z') }),
      (which, weekday, hour, minute, { timeZone, format }, from) => {
        const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        const { dates } = drillDates(plan(`${which} ${weekday} ${time}`, timeZone), from, 13);
        expect(dates).toHaveLength(13);
        const seen = dates.map(({ at }) => wall(at, format));
        const isLater = dates.map(({ clockChange }) => clockChange === 'moved-forward');
        expect(dates.every(({ at }) => at >= from)).toBe(true);
        expect(seen.map((each) => each.weekday)).toEqual(seen.map(() => weekday));
        expect(
          seen.filter((each, index) => (isLater[index] === true ? each.time <= time : each.time !== time)),
        ).toEqual([]);
        const weeks = seen.map(({ day, length }) => (which === 'last' ? length - day < 7 : Math.ceil(day / 7)));
        expect(weeks).toEqual(seen.map(() => (which === 'last' ? true : Number(which[0]))));
        expect(seen.map(({ month }) => month)).toEqual(seen.map((_, index) => (seen[0]?.month ?? 0) + index));
      },
    ),
  );
});
