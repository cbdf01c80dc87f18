/** `nanoops runbook list|show|run|test`. */
import { Argument, Option } from 'commander';
import type { DeclareCommand } from './command.ts';
import { NanoopsError } from '../errors.ts';
import { withIncidentOption, type IncidentFlag } from './incident-of-run.ts';
import { withStackFlags, withUnusedStackFlags, type CommonFlags, type StackFlags } from './flags.ts';

export const declareRunbook: DeclareCommand = (program, host) => {
  const runbook = program
    .command('runbook')
    .summary('the runbooks, and what each does')
    .description('The runbooks, and what each does.');
  if (!host.wants('runbook')) return;

  withUnusedStackFlags(runbook.command('list'))
    .summary('list the runbooks')
    .description('Lists the runbooks. Needs no configuration and no account.')
    .action(async (flags: CommonFlags) => {
      const { listRunbooks } = await import('../use-cases/runbooks.ts');
      await host.showList(flags, {
        document: listRunbooks(),
        columns: [
          { title: 'runbook', text: ({ id }) => id },
          { title: 'steps', text: ({ steps }) => String(steps) },
          { title: 'what it answers', text: ({ summary }) => String(summary) },
        ],
      });
    });

  withUnusedStackFlags(runbook.command('show'))
    .summary('draw a runbook\u2019s step graph')
    .description('Draws a runbook\u2019s step graph. Needs no configuration and no account.')
    .addArgument(new Argument('<id>', 'the runbook'))
    .addOption(new Option('--format <format>', 'how to draw it').choices(['text', 'mermaid']).default('text'))
    .action(async (id: string, flags: CommonFlags & { format: 'text' | 'mermaid' }) => {
      const { showRunbook } = await import('../use-cases/runbooks.ts');
      await host.showGraph(flags, showRunbook(id), flags.format);
    });

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
  nanoops runbook run latency --yes             without asking, where nothing can be lost`,
    )
    .action(async (id: string, flags: StackFlags & IncidentFlag) => {
      const { firstScenario } = await import('../use-cases/runbooks.ts');
      const { actOn } = await import('./act-on.ts');
      await actOn(host, flags, { runbook: id, scenario: firstScenario(id), acts: true });
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
  nanoops runbook test crash-loop --crash-everywhere --scenario crash-loop -o json`,
    )
    .action(async (id: string, flags: TestFlags) => {
      const { changesOf } = await import('../engine/runbook.ts');
      const { findRunbook, scenariosOf } = await import('../use-cases/runbooks.ts');
      const { survive } = await import('../use-cases/survival.ts');
      const { parseSeed } = await import('../use-cases/seed.ts');
      const tested = findRunbook(id);
      if (flags.crashEverywhere !== true) throw nothingToTest(id);
      const scenarios = scenariosOf(id, flags.scenario);
      await host.showSurvival(flags, {
        changes: changesOf(tested.steps),
        seed: parseSeed(flags.seed),
        work: (theatre, digest, progress) =>
          survive(theatre, { runbook: tested, scenarios, digest, signal: host.signal, progress }),
      });
    });
};

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
