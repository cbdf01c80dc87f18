/** What has to hold before a run that stopped is gone on with: its journal, its stack, its runbook, and that nobody is at it. */
import { isDeepStrictEqual } from 'node:util';
import { broughtBackIn } from '../engine/change.ts';
import { isOver, type RunHistory } from '../engine/history.ts';
import { faultsOf } from '../engine/journal.ts';
import { StateError, type JournalRecord } from '../engine/journal-store.ts';
import type { Lease } from '../engine/lease-store.ts';
import { defaultLeaseTimes } from '../engine/leases.ts';
import { plainOf } from '../engine/plain.ts';
import { differencesOf, fingerprintOf, summarise } from '../engine/runbook.ts';
import { isElsewhere } from '../cloud/endpoints.ts';
import { NanoopsError } from '../errors.ts';
import type { AnyRunbook, MoveSettings, RunbookSettings } from '../runbooks/kit.ts';
import { moveSettings, type PastRuns } from './move-settings.ts';
import { moveOfRunbook } from './moves.ts';
import { runSettings } from './run-settings.ts';
import type { ActingSession, Session } from './session.ts';

/** What is typed to go on with a run: as a whole, or with the step that is carried out by itself. */
export function resumeCommand(runId: string, stepId?: string): string {
  return stepId === undefined ? `nanoops runs resume ${runId}` : `nanoops runs step ${runId} ${stepId}`;
}

/** A run that somebody is at must not be taken out of their hands: its journal would be continued by two. */
export async function refuseLiving(runId: string, acting: ActingSession, clock: Session['clock']): Promise<void> {
  const living = await livingOf(runId, acting, clock);
  if (living !== undefined) throw underWay(runId, living);
}

/** A lease of the run whose holder may still be at it, among those that are not left out; undefined where there is none. */
export async function livingOf(
  runId: string,
  { leases, isGone }: ActingSession,
  clock: Session['clock'],
  leftOut?: string,
): Promise<Lease | undefined> {
  const held = (await clock.busy(async () => leases?.(runId).list())) ?? [];
  return held.find(
    ({ holder, expiresAt, resource }) =>
      holder.runId === runId &&
      (leftOut === undefined || !(resource === leftOut || resource.endsWith(`/${leftOut}`))) &&
      !isGone(holder) &&
      clock.now() < expiresAt + defaultLeaseTimes.graceMs,
  );
}

export function underWay(runId: string, living: Lease): NanoopsError {
  const { who, step } = living.holder;
  return new NanoopsError(
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
  return changes.filter((each) => !isOver(each) && !gone.has(each));
}

export function checkChain(
  records: readonly JournalRecord[],
  runId: string,
  { journals, digest }: ActingSession,
): void {
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
export async function settingsOf(history: RunHistory, session: Session): Promise<RunbookSettings> {
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

function nameOf({ environment, service, site }: RunbookSettings): string {
  const parts = [site.compute && `${site.compute.cluster}/${site.compute.service}`, site.database?.cluster];
  return `${service} (${environment}) in ${site.region}: ${parts.filter((part) => part !== undefined).join(', ') || 'nothing that acts'}`;
}

/** A runbook that is not what it was is gone on with only where somebody agrees to the difference. */
export async function checkRunbook(
  runbook: AnyRunbook,
  history: RunHistory,
  { signal, clock }: Session,
  acting: ActingSession,
  resume: string,
): Promise<void> {
  const fingerprint = fingerprintOf(runbook, acting.digest);
  if (history.fingerprint === fingerprint) return;
  const differences = differencesOf(history.summaries, summarise(runbook.steps));
  const shown = differences.length > 0 ? differences : unseenDifferences(runbook);
  const question = {
    kind: 'approve' as const,
    runId: history.runId,
    stepId: 'runbook',
    title: 'The runbook has changed',
    question: `The runbook "${runbook.id}" is not any more as it was when this run began. Go on with what it is now?`,
    facts: shown,
    changes: [],
    hash: fingerprint,
    resume,
  };
  const answer = await clock.busy(() => acting.approver(history.runId).ask(question, signal));
  if (answer.kind === 'given') return;
  throw new NanoopsError(`the runbook "${runbook.id}" has changed since run ${history.runId} began`, {
    code: 'RunbookChanged',
    exitCode: 4,
    details: shown,
    nextStep: `${resume} --approve runbook@${fingerprint}`,
  });
}

/** The same steps with the same needs: what is not the same is within them. */
function unseenDifferences({ source }: AnyRunbook): readonly string[] {
  if (source === undefined) return ['what its steps may call or change is not the same'];
  return [
    'its file was changed since the run began: its steps are the same, what they do may be different',
    'go on where the change is meant for this run, too; or put the file back as it was; or abort the run, and begin a new one',
  ];
}

export function pastRunsOf({ acting, clock, signal }: Session): PastRuns {
  return { journals: acting === undefined ? [] : [acting.journals], clock, signal };
}

/** A journal may come from anywhere: where it says that requests go elsewhere than to AWS, somebody has to say so, too. */
export function refuseElsewhere(runId: string, endpointUrl: string | undefined, command: string): void {
  if (endpointUrl === undefined || !isElsewhere(endpointUrl)) return;
  const where = URL.canParse(endpointUrl) ? new URL(endpointUrl).origin : 'what is no address';
  throw new NanoopsError(`run ${runId} was begun on ${where}, which is not AWS; nothing was sent`, {
    code: 'EndpointElsewhere',
    exitCode: 2,
    details: ['what changes something goes there only where the address is typed'],
    nextStep: `${command} --endpoint-url ${where}`,
  });
}
