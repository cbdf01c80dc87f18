/**
 * Carries a run out step by step, each by a process of its own: what starts the processes may be a state machine, a pipeline
 * or a person. The journal is all that they share. One of them is at it at a time: it holds a lease on the run itself.
 */
import type { ApiUsage } from '../cloud/cloud.ts';
import { historyOf, type RunHistory } from '../engine/history.ts';
import { StateError, type JournalRecord } from '../engine/journal-store.ts';
import { defaultLeaseTimes, type LeaseKeeper } from '../engine/leases.ts';
import { stepsLeft } from '../engine/open-steps.ts';
import { NanoopsError } from '../errors.ts';
import type { RunDocument, RunStepDocument } from '../report/schemas.ts';
import type { AnyRunbook, RunbookSettings } from '../runbooks/kit.ts';
import { nearest } from '../config/nearest.ts';
import { conclusionIn } from './event-shapes.ts';
import {
  checkChain,
  checkRunbook,
  livingOf,
  refuseUnresumable,
  resumeCommand,
  settingsOf,
  underWay,
} from './resuming.ts';
import { runDocumentOf } from './run-document.ts';
import { go, journalOf, keeperOf, open, settingsFor, type RunRequest, stateCommand } from './run-runbook.ts';
import type { ActingSession, Session } from './session.ts';
import { eventsOf } from './stores.ts';

const noUsage: ApiUsage = { calls: 0, mutations: 0, byOperation: {} };

/** Longer than the lease of a process that was killed still holds, so that whoever takes its step up again needs no luck. */
const patienceMs = defaultLeaseTimes.ttlMs + defaultLeaseTimes.graceMs + defaultLeaseTimes.beatMs;
const lookEveryMs = 1_000;

export interface StartRequest extends Omit<RunRequest, 'mode' | 'monitoring'> {
  /** A new one when absent. One that is there already is left as it is. */
  readonly runId?: string;
}

/** @throws NanoopsError `UnknownStep` */
export function checkStep({ id, steps }: AnyRunbook, stepId: string): void {
  const ids = steps.map((step) => step.id);
  if (ids.includes(stepId)) return;
  const guess = nearest(stepId, ids);
  throw new NanoopsError(`the runbook "${id}" has no step "${stepId}"`, {
    code: 'UnknownStep',
    exitCode: 2,
    details: guess === undefined ? [] : [`did you mean "${guess}"?`],
    nextStep: `nanoops runbook show ${id}`,
  });
}

/** @throws NanoopsError `InvalidRunId`: runs are listed by the time in their ids, and drills are known by their runbook. */
export function checkRunId(runId: string, runbook: string): void {
  const rest = /^\d{8}T\d{6}Z-([A-Za-z0-9._-]{1,111})$/.exec(runId)?.[1];
  if (rest?.startsWith(`${runbook}-`) === true && rest.length > runbook.length + 1) return;
  throw new NanoopsError(`--id ${JSON.stringify(runId)} is not the id of a run of "${runbook}"`, {
    code: 'InvalidRunId',
    exitCode: 2,
    details: [
      'it begins with a time and the runbook, and goes on in letters, digits, ".", "_" and "-"; at most 128 of them',
    ],
    nextStep: `for example --id 20261127T090000Z-${runbook}-1; or leave --id out`,
  });
}

/**
 * Begins a run that is carried out step by step; nothing is looked at or changed by it.
 *
 * @throws NanoopsError `RunExists` where the id is that of another kind of run, or of another stack.
 */
export async function startRun(
  session: Session,
  { runId: wanted, ...request }: StartRequest,
): Promise<RunStepDocument> {
  const acting = actingOf(session);
  const { runbook } = request;
  const runId = wanted ?? acting.newRunId(runbook.id);
  const whole: RunRequest = { ...request, mode: 'execute' };
  const settings = await settingsFor(session, whole, runId);
  await open(session, settings, runbook);
  const lease = await turn(session, runId, settings);
  try {
    const kept = await recordsOf(acting, runId);
    if (kept !== undefined)
      return reached(
        session,
        begunBefore(historyOf(eventsOf({ records: kept, store: acting.journals }, runId)), settings, runbook),
      );
    acting.begun(runId);
    const journal = journalOf(acting, runId, session.clock);
    const { history, api } = await go(session, { request: whole, runId, settings, journal, lease, stepwise: {} });
    return reached(session, stepDocument({ history, runbook, repeated: false, api }));
  } finally {
    await lease?.release();
  }
}

