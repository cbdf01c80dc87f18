/** What a move came to, as plain data: its moments, what was lost, what is to be known. The runbooks conclude from it. */
import type { Conclusion } from '../../engine/runbook.ts';
import { settled, type NeedValues } from '../../engine/step.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { decide, type MoveSettings, type RecoveryRecord } from '../kit.ts';
import { detection, type Detection } from './detection.ts';
import {
  capacityReady,
  consent,
  databaseStep,
  fence,
  heartbeatsAfter,
  heartbeatsBefore,
  movePlan,
  promoted,
  restarted,
  resumeScaling,
  suspendScaling,
  trafficMoved,
  writersStopped,
} from './moving.ts';
import { backlog, replicationLag } from './observations.ts';
import type { MovePlan } from './plan.ts';
import { moveOf, spanText } from './settings.ts';
import { budgetOf, type Moments, type StoreLoss } from './timing.ts';
import {
  alarmsCalm,
  apiAnswers,
  clientsFollowed,
  dataConsistent,
  executed,
  fenceHolds,
  writesWork,
  type Consistency,
} from './verifying.ts';

const halfHourMs = 30 * 60_000;
/** A lag that was reported so long before the outage says nothing of it. */
const staleMs = 5 * 60_000;

export interface MoveResult extends Conclusion {
  readonly detection: Detection;
  readonly plan: MovePlan;
  readonly decideBy?: number;
  readonly moments: Moments;
  readonly stores: readonly StoreLoss[];
  readonly expectedLossMs?: number;
  readonly consistency: readonly Consistency[];
  /** Whether the old writer is known to write nothing any more. */
  readonly splitBrain: 'excluded' | 'possible';
  /** What became of the database's change: not sent, or refused; sent, and not seen to end; done. */
  readonly database: 'not-sent' | 'sent' | 'done';
  /** True where everything that was to be seen was seen. */
  readonly isVerified: boolean;
  /** What was to be seen and was not, a line each. */
  readonly gaps: readonly string[];
  readonly lessons: readonly string[];
  readonly budget: RecoveryRecord['budget'];
}

const ended = {
  detection,
  planned: movePlan,
  lag: settled(replicationLag),
  backlog: settled(backlog),
  consent: settled(consent),
  suspended: settled(suspendScaling),
  fenced: settled(fence),
  stopped: settled(writersStopped),
  before: settled(heartbeatsBefore),
  changed: settled(databaseStep),
  moved: settled(promoted),
  after: settled(heartbeatsAfter),
  ready: settled(capacityReady),
  resumed: settled(resumeScaling),
  restarted: settled(restarted),
  traffic: settled(trafficMoved),
  executed: settled(executed),
  api: settled(apiAnswers),
  writes: settled(writesWork),
  data: settled(dataConsistent),
  alarms: settled(alarmsCalm),
  clients: settled(clientsFollowed),
  holds: settled(fenceHolds),
};

type Seen = NeedValues<typeof ended>;

export const moveResult = decide('result', {
  title: 'What the move came to',
  needs: ended,
  run: (seen, { settings }): MoveResult => {
    const move = moveOf(settings);
    const { plan, decideBy } = seen.planned;
    const checks = [seen.api, seen.writes, seen.data, seen.alarms];
    const verified = verifiedAt(seen.api, seen.writes);
    const moments: Moments = {
      outageAt: seen.detection.outageAt,
      detectedAt: seen.detection.detectedAt,
      decidedAt: seen.consent.known ? seen.consent.value.at : undefined,
      executedAt: seen.executed.known ? seen.executed.value.at : undefined,
      verifiedAt: verified,
      clientsAt: seen.clients.known && seen.clients.value.followed ? seen.clients.value.at : undefined,
    };
    const consistency = seen.data.known ? seen.data.value : [];
    const isVerified =
      verified !== undefined &&
      checks.every((each) => each.known || each.because === 'skipped') &&
      consistency.every(({ ok }) => ok);
    return {
      verdict: plan.blockers.length > 0 ? 'attention' : isVerified ? 'ok' : 'unknown',
      detection: seen.detection,
      plan,
      ...(decideBy === undefined ? {} : { decideBy }),
      moments,
      stores: plan.blockers.length > 0 || !seen.executed.known ? [] : storesOf(seen, plan, move, moments),
      ...(plan.lossMs === undefined ? {} : { expectedLossMs: plan.lossMs }),
      consistency,
      splitBrain: isSplit(seen) ? 'possible' : 'excluded',
      database: databaseOf(seen),
      isVerified,
      gaps: [
        ...gapsOf(seen, move),
        // Of a run that fails it is put back; of one that merely cannot tell it is not.
        ...(isStranded(seen)
          ? [
              `what serves in ${move.from.region} was stopped, and the database has not changed over: nanoops runs abort ${settings.runId} puts that back`,
            ]
          : []),
      ],
      lessons: lessonsOf(seen, move, moments),
      budget: budgetFor(seen, moments),
    };
  },
  detail: ({ plan, isVerified, moments }) =>
    plan.blockers.length > 0
      ? 'nothing was moved'
      : isVerified
        ? 'moved, and seen to work from outside'
        : moments.executedAt === undefined
          ? 'not moved'
          : 'moved, and not seen to work in all that was to be seen',
});

