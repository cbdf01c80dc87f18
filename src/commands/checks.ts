/** `nanoops checks list|run`. */
import type { DeclareCommand } from './command.ts';
import { cell } from './command.ts';
import { withUnusedStackFlags, type CommonFlags, type StackFlags } from './flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';
import { examples } from './examples.ts';

export const declareChecks: DeclareCommand = (checks, host) => {
  checks.description('The catalogue of checks: lists them, runs some or all.').addHelpText(
    'after',
    examples([
      ['nanoops checks list', 'all of them, with their targets'],
      ['nanoops checks run database', 'those of an area'],
    ]),
  );
  withUnusedStackFlags(checks.command('list'))
    .summary('list the checks, with their targets')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops checks list', ''],
          ["nanoops checks list --json | jq -r '.items[].id'", 'their ids'],
        ],
        '0 listed; 2 wrong usage.',
      ),
    )
    .description(
      'Lists the checks, with the targets and alert thresholds that hold unless the file says otherwise. Needs no configuration and no account.',
    )
    .action(async (flags: CommonFlags) => {
      const { listChecks } = await import('../use-cases/check-catalogue.ts');
      const { found, broken } = await (await host.own(flags)).checks.all();
      for (const { problem } of broken) host.warn(problem.message, problem.details);
      await host.showList(flags, {
        document: listChecks(found),
        columns: [
          { title: 'check', text: ({ id }) => id },
          { title: 'area', text: ({ area }) => cell(area) },
          { title: 'severity', text: ({ severity }) => cell(severity) },
          { title: 'target', text: ({ target }) => cell(target) },
          { title: 'alert', text: ({ alert }) => cell(alert) },
          { title: 'over', text: ({ window }) => cell(window) },
          { title: 'what it is', text: ({ title }) => cell(title) },
        ],
      });
    });

  withReportFlags(checks.command('run'))
    .argument('[check...]', 'ids or areas of checks (default: all)')
    .summary('run checks, by id or area')
    .description('Runs checks, by their ids or areas; all of them where none is named. Changes nothing.')
    .addHelpText(
      'after',
      `
Examples:
  nanoops checks run                                all of them
  nanoops checks run database api-latency-p99       an area and one more
  nanoops checks run --fail-on breach -o json       for CI
  nanoops checks run --sandbox slow-query           on the simulated AWS; needs nothing

${reportExitCodes}`,
    )
    .action(async (words: readonly string[], flags: StackFlags) => {
      refuseForReport(flags);
      const [{ allChecksNamed }, { checkReport }, { callsOf }] = await Promise.all([
        import('../use-cases/check-catalogue.ts'),
        import('../use-cases/check-report.ts'),
        import('../engine/runbook.ts'),
      ]);
      const { checks: named, own, broken } = await allChecksNamed(words, () => host.own(flags));
      for (const { problem } of broken) host.warn(problem.message, problem.details);
      const namedReads = callsOf(own.flatMap(({ observations }) => observations));
      const opening = { scenario: 'healthy', fewestCalls: true, namedReads };
      await host.showReport(flags, opening, (session, { until, timeoutMs }) =>
        checkReport(session, {
          command: 'checks run',
          checks: named,
          failOn: flags.failOn ?? 'warning',
          region: flags.region,
          until,
          timeoutMs,
        }),
      );
    });
};
