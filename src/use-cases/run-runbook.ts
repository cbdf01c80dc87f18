/** Runs a runbook on a session: looks only, rehearses, or acts; goes on with a run that stopped; puts one back. */
import type { ApiUsage } from '../cloud/cloud.ts';
import type { NamedLooks } from '../cloud/named.ts';
import { Journal } from '../engine/journal.ts';
import type { JournalRecord } from '../engine/journal-store.ts';
import { LeaseKeeper } from '../engine/leases.ts';
import { historyOf, type RunHistory } from '../engine/history.ts';
import { plainOf } from '../engine/plain.ts';
import { run, type Acting, type RunResult } from '../engine/run.ts';
import { callsOf, lookingPart } from '../engine/runbook.ts';
import { NanoopsError } from '../errors.ts';
import type { RunDocument } from '../report/schemas.ts';
import type { AnyRunbook, OwnActPorts, OwnPorts, RunbookConclusion, RunbookSettings } from '../runbooks/kit.ts';
import type { MonitoringPlan } from '../runbooks/monitoring.ts';
import { moveSettings, type MoveRequest } from './move-settings.ts';
import { lookingUntil, reaching } from './own-command.ts';
import {
  checkChain,
  checkRunbook,
  pastRunsOf,
  refuseLiving,
  refuseUnresumable,
  resumeCommand,
  settingsOf,
} from './resuming.ts';
import { newRunId } from './run-id.ts';
import { runDocumentOf } from './run-document.ts';
import { runSettings, type LookedAt } from './run-settings.ts';
import type { ActingSession, Rehearsal, Session } from './session.ts';

/** A change's request is given up after 10 s, and 2 s until its connection stands. */
const requestMs = 12_000;

export interface RunRequest extends LookedAt {
  readonly runbook: AnyRunbook;
  /** Of a runbook that moves the stack to another region. */
  readonly move?: Omit<MoveRequest, 'isRehearsal' | 'isSimulated'>;
  /** Of one that makes what watches the stack: the plan that it was built from. */
  readonly monitoring?: MonitoringPlan;
  /** `dry-run` rehearses where the session can act, and merely looks where it cannot. */
  readonly mode: 'observe' | 'dry-run' | 'execute';
  readonly timeoutMs?: number;
}

/** Runs a runbook from its beginning. */
export async function runRunbook(session: Session, request: RunRequest): Promise<RunDocument> {
  const { clock, random } = session;
  const { runbook } = request;
  const runId = session.acting?.newRunId(runbook.id) ?? newRunId(runbook.id, clock.now(), random);
  const settings = await settingsFor(session, request, runId);
  await open(session, settings, runbook);
  session.acting?.begun(runId);
  const rehearsal = await rehearse(session, request);
  const journal = session.acting && journalOf(session.acting, runId, rehearsal?.clock ?? clock);
  return (await go(session, { request, runId, settings, journal, rehearsal })).document;
}

export async function settingsFor(session: Session, request: RunRequest, runId: string): Promise<RunbookSettings> {
  const { clock, isSimulated, stack } = session;
  const { move: wanted, mode, runbook } = request;
  const { monitoring } = request;
  const named = { runId, runbook: runbook.id, ...(monitoring === undefined ? {} : { monitoring }) };
  if (wanted === undefined) return runSettings(session, clock.now(), request, named);
  const asked = { ...wanted, isRehearsal: mode !== 'execute', isSimulated };
  const move = await moveSettings(session, asked, pastRunsOf(session));
  // What is looked at is both regions; the half that the run is about is the one that is left.
  const { since: _since, ...lookedAt } = request;
  return runSettings({ ...session, stack }, clock.now(), { ...lookedAt, region: move.from.region }, { ...named, move });
}

/** A run that stopped, as its journal has it. */
export interface StoppedRun {
  readonly runbook: AnyRunbook;
  readonly records: readonly JournalRecord[];
  readonly purpose: 'continue' | 'abort';
  readonly timeoutMs?: number;
}

