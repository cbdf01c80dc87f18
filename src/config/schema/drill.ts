/** The recovery drill: when it is held, what it stops, and how it proves itself. */
import * as z from 'zod';
import { utcTime } from '../durations.ts';
import { command, duration, plainText, textLike, timeZone } from './fields.ts';

const schedulePattern =
  /^(?:1st|2nd|3rd|4th|last) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday) (?:[01]\d|2[0-3]):[0-5]\d$/i;

const schedule = () =>
  textLike(schedulePattern, (input) =>
    /^5th/i.test(input)
      ? 'must be 1st to 4th, or last: not every month has a fifth'
      : 'must be which, weekday and hour of the month: "2nd tuesday 15:00", "last friday 09:30"',
  ).transform((text) => text.toLowerCase());

const calendarDay = () =>
  textLike(/^\d{4}-\d{2}-\d{2}$/, () => 'must be a date: 2026-12-24').refine(
    (text) => utcTime(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8)), 0, 0, 0) !== undefined,
    { error: 'must be a date that the calendar has' },
  );

const blackout = z
  .strictObject({
    from: calendarDay().describe('The first day without a drill.'),
    to: calendarDay().describe('The last day without a drill.'),
    reason: plainText(200).optional().describe('Why, for whoever reads the schedule.'),
  })
  .refine(({ from, to }) => from <= to, { error: 'must not end before it begins', path: ['to'] });

export const drill = z
  .strictObject({
    schedule: schedule().default('2nd tuesday 15:00').describe('When the monthly drill is held, in `timeZone`.'),
    timeZone: timeZone().default('UTC').describe('The time zone of the schedule and of the blackouts.'),
    blackouts: z.array(blackout).default([]).describe('Days on which no drill is held; both ends belong to them.'),
    holdAfterFailover: duration()
      .default(0)
      .describe('How long the recovery region serves before the way back begins.'),
    stopAlarms: z
      .array(plainText(255))
      .default([])
      .describe('CloudWatch alarms, by name, that stop a drill when they fire.'),
    consistency: z
      .array(command())
      .default([])
      .describe('Programs that compare data after a failover; each must exit with 0.'),
    healthyAlarms: z
      .array(plainText(255))
      .default([])
      .describe('CloudWatch alarms, by name, that must be OK for a region to count as healthy.'),
    injectOutage: command().optional().describe('A program that simulates the outage.'),
    endOutage: command().optional().describe('A program that ends what `injectOutage` began, before the way back.'),
  })
  .describe('The monthly recovery drill.');
