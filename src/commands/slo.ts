/** `nanoops slo`. */
import type { DeclareCommand } from './command.ts';
import type { StackFlags } from './flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';

export const declareSlo: DeclareCommand = (slo, host) => {
  withReportFlags(slo)
    .description(
      'Objectives over 30 days: what was attained, how many minutes of error budget are left and when they end at the present burn, and whether the budget burns too fast over 1h&5m, 6h&30m, 24h&2h or 3d&6h. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops slo                          the primary region of ./nanoops.yaml
  nanoops slo --fail-on breach         only spent budgets and burns that page
  nanoops slo -o json                  for scripts: .slo holds every rate and budget
  nanoops slo --sandbox budget-burning  on the simulated AWS; needs nothing

${reportExitCodes}`,
    );
  slo.action(async (flags: StackFlags) => {
    refuseForReport(flags);
    const { sloReport } = await import('../use-cases/slo-report.ts');
    await host.showReport(flags, { scenario: 'healthy', fewestCalls: true }, (session, { until, timeoutMs }) =>
      sloReport(session, { failOn: flags.failOn ?? 'warning', region: flags.region, until, timeoutMs }),
    );
  });
};
