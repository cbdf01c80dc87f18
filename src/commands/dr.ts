/** `nanoops dr …`: moving to another region and back, drills, and what they came to. */
import type { DeclareCommand } from './command.ts';
import { declareDrHistory } from './dr/history.ts';
import { declareDrLint } from './dr/lint.ts';
import { declareDrMoves } from './dr/move.ts';
import { declareDrReadiness } from './dr/readiness.ts';
import { declareDrSchedule } from './dr/schedule.ts';
import { examples } from './examples.ts';

export const declareDr: DeclareCommand = (dr, host) => {
  dr.description(
    'Disaster recovery: move to another region and back, in a drill or in earnest, timed against RTO and RPO.',
  ).addHelpText(
    'after',
    examples([
      ['nanoops dr readiness', 'could we fail over now?'],
      ['nanoops dr drill --dry-run', 'what a drill would do, and how long it would take'],
      ['nanoops dr drill --sandbox', 'a whole drill on the simulated AWS; needs nothing'],
    ]),
  );
  declareDrReadiness(dr, host);
  declareDrLint(dr, host);
  declareDrMoves(dr, host);
  declareDrSchedule(dr, host);
  declareDrHistory(dr, host);
};
