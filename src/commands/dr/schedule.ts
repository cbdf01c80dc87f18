/** `nanoops dr schedule`. */
import type { Command } from 'commander';
import type { Host } from '../command.ts';
import { withUnusedStackFlags, type StackFlags } from '../flags.ts';

interface ScheduleFlags extends StackFlags {
  readonly count?: string;
  readonly from?: string;
  readonly ics?: string;
}

export function declareDrSchedule(dr: Command, host: Host): void {
  const schedule = dr
    .command('schedule')
    .option('--count <number>', 'how many drills to list, 1 to 60 (default: 6)')
    .option('--from <when>', 'begin there instead of now: a day (2027-01-01) or a time')
    .option('--ics <file>', 'also write an iCalendar file, for your calendar (-: print that only)');
  withUnusedStackFlags(schedule, ['--config', '--environment'])
    .summary('list when the next drills are held')
    .description(
      'Lists the next drills by drill.schedule, drill.timeZone and drill.blackouts; without a file, every second Tuesday at 15:00 UTC. Nothing is contacted.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr schedule                     the next six drills
  nanoops dr schedule --count 12 --ics drills.ics
                                          a year of them, for your calendar
  nanoops dr schedule --from 2027-01-01 --json

Exit codes: 0 listed; 2 wrong usage or configuration.`,
    )
    .action(async (flags: ScheduleFlags) => {
      const { drillSchedule } = await import('../../use-cases/drills.ts');
      const nowMs = host.wall();
      const document = await drillSchedule({
        file: flags.config,
        environment: flags.environment,
        cwd: host.cwd,
        isSandbox: flags.sandbox !== undefined,
        count: flags.count,
        from: flags.from,
        nowMs,
      });
      await host.showDrillSchedule(flags, { document, ics: flags.ics, nowMs });
    });
}
