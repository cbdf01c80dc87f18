/** `nanoops dr lint`. */
import type { Command } from 'commander';
import type { Host } from '../command.ts';
import { withFailOn, withStackFlags, type StackFlags } from '../flags.ts';
import { refuseFlags } from '../refused-flags.ts';

interface LintFlags extends StackFlags {
  readonly impaired: string;
  readonly runbook?: string;
}

const unused = ['--region', '--since', '--until', '--dry-run', '--approve', '--yes', '--accept-loss'];

export function declareDrLint(dr: Command, host: Host): void {
  const lint = withFailOn(withStackFlags(dr.command('lint')));
  for (const option of lint.options) if (unused.includes(option.long ?? '')) option.hideHelp();
  lint
    .requiredOption('--impaired <region>', 'the region that is taken to be gone')
    .option('--runbook <id>', 'walk this runbook (default: the one by which the region is left)')
    .summary('what of the recovery hangs on the region that is gone?')
    .description(
      'Walks every step of a recovery as if a region were gone, with the control planes of AWS that it hosts: calls, endpoints, stores, credentials and receivers that need it, and known traps. Reads the configuration, and of AWS the record\u2019s TTL alone.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr lint --impaired us-west-2              the primary region: can it be left without it?
  nanoops dr lint --impaired us-east-1              Route 53, IAM and CloudFront are changed there
  nanoops dr lint --impaired us-west-2 --runbook region-drill
  nanoops dr lint --impaired us-east-1 --sandbox    on the sandbox\u2019s own configuration; needs nothing

Exit codes: 0 clean; 1 findings; 2 wrong usage or configuration; 3 something could not be told; 130 interrupted.`,
    )
    .action(async (flags: LintFlags) => {
      refuse(flags);
      const { recoveryLint } = await import('../../use-cases/recovery-lint.ts');
      const credentials = flags.sandbox === undefined ? await host.credentialSources(flags) : undefined;
      await host.showReport(flags, { scenario: 'healthy' }, (session) =>
        recoveryLint(session, {
          impaired: flags.impaired,
          failOn: flags.failOn ?? 'warning',
          ...(flags.runbook === undefined ? {} : { runbook: flags.runbook }),
          ...(credentials === undefined ? {} : { credentials }),
        }),
      );
    });
}

function refuse(flags: StackFlags): void {
  const past = { because: 'what is linted is the configuration as it is now', nextStep: 'leave it out' };
  const acting = { because: 'it changes nothing, and asks nothing', nextStep: 'leave it out' };
  refuseFlags(flags, {
    region: {
      because: 'a recovery is about both regions',
      nextStep: 'leave --region out; the one that is gone is --impaired',
    },
    since: past,
    until: past,
    approve: acting,
    yes: acting,
    acceptLoss: acting,
    dryRun: acting,
  });
}
