/** Runs a runbook on a session: looks only, rehearses, or acts; goes on with a run that stopped; puts one back. */
import { isDeepStrictEqual } from 'node:util';
import type { NamedLooks } from '../cloud/named.ts';
import { faultsOf, Journal } from '../engine/journal.ts';
import { StateError, type JournalRecord } from '../engine/journal-store.ts';
import { defaultLeaseTimes, LeaseKeeper } from '../engine/leases.ts';
import { broughtBackIn } from '../engine/change.ts';
import { historyOf, type RunHistory } from '../engine/history.ts';
import { plainOf } from '../engine/plain.ts';
import { run, type Acting, type RunResult } from '../engine/run.ts';
import { callsOf, differencesOf, fingerprintOf, lookingPart, summarise } from '../engine/runbook.ts';
import { NanoopsError } from '../errors.ts';
import type { RunDocument } from '../report/schemas.ts';
import type {
  AnyRunbook,
  MoveSettings,
  OwnActPorts,
  OwnPorts,
  RunbookConclusion,
  RunbookSettings,
} from '../runbooks/kit.ts';
import type { MonitoringPlan } from '../runbooks/monitoring.ts';
import { moveSettings, type MoveRequest, type PastRuns } from './move-settings.ts';
import { moveOfRunbook } from './moves.ts';
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
  return go(session, { request, runId, settings, journal, rehearsal });
}

async function settingsFor(session: Session, request: RunRequest, runId: string): Promise<RunbookSettings> {
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
  await checkRunbook(runbook, history, session, acting);
  const journal = journalOf(acting, history.runId, clock, records);
  return go(session, { request, runId: history.runId, settings, journal, past: events, purpose });
}

/** A run that somebody is at must not be taken out of their hands: its journal would be continued by two. */
async function refuseLiving(runId: string, { leases, isGone }: ActingSession, clock: Session['clock']): Promise<void> {
  const held = (await clock.busy(async () => leases?.(runId).list())) ?? [];
  const living = held.find(
    ({ holder, expiresAt }) =>
      holder.runId === runId && !isGone(holder) && clock.now() < expiresAt + defaultLeaseTimes.graceMs,
  );
  if (living === undefined) return;
  const { who, step } = living.holder;
  throw new NanoopsError(
    `run ${runId} is under way: ${who} runs it${step === undefined ? '' : `, at step "${step}"`}; it holds ${living.resource} until ${new Date(living.expiresAt).toISOString()}`,
    {
      code: 'RunUnderWay',
      exitCode: 6,
      details: ['where its process is gone, its lease runs out by itself'],
      nextStep: `nanoops locks list; nanoops locks takeover '${living.resource}' takes it away`,
    },
  );
}

/**
 * @throws NanoopsError `NothingToResume` for a run that never acts: its model is gone with its process, and to go on on the stack itself
 *   would act unasked. `RunEnded` where there is nothing to go on with, or to put back.
 */
export function refuseUnresumable(history: RunHistory, purpose: 'continue' | 'abort'): void {
  const { runId, mode, phase, verdict } = history;
  if (mode !== 'execute') {
    throw new NanoopsError(`run ${runId} was a dry run: there is nothing to go on with`, {
      code: 'NothingToResume',
      exitCode: 2,
      nextStep: `nanoops runs show ${runId}`,
    });
  }
  // What an ended run left changed can still be put back.
  if (phase !== 'ended' || (purpose === 'abort' && standingIn(history).length > 0)) return;
  throw new NanoopsError(`run ${runId} has ended (${verdict ?? 'unknown'})`, {
    code: 'RunEnded',
    exitCode: 2,
    nextStep: `nanoops runs show ${runId}`,
  });
}

/** The changes of a run that still stand, or may: neither put back, nor brought back by a later one of its own. */
export function standingIn({ changes }: RunHistory): RunHistory['changes'] {
  const applied = changes.filter(({ status }) => status === 'applied');
  const pairs = broughtBackIn(applied.map(({ change }) => change));
  const gone = new Set([...pairs].flat().map((at) => applied[at]));
  return changes.filter((each) => each.status !== 'failed' && each.status !== 'reverted' && !gone.has(each));
}

