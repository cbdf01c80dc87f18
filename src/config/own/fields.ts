/** What the files of a team's own runbooks and checks are made of: texts, expressions, calls, programs, addresses. */
import * as z from 'zod';
import { duration, httpUrl, region, textLike } from '../schema/fields.ts';

/** A line of text, in which `${…}` stands for what a JMESPath expression gives. */
export const line = (about: string) =>
  textLike(
    /^(?=\S)[^\p{C}\p{Zl}\p{Zp}]{1,300}$/u,
    () => 'must be visible text on one line, of 1 to 300 characters',
  ).describe(about);

/** A JMESPath expression. */
export const expression = (about: string) =>
  z
    .string()
    .regex(/\S/, { error: 'is empty: write a JMESPath expression' })
    .describe(`${about} A JMESPath expression (https://jmespath.org).`);

export const stepId = () =>
  textLike(
    /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    () => 'must be small letters, digits and hyphens, beginning with a letter: look-at-queue',
  );

/** Anything that JSON can hold. Texts may hold `${…}`. */
const plain = z.record(z.string(), z.json());

export const call = () =>
  z
    .strictObject({
      service: z
        .string()
        .describe('As in IAM: ecs, rds, elasticloadbalancing, events, logs, …')
        .meta({ examples: ['ecs', 'rds', 'ssm'] }),
      operation: z
        .string()
        .regex(/^[A-Z]\w+$/, { error: 'must be an operation of the API, for example DescribeServices' })
        .describe('As the API Reference has it.')
        .meta({ examples: ['DescribeServices'] }),
      region: region()
        .optional()
        .describe('Default: the region that the run is about, the primary one unless --region says otherwise.'),
      input: plain.optional().describe('The request, as the API Reference has it; times as ISO 8601, bytes as base64.'),
    })
    .describe('One call of AWS.');

export const program = () =>
  z
    .array(z.string().regex(/^[^\0]*$/, { error: 'must not hold a NUL' }), {
      error: (issue) =>
        typeof issue.input === 'string'
          ? 'must be a list of words, since no shell reads it: [./queue-depth.sh, --newest]'
          : undefined,
    })
    .min(1, { error: 'must name a program: [./queue-depth.sh, --newest]' })
    .refine((words) => words[0] !== '', { error: 'must name a program first' })
    .describe(
      'A program and its arguments, one text each; no shell reads them. Started in the folder of nanoops.yaml.',
    );

const readOnly = () =>
  z
    .literal(true, { error: 'must be true, or not be there' })
    .describe('Declares that the program changes nothing: only then may it look.');

const http = () => httpUrl().describe('An address that is asked with one GET.');

const simulated = () =>
  z
    .json()
    .describe(
      'What the answer is where nothing of yours is started or asked: on the simulated AWS. For example { ok: true, output: "3" }.',
    );

/** How something is looked at: exactly one of the three. */
export const source = {
  call: call().optional(),
  command: program().optional(),
  readOnly: readOnly().optional(),
  http: http().optional(),
  simulated: simulated().optional(),
  within: duration().optional().describe('How long one look may take. Default: 30s.'),
};

export type Source = z.output<z.ZodObject<typeof source>>;
