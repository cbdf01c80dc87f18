/** `nanoops completion bash|zsh|fish`, and what their scripts ask. */
import { Argument } from 'commander';
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type CommonFlags } from './flags.ts';
import { helpTopics } from './help-topics.ts';

const shellNames = ['bash', 'zsh', 'fish'] as const;

export const declareCompletion: DeclareCommand = (program, host) => {
  withUnusedStackFlags(program.command('completion'))
    .addArgument(new Argument('<shell>', 'the shell').choices(shellNames))
    .summary('completion of commands, flags and values by the shell')
    .description(
      'Prints the script by which a shell completes nanoops: commands, flags, runbooks, scenarios, checks, runs. Needs no configuration and no account.',
    )
    .addHelpText(
      'after',
      `
Examples:
  source <(nanoops completion bash)                                        in ~/.bashrc
  source <(nanoops completion zsh)                                         in ~/.zshrc, after compinit
  nanoops completion fish > ~/.config/fish/completions/nanoops.fish        once

Exit codes: 0 printed; 2 wrong usage.`,
    )
    .action(async (shell: (typeof shellNames)[number], flags: CommonFlags) => {
      const { completionScript } = await import('../use-cases/completion/scripts.ts');
      const script = completionScript(shell);
      await host.show(flags, { document: { schema: 'nanoops/completion@1', shell, script }, human: () => script });
    });

  program
    .command('complete', { hidden: true })
    .description('Prints what the last word of a command line may become: for the scripts of shells.')
    .argument('[word...]', 'the words after the program\u2019s name, after --')
    .option('--line <line>', 'the line up to the cursor, as bash has it')
    .option('--breaks <characters>', 'what breaks words for bash', '')
    .action(async (words: readonly string[], { line, breaks }: { line?: string; breaks: string }) => {
      const [{ candidatesFor }, { filesLine }, { asReply, typedLine }] = await Promise.all([
        import('./completion-tree.ts'),
        import('../use-cases/completion/scripts.ts'),
        import('../use-cases/completion/line.ts'),
      ]);
      const typed = line === undefined ? undefined : typedLine(line);
      const kept = { runs: () => host.keptIds('runs'), incidents: () => host.keptIds('incidents') };
      const topics = helpTopics.map(({ name, summary }) => ({ value: name, description: summary }));
      const found = await candidatesFor(program, typed?.words ?? words, kept, topics);
      if (found === 'files') {
        host.write(`${filesLine}\n`);
        return;
      }
      const lines = found.map(({ value, description }) => {
        if (typed !== undefined) return asReply(value, typed, breaks);
        return description === undefined ? value : `${value}\t${oneLine(description)}`;
      });
      host.write(lines.map((each) => `${each}\n`).join(''));
    });
};

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
