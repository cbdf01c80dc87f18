/**
 * What a recovery run concluded, as its journal keeps it. Journals are read years later and by other versions, so that
 * each member counts for itself: one that is missing or of another form is as good as not measured, and spoils no other.
 */
import * as z from 'zod';
import { isOnThisMachine } from '../cloud/endpoints.ts';

const ms = z.number().nonnegative().nullable().catch(null);
const yesNo = z.boolean().nullable().catch(null);
const word = z.string().min(1).optional().catch(undefined);

const objective = { measuredMs: ms, met: yesNo };

const objectives = z
  .object({
    rto: z
      .object({ ...objective, phases: z.record(z.string(), ms).catch({}) })
      .optional()
      .catch(undefined),
    rpo: z.object(objective).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);

const recovery = z
  .object({ mode: word, from: word, to: word, isSimulated: z.boolean().optional().catch(undefined) })
  .optional()
  .catch(undefined);

/** `failback`: the way back, of a drill. */
const outcome = z.object({
  objectives,
  recovery,
  failback: z.object({ objectives, recovery }).optional().catch(undefined),
});

/** Durations in milliseconds; null where something was not measured. */
export type RecoveryOutcome = z.output<typeof outcome>;

/** What can be read of a run's outcome; nothing of it where there is none. */
export function recoveryOutcomeOf(written: unknown): RecoveryOutcome {
  const read = outcome.safeParse(written);
  return read.success ? read.data : {};
}

const context = z.object({
  reopen: z
    .object({
      sandbox: z.union([z.string(), z.boolean()]).optional().catch(undefined),
      endpointUrl: word,
    })
    .optional()
    .catch(undefined),
  settings: z.object({ service: word }).optional().catch(undefined),
});

/** Of what stack a run was, and whether that was a simulated one: `--sandbox`, or an AWS that this machine serves. */
export function stackOfRun(written: unknown): { readonly service?: string; readonly isSimulated: boolean } {
  const read = context.safeParse(written);
  if (!read.success) return { isSimulated: false };
  const { reopen, settings } = read.data;
  const { sandbox, endpointUrl } = reopen ?? {};
  return {
    isSimulated: (sandbox !== undefined && sandbox !== false) || isOnThisMachine(endpointUrl),
    ...(settings?.service === undefined ? {} : { service: settings.service }),
  };
}
