/** `nanoops tune`. */
import { Argument } from 'commander';
import type { DeclareCommand } from './command.ts';
import type { StackFlags } from './flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';

const parts = ['database', 'cache', 'delivery'] as const;

export const declareTune: DeclareCommand = (tune, host) => {
  withReportFlags(tune)
    .addArgument(new Argument('[part...]', 'what to look at; all of it where nothing is named').choices(parts))
    .description(
      'Looks at slow statements and their plans, indexes, connection pools, the cache\u2019s eviction and TTLs, and at what browsers are sent. Connects to the database, the cache and the site where the configuration says how. Changes nothing and creates no index: EXPLAIN, never EXPLAIN ANALYZE, in a read-only transaction.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops tune                            all that ./nanoops.yaml names
  nanoops tune database -v                with every statement's plan
  nanoops tune delivery --report tune.md  write it down
  nanoops tune --sandbox untuned          on the simulated AWS; needs nothing

${reportExitCodes}`,
    );
  tune.action(async (areas: readonly string[], flags: StackFlags) => {
    refuseForReport(flags);
    const [{ tuneChecks }, { checkReport }] = await Promise.all([
      import('../use-cases/tuning.ts'),
      import('../use-cases/check-report.ts'),
    ]);
    await host.showReport(flags, { scenario: 'healthy' }, (session, { until, timeoutMs }) =>
      checkReport(session, {
        command: ['tune', ...parts.filter((part) => areas.includes(part))].join(' '),
        checks: tuneChecks.filter(({ area }) => areas.length === 0 || areas.includes(area)),
        failOn: flags.failOn ?? 'warning',
        region: flags.region,
        until,
        timeoutMs,
      }),
    );
  });
};
