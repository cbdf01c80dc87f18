/** `nanoops runbook list|show`. */
import { Argument, Option } from 'commander';
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type CommonFlags } from './flags.ts';

export const declareRunbook: DeclareCommand = (program, host) => {
  const runbook = program
    .command('runbook')
    .summary('the runbooks, and what each does')
    .description('The runbooks, and what each does.');

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
};
