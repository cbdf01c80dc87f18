/** `nanoops alerts check`. */
import type { DeclareCommand } from './command.ts';
import { refuseForReport, reportExitCodes, withReportFlags, type ReportFlags } from './report-flags.ts';

export const declareAlerts: DeclareCommand = (program, host) => {
  const alerts = program
    .command('alerts')
    .summary('the rules that page and warn: evaluate them now')
    .description('The rules that page somebody or send a warning: evaluates them now.');
  if (!host.wants('alerts')) return;

  withReportFlags(alerts.command('check'))
    .summary('evaluate the ten rules now')
    .description(
      'Evaluates the rules that page (critical) and those that warn, each over its own window, without any alarm having to be there. Changes nothing, and pages nobody.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops alerts check                          would anybody be paged now?
  nanoops alerts check --until 02:00Z           would anybody have been, at two?
  nanoops alerts check -o json                  for scripts
  nanoops alerts check --sandbox crash-loop     on the simulated AWS; needs nothing

${reportExitCodes}`,
    )
    .action(async (flags: ReportFlags) => {
      refuseForReport(flags);
      const [{ alertChecks }, { checkReport }] = await Promise.all([
        import('../use-cases/check-catalogue.ts'),
        import('../use-cases/check-report.ts'),
      ]);
      await host.showReport(flags, { scenario: 'healthy', fewestCalls: true }, (session, { until, timeoutMs }) =>
        checkReport(session, {
          command: 'alerts check',
          checks: alertChecks,
          failOn: flags.failOn ?? 'warning',
          region: flags.region,
          until,
          timeoutMs,
        }),
      );
    });
};