function reached(session: Session, document: RunStepDocument): RunStepDocument {
  return { ...document, nextSteps: document.nextSteps.map((step) => stateCommand(session, step)) };
}

function begunBefore(history: RunHistory, settings: RunbookSettings, runbook: AnyRunbook): RunStepDocument {
  const { runId, environment, isStepwise } = history;
  const isSame = history.runbook === runbook.id && environment === settings.environment && isStepwise;
  if (isSame) return stepDocument({ history, runbook, repeated: true, api: noUsage });
  throw new NanoopsError(`there is a run ${runId} already, and it is another one`, {
    code: 'RunExists',
    exitCode: 2,
    details: [
      `it is of "${history.runbook}" in ${environment}${isStepwise ? '' : ', and not carried out step by step'}`,
    ],
    nextStep: `nanoops runs show ${runId}; begin this one by another --id, or by none`,
  });
}

export interface StepRequest {
  readonly runbook: AnyRunbook;
  readonly stepId: string;
  /** The run's journal, as it was when the session was opened. */
  readonly records: readonly JournalRecord[];
  readonly timeoutMs?: number;
}

/**
 * Carries out one step of a run, once: the run itself where it came to its end or to a stop by it.
 *
 * @throws NanoopsError what `beforehand` throws; `RunUnderWay` where somebody else is at the run and does not come to an end.
 */
