/**
 * The kinds of value that a configuration holds: each says in its message how it is written, and knows what people
 * write by mistake. Nothing here knows where in the file a value stands.
 */
import * as z from 'zod';
import { durationPattern, readDuration } from '../durations.ts';
import { didYouMean } from '../nearest.ts';
import { quoted } from '../printable.ts';
import { readSecretRef, secretFault, secretPattern, type SecretRef } from '../secrets.ts';

/** A text of a given form. `explain` gets the text, and says what is expected and what was probably meant. */
export function textLike(pattern: RegExp, explain: (input: string) => string) {
  return z.string().regex(pattern, { error: (issue) => explain(typeof issue.input === 'string' ? issue.input : '') });
}

const arn = /^arn:aws[a-z-]*:/;
const placeholder = /\$\{(?:env|ssm|secretsmanager):/;

function notHere(input: string): string | undefined {
  return placeholder.test(input)
    ? 'references such as ${env:NAME} are read in secrets only: write the value'
    : undefined;
}

/** A name in AWS, of the given characters. An ARN in its place is answered with the part to keep. */
export function awsName(what: string, pattern: RegExp, characters: string) {
  return textLike(pattern, (input) => {
    if (arn.test(input)) return `must be the ${what}, not its ARN: keep only ${quoted(tailOf(input))}`;
    return notHere(input) ?? `must be a ${what}: ${characters}`;
  });
}

function tailOf(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
}

/** Visible text on one line. */
export function plainText(maxLength: number) {
  return textLike(
    new RegExp(`^(?=\\S)(?!.*\\$\\{(?:env|ssm|secretsmanager):)[^\\p{C}\\p{Zl}\\p{Zp}]{1,${maxLength}}$`, 'u'),
    (input) => notHere(input) ?? `must be visible text on one line, of 1 to ${maxLength} characters`,
  );
}

/** An id that reports and file names can hold. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export const id = () =>
  textLike(
    idPattern,
    (input) => notHere(input) ?? 'must be 1 to 63 letters, digits, ".", "_" or "-", and begin with a letter or a digit',
  );

/** AWS's regions as of 2026 (AWS Regions and Availability Zones); whether a name is one is not judged by this list. */
export const knownRegions: readonly string[] = (
  'us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1 ca-central-1 ca-west-1 mx-central-1 sa-east-1 ' +
  'af-south-1 il-central-1 ' +
  'eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 me-south-1 me-central-1 ' +
  'ap-south-1 ap-south-2 ap-east-1 ap-east-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ' +
  'ap-southeast-6 ap-southeast-7 ap-northeast-1 ap-northeast-2 ap-northeast-3 cn-north-1 cn-northwest-1'
).split(' ');

export const region = () =>
  textLike(/^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/, (input) => {
    if (/-\d[a-z]$/.test(input)) {
      return `must be a region, not an availability zone: write ${quoted(input.slice(0, -1))}`;
    }
    const meant = didYouMean(input, knownRegions);
    return (
      notHere(input) ?? `must be the name of a region, such as us-west-2${meant === undefined ? '' : `; ${meant}`}`
    );
  });

export const accountId = () =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? 'must be in quotes ("123456789012"): without them YAML reads a number, and leading zeros are lost'
          : undefined,
    })
    .regex(/^\d{12}$/, {
      error: (issue) =>
        /^\d{4}-\d{4}-\d{4}$/.test(String(issue.input))
          ? 'must be 12 digits without hyphens'
          : 'must be an account id: 12 digits, in quotes',
    });

export const roleArn = () =>
  textLike(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@\-/]{1,576}$/,
    (input) => notHere(input) ?? 'must be the ARN of a role: arn:aws:iam::123456789012:role/name',
  );

