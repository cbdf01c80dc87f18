/** `nanoops dr readiness`. */
import type { Command } from 'commander';
import type { Host } from '../command.ts';
import { withFailOn, withStackFlags, type StackFlags } from '../flags.ts';
import { refuseFlags } from '../refused-flags.ts';

interface ReadinessFlags extends StackFlags {
  readonly maxAge?: string;
}

const unused = ['--region', '--since', '--until', '--dry-run', '--approve', '--yes', '--accept-loss'];

export function declareDrReadiness(dr: Command, host: Host): void {
  const readiness = withFailOn(withStackFlags(dr.command('readiness')));
  for (const option of readiness.options) if (unused.includes(option.long ?? '')) option.hideHelp();
  readiness
    .option('--max-age <duration>', 'a breach unless a real drill succeeded within it, for example 90d')
    .summary('could we fail over now?')
    .description(
      'Looks at both regions and says whether a failover is possible now, what blocks it, what slows it, how long it would take and what it would lose. Changes nothing. Answers from the recovery region where the primary is gone.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr readiness                              both regions of ./nanoops.yaml
  nanoops dr readiness --max-age 90d --fail-on breach
                                                    for CI: a drill has to be held every 90 days
  nanoops dr readiness --report readiness.html      write it down
  nanoops dr readiness --sandbox version-mismatch   on the simulated AWS; needs nothing

Exit codes: 0 ready; 1 something blocks, slows or weakens a failover; 2 wrong usage or configuration; 3 not everything could
be seen; 130 interrupted.`,
    )
    .action(async (flags: ReadinessFlags) => {
      refuse(flags);
      const { readiness: report } = await import('../../use-cases/readiness.ts');
      await host.showReport(flags, { scenario: 'healthy' }, (session, { timeoutMs }) =>
        host.withStores(flags, (stores) =>
          report(session, {
            stores,
            maxAge: flags.maxAge,
            failOn: flags.failOn ?? 'warning',
            timeoutMs,
            wallMs: host.wall(),
            isSandbox: flags.sandbox !== undefined,
          }),
        ),
      );
    });
}

function refuse(flags: ReadinessFlags): void {
  const past = { because: 'whether a failover is possible is a question about now', nextStep: 'leave it out' };
  const acting = { because: 'it changes nothing, and asks nothing', nextStep: 'leave it out' };
  refuseFlags(flags, {
    region: {
      because: 'readiness is about both regions',
      nextStep: 'leave --region out; which region is which is in nanoops.yaml (regions)',
    },
    since: past,
    until: past,
    approve: acting,
    yes: acting,
    acceptLoss: acting,
  });
}
