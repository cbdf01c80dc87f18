/** Whether the table of sessions can be restored to any moment, in every region that holds it. */
import type { TableBackup } from '../../cloud/backup-facts.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { awsLine, breach, missing, notConfigured, seenIn, unknown, type Judged } from '../judged.ts';
import { dayMs } from '../kit.ts';
import { limitTexts, type Limit } from '../limits.ts';
import { judged } from '../measures.ts';
import { rpoText } from './database.ts';
import { tableLoss } from './losses.ts';
import { seenOfBackups } from './observations.ts';
import { together, worstOf, type Regional, type Side } from './sides.ts';

const operation = 'dynamodb:DescribeContinuousBackups';

export const pointInTimeRecovery = check('backup-dynamodb-pitr', {
  title: 'Sessions: restorable',
  area: 'backup',
  severity: 'critical',
  needs: { primary: seenOfBackups.primaryTable, recovery: seenOfBackups.recoveryTable },
  judge: (seen, told, limit) => {
    const table = told.stack.sessionsTable;
    if (table === undefined) return { ...notConfigured('sessions.table is not configured'), ...limitTexts(limit) };
    return { ...judgeTables(seen, table, told, limit), ...limitTexts(limit) };
  },
});

/** The table has to be in the primary region; that it is in the other one too is for readiness to want. */
function judgeTables(
  seen: Readonly<Record<Side, Known<TableBackup>>>,
  table: string,
  told: CheckTold,
  limit: Limit,
): Judged {
  const of = (side: Side): Regional => {
    const region = told.stack[side]?.region ?? side;
    const found = seen[side];
    if (found.known) return { region, judged: judgeTable(found.value, table, told, limit) };
    return { region, judged: missing(found, { operation, region }, table, look(table, region, told)) };
  };
  const recovery = seen.recovery;
  const isOnlyPrimary = !recovery.known && recovery.because === 'unknown' && recovery.errorClass === 'not-found';
  if (!isOnlyPrimary) return together([of('primary'), of('recovery')]);
  const primary = together([of('primary')]);
  const region = told.stack.recovery?.region ?? '';
  return {
    ...primary,
    summary: `${primary.summary}; it has no replica in ${region}`,
    evidence: [...primary.evidence, ...seenIn({ operation, region }, recovery.reason)],
  };
}

function look(table: string, region: string, told: CheckTold): string {
  return awsLine(told, region, 'dynamodb', 'describe-continuous-backups', '--table-name', table);
}

function judgeTable(backup: TableBackup, table: string, told: CheckTold, limit: Limit): Judged {
  const { pointInTime, days, restorableTo, source } = backup;
  const { region } = source;
  const wanted = Math.min(35, Math.ceil((limit.target ?? 0) / dayMs));
  const nextStep = awsLine(
    told,
    region,
    ...['dynamodb', 'update-continuous-backups', '--table-name', table, '--point-in-time-recovery-specification'],
    `PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=${wanted}`,
  );
  const moment = restorableTo === undefined ? '' : `, up to ${new Date(restorableTo).toISOString()}`;
  const found = seenIn(
    source,
    `${table}: point-in-time recovery ${pointInTime ? `on, ${days ?? 'an untold number of'} days${moment}` : 'off'}`,
  );
  if (!pointInTime) return breach('point-in-time recovery is off', found, { nextStep });
  if (days === undefined) {
    return unknown('point-in-time recovery is on; how far back is not told', found, {
      nextStep: look(table, region, told),
    });
  }
  const text = `the table can be restored to any moment of the last ${days} days`;
  const kept = judged(limit, { value: days * dayMs }, text, found, nextStep);
  const { lossMs, because } = tableLoss(backup, told.nowMs);
  if (lossMs === undefined || lossMs <= told.rpoMs) return kept;
  const late = breach(`${because}: ${rpoText(told)} is missed`, found, { nextStep: look(table, region, told) });
  return worstOf([kept, late])[0] ?? kept;
}
