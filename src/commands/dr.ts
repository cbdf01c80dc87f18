/** `nanoops dr …`: moving to another region and back, drills, and what they came to. */
import type { DeclareCommand } from './command.ts';
import { declareDrHistory } from './dr/history.ts';
import { declareDrLint } from './dr/lint.ts';
import { declareDrMoves } from './dr/move.ts';
import { declareDrReadiness } from './dr/readiness.ts';
import { declareDrSchedule } from './dr/schedule.ts';

export const declareDr: DeclareCommand = (program, host) => {
  const dr = program
    .command('dr')
    .summary('disaster recovery: drills, failover, failback')
    .description(
      'Disaster recovery: move to another region and back, in a drill or in earnest, timed against RTO and RPO.',
    );
  if (!host.wants('dr')) return;

  declareDrReadiness(dr, host);
  declareDrLint(dr, host);
  declareDrMoves(dr, host);
  declareDrSchedule(dr, host);
  declareDrHistory(dr, host);
};