/** The later of the answer and of the write, of those that were to be seen; undefined where one of them was not. */
function verifiedAt(api: Seen['api'], writes: Seen['writes']): number | undefined {
  const wanted = [api, writes].filter((each) => each.known || each.because !== 'skipped');
  const times = wanted.flatMap((each) => (each.known ? [each.value.at] : []));
  return times.length === 0 || times.length < wanted.length ? undefined : Math.max(...times);
}

function storesOf(seen: Seen, plan: MovePlan, move: MoveSettings, moments: Moments): readonly StoreLoss[] {
  return [
    ...(move.to.database === undefined ? [] : [{ store: 'database', ...databaseLoss(seen, plan, move, moments) }]),
    ...(move.from.storage === undefined || move.to.storage === undefined
      ? []
      : [{ store: 'storage', ...storageLoss(seen, plan) }]),
  ];
}

/** What is lost of the database, from what really survived: the heartbeat first, the lag that was reported second. */
function databaseLoss(
  seen: Seen,
  plan: MovePlan,
  { outageAt: saidAt }: MoveSettings,
  moments: Moments,
): Omit<StoreLoss, 'store'> {
  const lags = seen.lag.known ? seen.lag.value.lag.points : [];
  const halfHour = lags.filter(({ at }) => at > (lags.at(-1)?.at ?? 0) - halfHourMs);
  const worst = seen.lag.known ? Math.max(0, ...halfHour.map(({ value }) => value)) : undefined;
  const behind =
    worst === undefined ? '' : `; the copy was ${quantity(worst, 'ms')} behind at most in the half hour before`;
  if (plan.mode === 'none') return { lossMs: 0, basis: 'the database was not moved' };
  if (!seen.moved.known) return { lossMs: null, basis: 'not measured: the database was not seen to change over' };
  if (plan.mode === 'switchover') {
    return { lossMs: 0, basis: `a switchover waits until everything is copied${behind}` };
  }
  const before = seen.before.known ? seen.before.value : undefined;
  const after = seen.after.known ? seen.after.value.new : undefined;
  if (seen.detection.state === 'cut-off' && before?.old === undefined) {
    return {
      lossMs: null,
      basis:
        'not measured: the writer that was left goes on taking writes, and how many of them are lost nobody can look up',
    };
  }
  if (seen.detection.state !== 'down' && (plan.splitBrain === 'possible' || (plan.fences && !seen.stopped.known))) {
    return {
      lossMs: null,
      basis:
        'not measured: the old writer was not seen to stop, and what it took after the change is not in what was moved',
    };
  }
  const began = before?.at ?? moments.decidedAt;
  // A heartbeat of after the change is none of what survived.
  const survived = after !== undefined && began !== undefined && after <= began ? after : before?.new;
  const last = before?.old ?? (seen.detection.state === 'down' ? moments.outageAt : began);
  if (survived !== undefined && before?.old === undefined && saidAt !== undefined && survived > saidAt) {
    return {
      lossMs: null,
      basis: `not measured: a write of ${clock(survived)} survived, so writes went on after the outage is said to have begun`,
    };
  }
  if (survived !== undefined && last !== undefined) {
    const lossMs = Math.max(0, last - survived);
    return {
      lossMs,
      basis: `heartbeats: the newest that survived is of ${clock(survived)}, ${
        before?.old === undefined
          ? `writes ended at ${clock(last)} at the latest`
          : `the newest that was written of ${clock(last)}`
      }`,
    };
  }
  const points = seen.lag.known ? seen.lag.value.lag.points : [];
  const endedAt = seen.detection.state === 'down' ? moments.outageAt : undefined;
  const newest = (endedAt === undefined ? points : points.filter(({ at }) => at < endedAt)).at(-1);
  if (newest === undefined) return { lossMs: null, basis: 'not measured: neither a heartbeat nor the lag is known' };
  // How far behind the copy fell between the last report and the outage is not known: at worst by all of that time.
  const unseenMs = endedAt === undefined ? 0 : endedAt - newest.at;
  return unseenMs > staleMs
    ? { lossMs: null, basis: `not measured: the lag was last reported at ${clock(newest.at)}; no heartbeat is known` }
    : {
        lossMs: newest.value + unseenMs,
        basis: `the lag that was reported at ${clock(newest.at)}${unseenMs === 0 ? '' : ', and the time from then to the outage'}; no heartbeat is known`,
      };
}

