/** What a team's own check in YAML may say, and its JSON Schema for editors. */
import * as z from 'zod';
import { plainText } from '../schema/fields.ts';
import { expression, line, source } from './fields.ts';

/** As `CheckArea`. */
const areas = [
  'own',
  'api',
  'database',
  'compute',
  'storage',
  'business',
  'cache',
  'delivery',
  'dns',
  'logs',
  'security',
  'cost',
  'backup',
  'recovery',
] as const;

export const checkFileSchema = z.strictObject({
  title: plainText(120).describe('What it checks, in one line.'),
  area: z.enum(areas).optional().describe('Where it is listed. Default: own.'),
  severity: z
    .enum(['critical', 'warning', 'info'])
    .optional()
    .describe('How bad it is when it fails. Default: warning.'),
  ...source,
  warning: expression('Holds where the target is missed.').optional(),
  breach: expression('Holds where somebody has to be told.').optional(),
  value: expression('What was measured: a number.').optional(),
  unit: plainText(12).optional().describe('Of the value: s, ms, %, count, days. Default: count.'),
  target: plainText(40).optional().describe('What is aimed for, for people: "<5 s".'),
  alert: plainText(40).optional().describe('What is a breach, for people: ">30 s".'),
  say: line('What was found, for people: a text in which ${…} stands for parts of the answer.').optional(),
  nextStep: plainText(300).optional().describe('What to do or type where it fails.'),
});

export type CheckFile = z.output<typeof checkFileSchema>;
