/** `nanoops runs start|step`: a run that something else carries out step by step, each by a process of its own. */
import type { Command } from 'commander';
import type { AnyRunbook } from '../runbooks/kit.ts';
import type { Host, Opening } from './command.ts';
import { drillModeOption, onlyOfDrills, type DrillModeFlags } from './drill-mode.ts';
import { examples } from './examples.ts';
import { withoutHelpFor, withStackFlags, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';

interface StartFlags extends StackFlags, DrillModeFlags {
  readonly id?: string;
}

const answers = ['--approve', '--yes', '--accept-loss'];
const never = ['--until', '--report', '--dry-run'];

export function declareRunSteps(runs: Command, host: Host): void {
  withoutHelpFor(withStackFlags(runs.command('start')), [...never, ...answers, '--timeout'])
    .summary('begin a run whose steps something else starts')
    .description(
      'Begins a run of a runbook for a state machine, a pipeline or a script that starts its steps one after another with "nanoops runs step". Nothing is looked at or changed by it.',
    )
    .argument('<runbook>', 'the runbook')
    .option('--id <run-id>', 'its id: one that is there already is left as it is')
    .addOption(drillModeOption('of a drill; '))
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runs start latency', ''],
          ['nanoops runs start region-drill --id 20261110T150000Z-region-drill-weekly', 'by an id of one\u2019s own'],
        ],
        '0 begun, or begun before; 2 wrong usage or configuration; 3 could not tell; 5 its journal could not be written;\n6 somebody is at it.',
      ),
    )
    .action(async (id: string, flags: StartFlags) => start(host, flags, id));

  withoutHelpFor(withStackFlags(runs.command('step')), [...never, '--since', '--region', '--sandbox', '--seed'])
    .summary('carry out one step of a run')
    .description(
      'Carries out one step of a run that "nanoops runs start" began, from any machine that reaches its journal. A step that has ended is not done again. Whoever is at the run already is waited for, a minute and a half. A step that fails puts back what the run changed.',
    )
    .argument('<run-id>', 'the run')
    .argument('<step-id>', 'the step: everything that it needs has ended before')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runs step 20261110T150000Z-latency-7k2m9x api-traffic', ''],
          [
            'nanoops runs step 20261110T150000Z-latency-7k2m9x approve-scale-out',
            'at a terminal: shows the plan, and asks',
          ],
        ],
        '0 the step has ended, and the run goes on: what it could not tell counts in what the run comes to; once the run has\nended, whatever it came to: 0, 1, 3 or 5. 2 wrong usage, or not its turn; 4 waits for an approval; 5 it failed; 6 another\nrun holds the lock, or somebody is at this one; 130 interrupted.',
      ),
    )
    .action(async (runId: string, stepId: string, flags: StackFlags) => step(host, flags, runId, stepId));
}

async function start(host: Host, flags: StartFlags, id: string): Promise<void> {
  const [{ runbookNamed }, { firstScenario }, { moveOfRunbook }, { checkRunId, startRun }, { refuseForMove }] =
    await Promise.all([
      import('../use-cases/own-files.ts'),
      import('../use-cases/runbooks.ts'),
      import('../use-cases/moves.ts'),
      import('../use-cases/run-steps.ts'),
      import('./move-on.ts'),
    ]);
  const runbook = await runbookNamed(id, () => host.own(flags));
  const kind = moveOfRunbook(id);
  refuseFlags(flags, refusedOf(id));
  const asked = {
    because: 'a run that is begun asks nothing',
    nextStep: 'give it to the step that asks: nanoops runs step --help',
  };
  refuseFlags(flags, { approve: asked, yes: asked, acceptLoss: asked });
  if (kind !== undefined) refuseForMove(flags, kind.kind);
  if (flags.mode !== undefined && kind?.kind !== 'drill')
    throw onlyOfDrills('leave it out, or begin a drill: nanoops runs start region-drill --mode failover');
  if (flags.id !== undefined) checkRunId(flags.id, id);
  const { mode = kind?.mode, region, id: runId } = flags;
  await host.showRun(flags, await openingOf(runbook, firstScenario(runbook)), async (session, { since }) =>
    startRun(session, {
      runbook,
      ...(runId === undefined ? {} : { runId }),
      ...(region === undefined ? {} : { region }),
      ...(kind === undefined || mode === undefined
        ? { ...(since === undefined ? {} : { since }) }
        : { move: { kind: kind.kind, mode, ...(since === undefined ? {} : { outageAt: since }) } }),
    }),
  );
}

async function step(host: Host, flags: StackFlags, runId: string, stepId: string): Promise<void> {
  const [
    { historyOf },
    { runbookOfRun },
    { beforehand, checkStep, stepRun },
    { eventsOf, findRun },
    going,
    { checkApprovals },
  ] = await Promise.all([
    import('../engine/history.ts'),
    import('../use-cases/own-files.ts'),
    import('../use-cases/run-steps.ts'),
    import('../use-cases/stores.ts'),
    import('./go-on.ts'),
    import('./refused-flags.ts'),
  ]);
  refuseFlags(flags, { ...going.refusedGoingOn(runId), ...refusedOf('<id>') });
  const found = await host.withStores(flags, (stores) => findRun(stores, runId));
  const history = historyOf(eventsOf(found, runId));
  const runbook = await runbookOfRun(history, () => host.own(flags));
  checkStep(runbook, stepId);
  checkApprovals(flags, runbook);
  const before = beforehand(history, runbook, stepId);
  if (before !== undefined) {
    await host.showRunStep(flags, before);
    return;
  }
  const reopened = going.reopenedFlags(history, flags, runbook.id, `nanoops runs step ${runId} ${stepId}`);
  const opening = { ...(await openingOf(runbook, 'healthy')), resumes: history };
  await host.showRun(reopened, opening, (session, { timeoutMs }) =>
    stepRun(session, {
      ...{ runbook, stepId, records: found.records },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }),
  );
}

async function openingOf(runbook: AnyRunbook, scenario: string): Promise<Opening> {
  const [{ callsOf, changesOf }, { isBuiltInId }] = await Promise.all([
    import('../engine/runbook.ts'),
    import('../use-cases/runbooks.ts'),
  ]);
  return {
    scenario,
    acts: { mode: 'execute', changes: changesOf(runbook.steps) },
    ...(isBuiltInId(runbook.id) ? {} : { namedReads: callsOf(runbook.steps) }),
  };
}

/** What neither can heed. */
function refusedOf(id: string): Parameters<typeof refuseFlags>[1] {
  return {
    dryRun: {
      because: 'a dry run acts on a model, which one process has and the next one has not',
      nextStep: `nanoops runbook run ${id} --dry-run`,
    },
    until: { because: 'what was so some time ago is no ground to change what is there now', nextStep: 'leave it out' },
    report: { because: 'the run has not come to its end', nextStep: 'nanoops runs report <run-id> --report <file>' },
  };
}
