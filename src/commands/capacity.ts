/** `nanoops capacity forecast`. */
import type { DeclareCommand } from './command.ts';
import type { StackFlags } from './flags.ts';
import { refuseForReport, withReportFlags } from './report-flags.ts';
import { examples } from './examples.ts';

interface ForecastFlags extends StackFlags {
  readonly horizon: string;
}

export const declareCapacity: DeclareCommand = (capacity, host) => {
  capacity
    .description('When users and resources outgrow the stack.')
    .addHelpText('after', examples([['nanoops capacity forecast --horizon 180d', 'half a year ahead']]));
  withReportFlags(capacity.command('forecast'))
    .option('--horizon <duration>', 'what is reached within it needs attention', '90d')
    .summary('when each tier of the plan, and 70 % of each resource, is reached')
    .description(
      'Holds today\u2019s users against the plan, fits their growth and that of each resource to five weeks, and says when what is reached, from when to when. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops capacity forecast                            the primary region of ./nanoops.yaml
  nanoops capacity forecast --horizon 180d             half a year ahead
  nanoops capacity forecast --report capacity.html     with a chart; also .md, .json
  nanoops capacity forecast --sandbox growth-steep     on the simulated AWS; needs nothing

Exit codes: 0 nothing is reached within the horizon; 1 something is, or already was; 2 wrong usage or configuration; 3 it cannot be told; 130 interrupted.`,
    )
    .action(async (flags: ForecastFlags) => {
      refuseForReport(flags);
      const [{ capacityForecast }, { forecastOfMany }] = await Promise.all([
        import('../use-cases/capacity-forecast.ts'),
        import('../use-cases/fleet-reports.ts'),
      ]);
      const wanted = { horizon: flags.horizon, failOn: flags.failOn ?? 'warning', region: flags.region } as const;
      await host.showForecast(
        flags,
        { scenario: 'healthy', fewestCalls: true },
        (session, { until, timeoutMs }) => capacityForecast(session, { ...wanted, until, timeoutMs }),
        (session, { until, timeoutMs }) => forecastOfMany(session, { ...wanted, until, timeoutMs }),
      );
    });
};
