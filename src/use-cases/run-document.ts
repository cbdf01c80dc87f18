/** The document of a run, made of what its events tell: the same for a run that just ended and for one of last month. */
import { inspect } from 'node:util';
import type { ApiUsage } from '../cloud/cloud.ts';
import { broughtBackIn } from '../engine/change.ts';
import type { RunHistory } from '../engine/history.ts';
import { StateError } from '../engine/journal-store.ts';
import { standingOf } from '../engine/standing.ts';
import type { RunDocument } from '../report/schemas.ts';
import { escalationAt } from '../runbooks/grounds.ts';
import type { DiagnosedCause, RunbookConclusion, RunbookSettings, StepPrediction } from '../runbooks/kit.ts';
import { exitCodes } from './exit-codes.ts';
import { retyped, type OwnOption } from './own-command.ts';

export interface RunDocumentParts {
  readonly history: RunHistory;
  readonly outcome?: RunbookConclusion;
  readonly defect?: unknown;
  /** How a defect is told that is not of nanoops, but of a runbook's own code. */
  readonly faultText?: ((defect: unknown) => string) | undefined;
  /** Of the process that tells; absent where a journal tells, which does not hold it. */
  readonly usage?: ApiUsage;
  /** What a suggested command needs to look at the same stack; absent where the run's own settings say it. */
  readonly ownOptions?: readonly OwnOption[] | undefined;
  /** The ids of the runbook's steps, in its order. */
  readonly order?: readonly string[];
}

const unknownUsage: RunDocument['api'] = { calls: null, mutations: null, byOperation: {} };

export function runDocumentOf({
  history,
  outcome,
  defect,
  faultText = defectText,
  usage,
  ownOptions = ownOptionsIn(history),
  order = [],
}: RunDocumentParts): RunDocument {
  const { runId, runbook, mode, environment, startedAt, lastAt, verdict = 'unknown', suspended, resumptions } = history;
  const predictions = predictionsIn(history);
  const told = new Map(history.summaries.map((step) => [step.id, step]));
  const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  return {
    schema: 'nanoops/run@1',
    runId,
    runbook,
    mode,
    environment,
    verdict,
    exitCode: exitCodes[verdict],
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(lastAt).toISOString(),
    durationMs: lastAt - startedAt,
    steps: history.steps
      .toSorted((a, b) => place(a.stepId) - place(b.stepId))
      .map((step) => ({
        id: step.stepId,
        title: told.get(step.stepId)?.title ?? step.stepId,
        kind: told.get(step.stepId)?.kind ?? 'observe',
        status: step.status,
        startedAt: new Date(step.startedAt).toISOString(),
        durationMs: step.durationMs,
        attempts: step.attempts,
        ...predictedOf(step, predictions),
        detail: step.detail,
        ...(step.nextStep === undefined ? {} : { nextStep: retyped(step.nextStep, ownOptions) }),
        ...(step.basis === undefined ? {} : { basis: step.basis }),
      })),
    ...(outcome === undefined
      ? { causes: [], notes: endNotes(defect, faultText) }
      : {
          ...symptomOf(history, outcome),
          causes: outcome.causes.map((cause) => placed(afterwards(cause, history, outcome), ownOptions)),
          ...(outcome.escalation === undefined ? {} : { escalation: escalationAt(outcome.escalation, lastAt) }),
          ...(outcome.outcome === undefined ? {} : { outcome: seen(mode, outcome.outcome) }),
          ...(outcome.objectives === undefined ? {} : { objectives: outcome.objectives }),
          ...(outcome.recovery === undefined ? {} : { recovery: outcome.recovery }),
          ...(outcome.failback === undefined ? {} : { failback: outcome.failback }),
          notes: [...endNotes(defect, faultText), ...outcome.notes],
        }),
    nextSteps: nextStepsOf(history, outcome, defect, ownOptions),
    mutations: mutationsOf(history),
    ...(suspended === undefined
      ? {}
      : { suspended: { reason: suspended.reason, nextSteps: [...suspended.nextSteps] } }),
    ...(resumptions === 0 ? {} : { resumptions }),
    ...(history.aborted ? { aborted: true } : {}),
    api: usage ?? unknownUsage,
  };
}

/** As it was found; what was seen to have been mended since is over. */
function symptomOf(history: RunHistory, { symptom, outcome }: RunbookConclusion) {
  if (symptom === undefined) return {};
  const { onset, summary } = symptom;
  const mendedAt = symptom.state === 'ongoing' && outcome?.helped === true ? seenMendedAt(history) : undefined;
  const state = mendedAt === undefined ? symptom.state : 'over';
  const endedAt = mendedAt ?? symptom.endedAt;
  const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  return { symptom: { state, onset: iso(onset), endedAt: iso(endedAt), summary } };
}

/** When the last step that verifies saw that it holds; undefined in a dry run, which sees it on a model. */
function seenMendedAt({ mode, steps, summaries }: RunHistory): number | undefined {
  if (mode !== 'execute') return undefined;
  const verifying = new Set(summaries.filter(({ kind }) => kind === 'verify').map(({ id }) => id));
  const seenAt = steps.flatMap(({ stepId, status, startedAt, durationMs }) =>
    verifying.has(stepId) && status === 'succeeded' ? [startedAt + durationMs] : [],
  );
  return seenAt.length === 0 ? undefined : Math.max(...seenAt);
}

