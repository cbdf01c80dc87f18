/** `nanoops runbook list|show|export|run|test`. */
import { Argument, Option } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { NanoopsError } from '../errors.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';
import { declareExport } from './runbook-export.ts';
import { withIncidentOption, type IncidentFlag } from './incident-of-run.ts';
import { withStackFlags, withUnusedStackFlags, type CommonFlags, type StackFlags } from './flags.ts';
import { examples } from './examples.ts';

export const declareRunbook: DeclareCommand = (runbook, host) => {
  runbook.description('The runbooks, and what each does.').addHelpText(
    'after',
    examples([
      ['nanoops runbook list', ''],
      ['nanoops runbook show latency', 'its steps, as a graph'],
      ['nanoops runbook run latency --sandbox bad-deploy', 'on the simulated AWS; needs nothing'],
      ['nanoops help own-runbooks', 'how to write one of your own'],
    ]),
  );
  withUnusedStackFlags(runbook.command('list'))
    .summary('list the runbooks')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runbook list', ''],
          ["nanoops runbook list --json | jq -r '.items[].id'", 'their ids'],
        ],
        '0 listed; 2 wrong usage.',
      ),
    )
    .description('Lists the runbooks. Needs no configuration and no account.')
    .action(async (flags: CommonFlags) => {
      const { listRunbooks } = await import('../use-cases/runbooks.ts');
      const { runbooks } = await host.own(flags);
      const { found, broken } = await runbooks.all();
      for (const { problem } of broken) host.warn(problem.message, problem.details);
      await host.showList(flags, {
        document: listRunbooks(found),
        columns: [
          { title: 'runbook', text: ({ id }) => id },
          { title: 'steps', text: ({ steps }) => String(steps) },
          { title: 'what it answers', text: ({ summary }) => String(summary) },
        ],
      });
    });

  withUnusedStackFlags(runbook.command('show'))
    .summary('draw a runbook\u2019s step graph')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runbook show crash-loop', 'in the terminal'],
          ['nanoops runbook show region-failover --format mermaid', 'for a page that draws it'],
        ],
        '0 drawn; 2 wrong usage, or no such runbook.',
      ),
    )
    .description('Draws a runbook\u2019s step graph. Needs no configuration and no account.')
    .addArgument(new Argument('<id>', 'the runbook'))
    .addOption(new Option('--format <format>', 'how to draw it').choices(['text', 'mermaid']).default('text'))
    .action(async (id: string, flags: CommonFlags & { format: 'text' | 'mermaid' }) => {
      const { showRunbook } = await import('../use-cases/runbooks.ts');
      await host.showGraph(flags, showRunbook(await runbookOf(host, flags, id)), flags.format);
    });

  declareExport(runbook, host);

  withIncidentOption(withStackFlags(runbook.command('run')))
    .summary('run a runbook: look, ask, act, verify')
    .description(
      'Runs a runbook to its end: it looks, concludes, asks before it changes anything, and sees whether it helped.',
    )
    .addArgument(new Argument('<id>', 'the runbook'))
    .addHelpText(
      'after',
      `
Examples:
  nanoops runbook run crash-loop --sandbox      on the simulated AWS; needs nothing
  nanoops runbook run latency --dry-run         what it would do, and change
  nanoops runbook run latency --yes             without asking, where nothing can be lost

Exit codes: 0 nothing wrong, or mended; 1 something is; 2 wrong usage or configuration; 3 could not tell; 4 waits for an
approval; 5 a step failed; 6 another run holds the lock; 130 interrupted.`,
    )
    .action(async (id: string, flags: StackFlags & IncidentFlag) => {
      const { firstScenario } = await import('../use-cases/runbooks.ts');
      const { actOn } = await import('./act-on.ts');
      const wanted = await runbookOf(host, flags, id);
      await actOn(host, flags, { runbook: wanted, scenario: firstScenario(wanted), acts: true });
    });

  withUnusedStackFlags(runbook.command('test'), ['--seed'])
    .summary('prove that a runbook survives being killed anywhere')
    .description(
      'Runs a runbook on the simulated AWS, kills it at every moment, loses answers, throttles, takes credentials and leases away, goes on each time, and compares how it ended with an undisturbed run.',
    )
    .addArgument(new Argument('<id>', 'the runbook'))
    .option('--crash-everywhere', 'at every moment')
    .option('--scenario <id...>', 'only in these scenarios (default: all of the runbook\u2019s)')
    .addHelpText(
      'after',
      `
Examples:
  nanoops runbook test latency --crash-everywhere
  nanoops runbook test crash-loop --crash-everywhere --scenario crash-loop -o json

Exit codes: 0 it survived all of it; 2 wrong usage; 3 nothing was changed, so that nothing is proved; 5 it did not survive;
130 interrupted.`,
    )
    .action(async (id: string, flags: TestFlags) => {
      const { callsOf, changesOf } = await import('../engine/runbook.ts');
      const { isBuiltInId, scenariosOf } = await import('../use-cases/runbooks.ts');
      const { survive } = await import('../use-cases/survival.ts');
      const { parseSeed } = await import('../use-cases/seed.ts');
      const tested = await runbookOf(host, flags, id);
      if (flags.crashEverywhere !== true) throw nothingToTest(id);
      const scenarios = scenariosOf(tested, flags.scenario);
      await host.showSurvival(flags, {
        changes: changesOf(tested.steps),
        ...(isBuiltInId(id) ? {} : { namedReads: callsOf(tested.steps) }),
        seed: parseSeed(flags.seed),
        work: (theatre, digest, progress) =>
          survive(theatre, { runbook: tested, scenarios, digest, signal: host.signal, progress }),
      });
    });
};

/** A built-in runbook, or one of the team's. */
async function runbookOf(host: Host, flags: CommonFlags, id: string): Promise<AnyRunbook> {
  const { runbookNamed } = await import('../use-cases/own-files.ts');
  return runbookNamed(id, () => host.own(flags));
}

interface TestFlags extends StackFlags {
  readonly crashEverywhere?: boolean;
  readonly scenario?: readonly string[];
}

function nothingToTest(id: string): NanoopsError {
  return new NanoopsError('say what it is to survive', {
    code: 'NothingToTest',
    exitCode: 2,
    nextStep: `nanoops runbook test ${id} --crash-everywhere`,
  });
}