/**
 * Goes on with a run, or puts back what it changed.
 *
 * @throws NanoopsError `NothingToResume` for a run that never acted, `RunEnded` where there is nothing to go on with, or to put back, `RunbookChanged` where nobody agreed to go on with what it is now.
 * @throws StateError `corrupt` for a journal that was altered.
 */
export async function resumeRun(session: Session, stopped: StoppedRun): Promise<RunDocument> {
  const { acting, clock } = session;
  if (acting === undefined) throw new TypeError('a session that may only look cannot go on with a run');
  const { runbook, records, purpose, timeoutMs } = stopped;
  const events = records.map(({ event }) => event);
  const history = historyOf(events);
  checkChain(records, history.runId, acting);
  refuseUnresumable(history, purpose);
  const settings = await settingsOf(history, session);
  const request: RunRequest = { runbook, mode: history.mode, timeoutMs };
  await open(session, settings, runbook);
  await refuseLiving(history.runId, acting, clock);
  acting.begun(history.runId);
  await checkRunbook(runbook, history, session, acting, stateCommand(session, resumeCommand(history.runId)));
  const journal = journalOf(acting, history.runId, clock, records);
  return (await go(session, { request, runId: history.runId, settings, journal, past: events, purpose })).document;
}

/** Before anything else is asked: whose account it is. Of a region that is left nothing is asked that is waited for. */
export async function open(session: Session, { site, move }: RunbookSettings, runbook: AnyRunbook): Promise<void> {
  const { region } = move?.to ?? site;
  await session.verify(region);
  const steps = session.acting === undefined ? lookingPart(runbook.steps) : runbook.steps;
  session.cloud.prepare(region, callsOf(steps));
}

function rehearse(session: Session, { mode }: RunRequest): Promise<Rehearsal> | undefined {
  return mode === 'dry-run' ? session.acting?.rehearse?.(session.cloud.facts) : undefined;
}

type RunOptions = Parameters<typeof run>[0];

interface Going {
  readonly request: RunRequest;
  readonly runId: string;
  readonly settings: RunbookSettings;
  readonly journal?: Journal;
  readonly rehearsal?: Rehearsal;
  readonly past?: RunOptions['past'];
  readonly purpose?: 'continue' | 'abort';
  readonly stepwise?: RunOptions['stepwise'];
  /** What holds the run itself, of one that is carried out step by step. */
  readonly lease?: LeaseKeeper | undefined;
}