function storageLoss({ backlog: left }: Seen, plan: MovePlan): Omit<StoreLoss, 'store'> {
  const pending = left.known ? left.value.pendingOperations.points.at(-1)?.value : undefined;
  const seconds = left.known ? left.value.latency.points.at(-1)?.value : undefined;
  if (pending === 0) return { lossMs: 0, basis: 'S3 replication: nothing was waiting to be copied' };
  const waiting =
    pending === undefined
      ? 'how much was waiting to be copied is not known'
      : `${pending} objects were still to be copied`;
  if (plan.mode === 'switchover')
    return { lossMs: 0, basis: `the old bucket is there and goes on being copied; ${waiting}` };
  return pending === undefined || seconds === undefined
    ? { lossMs: null, basis: `not measured: ${waiting}` }
    : { lossMs: seconds * 1000, basis: `S3 replication: ${waiting}, the oldest of ${spanText(seconds * 1000)} before` };
}

function gapsOf(seen: Seen, { outside, from, to }: MoveSettings): readonly string[] {
  const { plan } = seen.planned;
  // Nothing was to be seen of what nobody has agreed to.
  if (plan.blockers.length > 0 || !seen.consent.known) return [];
  const told: readonly (readonly [
    string,
    { readonly known: boolean; readonly because?: string; readonly reason?: string },
  ])[] = [
    ['that the API answers', seen.api],
    ['a write and read through the public name', seen.writes],
    ['that the data is all there', seen.data],
    ['that the last client follows', seen.clients],
  ];
  return [
    ...(outside.probe
      ? []
      : ['nothing was asked from outside: api.probeUrl is not configured, so RTO is not measured']),
    ...(outside.write ? [] : ['no write was tried through the public name: api.writeProbe is not configured']),
    ...told.flatMap(([what, known]) =>
      known.known || known.because === 'skipped' ? [] : [`${what} was not seen: ${known.reason ?? ''}`],
    ),
    ...(seen.clients.known && !seen.clients.value.followed
      ? [`that the last client follows was not seen: some still ask ${from.region}, or nobody can tell`]
      : []),
    ...(isSplit(seen) ? [`split brain is possible: ${splitText(seen, from.region)}`] : []),
    ...(plan.resume !== undefined && !seen.resumed.known
      ? [`Auto Scaling is still suspended in ${to.region}: ${seen.resumed.reason}`]
      : []),
  ];
}

/** True where the old region was stopped for a database that stayed where it is. */
function isStranded(seen: Seen): boolean {
  return databaseOf(seen) === 'not-sent' && seen.planned.plan.database !== undefined && seen.fenced.known;
}

function databaseOf({ changed, moved }: Seen): MoveResult['database'] {
  if (moved.known) return 'done';
  return changed.known || changed.tried === true ? 'sent' : 'not-sent';
}

