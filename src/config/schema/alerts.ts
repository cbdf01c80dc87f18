/** Whom alarms reach, and what is made for it in the account. */
import * as z from 'zod';
import { textLike } from './fields.ts';

const email = () =>
  textLike(/^[^\s\p{C}@"<>,;:\\()[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/iu, (input) =>
    /[<>]/.test(input)
      ? 'must be the address alone, without a name: oncall@nano.example'
      : 'must be an e-mail address: oncall@nano.example',
  );

const phone = () =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? 'must be in quotes ("+4915112345678"): without them YAML reads a number, and the "+" is lost'
          : undefined,
    })
    .regex(/^\+[1-9]\d{6,14}$/, {
      error: (issue) =>
        /^\+[\d ()./-]+$/.test(String(issue.input))
          ? 'must be the number without spaces and signs: "+4915112345678"'
          : 'must be a telephone number with its country code: "+4915112345678"',
    });

/** SNS compares endpoints as they are written, and would take one that is written twice for two. */
function onlyOnce(values: readonly string[], context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) context.addIssue({ code: 'custom', path: [index], message: 'stands here twice' });
    seen.add(value);
  }
}

const receivers = (what: string) =>
  z
    .strictObject({
      email: z
        .array(email())
        .max(50, { error: 'must not be more than 50: use a mailing list' })
        .superRefine(onlyOnce)
        .default([])
        .describe('Addresses. Each has to agree to it once, by the link in the mail that SNS sends.'),
      sms: z
        .array(phone())
        .max(50, { error: 'must not be more than 50' })
        .superRefine(onlyOnce)
        .default([])
        .describe('Telephone numbers with their country code, in quotes: "+4915112345678".'),
    })
    .describe(what);

export const alerts = z
  .strictObject({
    prefix: textLike(
      /^[A-Za-z][A-Za-z0-9_-]{0,39}$/,
      () => 'must be 1 to 40 letters, digits, "-" and "_", and begin with a letter',
    )
      .optional()
      .describe(
        'What the names of the alarms, topics, rules and of the dashboard begin with; nanoops-<service>-<environment> unless set.',
      ),
    critical: receivers('Who is told by the topic of critical alarms.').prefault({}),
    warning: receivers('Who is told by the topic of warnings.').prefault({}),
  })
  .describe('What `alerts apply` and `dashboard apply` make in the account.');
