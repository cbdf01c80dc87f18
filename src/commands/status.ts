/** `nanoops status`. */
import type { DeclareCommand } from './command.ts';
import { outputOf, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';
import { NanoopsError } from '../errors.ts';

interface StatusFlags extends StackFlags {
  readonly watch?: boolean;
  readonly interval?: string;
  readonly looks?: string;
}

export const declareStatus: DeclareCommand = (status, host) => {
  withReportFlags(status)
    .description(
      'Measures the API, the database, the tasks, the bucket and the product against their targets and alert thresholds. Changes nothing.',
    )
    .option('--watch', 'look again and again, and tell what changes; q leaves')
    .option('--interval <duration>', 'with --watch: from one look to the next (default: 30s; at least 10s)')
    .option('--looks <number>', 'with --watch: end after so many looks')
    .addHelpText(
      'after',
      `
Examples:
  nanoops status                          the primary region of ./nanoops.yaml
  nanoops status --region us-east-1       the other one
  nanoops status --until 2h               as it was two hours ago
  nanoops status --watch                  again every 30 seconds, until q
  nanoops status --watch -o ndjson        for scripts: a report a line
  nanoops status --sandbox slow-query     on the simulated AWS; needs nothing

${reportExitCodes}
With --watch the code is that of the last look; Ctrl-C ends it with 130, q does not.`,
    );
  status.action(async (flags: StatusFlags) => {
    refuseForReport(flags);
    checkWatching(flags);
    const [{ metricChecks, statusSummary }, { checkReport }] = await Promise.all([
      import('../use-cases/check-catalogue.ts'),
      import('../use-cases/check-report.ts'),
    ]);
    const opening = { scenario: 'healthy', fewestCalls: true } as const;
    const wanted = {
      command: 'status',
      checks: metricChecks,
      failOn: flags.failOn ?? 'warning',
      region: flags.region,
      answer: statusSummary,
    } as const;
    if (flags.watch !== true) {
      await host.showReport(flags, opening, (session, { until, timeoutMs }) =>
        checkReport(session, { ...wanted, until, timeoutMs }),
      );
      return;
    }
    const { paceOf, watchReport } = await import('../use-cases/watch-report.ts');
    const pace = paceOf(flags);
    await host.watchReport(flags, opening, pace, (session, { timeoutMs }, watcher) =>
      watchReport(session, { ...wanted, timeoutMs }, pace, watcher),
    );
  });
};

/** @throws NanoopsError `FlagWithoutMeaning`, `WatchWithoutEnd` */
function checkWatching(flags: StatusFlags): void {
  if (flags.watch !== true) {
    for (const name of ['interval', 'looks'] as const) {
      if (flags[name] === undefined) continue;
      throw new NanoopsError(`--${name} says how to watch, and nothing is watched`, {
        code: 'FlagWithoutMeaning',
        exitCode: 2,
        nextStep: `add --watch, or leave --${name} out`,
      });
    }
    return;
  }
  refuseFlags(flags, {
    until: {
      because: 'the past does not change',
      nextStep: 'leave it out, or leave --watch out for one look at that time',
    },
  });
  const format = outputOf(flags);
  if (format === 'human' || format === 'ndjson') return;
  throw new NanoopsError(`-o ${format} is one document, and watching has no end to put it at`, {
    code: 'WatchWithoutEnd',
    exitCode: 2,
    nextStep:
      format === 'json'
        ? 'take -o ndjson: a report a line and look; or leave --watch out'
        : 'leave --watch out; or --report status.md keeps the last look',
  });
}