export const loadBalancerTail = () =>
  textLike(/^app\/[A-Za-z0-9-]{1,32}\/[0-9a-zA-Z]{1,32}$/, (input) => {
    const tail = /loadbalancer\/(app\/[A-Za-z0-9-]+\/[0-9a-zA-Z]+)$/.exec(input)?.[1];
    if (tail !== undefined) return `must be the tail of the load balancer's ARN: keep only ${quoted(tail)}`;
    if (/(?:^|\/)(?:net|gwy)\//.test(input)) return 'must be an Application Load Balancer: app/name/id';
    if (/\.elb\.amazonaws\.com\.?$/.test(input)) {
      return "must be the tail of the load balancer's ARN (app/name/id), not its DNS name";
    }
    return notHere(input) ?? "must be the tail of the load balancer's ARN: app/name/id";
  });

export const targetGroupTail = () =>
  textLike(/^targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-zA-Z]{1,32}$/, (input) => {
    const tail = /:(targetgroup\/[A-Za-z0-9-]+\/[0-9a-zA-Z]+)$/.exec(input)?.[1];
    if (tail !== undefined) return `must be the tail of the target group's ARN: keep only ${quoted(tail)}`;
    return notHere(input) ?? "must be the tail of the target group's ARN: targetgroup/name/id";
  });

export const httpUrl = () =>
  textLike(/^https?:\/\/(?![^/?#]*@)[^\s\p{C}/?#]+[^\s\p{C}]*$/u, (input) => {
    if (/^https?:\/\/[^/?#]*@/.test(input)) return 'must not hold a user or a password: a URL is written to reports';
    if (/^[a-z0-9.-]+\.[a-z]{2,}(?:[/:]|$)/i.test(input)) return 'must say its protocol: https://…';
    return notHere(input) ?? 'must be a URL that begins with https:// or http://';
  }).refine((text) => URL.canParse(text), { error: 'must be a URL that can be read: https://host/path' });

export const dnsName = () =>
  textLike(
    /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\.?$/i,
    (input) =>
      notHere(input) ??
      (/^https?:/.test(input) ? 'must be a DNS name, not a URL' : 'must be a DNS name, such as api.nano.example'),
  );

export const timeZone = () =>
  plainText(64).refine(isTimeZone, {
    error: (issue) => {
      const meant = didYouMean(String(issue.input), Intl.supportedValuesOf('timeZone'));
      return `must be a time zone of the IANA database, such as Europe/Berlin or UTC${meant === undefined ? '' : `; ${meant}`}`;
    },
  });

function isTimeZone(name: string): boolean {
  try {
    // Node also takes offsets (+01:00), which know no summer time.
    return (
      /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
    );
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A duration, in milliseconds once it is read. */
export const duration = () =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `has no unit: write ${issue.input}s, ${issue.input}m or ${issue.input}h`
          : undefined,
    })
    .meta({ pattern: durationPattern, examples: ['90s', '15m', '1h'] })
    .transform((text, context): number => {
      const reading = readDuration(text);
      if ('ms' in reading) return reading.ms;
      context.issues.push({ code: 'custom', message: reading.fault, input: text });
      return z.NEVER;
    });

/** A reference to a secret. The text itself never reaches a message. */
export const secret = () =>
  z
    .string({ error: (issue) => secretFault(issue.input) })
    .regex(secretPattern, { error: (issue) => secretFault(issue.input) })
    .transform((text, context): SecretRef => {
      const reference = readSecretRef(text);
      if (reference !== undefined) return reference;
      context.issues.push({ code: 'custom', message: secretFault(text), input: undefined });
      return z.NEVER;
    });

/** A program and its arguments, started without a shell. */
export const command = () =>
  z
    .strictObject({
      exec: z
        .array(
          z.string().regex(/^(?!.*\$\{(?:env|ssm|secretsmanager):)[^\0]*$/s, {
            error:
              'is not expanded in a command: the program inherits the environment, and a command line is no secret',
          }),
        )
        .min(1, { error: 'must name a program: [mysql, --batch, …]' })
        .refine((words) => words[0] !== '', { error: 'must name a program first' })
        .describe('The program and its arguments, one text each; no shell reads them.'),
    })
    .meta({ examples: [{ exec: ['./heartbeat.sh', '--newest'] }] });

/** A TCP port. */
export const port = () =>
  z
    .int({ error: 'must be a port: a whole number from 1 to 65535' })
    .min(1, { error: 'must be 1 or more' })
    .max(65_535, {
      error: 'must be 65535 or less',
    });
