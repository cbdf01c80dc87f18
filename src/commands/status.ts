/** `nanoops status`. */
import type { DeclareCommand } from './command.ts';
import { refuseForReport, reportExitCodes, withReportFlags, type ReportFlags } from './report-flags.ts';

export const declareStatus: DeclareCommand = (program, host) => {
  const status = withReportFlags(program.command('status'))
    .summary('every metric against its target and its alert threshold')
    .description(
      'Measures the API, the database, the tasks, the bucket and the product against their targets and alert thresholds. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops status                          the primary region of ./nanoops.yaml
  nanoops status --region us-east-1       the other one
  nanoops status --until 2h               as it was two hours ago
  nanoops status --sandbox slow-query     on the simulated AWS; needs nothing

${reportExitCodes}`,
    );
  if (!host.wants('status')) return;
  status.action(async (flags: ReportFlags) => {
    refuseForReport(flags);
    const [{ metricChecks, statusSummary }, { checkReport }] = await Promise.all([
      import('../use-cases/check-catalogue.ts'),
      import('../use-cases/check-report.ts'),
    ]);
    await host.showReport(flags, { scenario: 'healthy', fewestCalls: true }, (session, { until, timeoutMs }) =>
      checkReport(session, {
        command: 'status',
        checks: metricChecks,
        failOn: flags.failOn ?? 'warning',
        region: flags.region,
        until,
        timeoutMs,
        answer: statusSummary,
      }),
    );
  });
};
