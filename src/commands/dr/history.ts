/** `nanoops dr history`. */
import type { Command } from 'commander';
import type { Host } from '../command.ts';
import { withUnusedStackFlags, type StackFlags } from '../flags.ts';

interface HistoryFlags extends StackFlags {
  readonly coverage?: boolean;
  readonly maxAge?: string;
}

export function declareDrHistory(dr: Command, host: Host): void {
  const history = dr
    .command('history')
    .option('--coverage', 'list every step: carried out for real, simulated, or never')
    .option('--max-age <duration>', 'exit with 1 unless a real drill succeeded within it, for example 90d');
  withUnusedStackFlags(history, ['--config', '--environment', '--sandbox'])
    .summary('list past drills, failovers and failbacks')
    .description(
      'Lists past drills, failovers and failbacks, how their recovery times develop, and which steps were ever carried out. Dry runs are no drills; drills on the simulated AWS are told apart, and --sandbox lists those only.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr history                      what past drills and failovers took
  nanoops dr history --coverage           which steps were ever carried out for real
  nanoops dr history --max-age 90d        for CI: a drill has to be held every 90 days
  nanoops dr history --sandbox            the drills on the simulated AWS

Exit codes: 0 listed; 1 no real drill succeeded within --max-age; 2 wrong usage or configuration; 3 not all runs could be read.`,
    )
    .action(async (flags: HistoryFlags) => {
      const { drillHistory } = await import('../../use-cases/drill-history.ts');
      const { document, exitCode } = await host.withStores(flags, (stores) =>
        drillHistory(stores, {
          file: flags.config,
          environment: flags.environment,
          cwd: host.cwd,
          isSandbox: flags.sandbox !== undefined,
          nowMs: host.wall(),
          maxAge: flags.maxAge,
        }),
      );
      await host.showDrillHistory(flags, { document, exitCode, withCoverage: flags.coverage === true });
    });
}
