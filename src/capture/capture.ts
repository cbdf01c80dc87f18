/**
 * What a diagnosis saw, as one file: the stack that it looked at, when, and each answer that it got. Versioned; read with every
 * fault told, since whoever sends one may have edited it.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { CloudErrorKind } from '../cloud/errors.ts';
import { NanoopsError } from '../errors.ts';
import { isTooDeep } from './depth.ts';

export const captureSchemaId = 'nanoops/capture@1';

const errorKinds = [
  'credentials-missing',
  'credentials-expired',
  'credentials-invalid',
  'permission',
  'throttled',
  'timeout',
  'unreachable',
  'service-fault',
  'not-found',
  'invalid-request',
  'refused-by-guard',
  'refused-elsewhere',
  'not-simulated',
  'malformed-answer',
] as const satisfies readonly CloudErrorKind[];

/** The end of the year 9999, with room for all that takes time after it. */
const latest = Date.UTC(9999, 11, 31);

const failure = z.strictObject({
  kind: z.enum(errorKinds),
  message: z.string(),
  details: z.looseObject({
    service: z.string(),
    operation: z.string(),
    region: z.string(),
    iamAction: z.string(),
    nextStep: z.string(),
  }),
});

const answer = z.strictObject({
  /** The name of the fact. */
  fact: z.string(),
  /** What was asked, as JSON. */
  asked: z.array(z.unknown()).readonly(),
  /** How long it took, in ms. */
  tookMs: z.number().min(0).max(86_400_000),
  /** Absent where the answer is that there is none. */
  value: z.unknown().optional(),
  error: failure.optional(),
});

const capture = z.strictObject({
  schema: z.literal(captureSchemaId),
  /** The version of nanoops that made it. */
  nanoops: z.string(),
  /** The runbook whose steps looked. */
  runbook: z.string(),
  /** The region that it looked at, where it was told one. */
  region: z.string().optional(),
  /** When it began to look, and the span that it was told; epoch milliseconds. */
  at: z.number().int().min(0).max(latest),
  since: z.number().min(0).max(latest).optional(),
  until: z.number().min(0).max(latest).optional(),
  /** The configuration as it was written, without programs, notifiers and references to secrets. */
  config: z.record(z.string(), z.unknown()),
  /** SHA-256 of the answers as JSON, in hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  answers: z.array(answer),
});

export type Capture = z.infer<typeof capture>;
export type CapturedAnswer = Capture['answers'][number];
export type CapturedFailure = z.infer<typeof failure>;

const mostFaults = 10;

/** @throws NanoopsError `InvalidCapture`, with the faults; exit code 2. `origin` names the file. */
export function parseCapture(text: string, origin: string): Capture {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(origin, [`it is no JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  if (isTooDeep(value)) throw invalid(origin, ['it is nested deeper than any answer is']);
  const parsed = capture.safeParse(value, { jitless: true });
  if (parsed.success) {
    // What an answer means is known where it is used: there, one that was edited would pass for a defect.
    if (digestOf(value) === parsed.data.digest) return parsed.data;
    throw invalid(origin, ['digest: the answers are not those that were captured: it was edited, or is damaged']);
  }
  const { issues } = parsed.error;
  const told = issues.slice(0, mostFaults).map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw invalid(origin, issues.length > mostFaults ? [...told, `and ${issues.length - mostFaults} more`] : told);
}

/** Over the answers as they stand in the file, so that nothing that reads them can change it. */
function digestOf(file: unknown): string {
  return answersDigest(isRecord(file) ? file['answers'] : undefined);
}

export function answersDigest(answers: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(answers) ?? '')
    .digest('hex');
}

function invalid(origin: string, details: readonly string[]): NanoopsError {
  return new NanoopsError(`${JSON.stringify(origin)} is no capture that this nanoops can read (${captureSchemaId})`, {
    code: 'InvalidCapture',
    exitCode: 2,
    details,
    nextStep: 'make one: nanoops capture latency --to capture.json',
  });
}

/** Parts of a configuration that a diagnosis does not read, or that lead to programs, people and secrets. */
const leftOut: readonly (readonly string[])[] = [
  ['roles'],
  ['notify'],
  ['state'],
  ['drill'],
  ['cost'],
  ['environments'],
  ['api', 'probeUrl'],
  ['api', 'writeProbe'],
  ['database', 'rpoProbe'],
  ['database', 'connection'],
  ['cache', 'connection'],
  ['cache', 'warm'],
];

/** A configuration as it was written, without what a capture has no need of. */
export function configForCapture(written: unknown): Record<string, unknown> {
  if (!isRecord(written)) throw new TypeError('there is no configuration to keep');
  const kept: Record<string, unknown> = structuredClone(written);
  for (const path of leftOut) {
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), kept);
    const key = path.at(-1);
    if (isRecord(parent) && key !== undefined) Reflect.deleteProperty(parent, key);
  }
  return kept;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
