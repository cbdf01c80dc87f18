/** Recovery objectives, and the thresholds of checks: those of the specification, each of which a file can change. */
import * as z from 'zod';
import { formatQuantity, readQuantity, type QuantityUnit } from '../quantities.ts';
import {
  thresholdCheckIds,
  thresholdDefinitions,
  type Threshold,
  type ThresholdCheckId,
  type ThresholdDefinition,
} from '../thresholds.ts';
import { durationPattern } from '../durations.ts';
import { duration } from './fields.ts';

const written = {
  ms: { pattern: durationPattern, words: 'a duration such as 2s' },
  percent: { pattern: '^\\d{1,3}(\\.\\d{1,6})? ?%$', words: 'a percentage such as 99.95%' },
  count: { words: 'a plain number' },
} satisfies Record<QuantityUnit, { pattern?: string; words: string }>;

function quantity(unit: QuantityUnit) {
  const read = (input: string | number, context: z.core.$RefinementCtx): number => {
    const reading = readQuantity(input, unit);
    if ('value' in reading) return reading.value;
    context.issues.push({ code: 'custom', message: reading.fault, input });
    return z.NEVER;
  };
  // Text and number are both let in, so that a wrong one is answered with how this quantity is written.
  const input = z.union([z.string(), z.number()], { error: `must be ${written[unit].words}` });
  const teaching =
    unit === 'count' ? { type: 'number', minimum: 0 } : { type: 'string', pattern: written[unit].pattern };
  return input.meta({ ...teaching, anyOf: undefined }).transform(read);
}

/** Keys that a check has no use for are unknown in it. */
function thresholdSchema(definition: ThresholdDefinition): z.ZodType<Threshold> {
  const { unit, target, alert } = definition;
  const bound = (what: string, value: number) =>
    quantity(unit)
      .optional()
      .describe(`${what}; ${formatQuantity(value, unit)} unless set.`);
  if (target === undefined) {
    return alert === undefined
      ? z.strictObject({})
      : z.strictObject({ alert: bound('Crossing it is a breach', alert) });
  }
  const aim = { target: bound('Missing it is a warning', target) };
  if (alert === undefined) return z.strictObject(aim);
  return z.strictObject({ ...aim, alert: bound('Crossing it is a breach', alert) }).superRefine((given, context) => {
    const fault = orderFault({ target: given.target ?? target, alert: given.alert ?? alert }, definition);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
}

function orderFault({ target, alert }: Required<Threshold>, { unit, better }: ThresholdDefinition): string | undefined {
  if (better === 'lower' ? target <= alert : target >= alert) return undefined;
  return `has its target (${formatQuantity(target, unit)}) beyond its alert threshold (${formatQuantity(alert, unit)}): set both`;
}

/** Every check's threshold: as given, else as specified. */
const checks = z
  .strictObject(
    Object.fromEntries(thresholdCheckIds.map((id) => [id, thresholdSchema(thresholdDefinitions[id]).optional()])),
  )
  .transform((changes): Readonly<Record<ThresholdCheckId, Threshold>> => {
    const all = specified();
    for (const id of thresholdCheckIds) all[id] = { ...all[id], ...changes[id] };
    return all;
  })
  .describe('Thresholds of checks, by the check’s id. What is not here is as specified.');

function specified(): Record<ThresholdCheckId, Threshold> {
  const all: Partial<Record<ThresholdCheckId, Threshold>> = {};
  for (const id of thresholdCheckIds) {
    const { target, alert }: ThresholdDefinition = thresholdDefinitions[id];
    all[id] = { ...(target === undefined ? {} : { target }), ...(alert === undefined ? {} : { alert }) };
  }
  // `thresholdCheckIds` holds every key.
  return all as Record<ThresholdCheckId, Threshold>;
}

const burn = z
  .strictObject({
    fewestEvents: z
      .int()
      .min(1)
      .default(10)
      .describe(
        'So many failed requests, or missed minutes of latency, have to be in the long burn window, or it breaches nothing: with few requests a single failure burns fast. 10 unless set.',
      ),
  })
  .describe('How burn rates of error budgets are judged.');

export const objectives = z
  .strictObject({
    rto: duration()
      .default(3_600_000)
      .describe('Recovery time objective: from the outage until the last client is served.'),
    rpo: duration().default(900_000).describe('Recovery point objective: the most that may be lost, as time.'),
    burn: burn.prefault({}),
    checks: checks.prefault({}),
  })
  .describe('What is aimed for.');
