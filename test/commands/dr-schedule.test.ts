/** `dr schedule`: the dates of drills as an operator, a script and a calendar get them. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { listDocument } from '../../src/report/schemas.ts';
import { errorOf, newFolder } from './operator.ts';
import { runMain, type Ended } from '../support/run-main.ts';

/** Types a line in a folder that holds this `nanoops.yaml`. */
async function typed(line: string, { yaml, cwd }: { yaml?: string; cwd?: string } = {}): Promise<Ended> {
  const folder = cwd ?? (await newFolder());
  if (yaml !== undefined) await writeFile(join(folder, 'nanoops.yaml'), yaml);
  return runMain(line.split(' '), { cwd: folder });
}

const berlin = `
service: shop
regions: { primary: us-west-2, recovery: us-east-1 }
drill:
  schedule: last sunday 02:30
  timeZone: Europe/Berlin
  holdAfterFailover: 30m
  blackouts:
    - { from: 2027-04-20, to: 2027-05-02, reason: spring sale }
environments:
  staging: { drill: { schedule: 1st monday 09:00, timeZone: America/New_York } }
`;

function itemsOf({ stdout }: Ended) {
  return listDocument.parse(JSON.parse(stdout)).items;
}

describe('without a configuration', () => {
  test('it is the second Tuesday at three, in UTC, six times, and says so', async () => {
    const { exitCode, stdout } = await typed('dr schedule --from 2026-11-26');
    expect(exitCode).toBe(0);
    const dates = stdout.split('\n').filter((line) => /^\d{4}-/.test(line));
    expect(dates).toHaveLength(6);
    expect(dates[0]).toMatch(/^2026-12-08 {2}Tue 15:00 /);
    expect(dates.every((line) => line.includes('Tue 15:00'))).toBe(true);
    expect(stdout).toContain('No nanoops.yaml: this is the default, 2nd Tuesday 15:00 UTC.');
  });

  test('it begins now', async () => {
    const [first] = itemsOf(await typed('dr schedule --json --count 1'));
    const at = Date.parse(String(first?.['at']));
    expect(at).toBeGreaterThan(Date.now() - 60_000);
    expect(at).toBeLessThan(Date.now() + 36 * 86_400_000);
    expect(first?.['inDays']).toBeGreaterThanOrEqual(0);
  });

  test('an environment that was asked for is missed', async () => {
    const ended = await typed('dr schedule -e staging --json');
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('ConfigNotFound');
  });
});

describe('with a configuration', () => {
  const from = '--from 2027-03-01 --count 2';

  test('dates are in its zone and in UTC; a changed clock and a blackout are told', async () => {
    const { stdout } = await typed(`dr schedule ${from}`, { yaml: berlin });
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
    expect(lines[0]).toBe('date | in Europe/Berlin | in UTC | when | note');
    expect(lines[1]).toMatch(/^2027-03-28 \| Sun 03:30 \(UTC\+02:00\) \| 2027-03-28 01:30 \|.*\| later than scheduled/);
    expect(lines.find((line) => line.startsWith('2027-04-25'))).toContain('skipped: spring sale');
    expect(stdout).toContain('2027-05-30');
    expect(stdout).toContain('last Sunday 02:30 Europe/Berlin, by nanoops.yaml.');
  });

  test('as JSON, with what is skipped', async () => {
    const items = itemsOf(await typed(`dr schedule ${from} --json`, { yaml: berlin }));
    expect(items).toMatchObject([
      {
        id: '2027-03-28',
        at: '2027-03-28T01:30:00.000Z',
        local: '2027-03-28T03:30+02:00',
        timeZone: 'Europe/Berlin',
        clockChange: 'moved-forward',
        skipped: false,
        reason: null,
      },
      { id: '2027-04-25', skipped: true, reason: 'spring sale' },
      { id: '2027-05-30', skipped: false },
    ]);
    const lines = (await typed(`dr schedule ${from} -o ndjson`, { yaml: berlin })).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(items);
  });

  test('an environment of it, found from a folder below', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'nanoops.yaml'), berlin);
    await mkdir(join(folder, 'below'));
    const ended = await typed(`dr schedule -e staging ${from} --json`, { cwd: join(folder, 'below') });
    expect(itemsOf(ended)).toMatchObject([
      { at: '2027-03-01T14:00:00.000Z', timeZone: 'America/New_York' },
      { at: '2027-04-05T13:00:00.000Z' },
    ]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ stack: { service: 'shop', environment: 'staging' } });
  });

  test('a day begins in its zone', async () => {
    const [first] = itemsOf(
      await typed('dr schedule --from 2027-03-01 --json -e staging', { yaml: berlin.replace('09:00', '00:00') }),
    );
    expect(first?.['at']).toBe('2027-03-01T05:00:00.000Z');
  });

  test('a fault in it is told with its line', async () => {
    const ended = await typed('dr schedule --json', { yaml: berlin.replace('last sunday', '5th sunday') });
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code: 'ConfigInvalid' });
  });

  test('Markdown is a table, in which a reason is no markup', async () => {
    const { stdout } = await typed(`dr schedule ${from} -o markdown`, {
      yaml: berlin.replace('spring sale', '<b>sale|</b>'),
    });
    expect(stdout).toContain('| `2027-04-25` |');
    expect(stdout).toContain(String.raw`skipped: \<b\>sale\|\</b\>`);
  });
});

