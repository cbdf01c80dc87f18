/**
 * What events of a journal have to hold so that whoever reads them gets what their types promise. A chain of hashes shows
 * that nobody altered a record in passing; who rewrites a whole file rewrites its hashes, too, and may write anything.
 */
import * as z from 'zod';
import type { RunEvent } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { StateError, type KeptEvent } from '../engine/journal-store.ts';
import type { RunbookConclusion } from '../runbooks/kit.ts';

/** As far as dates go (ECMA-262, "Time Values and Time Range"). */
const latest = 8.64e15;

export const time = z.number().min(-latest).max(latest);
export const text = z.string();
export const texts = z.array(text);
const duration = z.number();

/** Of one sort of event: the members beside those of every event. */
export type Shape = Readonly<Record<string, z.ZodType>>;

const step = { stepId: text };
const members = z.record(text, z.unknown());
const change = z.looseObject({
  operation: text,
  region: text,
  resource: text,
  identity: text.optional(),
  summary: text,
  before: members,
  after: members,
  risk: z.enum(['reversible', 'irreversible', 'data-loss']),
  blastRadius: text,
  lossMs: z.number().optional(),
  input: members,
});
const directed = { ...step, direction: z.enum(['apply', 'undo']) };
const verdict = z.enum(['ok', 'attention', 'unknown', 'awaiting-approval', 'failed', 'locked', 'interrupted']);
const finished = { ...step, status: text, detail: text };
const leased = { resource: text, token: z.number() };

const measured = z.number().nullable();
const objective = { targetMs: z.number(), measuredMs: measured, predictedMs: measured };
const objectives = z.looseObject({
  rto: z.looseObject({ ...objective, phases: z.record(text, measured) }),
  rpo: z.looseObject({
    ...objective,
    stores: z.array(z.looseObject({ store: text, lossMs: measured, basis: text })),
  }),
});
const recovery = z.looseObject({
  kind: text,
  mode: text,
  from: text,
  to: text,
  outageAt: text.nullable(),
  outageBasis: text,
  decideBy: text.nullable(),
  splitBrain: text,
  budget: z.array(
    z.looseObject({ id: text, title: text, plannedMs: z.number(), measuredMs: measured, predictedMs: measured }),
  ),
  consistency: z.array(z.looseObject({ program: text, detail: text })),
  blockers: texts,
  lessons: texts,
});
const evidence = z.array(z.looseObject({ source: text, region: text, detail: text }));

const conclusion = z.looseObject({
  verdict: z.enum(['ok', 'attention', 'unknown']),
  symptom: z.looseObject({ state: text, onset: time.optional(), endedAt: time.optional(), summary: text }).optional(),
  causes: z.array(
    z.looseObject({
      rank: z.number(),
      component: text,
      cause: text,
      confidence: z.number(),
      summary: text,
      for: evidence,
      against: evidence,
      missing: evidence,
      remediation: z.looseObject({ stepId: text, summary: text, command: text.optional() }).optional(),
    }),
  ),
  escalation: z
    .looseObject({
      due: z.boolean(),
      summary: text,
      still: z.looseObject({ onset: time, basis: text.optional(), besides: text.optional() }).optional(),
    })
    .optional(),
  outcome: z.looseObject({ helped: z.boolean(), summary: text }).optional(),
  objectives: objectives.optional(),
  recovery: recovery.optional(),
  failback: z.looseObject({ objectives, recovery }).optional(),
  notes: texts,
  nextSteps: texts,
});

