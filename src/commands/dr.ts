/** `nanoops dr schedule|history`. */
import type { DeclareCommand } from './command.ts';
import { declareDrHistory } from './dr/history.ts';
import { declareDrSchedule } from './dr/schedule.ts';

export const declareDr: DeclareCommand = (program, host) => {
  const dr = program
    .command('dr')
    .summary('disaster recovery: when drills are held, and what they came to')
    .description('Disaster recovery: when drills are held, and what the past ones came to.');
  if (!host.wants('dr')) return;

  declareDrSchedule(dr, host);
  declareDrHistory(dr, host);
};