describe('a calendar', () => {
  test('is written beside the table, whole, and replaces the one before', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'drills.ics'), 'old');
    const { exitCode, stdout } = await typed('dr schedule --from 2027-03-01 --count 3 --ics drills.ics', {
      yaml: berlin,
      cwd,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('2027-03-28');
    const events = new ICAL.Component(ICAL.parse(await readFile(join(cwd, 'drills.ics'), 'utf8'))).getAllSubcomponents(
      'vevent',
    );
    const items = itemsOf(await typed('dr schedule --from 2027-03-01 --count 3 --json', { yaml: berlin }));
    expect(events.map((event) => new ICAL.Event(event).startDate.toJSDate().toISOString())).toEqual(
      items.filter(({ skipped }) => skipped === false).map(({ at }) => at),
    );
    // Twice the hour of the objective, and half an hour that the recovery region holds.
    expect(events.map((event) => new ICAL.Event(event).duration.toSeconds())).toEqual([9000, 9000, 9000]);
    expect((await readdir(cwd)).toSorted()).toEqual(['drills.ics', 'nanoops.yaml']);
  });

  test('is all there is on stdout with "-"', async () => {
    const { stdout } = await typed('dr schedule --count 1 --ics -');
    expect(stdout).toMatch(/^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
    const both = await typed('dr schedule --ics - --json');
    expect(both.exitCode).toBe(2);
    expect(errorOf(both).code).toBe('CalendarAndOutput');
  });

  test.each(['.', 'missing/drills.ics'])('is not written to %s', async (path) => {
    const cwd = await newFolder();
    const ended = await typed(`dr schedule --json --ics ${path}`, { cwd });
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('CalendarNotWritten');
    expect(await readdir(cwd)).toEqual([]);
  });
});

test.each([
  ['--count 0', 'InvalidCount'],
  ['--count 61', 'InvalidCount'],
  ['--count 1.5', 'InvalidCount'],
  ['--count many', 'InvalidCount'],
  ['--from tomorrow', 'InvalidTime'],
  ['--from 2027-02-30', 'InvalidTime'],
  ['--report x.md', 'NoReport'],
])('%s is refused', async (flags, code) => {
  const ended = await typed(`dr schedule --json ${flags}`);
  expect(ended.exitCode).toBe(2);
  expect(errorOf(ended).code).toBe(code);
});

test('sixty dates are given', async () => {
  expect(itemsOf(await typed('dr schedule --json --count 60'))).toHaveLength(60);
});
