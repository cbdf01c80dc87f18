/** `nanoops checklist weekly`. */
import type { DeclareCommand } from './command.ts';
import type { StackFlags } from './flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';
import { examples } from './examples.ts';

export const declareChecklist: DeclareCommand = (checklist, host) => {
  checklist
    .description('The weekly checklist, answered with evidence.')
    .addHelpText('after', examples([['nanoops checklist weekly', 'the last week, both regions']]));
  withReportFlags(checklist.command('weekly'))
    .summary('seven questions about the last week')
    .description(
      'Answers the weekly checklist: error logs, replication lag, backups, uptime, capacity, security, cost. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops checklist weekly                          both regions of ./nanoops.yaml
  nanoops checklist weekly -o markdown              to paste into the team\u2019s log
  nanoops checklist weekly --report weekly.html     write it down
  nanoops checklist weekly --sandbox                on the simulated AWS; needs nothing

${reportExitCodes}`,
    )
    .action(async (flags: StackFlags) => {
      refuseForReport(flags);
      const [{ weeklyChecks }, { checkReport }] = await Promise.all([
        import('../use-cases/check-catalogue.ts'),
        import('../use-cases/check-report.ts'),
      ]);
      await host.showReport(flags, { scenario: 'healthy', fewestCalls: true }, (session, { until, timeoutMs }) =>
        checkReport(session, {
          command: 'checklist weekly',
          checks: weeklyChecks,
          failOn: flags.failOn ?? 'warning',
          region: flags.region,
          until,
          timeoutMs,
        }),
      );
    });
};