export async function stepRun(session: Session, request: StepRequest): Promise<RunStepDocument | RunDocument> {
  const acting = actingOf(session);
  const { runbook, stepId, records: found, timeoutMs } = request;
  const opened = historyOf(found.map(({ event }) => event));
  const { runId } = opened;
  checkChain(found, runId, acting);
  const settings = await settingsOf(opened, session);
  await open(session, settings, runbook);
  const lease = await turn(session, runId, settings);
  try {
    // Whoever was at it before has written meanwhile.
    const { records } = await session.clock.busy(() => acting.journals.read(runId));
    checkChain(records, runId, acting);
    const past = records.map(({ event }) => event);
    const history = historyOf(past);
    const before = beforehand(history, runbook, stepId);
    if (before !== undefined) return 'left' in before ? reached(session, before) : before;
    if (isKeptWorld(acting) && records.length !== found.length) throw movedOn(runId);
    acting.begun(runId);
    await checkRunbook(runbook, history, session, acting, stateCommand(session, resumeCommand(runId, stepId)));
    const {
      document,
      history: after,
      api,
    } = await go(session, {
      request: { runbook, mode: history.mode, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      ...{ runId, settings, past, lease },
      journal: journalOf(acting, runId, session.clock, records),
      stepwise: { stepId },
    });
    if (after.phase === 'ended' || after.suspended !== undefined) return document;
    return reached(session, stepDocument({ history: after, runbook, stepId, repeated: false, api }));
  } finally {
    await lease?.release();
  }
}

/**
 * What there is to say before anything is done: of a run that has ended, how; of a step that has ended, that it has. Undefined
 * where it is to be carried out.
 *
 * @throws NanoopsError `NothingToResume` of a dry run, `NotStepwise` of a run that is carried out as a whole, `PlanLapsed` of one
 *   whose plan does not fit the world any more, `StepNotReady` where something that the step needs has not ended.
 */
export function beforehand(
  history: RunHistory,
  runbook: AnyRunbook,
  stepId: string,
): RunStepDocument | RunDocument | undefined {
  const { runId, phase, isStepwise } = history;
  if (phase === 'ended' && isStepwise) {
    const outcome = conclusionIn(history);
    const order = runbook.steps.map(({ id }) => id);
    return runDocumentOf({ history, ...(outcome === undefined ? {} : { outcome }), order });
  }
  refuseUnresumable(history, 'continue');
  if (!isStepwise) throw notStepwise(runId);
  // What was begun to be put back is put back by whatever step comes next.
  if (phase === 'undoing') return undefined;
  if (phase === 'looking') throw planLapsed(runId);
  const left = new Set(stepsLeft(runbook, history).map(({ id }) => id));
  if (!left.has(stepId)) return stepDocument({ history, runbook, stepId, repeated: true, api: noUsage });
  const missing = runbook.steps.find(({ id }) => id === stepId)?.needs.filter(({ step }) => left.has(step.id)) ?? [];
  const [first] = missing;
  if (first === undefined) return undefined;
  throw new NanoopsError(
    `step "${stepId}" needs what has not ended yet: ${missing.map(({ step }) => step.id).join(', ')}`,
    {
      code: 'StepNotReady',
      exitCode: 2,
      nextStep: `nanoops runs step ${runId} ${[...left].find((id) => missing.some(({ step }) => step.id === id)) ?? first.step.id}`,
    },
  );
}

function notStepwise(runId: string): NanoopsError {
  return new NanoopsError(`run ${runId} was not begun to be carried out step by step`, {
    code: 'NotStepwise',
    exitCode: 2,
    details: [
      'its journal does not hold what a single step needs of those before it; "nanoops runs start" begins one that does',
    ],
    nextStep: `nanoops runs resume ${runId}`,
  });
}

function planLapsed(runId: string): NanoopsError {
  return new NanoopsError(`what run ${runId} had planned does not fit the stack any more; nothing was changed`, {
    code: 'PlanLapsed',
    exitCode: 4,
    details: ['all of it has to be looked at anew, which a single step cannot do'],
    nextStep: `nanoops runs resume ${runId}; or begin a new run`,
  });
}

/** Waits until nobody else is at the run, and holds it then. Undefined where no leases are kept. */
async function turn(session: Session, runId: string, settings: RunbookSettings): Promise<LeaseKeeper | undefined> {
  const { clock, signal } = session;
  const acting = actingOf(session);
  const resource = `run:${runId}`;
  const { pace = 1 } = clock;
  const endsAt = clock.now() + patienceMs * pace;
  for (;;) {
    const keeper = keeperOf(acting, runId, settings, clock);
    if (keeper === undefined) return undefined;
    const living = (await keeper.acquire([resource])) ?? (await livingOf(runId, acting, clock, resource));
    if (living === undefined) return keeper;
    await keeper.release();
    // A simulated world was opened as it was then.
    if (isKeptWorld(acting) || clock.now() >= endsAt) throw underWay(runId, living);
    await clock.sleep(lookEveryMs * pace, signal);
  }
}

/** True where the world that is acted on is one that is kept with its run, in this process meanwhile. */
function isKeptWorld({ reopen }: ActingSession): boolean {
  return reopen['sandbox'] !== undefined;
}

function movedOn(runId: string): NanoopsError {
  return new NanoopsError(`somebody went on with run ${runId} meanwhile`, {
    code: 'RunUnderWay',
    exitCode: 6,
    details: ['its simulated world is not any more as it was when this began'],
    nextStep: 'type the command again',
  });
}

async function recordsOf({ journals }: ActingSession, runId: string): Promise<readonly JournalRecord[] | undefined> {
  try {
    return (await journals.read(runId)).records;
  } catch (error) {
    if (error instanceof StateError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

function actingOf({ acting }: Session): ActingSession {
  if (acting === undefined) throw new TypeError('a session that may only look cannot carry out a step');
  return acting;
}

interface StepDocumentParts {
  readonly history: RunHistory;
  readonly runbook: AnyRunbook;
  /** Absent where the run was begun. */
  readonly stepId?: string;
  readonly repeated: boolean;
  readonly api: ApiUsage;
}

function stepDocument({ history, runbook, stepId, repeated, api }: StepDocumentParts): RunStepDocument {
  const { runId, environment, phase } = history;
  const { steps } = runDocumentOf({ history });
  const left = phase === 'ended' ? [] : stepsLeft(runbook, history).map(({ id }) => id);
  const [next] = left;
  return {
    schema: 'nanoops/run-step@1',
    runId,
    runbook: runbook.id,
    environment,
    exitCode: 0,
    step: steps.find(({ id }) => id === stepId) ?? null,
    repeated,
    left,
    nextSteps: [next === undefined ? `nanoops runs show ${runId}` : `nanoops runs step ${runId} ${next}`],
    api,
  };
}