/** Before anything else is asked: whose account it is. Of a region that is left nothing is asked that is waited for. */
async function open(session: Session, { site, move }: RunbookSettings, runbook: AnyRunbook): Promise<void> {
  const { region } = move?.to ?? site;
  await session.verify(region);
  const steps = session.acting === undefined ? lookingPart(runbook.steps) : runbook.steps;
  session.cloud.prepare(region, callsOf(steps));
}

function rehearse(session: Session, { mode }: RunRequest): Promise<Rehearsal> | undefined {
  return mode === 'dry-run' ? session.acting?.rehearse?.(session.cloud.facts) : undefined;
}

interface Going {
  readonly request: RunRequest;
  readonly runId: string;
  readonly settings: RunbookSettings;
  readonly journal?: Journal;
  readonly rehearsal?: Rehearsal;
  readonly past?: Parameters<typeof run>[0]['past'];
  readonly purpose?: 'continue' | 'abort';
}

async function go(session: Session, going: Going): Promise<RunDocument> {
  const { cloud, random, signal, stack } = session;
  const { request, runId, settings, journal, rehearsal, past, purpose } = going;
  const { runbook, mode, timeoutMs } = request;
  const clock = rehearsal?.clock ?? session.clock;
  const acting = session.acting && journal && actingOf(session.acting, { ...going, journal, clock });
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
  const usage = session.acting?.usage();
  const looked = cloud.usage();
  return runDocumentOf({
    history: result.history,
    outcome: result.outcome,
    defect: result.defect,
    faultText: runbook.faultText,
    order: runbook.steps.map((step) => step.id),
    usage: usage === undefined ? looked : addUsage(looked, usage),
  });
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

function actingOf(
  session: ActingSession,
  {
    runId,
    settings,
    journal,
    rehearsal,
    clock,
  }: Going & { readonly journal: Journal; readonly clock: Session['clock'] },
): Acting<OwnActPorts> {
  const { holder, isGone, notifier, hooks, named, digest, reopen } = session;
  const store = session.leases?.(runId);
  const who = { runId, runbook: settings.runbook, environment: settings.environment, ...holder };
  return {
    ports: { changes: rehearsal?.changes ?? session.changes, notifier, hooks, named },
    journal,
    ...(store === undefined ? {} : { leases: new LeaseKeeper({ store, clock, holder: who, isGone }) }),
    approver: session.approver(runId),
    digest,
    by: holder.who,
    context: plainOf({ reopen, settings }),
    requestMs: requestMs * (clock.pace ?? 1),
    nextSteps: {
      resume: `nanoops runs resume ${runId}`,
      abort: `nanoops runs abort ${runId}`,
      locks: 'nanoops locks list',
    },
  };
}

/** A dry run asks the stack itself what no model knows. Its own clock stands still meanwhile. */
function rehearsed(named: NamedLooks, clock: Session['clock']): NamedLooks {
  return {
    call: (call) => clock.busy(() => named.call(call)),
    program: (program, signal) => clock.busy(() => named.program(program, signal)),
    address: (address, signal) => clock.busy(() => named.address(address, signal)),
  };
}

function journalOf(
  { journals, digest }: ActingSession,
  runId: string,
  clock: Session['clock'],
  before?: readonly JournalRecord[],
): Journal {
  return new Journal(journals, runId, { digest, clock, ...(before === undefined ? {} : { before }) });
}

function checkChain(records: readonly JournalRecord[], runId: string, { journals, digest }: ActingSession): void {
  const [first, ...more] = faultsOf(records, digest);
  if (first === undefined) return;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  throw new StateError(
    'corrupt',
    `the journal of run ${runId} in ${journals.name} was altered: ${first}${others}. Nothing was done on its strength.`,
    `nanoops runs verify ${runId}`,
  );
}

/**
 * What the steps are told. A run that has changed something goes on with what it began with; one that has only looked
 * looks at the present.
 */
async function settingsOf(history: RunHistory, session: Session): Promise<RunbookSettings> {
  const { context, runId, runbook, phase } = history;
  const kept = typeof context === 'object' && context !== null && 'settings' in context ? context.settings : undefined;
  if (kept === undefined) {
    throw new StateError(
      'corrupt',
      `the journal of run ${runId} does not say what it was about`,
      'begin a new run: nanoops runbook list',
    );
  }
  // What `actingOf` wrote; the chain of hashes has been checked.
  const settings = kept as unknown as RunbookSettings;
  const { region } = settings.site;
  const { move, monitoring } = settings;
  const own = {
    runId,
    runbook,
    ...(move === undefined ? {} : { move }),
    ...(monitoring === undefined ? {} : { monitoring }),
  };
  const now = runSettings(session, session.clock.now(), { region }, own);
  if (!isDeepStrictEqual(plainOf(now.site), plainOf(settings.site)) || now.environment !== history.environment) {
    throw new NanoopsError(`run ${runId} is about another stack than the one that was opened`, {
      code: 'OtherStack',
      exitCode: 2,
      details: [`it is about ${nameOf(settings)}`, `what was opened is ${nameOf(now)}`],
      nextStep: 'use the configuration and the environment that it was begun with: -c, -e',
    });
  }
  if (phase !== 'looking') return settings;
  const lookedAt = { region: settings.site.region, ...(settings.since === undefined ? {} : { since: settings.since }) };
  const present = move === undefined ? own : { ...own, move: await presentMove(session, runbook, move) };
  return runSettings(session, session.clock.now(), lookedAt, present);
}

/** What forbids a move today: somebody may have moved the stack meanwhile, and a day without drills may have begun. */
async function presentMove(session: Session, runbook: string, kept: MoveSettings): Promise<MoveSettings> {
  const wanted = moveOfRunbook(runbook);
  if (wanted === undefined) return kept;
  const { isRehearsal, isSimulated, mode } = kept;
  const request = { kind: wanted.kind, mode, isRehearsal, isSimulated };
  const { lastFailoverAt, blackout, historyGaps } = await moveSettings(session, request, pastRunsOf(session));
  const { lastFailoverAt: _last, blackout: _day, ...rest } = kept;
  return {
    ...rest,
    historyGaps,
    ...(lastFailoverAt === undefined ? {} : { lastFailoverAt }),
    ...(blackout === undefined ? {} : { blackout }),
  };
}

function pastRunsOf({ acting, clock, signal }: Session): PastRuns {
  return { journals: acting === undefined ? [] : [acting.journals], clock, signal };
}

function nameOf({ environment, service, site }: RunbookSettings): string {
  const parts = [site.compute && `${site.compute.cluster}/${site.compute.service}`, site.database?.cluster];
  return `${service} (${environment}) in ${site.region}: ${parts.filter((part) => part !== undefined).join(', ') || 'nothing that acts'}`;
}

/** A runbook that is not what it was is gone on with only where somebody agrees to the difference. */
async function checkRunbook(
  runbook: AnyRunbook,
  history: RunHistory,
  { signal, clock }: Session,
  acting: ActingSession,
): Promise<void> {
  const fingerprint = fingerprintOf(runbook, acting.digest);
  if (history.fingerprint === fingerprint) return;
  const differences = differencesOf(history.summaries, summarise(runbook.steps));
  const shown = differences.length > 0 ? differences : ['what its steps may call or change is not the same'];
  const question = {
    kind: 'approve' as const,
    runId: history.runId,
    stepId: 'runbook',
    title: 'The runbook has changed',
    question: `The runbook "${runbook.id}" is not any more as it was when this run began. Go on with what it is now?`,
    facts: shown,
    changes: [],
    hash: fingerprint,
  };
  const answer = await clock.busy(() => acting.approver(history.runId).ask(question, signal));
  if (answer.kind === 'given') return;
  throw new NanoopsError(`the runbook "${runbook.id}" has changed since run ${history.runId} began`, {
    code: 'RunbookChanged',
    exitCode: 4,
    details: shown,
    nextStep: `nanoops runs resume ${history.runId} --approve runbook@${fingerprint}`,
  });
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
