/**
 * The dates of drills as an iCalendar file (RFC 5545), for whatever calendar people keep. Drills that are skipped are not
 * in it. Writes the file, whole or not at all, where one is asked for.
 */
import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import ical, { ICalAlarmType, ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { NanoopsError } from '../errors.ts';
import type { DrillSchedule } from '../use-cases/drills.ts';
import { plain } from './plain-text.ts';

const daySeconds = 86_400;

/** The whole file, with its line ends (CRLF). `nowMs` is when it is made, epoch milliseconds. */
export function icalendar(schedule: DrillSchedule, nowMs: number): string {
  const { items, stack, lengthMs, timeZone } = schedule;
  const of = stack === null ? '' : `${stack.service} (${stack.environment}): `;
  const calendar = ical({
    name: `${of}recovery drills`,
    prodId: { company: 'nanoops', product: 'nanoops' },
    method: ICalCalendarMethod.PUBLISH,
  });
  for (const { id, at, local, skipped } of items) {
    if (skipped) continue;
    calendar.createEvent({
      id: uidOf(id, stack),
      stamp: new Date(nowMs),
      start: new Date(at),
      end: new Date(Date.parse(at) + lengthMs),
      summary: `${of}recovery drill`,
      description: [
        'First see what it would do, then hold it:',
        `nanoops dr drill --dry-run${stackFlag(schedule)}`,
        `nanoops dr drill${stackFlag(schedule)}`,
        `It begins at ${local.slice(11, 16)} in ${timeZone}.`,
      ].join('\n'),
      status: ICalEventStatus.CONFIRMED,
      alarms: [{ type: ICalAlarmType.display, trigger: daySeconds, description: `${of}recovery drill tomorrow` }],
    });
  }
  return calendar.toString().replace(/(?:\r\n)?$/, '\r\n');
}

/**
 * The same for the same stack and day, so that a file that is imported again replaces events instead of doubling them. No
 * service and no environment has a tilde in it.
 */
function uidOf(date: string, stack: DrillSchedule['stack']): string {
  return `${['drill', date, ...(stack === null ? [] : [stack.environment, stack.service])].join('~')}@nanoops`;
}

/** The flag by which whoever reads it later means the same stack. */
function stackFlag({ stack, simulated }: DrillSchedule): string {
  if (simulated) return ' --sandbox';
  return stack === null ? '' : ` -e ${stack.environment}`;
}

/** Writes a calendar to `path`, seen from `cwd`. @throws NanoopsError `CalendarNotWritten` */
export async function writeCalendar(cwd: string, path: string, text: string): Promise<void> {
  const file = resolve(cwd, path);
  const temporary = join(dirname(file), `.nanoops-${randomUUID()}.tmp`);
  try {
    if (await isSomethingElse(file)) throw new Error('there is a folder or device of that name');
    await writeFile(temporary, text, { encoding: 'utf8', flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new NanoopsError(`--ics "${plain(path)}" cannot be written: ${reasonOf(error)}`, {
      code: 'CalendarNotWritten',
      exitCode: 2,
      nextStep: 'choose another file, or print it with --ics -',
      cause: error,
    });
  }
}

async function isSomethingElse(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && !found.isFile();
}

/** Node's own words without its code and the path. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+(?: '.*)?$/, '');
}
