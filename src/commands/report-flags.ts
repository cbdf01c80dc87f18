/** The flags of commands that report on checks: those of a stack, less what only runs that act have. */
import { Option, type Command } from 'commander';
import { withStackFlags, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';

export interface ReportFlags extends StackFlags {
  readonly failOn?: 'warning' | 'breach';
}

const unused = ['--since', '--dry-run', '--approve', '--yes', '--accept-loss'];

export function withReportFlags(command: Command): Command {
  withStackFlags(command);
  for (const option of command.options) if (unused.includes(option.long ?? '')) option.hideHelp();
  return command.addOption(
    new Option('--fail-on <level>', 'from what on to exit with 1').choices(['warning', 'breach']).default('warning'),
  );
}

/** @throws NanoopsError `FlagWithoutMeaning` */
export function refuseForReport(flags: ReportFlags): void {
  const acting = { because: 'it changes nothing, and asks nothing', nextStep: 'leave it out' };
  refuseFlags(flags, {
    since: {
      because: 'each check has a window of its own',
      nextStep: 'leave it out; --until says where the windows end',
    },
    approve: acting,
    yes: acting,
    acceptLoss: acting,
  });
}

export const reportExitCodes =
  'Exit codes: 0 all is well; 1 something needs attention; 2 wrong usage or configuration; 3 not everything could be seen; 130 interrupted.';