/** True where the writer that is left may go on writing. */
function isSplit(seen: Seen): boolean {
  const {
    planned: { plan },
    consent: agreed,
    suspended,
    stopped,
    holds,
  } = seen;
  // Nothing was moved, so there is one writer.
  if (!agreed.known || (plan.database !== undefined && databaseOf(seen) === 'not-sent')) return false;
  if (!plan.fences) return plan.splitBrain === 'possible';
  // What may be started again by itself is not fenced, however it stands now.
  if (plan.suspend !== undefined && !suspended.known) return true;
  // The later look tells, where there was one.
  return holds.known ? !holds.value.holds : !stopped.known;
}

function splitText({ planned: { plan }, suspended, stopped, holds }: Seen, region: string): string {
  if (!plan.fences) return `the writer in ${region} was not fenced`;
  if (holds.known && !holds.value.holds) return `in ${region} ${holds.value.detail}`;
  if (plan.suspend !== undefined && !suspended.known) {
    return `Auto Scaling may start tasks in ${region} again: ${suspended.reason}`;
  }
  return `whether the tasks in ${region} have stopped was not seen${stopped.known ? '' : `: ${stopped.reason}`}`;
}

function lessonsOf(seen: Seen, { outside, rtoMs, isDrill }: MoveSettings, moments: Moments): readonly string[] {
  const { plan } = seen.planned;
  if (plan.needless === true) return [];
  if (plan.blockers.length > 0) return plan.blockers.map((each) => `Remove what blocks: ${each}`);
  const lessons: string[] = [];
  if (plan.ttlMs > 60_000) {
    lessons.push(
      `Lower the record\u2019s TTL to 60 s or less: clients held the old address for up to ${spanText(plan.ttlMs)}`,
    );
  }
  if (plan.instance !== undefined)
    lessons.push('Keep an instance in the recovery region: making one was on the critical path');
  if (plan.capacity !== undefined && moments.decidedAt !== undefined && seen.ready.known && seen.moved.known) {
    const lateMs = seen.ready.value.at - seen.moved.value.at;
    if (lateMs > 60_000)
      lessons.push(`Keep more tasks in the recovery region: they were ready ${spanText(lateMs)} after the database`);
  }
  if (!outside.probe)
    lessons.push('Configure api.probeUrl: without it nothing says from outside whether the API is back');
  if (!outside.write) lessons.push('Configure api.writeProbe: an answer alone does not show that writes work');
  if (!outside.heartbeat && plan.mode !== 'switchover' && plan.mode !== 'none') {
    lessons.push('Configure database.rpoProbe: without a heartbeat what was lost is only estimated');
  }
  if (seen.clients.known && !seen.clients.value.followed) {
    lessons.push(
      'Some clients never follow: lower the balancer\u2019s client keep-alive, and make clients resolve the name anew',
    );
  }
  for (const { program, ok, detail } of seen.data.known ? seen.data.value : []) {
    if (!ok) lessons.push(`The data differs (${program}): ${detail}`);
  }
  const { outageAt, clientsAt } = moments;
  if (outageAt !== undefined && clientsAt !== undefined && clientsAt - outageAt > rtoMs) {
    lessons.push(`The RTO was missed by ${spanText(clientsAt - outageAt - rtoMs)}: see which phase took it`);
  }
  if (isDrill && isSplit(seen)) lessons.push('The old writer was not fenced: find out how it can be');
  return lessons;
}

function budgetFor(seen: Seen, moments: Moments): RecoveryRecord['budget'] {
  const between = (from: number | undefined, to: number | undefined): number | null =>
    from === undefined || to === undefined ? null : Math.max(0, to - from);
  const { outageAt, detectedAt, decidedAt, clientsAt } = moments;
  const moved = seen.moved.known ? seen.moved.value.at : undefined;
  const ready = Math.max(moved ?? 0, seen.ready.known ? seen.ready.value.at : 0) || undefined;
  const dns = seen.traffic.known ? seen.traffic.value.at : undefined;
  const measured: Readonly<Record<string, number | null>> = {
    detect: between(outageAt, detectedAt),
    decide: between(detectedAt, decidedAt),
    database: between(decidedAt, moved),
    dns: between(ready, dns),
    caches: between(dns, clientsAt),
    application: between(ready, seen.restarted.known ? seen.restarted.value.at : undefined),
  };
  return budgetOf.map((each) => ({ ...each, measuredMs: measured[each.id] ?? null, predictedMs: null }));
}

function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}
