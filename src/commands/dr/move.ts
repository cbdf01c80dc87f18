/** `nanoops dr failover|failback|drill`. */
import type { Command } from 'commander';
import { drillModeOption, type DrillModeFlags } from '../drill-mode.ts';
import type { Host } from '../command.ts';
import { withoutHelpFor, withStackFlags, type StackFlags } from '../flags.ts';
import { withIncidentOption, type IncidentFlag } from '../incident-of-run.ts';

type DrillFlags = StackFlags & DrillModeFlags;

const exitCodes = `
Exit codes: 0 done, and the objectives are met (a dry run: would be); 1 an objective is missed, something blocks,
or two writers are possible; 2 wrong usage or configuration; 3 not everything was measured; 4 waits for an approval; 5 a step
failed; 6 another run holds the lock; 130 interrupted.`;

export function declareDrMoves(dr: Command, host: Host): void {
  withIncidentOption(withoutHelpFor(withStackFlags(dr.command('failover')), ['--region', '--until']))
    .summary('move to the recovery region')
    .description(
      'Moves the stack to the recovery region: finds out whether the primary is gone, asks, then moves database, capacity and traffic, and sees whether it works from outside. Needs nothing of the region that is gone.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr failover --dry-run                     what it would do, how long it would take
  nanoops dr failover                               ask, and do it
  nanoops dr failover --since 12m                   the outage began 12 minutes ago: RTO counts from there
  nanoops dr failover --approve approve-failover --accept-loss 5m
                                                    agree beforehand, to no more than 5 minutes of lost writes
  nanoops dr failover --dry-run --sandbox region-down
${exitCodes}`,
    )
    .action(async (flags: StackFlags & IncidentFlag) => {
      const { moveTo } = await import('../move-on.ts');
      await moveTo(host, flags, { kind: 'failover', mode: 'failover' });
    });

  withIncidentOption(withoutHelpFor(withStackFlags(dr.command('failback')), ['--region', '--since', '--until']))
    .summary('move back to the primary region')
    .description(
      'Moves the stack back to the primary region, as a switchover that loses nothing: only once the failover has stood for drill.holdAfterFailover, and the primary region is in step again.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr failback --dry-run      what it would do, how long it would take
  nanoops dr failback                wait until the regions are in step, ask, and do it
${exitCodes}`,
    )
    .action(async (flags: StackFlags & IncidentFlag) => {
      const { moveTo } = await import('../move-on.ts');
      await moveTo(host, flags, { kind: 'failback', mode: 'switchover' });
    });

  withoutHelpFor(withStackFlags(dr.command('drill')), ['--region', '--since', '--until'])
    .addOption(drillModeOption().default('switchover'))
    .summary('rehearse it: there and back, timed')
    .description(
      'The monthly drill: sees that the stack is well, declares the outage, moves to the recovery region and back, checks the API and the data, and times all of it against RTO and RPO. On the sandbox it answers its own questions, but never one that can lose data.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops dr drill --sandbox                        a whole drill on the simulated AWS; needs nothing
  nanoops dr drill --dry-run                        predict it, step by step
  nanoops dr drill --report drill.html              hold it, and write it down
  nanoops dr drill --mode failover --approve approve-failover --accept-loss 5m
${exitCodes}`,
    )
    .action(async (flags: DrillFlags) => {
      const { moveTo } = await import('../move-on.ts');
      await moveTo(host, flags, { kind: 'drill', mode: flags.mode ?? 'switchover' });
    });
}
