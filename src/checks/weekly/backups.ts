/** The weekly question: were backups made in the last three nights, and are they in both regions? */
import { judgeCopies, judgeRecent, crossRegionNeeds } from '../backup/database.ts';
import { seenOfBackups } from '../backup/observations.ts';
import { together } from '../backup/sides.ts';
import { check } from '../check.ts';

export const weeklyBackups = check('weekly-backups', {
  title: 'Backups of the last 3 nights',
  area: 'backup',
  severity: 'critical',
  window: '3d',
  needs: { ...crossRegionNeeds, primarySnapshots: seenOfBackups.primarySnapshots },
  judge: (found, told) =>
    together([
      { region: told.stack.primary.region, judged: judgeRecent(found, told) },
      { region: told.stack.recovery?.region ?? 'the other region', judged: judgeCopies(found, told) },
    ]),
});
