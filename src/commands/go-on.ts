/** Goes on with a run that stopped, on the stack that it was begun on; or puts back what it changed. */
import { callsOf, changesOf } from '../engine/runbook.ts';
import { historyOf, type RunHistory } from '../engine/history.ts';
import { NanoopsError } from '../errors.ts';
import { refuseElsewhere, refuseUnresumable, standingIn } from '../use-cases/resuming.ts';
import { resumeRun } from '../use-cases/run-runbook.ts';
import { answersItself } from '../use-cases/moves.ts';
import { runbookOfRun } from '../use-cases/own-files.ts';
import { isBuiltInId } from '../use-cases/runbooks.ts';
import { eventsOf, findRun } from '../use-cases/stores.ts';
import type { Host } from './command.ts';
import type { StackFlags } from './flags.ts';
import { checkApprovals, refuseFlags } from './refused-flags.ts';

export async function goOn(host: Host, flags: StackFlags, runId: string, purpose: 'continue' | 'abort'): Promise<void> {
  refuseFlags(flags, refusedGoingOn(runId));
  const found = await host.withStores(flags, (stores) => findRun(stores, runId));
  const { records } = found;
  const history = historyOf(eventsOf(found, runId));
  refuseUnresumable(history, purpose);
  const runbook = await runbookOfRun(history, () => host.own(flags));
  checkApprovals(flags, runbook);
  if (purpose === 'abort' && standingIn(history).length > 0) await confirmAbort(host, flags, history);
  const opening = {
    scenario: 'healthy',
    acts: { mode: 'execute' as const, changes: changesOf(runbook.steps) },
    ...(isBuiltInId(runbook.id) ? {} : { namedReads: callsOf(runbook.steps) }),
    resumes: history,
  };
  const answered = reopenedFlags(
    history,
    flags,
    runbook.id,
    `nanoops runs ${purpose === 'abort' ? 'abort' : 'resume'} ${runId}`,
  );
  await host.showRun(answered, opening, (session, { timeoutMs }) =>
    resumeRun(session, { runbook, records, purpose, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
  );
}

/** The flags that a run is gone on with: those that it was begun with, and those of this command line. `command`: what is typed. */
export function reopenedFlags(history: RunHistory, flags: StackFlags, runbook: string, command: string): StackFlags {
  const begun = reopenedBy(history);
  if (flags.endpointUrl === undefined) refuseElsewhere(history.runId, begun.endpointUrl, command);
  const isConfigKept = flags.config === undefined && begun.config !== undefined;
  const reopened = { ...begun, ...flags, ...(isConfigKept ? { isConfigKept } : {}) };
  return answersItself(runbook, reopened.sandbox) ? { ...reopened, yes: true } : reopened;
}

/** A run is taken up where and how it was begun; on another stack its journal would tell of what is not there. */
export function refusedGoingOn(runId: string): Parameters<typeof refuseFlags>[1] {
  const begun = { because: 'a run is taken up where it was begun', nextStep: `nanoops runs show ${runId}` };
  return {
    dryRun: {
      because: 'a run that acts cannot be taken up as one that does not',
      nextStep: `nanoops runs show ${runId} tells what it did and waits for; to rehearse, begin a dry run: nanoops runbook run <id> --dry-run`,
    },
    since: begun,
    until: begun,
    region: begun,
    sandbox: begun,
    seed: begun,
  };
}

async function confirmAbort(host: Host, flags: StackFlags, history: RunHistory): Promise<void> {
  const { runId } = history;
  const facts = standingIn(history).map(
    ({ change, status }) => `${change.operation} ${change.resource}: ${change.summary} (${status})`,
  );
  if (flags.yes === true || (await host.confirm(flags, 'Put back what this run changed?', facts))) return;
  throw new NanoopsError(`run ${runId} was not aborted`, {
    code: 'NotConfirmed',
    exitCode: 4,
    details: facts,
    nextStep: `nanoops runs abort ${runId} --yes`,
  });
}

/** The flags by which the run was opened; those of this command line come before them. */
function reopenedBy({ context }: RunHistory): StackFlags {
  const kept = typeof context === 'object' && context !== null && 'reopen' in context ? context.reopen : undefined;
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return {};
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(kept, name);
    return typeof value === 'string' ? value : undefined;
  };
  const names = ['config', 'environment', 'profile', 'region', 'endpointUrl', 'sandbox', 'seed'] as const;
  return Object.fromEntries(names.flatMap((name) => (text(name) === undefined ? [] : [[name, text(name)]])));
}
