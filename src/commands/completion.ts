/** `nanoops completion bash|zsh|fish`. */
import { Argument } from 'commander';
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type CommonFlags } from './flags.ts';

const shellNames = ['bash', 'zsh', 'fish'] as const;

export const declareCompletion: DeclareCommand = (completion, host) => {
  withUnusedStackFlags(completion)
    .addArgument(new Argument('<shell>', 'the shell').choices(shellNames))
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
      await host.show(flags, {
        document: { schema: 'nanoops/completion@1', shell, script },
        human: () => script,
        language: shell,
      });
    });
};
