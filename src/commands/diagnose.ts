/** `nanoops diagnose latency`. */
import type { DeclareCommand } from './command.ts';
import { withStackFlags, type StackFlags } from './flags.ts';

export const declareDiagnose: DeclareCommand = (program, host) => {
  const diagnose = program
    .command('diagnose')
    .summary('find out what hurts, and name ranked causes')
    .description('Looks at the stack, changes nothing, and names ranked causes with what speaks for and against them.');

  withStackFlags(diagnose.command('latency'))
    .summary('the API is slow')
    .description(
      'Is the API slow, since when, which component is to blame, and what helps: metrics, traces and logs, at once.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops diagnose latency --sandbox              a slow query on the simulated AWS; needs nothing
  nanoops diagnose latency                        the stack of ./nanoops.yaml
  nanoops diagnose latency --since 40m            it began 40 minutes ago
  nanoops diagnose latency -o json --report r.md  for scripts, and a report to keep

Exit codes: 0 nothing wrong, 1 latency is high, 2 wrong usage or configuration, 3 could not tell, 130 interrupted.`,
    )
    .action(async (flags: StackFlags) => {
      await host.showRun(flags, 'slow-query', async (session, times) => {
        const [{ diagnose: diagnoseStack }, { latency }] = await Promise.all([
          import('../use-cases/diagnose.ts'),
          import('../runbooks/latency.ts'),
        ]);
        return diagnoseStack(session, {
          runbook: latency,
          mode: flags.dryRun === true ? 'dry-run' : 'observe',
          region: flags.region,
          ...times,
        });
      });
    });
};
