/** `nanoops logs errors|slow-queries|conformance`. */
import type { Command } from 'commander';
import type { DeclareCommand, Host } from './command.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';
import { withStackFlags, withoutHelpFor, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';
import { examples } from './examples.ts';

export const declareLogs: DeclareCommand = (logs, host) => {
  logs
    .description(
      'Error lines as patterns, slow statements of the database, and whether logs and traces are as they should be. Changes nothing.',
    )
    .addHelpText(
      'after',
      examples([
        ['nanoops logs errors', 'what is new or louder, last hour'],
        ['nanoops logs slow-queries --since 1d', 'by statement, last day'],
        ['nanoops logs conformance', 'is logging as it should be?'],
      ]),
    );
  declareErrors(logs, host);
  declareSlowQueries(logs, host);
  declareConformance(logs, host);
};

const acting = ['--dry-run', '--approve', '--yes', '--accept-loss'];

/** @throws NanoopsError `FlagWithoutMeaning` */
function refuseActing(flags: StackFlags): void {
  const because = { because: 'it changes nothing, and asks nothing', nextStep: 'leave it out' };
  refuseFlags(flags, { approve: because, yes: because, acceptLoss: because });
}

interface ErrorFlags extends StackFlags {
  readonly group?: string;
}

function declareErrors(logs: Command, host: Host): void {
  withoutHelpFor(withStackFlags(logs.command('errors')), acting)
    .option('--group <name>', 'another log group than the application\u2019s')
    .summary('error lines as patterns: how often, since when, what is new or louder')
    .description(
      'Clusters the lines at ERROR and CRITICAL into patterns and compares them with as long a time before: which are new, and which are louder.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops logs errors                                 the last hour, against the hour before
  nanoops logs errors --since 1d                      the last day, against the day before
  nanoops logs errors --since 3h --until 2h           an hour that is over
  nanoops logs errors --group /aws/lambda/thumbnails  another log group of the region
  nanoops logs errors -v                              an example and the streams of every pattern
  nanoops logs errors --sandbox bad-deploy            on the simulated AWS; needs nothing

Exit codes: 0 nothing new, nothing louder; 1 something is; 2 wrong usage or configuration; 3 the log could not be read, or too
little of it; 130 interrupted.`,
    )
    .action(async (flags: ErrorFlags) => {
      refuseActing(flags);
      const [{ logErrors }, { logErrorsOfMany }] = await Promise.all([
        import('../use-cases/log-errors.ts'),
        import('../use-cases/fleet-reports.ts'),
      ]);
      const wanted = { region: flags.region, group: flags.group };
      await host.showSheet(
        flags,
        { scenario: 'healthy' },
        async (session, times) => {
          const { document, sheet } = await logErrors(session, { ...wanted, ...times });
          return { document, items: document.patterns, sheet };
        },
        (session, times) => logErrorsOfMany(session, { ...wanted, ...times }),
      );
    });
}

function declareSlowQueries(logs: Command, host: Host): void {
  withoutHelpFor(withStackFlags(logs.command('slow-queries')), acting)
    .summary('the slow query log by statement: how often, how long, how much was read')
    .description(
      'Groups the entries of the database\u2019s slow query log by statement and compares them with as long a time before. Says where the log is off.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops logs slow-queries                        the last hour, against the hour before
  nanoops logs slow-queries --since 1d             the last day, against the day before
  nanoops logs slow-queries -v                     an example of every statement, its texts left out
  nanoops logs slow-queries --sandbox slow-query   on the simulated AWS; needs nothing

Exit codes: 0 no more slow than before; 1 a statement is new or more often slow; 2 wrong usage or configuration; 3 there is no
slow query log, or it could not be read; 130 interrupted.`,
    )
    .action(async (flags: StackFlags) => {
      refuseActing(flags);
      const [{ slowQueries }, { slowQueriesOfMany }] = await Promise.all([
        import('../use-cases/slow-queries.ts'),
        import('../use-cases/fleet-reports.ts'),
      ]);
      const wanted = { region: flags.region };
      await host.showSheet(
        flags,
        { scenario: 'healthy' },
        async (session, times) => {
          const { document, sheet } = await slowQueries(session, { ...wanted, ...times });
          return { document, items: document.statements, sheet };
        },
        (session, times) => slowQueriesOfMany(session, { ...wanted, ...times }),
      );
    });
}

function declareConformance(logs: Command, host: Host): void {
  withReportFlags(logs.command('conformance'))
    .summary('retention, log exports, traces of every hop, fields of the service\u2019s lines')
    .description(
      'Checks that logs are kept as long as they should be, that the database exports its logs, that every hop of a request leaves traces, and that the service\u2019s lines have their fields. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops logs conformance                                  the primary region of ./nanoops.yaml
  nanoops logs conformance -v                               with an example of a line that does not conform
  nanoops config schema --of log-line                       what is expected of a line
  nanoops logs conformance --sandbox logging-neglected      on the simulated AWS; needs nothing

${reportExitCodes}`,
    )
    .action(async (flags: StackFlags) => {
      refuseForReport(flags);
      const [{ logChecks }, { checkReport }] = await Promise.all([
        import('../use-cases/check-catalogue.ts'),
        import('../use-cases/check-report.ts'),
      ]);
      await host.showReport(flags, { scenario: 'healthy' }, (session, { until, timeoutMs }) =>
        checkReport(session, {
          command: 'logs conformance',
          checks: logChecks,
          failOn: flags.failOn ?? 'warning',
          region: flags.region,
          until,
          timeoutMs,
        }),
      );
    });
}