function mutationsOf({ mode, changes }: RunHistory): RunDocument['mutations'] {
  const applied = changes.filter(({ status }) => status === 'applied');
  const back = broughtBackIn(applied.map(({ change }) => change));
  const restorers = new Map([...back].map(([earlier, later]) => [later, earlier]));
  return changes.map((each): RunDocument['mutations'][number] => {
    const told = standingOf(each);
    if (mode === 'dry-run') return { ...told, status: 'planned' };
    const at = applied.indexOf(each);
    if (at === -1) return told;
    const restored = applied[restorers.get(at) ?? -1];
    return {
      ...told,
      status: back.has(at) ? 'reverted' : 'applied',
      ...(restored === undefined ? {} : { restores: restored.stepId }),
    };
  });
}

/** By past runs, where they tell; else what it took on a dry run's model. */
function predictedOf(
  { stepId, status, durationMs }: RunHistory['steps'][number],
  predictions: Readonly<Record<string, StepPrediction>>,
) {
  const known = predictions[stepId];
  if (known !== undefined) {
    return {
      predictedMs: known.medianMs,
      ...(known.p95Ms === undefined ? {} : { predictedP95Ms: known.p95Ms }),
      predictedFrom: known.simulated ? ('simulated-runs' as const) : ('runs' as const),
      predictedRuns: known.runs,
    };
  }
  return status === 'planned' ? { predictedMs: durationMs, predictedFrom: 'model' as const } : { predictedMs: null };
}

/** What past runs let expect of each step: part of what the run was begun with. */
function predictionsIn(history: RunHistory): Readonly<Record<string, StepPrediction>> {
  return settingsIn(history)?.move?.predictions ?? {};
}

function ownOptionsIn(history: RunHistory): readonly OwnOption[] | undefined {
  return settingsIn(history)?.ownOptions as readonly OwnOption[] | undefined;
}

/** What the run was begun with; undefined for one that only looked. */
function settingsIn({ context }: RunHistory): Partial<RunbookSettings> | undefined {
  if (typeof context !== 'object' || context === null || !('settings' in context)) return undefined;
  // As `run-runbook.ts` wrote it.
  return context.settings as unknown as Partial<RunbookSettings>;
}

/** What is to be typed says where it is to look. */
function placed(cause: DiagnosedCause, ownOptions: readonly OwnOption[] | undefined): DiagnosedCause {
  const { remediation } = cause;
  if (remediation?.command === undefined) return cause;
  return { ...cause, remediation: { ...remediation, command: retyped(remediation.command, ownOptions) } };
}

/** What was advised and then done is told as done: nobody is to type it again. */
function afterwards(
  cause: DiagnosedCause,
  { changes, mode }: RunHistory,
  { outcome }: RunbookConclusion,
): DiagnosedCause {
  const { remediation } = cause;
  const made = changes.find(({ stepId }) => stepId === remediation?.stepId);
  if (remediation === undefined || made === undefined || mode === 'dry-run') return cause;
  const { stepId, summary } = remediation;
  switch (made.status) {
    case 'applied':
      if (made.gaveUp !== undefined) {
        return { ...cause, remediation: { stepId, summary: `begun, and given up (${made.gaveUp}): ${summary}` } };
      }
      return {
        ...cause,
        remediation: { stepId, summary: `${outcome?.helped === true ? 'done, and it helped' : 'done'}: ${summary}` },
      };
    case 'reverted':
    case 'taken-back':
      return { ...cause, remediation: { stepId, summary: `tried, and put back: ${summary}` } };
    case 'intended':
    case 'unknown':
    case 'reverting':
      return { ...cause, remediation: { stepId, summary: `begun, and not seen to its end: ${summary}` } };
    case 'failed':
      return cause;
  }
}

/** What a dry run sees come of it, it has seen on a model. */
function seen(mode: RunHistory['mode'], outcome: NonNullable<RunbookConclusion['outcome']>) {
  return mode === 'dry-run' && outcome.helped
    ? { helped: false, summary: `on the model: ${outcome.summary}` }
    : outcome;
}

/** What the steps say to do next, then what the end and the conclusion say, each once. */
function nextStepsOf(
  history: RunHistory,
  outcome: RunbookConclusion | undefined,
  defect: unknown,
  ownOptions: readonly OwnOption[] | undefined,
): string[] {
  const told = [
    ...(defect instanceof StateError ? [defect.details.nextStep] : []),
    ...history.steps.flatMap((step) => step.nextStep ?? []),
    ...(outcome?.nextSteps ?? []),
  ];
  return [...new Set([...(history.suspended?.nextSteps ?? []), ...told.map((step) => retyped(step, ownOptions))])];
}

/** What ended a run against its will: a journal that broke, or a defect, which its makers will ask for. */
function endNotes(defect: unknown, faultText: (defect: unknown) => string): string[] {
  if (defect === undefined) return [];
  if (defect instanceof StateError)
    return [`the run was stopped, since its journal could not be kept: ${defect.message}`];
  return [faultText(defect)];
}

function defectText(defect: unknown): string {
  const trace = defect instanceof Error ? defect.stack : undefined;
  const where = trace?.split('\n').slice(0, 3).join(' ') ?? inspect(defect);
  return `a defect of nanoops, which tells nothing about your stack: ${where}`;
}