/** What a run was begun with, as far as it is read without being checked. */
const context = z.looseObject({
  settings: z
    .looseObject({
      ownOptions: z.array(z.tuple([text, text])).optional(),
      move: z
        .looseObject({
          predictions: z.record(text, z.looseObject({ medianMs: z.number(), runs: z.number() })).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** Of runs, by the type of the event. */
export const runShapes: Readonly<Record<RunEvent['type'], Shape>> = {
  'run.started': {
    runId: text,
    runbook: text,
    title: text,
    mode: z.enum(['observe', 'dry-run', 'execute']),
    environment: text,
    steps: z.array(z.looseObject({ id: text, title: text, kind: text, needs: texts })),
    fingerprint: text.optional(),
    context: context.optional(),
    isStepwise: z.literal(true).optional(),
  },
  'run.resumed': { by: text, purpose: text, differences: texts },
  'step.started': step,
  'step.retried': { ...step, attempt: z.number(), delayMs: duration, errorClass: text, reason: text },
  'step.progressed': { ...step, detail: text },
  'step.finished': {
    ...finished,
    startedAt: time,
    durationMs: duration,
    attempts: z.number(),
    errorClass: text.optional(),
    nextStep: text.optional(),
    basis: text.optional(),
  },
  'run.checkpointed': { steps: z.array(z.looseObject(finished)) },
  'approval.requested': {
    ...step,
    kind: text,
    question: text,
    facts: texts,
    changes: z.array(change),
    hash: text,
    deadlineAt: time.optional(),
    decideBy: time.optional(),
  },
  'approval.given': { ...step, hash: text, by: text, how: text },
  'approval.declined': { ...step, hash: text, by: text },
  'approval.lapsed': { ...step, hash: text, reason: text },
  'lease.acquired': leased,
  'lease.released': leased,
  'lease.refused': { resource: text, holder: text },
  'lease.lost': { ...leased, reason: text },
  'change.intended': { ...directed, change, hash: text, tokens: z.record(text, z.number()) },
  'change.answered': { ...directed, outcome: text, reason: text.optional(), receipt: members.optional() },
  'change.looked-up': { ...directed, state: text, detail: text, isAsBefore: z.boolean().optional() },
  'run.halted': { reason: text },
  'run.undoing': { reason: text },
  'run.suspended': { verdict, reason: text, nextSteps: texts, durationMs: duration },
  // What it concluded is read with care where runs are compared, and checked where it is shown (`conclusionIn`).
  'run.finished': { verdict, durationMs: duration },
};

/**
 * What is wrong with the first event that does not hold what such an event holds; undefined where all do. Types that are
 * not known are of a later nanoops, and nobody's who reads.
 */
export function misshapen(
  events: readonly KeptEvent[],
  shapes: Readonly<Record<string, Shape>>,
  all: Shape = {},
): string | undefined {
  const misshapenAt = shapeChecker(shapes, all);
  for (const [index, event] of events.entries()) {
    const fault = misshapenAt(event, index + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const compiledFrom = 500;

/** As `misshapen`, for one event after another: what is wrong with the one that is given, which is that record. */
export function shapeChecker(
  shapes: Readonly<Record<string, Shape>>,
  all: Shape = {},
): (event: KeptEvent, record: number) => string | undefined {
  const known = new Map<string, { readonly shape: z.ZodType; times: number }>();
  return (event, record) => {
    const own = Object.hasOwn(shapes, event.type) ? shapes[event.type] : undefined;
    if (own === undefined) return undefined;
    const kept = known.get(event.type) ?? { shape: z.looseObject({ at: time, ...all, ...own }), times: 0 };
    known.set(event.type, kept);
    kept.times += 1;
    // To compile a shape takes as long as to check some hundreds of events by it. Options cost a hidden class (V8's) for each
    // call, which nobody collects for long: of 100,000 events they would be a quarter of the memory.
    const checked =
      kept.times < compiledFrom ? kept.shape.safeParse(event, { jitless: true }) : kept.shape.safeParse(event);
    const issue = checked.error?.issues[0];
    if (issue === undefined) return undefined;
    return `record ${record} (${event.type}) is none: ${issue.path.map(String).join('.')}: ${issue.message}`;
  };
}

/**
 * What a run concluded, as its journal has it; undefined where it concluded nothing.
 *
 * @throws StateError `corrupt` for what no runbook concludes.
 */
export function conclusionIn({ runId, outcome }: Pick<RunHistory, 'runId' | 'outcome'>): RunbookConclusion | undefined {
  if (outcome === undefined) return undefined;
  const issue = conclusion.safeParse(outcome, { jitless: true }).error?.issues[0];
  // As far as it is read, it is what its type says.
  if (issue === undefined) return outcome as RunbookConclusion;
  throw new StateError(
    'corrupt',
    `the journal of run ${runId} was altered: what it concluded is none: ${issue.path.map(String).join('.')}: ${issue.message}`,
    `nanoops runs verify ${runId}`,
  );
}
