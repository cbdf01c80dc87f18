/** Whether the backups would meet the recovery point objective: the answer over all the checks of backups. */
import { answer, type CheckTold } from '../check.ts';
import { listed, span, type CheckResult } from '../judged.ts';
import { seen } from '../observations.ts';
import { crossRegionNeeds, judgeCopies, rpoText } from './database.ts';
import {
  lossText,
  nightlyMs,
  replicaLoss,
  restorableLoss,
  tableLoss,
  uploadLoss,
  versionLoss,
  type Loss,
} from './losses.ts';
import { seenOfBackups } from './observations.ts';
import { halfOf } from './sides.ts';

interface Case {
  /** When it happens, within a sentence: `inside us-west-2`. */
  readonly when: string;
  readonly losses: readonly Loss[];
}

export const recoveryPoint = answer({
  needs: {
    ...crossRegionNeeds,
    there: seen.lagThere,
    here: seen.lagHere,
    primaryBucket: seenOfBackups.primaryBucket,
    bucketBacklog: seenOfBackups.bucketBacklog,
    primaryTable: seenOfBackups.primaryTable,
  },
  say: (found, told, results) => {
    const { primary } = told.stack;
    const [from, to] = [halfOf(told, 'primary'), halfOf(told, 'recovery')];
    const { primaryBackup, primaryBucket, primaryTable, bucketBacklog } = found;
    const within: Case = {
      when: `inside ${primary.region}`,
      losses: [
        ...lossOf(primaryBackup, 'database', (backup) => restorableLoss(backup, told.nowMs)),
        ...lossOf(primaryBucket, 'uploads', versionLoss),
        ...lossOf(primaryTable, 'sessions', (table) => tableLoss(table, told.nowMs)),
      ],
    };
    const copies = judgeCopies(found, told);
    const isDatabaseThere = primary.database !== undefined && to !== undefined;
    const isUploadThere = from?.storage !== undefined && to?.storage !== undefined;
    const withRegion: Case = {
      when: `if ${primary.region} is lost`,
      losses: [
        ...(isDatabaseThere ? [regionLoss(replicaLoss(found, told), copies.status)] : []),
        ...(isUploadThere ? [uploadLoss(bucketBacklog, told.nowMs)].map((loss) => copiedLoss(loss, results)) : []),
      ],
    };
    const text = verdictText([within, withRegion], told);
    const regions = [primary, told.stack.recovery].flatMap((half) => half?.region ?? []);
    const unseen = regions.filter((region) => ![from?.region, to?.region].includes(region));
    return [tally(results), text, ...unseen.map((region) => `${region} is not looked at`)].join('; ');
  },
});

/** The store's loss where it is known, that it is not where it should be, and nothing of what is not looked at. */
function lossOf<T>(
  known: { readonly known: true; readonly value: T } | { readonly known: false; because: string; reason: string },
  store: Loss['store'],
  of: (value: T) => Loss,
): readonly Loss[] {
  if (known.known) return [of(known.value)];
  return known.because === 'skipped' ? [] : [{ store, lossMs: undefined, because: known.reason }];
}

/** Without a replica it is the copies that count; where they are not there either, nothing is. */
function regionLoss(loss: Loss, copies: CheckResult['status']): Loss {
  return loss.lossMs === nightlyMs && copies === 'breach'
    ? { ...loss, lossMs: Infinity, because: 'neither a replica nor usable copies are there' }
    : loss;
}

/** What no rule copies is lost with its region, whatever the metrics of rules say. */
function copiedLoss(loss: Loss, results: readonly CheckResult[]): Loss {
  const replication = results.find(({ id }) => id === 'backup-s3-replication');
  const isUncopied = replication?.status === 'breach' && replication.observed === undefined;
  return isUncopied ? { ...loss, lossMs: Infinity, because: replication.summary } : loss;
}

function verdictText(cases: readonly Case[], told: CheckTold): string {
  const all = cases.flatMap(({ when, losses }) => losses.map((loss) => ({ ...loss, when })));
  const missed = all.filter(({ lossMs = 0 }) => lossMs > told.rpoMs);
  if (missed.length > 0) {
    const texts = missed.map(({ store, lossMs = 0, when, because }) =>
      lossMs === Infinity ? `all of the ${store} ${when} (${because})` : `${lossText(lossMs)} of the ${store} ${when}`,
    );
    return `${rpoText(told)} would be missed: ${listed(texts, 4)}`;
  }
  const unclear = all.filter(({ lossMs }) => lossMs === undefined);
  if (unclear.length > 0) {
    const texts = unclear.map(({ store, when }) => `the ${store} ${when}`);
    return `whether ${rpoText(told)} would be met cannot be told of ${listed(texts, 4)}`;
  }
  const most = cases.flatMap(({ when, losses }) => {
    const worst = losses.toSorted((a, b) => (b.lossMs ?? 0) - (a.lossMs ?? 0))[0];
    return worst === undefined ? [] : [`${when} at most ${span(worst.lossMs ?? 0)} (${worst.store})`];
  });
  if (most.length === 0) return `nothing is there to judge ${rpoText(told)} by`;
  const alone = told.rpoMs < nightlyMs ? '; a nightly copy alone would lose up to 24 h' : '';
  return `${rpoText(told)} would be met: ${listed(most)}${alone}`;
}

/** `all 8 checks are well`, `2 of 8 checks need attention` */
function tally(results: readonly CheckResult[]): string {
  const configured = results.filter(({ status }) => status !== 'not-configured');
  const bad = configured.filter(({ status }) => status === 'breach' || status === 'warning');
  const unclear = configured.filter(({ status }) => status === 'unknown');
  const of = `of ${configured.length} checks`;
  if (configured.length === 0) return 'no backups are configured';
  if (bad.length > 0) return `${bad.length} ${of} ${bad.length === 1 ? 'needs' : 'need'} attention`;
  return unclear.length > 0 ? `${unclear.length} ${of} could not be judged` : 'backups are as they should be';
}
