/** The flags of commands that report on checks: those of a stack, less what only runs that act have. */
import type { Command } from 'commander';
import { withFailOn, withStackFlags, type StackFlags } from './flags.ts';
import { refuseFlags } from './refused-flags.ts';

const unused = ['--since', '--dry-run', '--approve', '--yes', '--accept-loss'];

export function withReportFlags(command: Command): Command {
  withFailOn(withStackFlags(command));
  for (const option of command.options) if (unused.includes(option.long ?? '')) option.hideHelp();
  return command;
}

/** @throws NanoopsError `FlagWithoutMeaning` */
export function refuseForReport(flags: StackFlags): void {
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