/** Runs it on the engine, and gives what came of it: as its events tell it, and as documents do. */
export async function go(
  session: Session,
  going: Going,
): Promise<{ readonly document: RunDocument; readonly history: RunHistory; readonly api: ApiUsage }> {
  const { cloud, random, signal, stack } = session;
  const { request, runId, settings, journal, rehearsal, past, purpose, stepwise } = going;
  const { runbook, mode, timeoutMs } = request;
  const clock = rehearsal?.clock ?? session.clock;
  const acting = session.acting && journal && actingOf(session, session.acting, { ...going, journal, clock });
  const result: RunResult<RunbookConclusion> = await run<RunbookConclusion, OwnPorts, RunbookSettings, OwnActPorts>({
    runbook,
    runId,
    mode,
    environment: stack.environment,
    ports: { facts: cloud.facts, outside: session.outside, named: session.named },
    settings,
    clock,
    random,
    signal,
    timeoutMs,
    emit: session.emit,
    ...(acting === undefined ? {} : { acting }),
    ...(past === undefined ? {} : { past }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(stepwise === undefined ? {} : { stepwise }),
    ...(rehearsal === undefined
      ? {}
      : {
          basisOf: rehearsal.basisOf,
          portsFor: (stepId) => ({
            facts: rehearsal.factsFor(stepId),
            outside: rehearsal.outsideFor(stepId),
            named: rehearsed(session.named, clock),
          }),
        }),
  });
  if (session.replayed !== undefined && result.defect !== undefined) throw unusableCapture(result.defect);
  const acted = session.acting?.usage();
  const looked = cloud.usage();
  const usage = acted === undefined ? looked : addUsage(looked, acted);
  const { history, outcome, defect } = result;
  const document = runDocumentOf({
    ...{ history, outcome, defect, faultText: runbook.faultText },
    order: runbook.steps.map((step) => step.id),
    usage,
    ownOptions: lookingUntil(session.ownOptions, request.until),
  });
  return { document, history, api: usage };
}

/** Answers are read as AWS gives them: those of a capture may be of somebody's own making, digest included. */
function unusableCapture(defect: unknown): NanoopsError {
  return new NanoopsError(
    'the capture holds answers that no diagnosis can read: it was made up, or by another nanoops',
    {
      code: 'UnusableCapture',
      exitCode: 3,
      details: ['nothing is said about the stack that it is of'],
      nextStep: 'ask whoever sent it for another: nanoops capture; if that fails, too, report what -v prints',
      cause: defect,
    },
  );
}

/** What is typed about a run or its locks, with what leads to where they are kept. */
export function stateCommand({ acting, ownOptions }: Session, command: string): string {
  return acting?.isShared === true ? reaching(command, ownOptions) : command;
}

function actingOf(
  session: Session,
  own: ActingSession,
  {
    runId,
    settings,
    journal,
    rehearsal,
    stepwise,
    clock,
    lease,
  }: Going & { readonly journal: Journal; readonly clock: Session['clock'] },
): Acting<OwnActPorts> {
  const { holder, notifier, hooks, named, digest, reopen } = own;
  const leases = lease ?? keeperOf(own, runId, settings, clock);
  return {
    ports: { changes: rehearsal?.changes ?? own.changes, notifier, hooks, named },
    journal,
    ...(leases === undefined ? {} : { leases }),
    approver: own.approver(runId),
    digest,
    by: holder.who,
    context: plainOf({ reopen, settings }),
    requestMs: requestMs * (clock.pace ?? 1),
    nextSteps: {
      resume: stateCommand(session, resumeCommand(runId, stepwise?.stepId)),
      abort: stateCommand(session, `nanoops runs abort ${runId}`),
      locks: stateCommand(session, 'nanoops locks list'),
    },
  };
}

/** Undefined in a dry run, which needs nobody's leave. */
export function keeperOf(
  { holder, isGone, leases }: ActingSession,
  runId: string,
  { runbook, environment }: RunbookSettings,
  clock: Session['clock'],
): LeaseKeeper | undefined {
  const store = leases?.(runId);
  return store && new LeaseKeeper({ store, clock, holder: { runId, runbook, environment, ...holder }, isGone });
}

/** A dry run asks the stack itself what no model knows. Its own clock stands still meanwhile. */
function rehearsed(named: NamedLooks, clock: Session['clock']): NamedLooks {
  return {
    call: (call) => clock.busy(() => named.call(call)),
    program: (program, signal) => clock.busy(() => named.program(program, signal)),
    address: (address, signal) => clock.busy(() => named.address(address, signal)),
  };
}

export function journalOf(
  { journals, digest }: ActingSession,
  runId: string,
  clock: Session['clock'],
  before?: readonly JournalRecord[],
): Journal {
  return new Journal(journals, runId, { digest, clock, ...(before === undefined ? {} : { before }) });
}

function addUsage(one: ReturnType<Session['cloud']['usage']>, other: typeof one): typeof one {
  const byOperation = new Map(Object.entries(one.byOperation));
  for (const [name, calls] of Object.entries(other.byOperation)) {
    byOperation.set(name, (byOperation.get(name) ?? 0) + calls);
  }
  return {
    calls: one.calls + other.calls,
    mutations: one.mutations + other.mutations,
    byOperation: Object.fromEntries([...byOperation].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
