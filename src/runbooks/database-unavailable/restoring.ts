/**
 * A new cluster from the backups, where there is no reader to make the writer, or a failover came to nothing. It is made
 * ready and no more: pointing the application at it is a person's to decide and to do.
 */
import { servingOf } from '../../diagnosis/database/statuses.ts';
import { ageText } from '../../diagnosis/symptom.ts';
import { settled, type Settled } from '../../engine/step.ts';
import { awsCommand } from '../aws-command.ts';
import { part } from '../configured.ts';
import type { FailedOver } from '../database-changes.ts';
import {
  applyInstance,
  applyRestore,
  lookAtInstance,
  lookAtRestore,
  pollInstance,
  pollRestore,
  restoreChanges,
  restoredName,
  type RestoreChanges,
} from '../database-restore.ts';
import { groundsOf } from '../grounds.ts';
import { act, approve, decide, manual, observe, wait } from '../kit.ts';
import { diagnosis, unlessLikeliest, type Diagnosis } from './diagnosis.ts';
import { failedOver, failOverPlan } from './failing-over.ts';

const minuteMs = 60_000;
const looks = ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'];

type Plan = NonNullable<Parameters<typeof failOverPlan.body.execute>[0]> extends never ? never : unknown;

/** Why a restore is not what is to be done; undefined where it is. */
function unlessNeeded(found: Diagnosis, plan: Settled<unknown>, moved: Settled<FailedOver>): string | undefined {
  const reason = unlessLikeliest(found, 'writer-unreachable');
  if (reason !== undefined) return reason;
  if (found.undecided.length > 0) return `first: ${found.undecided.join('; ')}`;
  if (moved.known) return moved.value.failedOver ? 'the failover was made' : undefined;
  const isPlanned = plan.known && typeof plan.value === 'object' && plan.value !== null && 'change' in plan.value;
  return isPlanned ? 'a failover comes first' : undefined;
}
