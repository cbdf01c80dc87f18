/** `nanoops iam policy`. */
import { Option } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { withUnusedStackFlags, type CommonFlags, type StackFlags } from './flags.ts';
import { examples } from './examples.ts';

interface PolicyFlags extends StackFlags {
  readonly command?: readonly string[];
  readonly runbook?: readonly string[];
  readonly dryRun?: boolean;
  readonly format: 'json' | 'cloudformation';
}

export const declareIam: DeclareCommand = (iam, host) => {
  iam
    .description('The least that AWS has to allow for what you want to do with nanoops.')
    .addHelpText('after', examples([['nanoops iam policy --command diagnose', 'what looking needs']]));
  withUnusedStackFlags(iam.command('policy'), ['--config', '--environment', '--region', '--sandbox', '--dry-run'])
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
  nanoops iam policy --runbook region-drill --dry-run   to rehearse it, and no more
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
      const { command: commands = [], runbook: runbooks = [], region, dryRun: isDryRun, format } = flags;
      const isWhole = commands.length + runbooks.length === 0;
      const { own, ownChecks } = await ownOf(host, flags, {
        runbooks,
        isWhole,
        checks: isWhole || commands.includes('checks run'),
      });
      // What was typed wrongly is told before a file is looked for.
      iamPolicy({ commands, runbooks, own }, undefined);
      const config = await configuredStack({
        file: flags.config,
        environment: flags.environment,
        cwd: host.cwd,
        sandbox: flags.sandbox,
      });
      await host.showPolicy(flags, iamPolicy({ commands, runbooks, own, ownChecks, region, isDryRun }, config), format);
    });
};

/** The team's own that are meant, loaded; of those that were not named, the broken ones are told of. */
async function ownOf(
  host: Host,
  flags: CommonFlags,
  wanted: { readonly runbooks: readonly string[]; readonly isWhole: boolean; readonly checks: boolean },
) {
  const [{ isBuiltInId }, { runbookNamed }] = await Promise.all([
    import('../use-cases/runbooks.ts'),
    import('../use-cases/own-files.ts'),
  ]);
  const ids = wanted.runbooks.filter((id) => !isBuiltInId(id));
  if (!wanted.isWhole && !wanted.checks && ids.length === 0) return { own: [], ownChecks: [] };
  const files = await host.own(flags);
  const named = await Promise.all(ids.map((id) => runbookNamed(id, () => Promise.resolve(files))));
  const runbooks = wanted.isWhole ? await files.runbooks.all() : { found: named, broken: [] };
  const checks = wanted.checks ? await files.checks.all() : { found: [], broken: [] };
  for (const { problem } of [...runbooks.broken, ...checks.broken]) {
    host.warn(problem.message, problem.details);
  }
  return { own: runbooks.found, ownChecks: checks.found };
}
