/** `nanoops backup verify`. */
import type { DeclareCommand } from './command.ts';
import { refuseFlags } from './refused-flags.ts';
import type { StackFlags } from './flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';
import { examples } from './examples.ts';

export const declareBackup: DeclareCommand = (backup, host) => {
  backup
    .description('Whether backups are there, in both regions.')
    .addHelpText('after', examples([['nanoops backup verify', 'both regions of ./nanoops.yaml']]));
  const verify = withReportFlags(backup.command('verify'))
    .summary('backups as they should be against those that are there')
    .description(
      'Holds how the database, the buckets and the sessions are backed up against how they should be, in both regions, and says whether the recovery point objective would be met. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops backup verify                              both regions of ./nanoops.yaml
  nanoops backup verify --region us-east-1           one of them
  nanoops backup verify --fail-on breach -o junit    for CI
  nanoops backup verify --sandbox backups-missing    on the simulated AWS; needs nothing

${reportExitCodes}`,
    );
  for (const option of verify.options) if (option.long === '--until') option.hideHelp();
  verify.action(async (flags: StackFlags) => {
    refuseForReport(flags);
    refuseFlags(flags, {
      until: { because: 'AWS tells of backups only as they are now', nextStep: 'leave it out' },
    });
    const [{ backupChecks, recoveryPoint }, { checkReport }] = await Promise.all([
      import('../use-cases/check-catalogue.ts'),
      import('../use-cases/check-report.ts'),
    ]);
    await host.showReport(flags, { scenario: 'healthy', fewestCalls: true }, (session, { timeoutMs }) =>
      checkReport(session, {
        command: 'backup verify',
        checks: backupChecks,
        headline: recoveryPoint,
        failOn: flags.failOn ?? 'warning',
        region: flags.region,
        timeoutMs,
      }),
    );
  });
};
