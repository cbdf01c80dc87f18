/** The document of `iam policy`. */
import * as z from 'zod';

const statement = z.object({
  Sid: z.string(),
  Effect: z.literal('Allow'),
  Action: z.array(z.string()),
  Resource: z.union([z.string(), z.array(z.string())]),
  Condition: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

const document = z.object({ Version: z.literal('2012-10-17'), Statement: z.array(statement) });

export const policyDocument = z.object({
  schema: z.literal('nanoops/policy@1'),
  commands: z.array(z.string()).describe('What it is for, as typed after "nanoops".'),
  runbooks: z.array(z.string()).describe('What it is for: runbooks that act.'),
  scoped: z.boolean().describe('False where no configuration names the resources: everything is allowed on "*".'),
  policies: z
    .array(z.object({ name: z.string(), size: z.int().describe('Characters as IAM counts them.'), document }))
    .describe('More than one where it is longer than a managed policy may be.'),
  everything: z
    .array(z.object({ action: z.string(), because: z.string() }))
    .describe('Actions that are allowed on "*", and why.'),
  unused: z.array(z.string()).describe('Actions left out, since the configuration has no use for them.'),
  notes: z.array(z.string()),
});

export type PolicyReport = z.output<typeof policyDocument>;
