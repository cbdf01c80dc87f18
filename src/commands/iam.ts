/** `nanoops iam policy`. */
import { Option } from 'commander';
import type { DeclareCommand } from './command.ts';
import { withUnusedStackFlags, type StackFlags } from './flags.ts';
import { examples } from './examples.ts';

interface PolicyFlags extends StackFlags {
  readonly command?: readonly string[];
  readonly runbook?: readonly string[];
  readonly format: 'json' | 'cloudformation';
}

export const declareIam: DeclareCommand = (iam, host) => {
  iam
    .description('The least that AWS has to allow for what you want to do with nanoops.')
    .addHelpText('after', examples([['nanoops iam policy --command diagnose', 'what looking needs']]));
  withUnusedStackFlags(iam.command('policy'), ['--config', '--environment', '--region', '--sandbox'])
    .option('--command <command...>', 'for this command, for example "diagnose latency" (default: everything)')
    .option('--runbook <id...>', 'for this runbook, told to act')
    .addOption(new Option('--format <format>', 'how to write it').choices(['json', 'cloudformation']).default('json'))
    .summary('the IAM policy for chosen commands and runbooks')
    .description(
      'Prints the IAM policy that chosen commands and runbooks need: computed from what their steps declare, and scoped to what nanoops.yaml names. What looks and what acts are statements of their own. Contacts nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops iam policy --command diagnose > look.json     to diagnose; changes nothing
  nanoops iam policy --command status "checklist weekly"
  nanoops iam policy --runbook latency crash-loop       to run them, with what they change
  nanoops iam policy --region us-east-1                 everything, in one of the regions
  nanoops iam policy --format cloudformation > policy.template.json
  nanoops iam policy --runbook region-drill --sandbox   for the stack of the simulated AWS

Exit codes: 0 printed; 2 wrong usage or configuration.`,
    )
    .action(async (flags: PolicyFlags) => {
      const [{ iamPolicy }, { configuredStack }] = await Promise.all([
        import('../use-cases/permissions/iam-policy.ts'),
        import('../use-cases/permissions/configured.ts'),
      ]);
      const { command: commands = [], runbook: runbooks = [], region, format } = flags;
      // What was typed wrongly is told before a file is looked for.
      iamPolicy({ commands, runbooks }, undefined);
      const config = await configuredStack({
        file: flags.config,
        environment: flags.environment,
        cwd: host.cwd,
        sandbox: flags.sandbox,
      });
      await host.showPolicy(flags, iamPolicy({ commands, runbooks, region }, config), format);
    });
};
