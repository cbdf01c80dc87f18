/** The calendar of drills, as another program's parser reads it. */
import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { icalendar } from '../../src/report/icalendar.ts';
import type { DrillDateItem, DrillSchedule } from '../../src/use-cases/drills.ts';

const nowMs = Date.parse('2026-11-26T08:00:00Z');

function item(id: string, at: string, more: Partial<DrillDateItem> = {}): DrillDateItem {
  return {
    id,
    at,
    local: `${id}T15:00+01:00`,
    timeZone: 'Europe/Berlin',
    inDays: 12,
    clockChange: null,
    skipped: false,
    reason: null,
    ...more,
  };
}

function schedule(more: Partial<DrillSchedule> = {}): DrillSchedule {
  return {
    schema: 'nanoops/list@1',
    items: [
      item('2026-12-08', '2026-12-08T14:00:00.000Z'),
      item('2027-01-12', '2027-01-12T14:00:00.000Z', { skipped: true, reason: 'freeze' }),
      item('2027-02-09', '2027-02-09T14:00:00.000Z'),
    ],
    schedule: '2nd tuesday 15:00',
    timeZone: 'Europe/Berlin',
    stack: { service: 'shop-api', environment: 'staging' },
    origin: 'nanoops.yaml',
    simulated: false,
    lengthMs: 7_200_000,
    complete: true,
    ...more,
  };
}

function eventsIn(text: string): readonly ICAL.Component[] {
  return new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
}

function read(event: ICAL.Component) {
  const { uid, summary, description, startDate, endDate } = new ICAL.Event(event);
  const alarm = event.getFirstSubcomponent('valarm');
  return {
    uid,
    summary,
    description,
    start: startDate.toJSDate().toISOString(),
    end: endDate.toJSDate().toISOString(),
    zone: startDate.zone?.tzid,
    stamp: String(event.getFirstPropertyValue('dtstamp')),
    alarm: String(alarm?.getFirstPropertyValue('trigger')),
    action: alarm?.getFirstPropertyValue('action'),
  };
}

describe('a calendar', () => {
  test('holds what was put in, without the drills that are skipped', () => {
    expect(eventsIn(icalendar(schedule(), nowMs)).map(read)).toEqual([
      {
        uid: 'drill~2026-12-08~staging~shop-api@nanoops',
        summary: 'shop-api (staging): recovery drill',
        description:
          'First see what it would do, then hold it:\nnanoops dr drill --dry-run -e staging\nnanoops dr drill -e staging\nIt begins at 15:00 in Europe/Berlin.',
        start: '2026-12-08T14:00:00.000Z',
        end: '2026-12-08T16:00:00.000Z',
        zone: 'UTC',
        stamp: '2026-11-26T08:00:00Z',
        alarm: '-P1D',
        action: 'DISPLAY',
      },
      expect.objectContaining({
        uid: 'drill~2027-02-09~staging~shop-api@nanoops',
        start: '2027-02-09T14:00:00.000Z',
      }),
    ]);
  });

  test('made again on another day names the same drill by the same UID, and another stack’s by another', () => {
    const uids = (more: Partial<DrillSchedule>, now = nowMs): readonly string[] =>
      eventsIn(icalendar(schedule(more), now)).map((event) => read(event).uid);
    expect(uids({}, nowMs + 86_400_000)).toEqual(uids({}));
    const all = [
      ...uids({}),
      ...uids({ stack: null }),
      // Read in one go, these two would be the same words.
      ...uids({ stack: { service: 'b-c', environment: 'a' } }),
      ...uids({ stack: { service: 'c', environment: 'a-b' } }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('on the sandbox says so in its commands, and without a stack names none', () => {
    const described = (more: Partial<DrillSchedule>): string =>
      eventsIn(icalendar(schedule(more), nowMs)).map((event) => read(event).description)[0] ?? '';
    expect(described({ simulated: true })).toContain('nanoops dr drill --sandbox\n');
    expect(described({ stack: null })).toContain('nanoops dr drill\n');
  });

  test('ends each line with CRLF, none longer than 75 octets, and escapes what means something', () => {
    // Longer than any line, of letters of two octets, and with every sign that RFC 5545 escapes.
    const service = `größe;${'ü'.repeat(80)},\\n`;
    const text = icalendar(schedule({ stack: { service, environment: 'prod' } }), nowMs);
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    const lines = text.slice(0, -2).split('\r\n');
    expect(lines.join('')).not.toMatch(/[\r\n]/);
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(eventsIn(text).map((event) => read(event).summary)[0]).toBe(`${service} (prod): recovery drill`);
  });

  test('without any drill is a calendar all the same', () => {
    expect(eventsIn(icalendar(schedule({ items: [] }), nowMs))).toEqual([]);
  });
});
