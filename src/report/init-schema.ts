/** The document of `nanoops init`. */
import * as z from 'zod';
import { apiUsage } from './schemas.ts';

const finding = z.discriminatedUnion('status', [
  z.strictObject({
    key: z.string().describe('A path into the file: api.loadBalancer.'),
    status: z.literal('found'),
    value: z.union([z.string(), z.number()]),
    why: z.string().describe('Why it was chosen.'),
  }),
  z.strictObject({
    key: z.string(),
    status: z.literal('ambiguous').describe('Several, of which none is clearly best; none was written.'),
    candidates: z.array(z.strictObject({ name: z.string(), why: z.string() })).describe('The likeliest first.'),
  }),
  z.strictObject({ key: z.string(), status: z.literal('absent'), why: z.string() }),
]);

export const initDocument = z.strictObject({
  schema: z.literal('nanoops/init@1'),
  verdict: z.enum(['ok', 'unknown']),
  exitCode: z.union([z.literal(0), z.literal(3)]),
  file: z.string().describe('Where the file is, or would be.'),
  written: z.boolean().describe('False in a dry run.'),
  backup: z.string().optional().describe('Where the file of before is kept.'),
  regions: z.strictObject({ primary: z.string(), recovery: z.string().optional() }),
  findings: z.array(finding),
  unseen: z
    .array(
      z.strictObject({
        part: z.string().describe('The top-level key of the file that it is about.'),
        region: z.string(),
        iamAction: z.string().optional().describe('What it takes; absent where it was no question of permission.'),
        message: z.string(),
      }),
    )
    .describe('What could not be looked at.'),
  notes: z.array(z.string()),
  readiness: z.union([
    z.strictObject({ skipped: z.string().describe('Why it was not asked.') }),
    z.strictObject({
      verdict: z.string(),
      summary: z.string(),
      blockers: z.array(z.strictObject({ id: z.string(), summary: z.string() })).describe('The first of them.'),
      blocks: z.int().describe('How many there are.'),
      unknown: z.int().describe('How many checks could not tell.'),
    }),
  ]),
  yaml: z.string().describe('The text of the file.'),
  nextStep: z.string(),
  also: z
    .array(z.strictObject({ command: z.string(), why: z.string() }))
    .describe('What else can be typed now. None where something has to be done first, or nothing was written.'),
  api: apiUsage,
});

export type InitDocument = z.output<typeof initDocument>;
