/** What a move came to: what was lost, by what really survived, when it was over, and what was not seen. */
import { describe, expect, test } from 'vitest';
import type { AnyStep, Results, Settled } from '../../../src/engine/step.ts';
import type { MoveSettings } from '../../../src/runbooks/kit.ts';
import { detection } from '../../../src/runbooks/move/detection.ts';
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
} from '../../../src/runbooks/move/moving.ts';
import { backlog, replicationLag } from '../../../src/runbooks/move/observations.ts';
import { planMove } from '../../../src/runbooks/move/plan.ts';
import { moveResult, type MoveResult } from '../../../src/runbooks/move/result.ts';
import {
  alarmsCalm,
  apiAnswers,
  clientsFollowed,
  dataConsistent,
  executed,
  fenceHolds,
  writesWork,
} from '../../../src/runbooks/move/verifying.ts';
import { looking } from './looking.ts';
import {
  database,
  deadPicture,
  detected,
  east,
  known,
  lagOf,
  minuteMs,
  moveTold,
  notConfigured,
  nowMs,
  picture,
  service,
  settingsTold,
  silent,
  unknown,
  west,
} from './pictures.ts';

const parts = {
  detection,
  planned: movePlan,
  lag: replicationLag,
  backlog,
  consent,
  suspended: suspendScaling,
  fenced: fence,
  stopped: writersStopped,
  changed: databaseStep,
  before: heartbeatsBefore,
  moved: promoted,
  after: heartbeatsAfter,
  ready: capacityReady,
  resumed: resumeScaling,
  restarted,
  traffic: trafficMoved,
  executed,
  api: apiAnswers,
  writes: writesWork,
  data: dataConsistent,
  alarms: alarmsCalm,
  clients: clientsFollowed,
  holds: fenceHolds,
} as const satisfies Readonly<Record<string, AnyStep>>;

type Ended = { readonly [Name in keyof typeof parts]?: Settled<unknown> };

/** A change whose answer was lost. */
const sent: Settled<unknown> = { ...unknown('no answer', 'unreachable'), tried: true };
const at = (seconds: number) => known({ at: nowMs + seconds * 1000 });
const planOf = (seen = deadPicture(), move: Partial<MoveSettings> = {}) =>
  known({ plan: planMove(seen, moveTold(move)), facts: [] });

/** Of a region that was down, and of a move that went well in every step. */
const wellEnded: Required<Ended> = {
  detection: known(detected('down')),
  planned: planOf(),
  lag: known(lagOf(900, 800)),
  backlog: notConfigured,
  consent: at(60),
  suspended: notConfigured,
  fenced: notConfigured,
  stopped: notConfigured,
  changed: at(65),
  before: notConfigured,
  moved: at(120),
  after: notConfigured,
  ready: at(130),
  resumed: notConfigured,
  restarted: notConfigured,
  traffic: at(160),
  executed: at(170),
  api: at(200),
  writes: at(190),
  data: notConfigured,
  alarms: notConfigured,
  clients: known({ at: nowMs + 260_000, followed: true }),
  holds: notConfigured,
};

async function resultOf(ended: Ended = {}, move: Partial<MoveSettings> = {}): Promise<MoveResult> {
  const all = { ...wellEnded, ...ended };
  const results: Results = new Map(
    Object.entries(parts).map(([name, step]): [AnyStep, Settled<unknown>] => [step, all[name as keyof typeof parts]]),
  );
  const { body } = moveResult;
  if (body.form !== 'run') throw new Error('it does not run');
  const outcome = await body.execute(results, { ...looking({}), settings: settingsTold(move) });
  if (outcome.kind !== 'done') throw new Error(outcome.reason);
  return outcome.output;
}

const lossOf = async (ended: Ended, move: Partial<MoveSettings> = {}) => (await resultOf(ended, move)).stores[0];

/** Heartbeats in the copy and in the original, asked half a minute after the yes. */
const beats = (fresh: number | undefined, old?: number) =>
  known({
    at: nowMs + 90_000,
    ...(old === undefined ? {} : { old: nowMs + old * 1000 }),
    ...(fresh === undefined ? {} : { new: nowMs + fresh * 1000 }),
    detail: 'asked',
  });

describe('what was lost of the database', () => {
  const outageSeconds = -600;

  test.each<[string, Ended, number | null, string]>([
    [
      'is from the newest that was written to the newest that survived',
      { before: beats(84, 88), after: beats(84.5) },
      3_500,
      'heartbeats',
    ],
    [
      'is by what the copy held where nothing is known of it afterwards',
      { before: beats(84, 88) },
      4_000,
      'heartbeats',
    ],
    [
      'is not by a heartbeat of after the change, which is none of what survived',
      { before: beats(84, 88), after: beats(150) },
      4_000,
      'heartbeats',
    ],
    [
      'is until the outage began where the original cannot be asked',
      { before: beats(outageSeconds - 5), after: beats(outageSeconds - 2) },
      2_000,
      'writes ended at',
    ],
    ['is nothing where what survived is newer than the outage', { before: beats(outageSeconds + 5) }, 0, 'heartbeats'],
    [
      'is by heartbeats of afterwards alone, where none was asked for before',
      { before: silent, after: beats(outageSeconds - 9) },
      9_000,
      'heartbeats',
    ],
    [
      'is by the lag where the only heartbeat is of after the change',
      { before: silent, after: beats(150), lag: known(lagOf(...Array.from({ length: 15 }, () => 700))) },
      minuteMs + 700,
      'and the time from then to the outage',
    ],
    [
      'is by the lag of before the outage, not of since',
      { lag: known(lagOf(700, ...Array.from({ length: 10 }, (_none, index) => index * minuteMs))) },
      minuteMs + 700,
      'no heartbeat is known',
    ],
    [
      'is not known by the lag of since alone',
      { lag: known(lagOf(minuteMs, 2 * minuteMs)) },
      null,
      'neither a heartbeat nor the lag',
    ],
    ['is not known without any of it', { lag: silent, before: silent, after: silent }, null, 'not measured'],
    [
      'is not known by programs that printed nothing',
      { lag: silent, before: beats(undefined), after: beats(undefined) },
      null,
      'not measured',
    ],
    [
      'is not known where the change was not seen',
      { moved: unknown('not within 1200 s'), before: beats(84, 88) },
      null,
      'was not seen to change over',
    ],
    [
      'is not known where the old writer goes on behind a cut line',
      { detection: known(detected('cut-off')), before: beats(84), after: beats(84) },
      null,
      'goes on taking writes',
    ],
    [
      'is not known by a lag of long before the outage',
      {
        lag: known(lagOf(700, ...Array.from({ length: 4 }, () => minuteMs))),
        detection: known({ ...detected('down'), outageAt: nowMs + 5 * minuteMs }),
      },
      null,
      'the lag was last reported at',
    ],
    [
      'is not known where the region lives, and its tasks were not stopped',
      { detection: known(detected('impaired')), before: beats(84), after: beats(85) },
      null,
      'the old writer was not seen to stop',
    ],
    [
      'is until it was asked for, where the region was not down',
      {
        detection: known(detected('impaired')),
        planned: planOf({ ...deadPicture(), oldService: known(service(6)) }),
        stopped: at(62),
        before: beats(84),
        after: beats(85),
      },
      5_000,
      'heartbeats',
    ],
  ])('%s', async (_what, ended, lossMs, basis) => {
    const store = await lossOf(ended);
    expect(store).toMatchObject({ store: 'database', lossMs });
    expect(store?.basis).toContain(basis);
  });

  test('is not known where a write survived that is later than the outage is said to have begun', async () => {
    const store = await lossOf({ before: beats(outageSeconds + 5) }, { outageAt: nowMs + outageSeconds * 1000 });
    expect(store).toMatchObject({ lossMs: null });
    expect(store?.basis).toContain('writes went on after the outage is said to have begun');
  });

  test('by a switchover is nothing, and says how far the copy was behind', async () => {
    const ended = { detection: known(detected('well')), planned: planOf(picture()), lag: known(lagOf(900, 2_000)) };
    expect(await lossOf(ended)).toEqual({
      store: 'database',
      lossMs: 0,
      basis: expect.stringContaining('a switchover waits until everything is copied; the copy was'),
    });
    expect(await lossOf({ ...ended, moved: silent })).toMatchObject({ lossMs: null });
  });

  test('that was not moved is nothing, and of none there is no store', async () => {
    const { database: _old, ...from } = west;
    const { database: _new, ...to } = east;
    const promotedBefore = { globalCluster: undefined as never };
    expect(
      await lossOf({ planned: planOf(deadPicture(), promotedBefore), moved: notConfigured }, promotedBefore),
    ).toMatchObject({ lossMs: 0, basis: 'the database was not moved' });
    expect((await resultOf({ planned: planOf(deadPicture(), { from, to }) }, { from, to })).stores).toEqual([]);
  });

  test('is not told where nothing came of the move', async () => {
    expect((await resultOf({ executed: unknown('it did not end') })).stores).toEqual([]);
    expect((await resultOf({ planned: planOf(deadPicture({ newDatabase: silent })) })).stores).toEqual([]);
  });
});

describe('what was lost of the objects', () => {
  const buckets = {
    from: { ...west, storage: { region: 'us-west-2', bucket: 'nano' } },
    to: { ...east, storage: { region: 'us-east-1', bucket: 'nano-dr' } },
  };
  const waiting = (operations: number | undefined, seconds: number | undefined) => {
    const series = (value: number | undefined) => ({ points: value === undefined ? [] : [{ at: nowMs, value }] });
    return known({ pendingOperations: series(operations), latency: series(seconds) });
  };
  const storageOf = async (ended: Ended) =>
    (await resultOf(ended, buckets)).stores.find(({ store }) => store === 'storage');

  test.each<[string, Ended, number | null]>([
    ['is nothing where nothing waits', { backlog: waiting(0, 40) }, 0],
    ['is as old as the oldest that waits', { backlog: waiting(17, 40) }, 40_000],
    ['is not known where its age is not', { backlog: waiting(17, undefined) }, null],
    ['is not known where nothing is reported', { backlog: waiting(undefined, 40) }, null],
    ['is not known where nobody could ask', { backlog: silent }, null],
    [
      'is nothing by a switchover, since the old bucket is there',
      { backlog: waiting(17, 40), detection: known(detected('well')), planned: planOf(picture()) },
      0,
    ],
  ])('%s', async (_what, ended, lossMs) => {
    expect(await storageOf(ended)).toMatchObject({ lossMs });
  });
});

describe('when it was over', () => {
  test('is the later of an answer and a write', async () => {
    expect((await resultOf()).moments).toEqual({
      outageAt: nowMs - 600_000,
      detectedAt: nowMs,
      decidedAt: nowMs + 60_000,
      executedAt: nowMs + 170_000,
      verifiedAt: nowMs + 200_000,
      clientsAt: nowMs + 260_000,
    });
    expect((await resultOf({ writes: at(240) })).moments.verifiedAt).toBe(nowMs + 240_000);
    expect((await resultOf({ writes: notConfigured })).moments.verifiedAt).toBe(nowMs + 200_000);
  });

  test.each<[string, Ended]>([
    ['no answer was seen', { api: unknown('not within 900 s') }],
    ['no write was seen', { writes: unknown('not within 900 s') }],
    ['neither is configured', { api: notConfigured, writes: notConfigured }],
  ])('is not known where %s, and the move is not verified', async (_what, ended) => {
    const result = await resultOf(ended);
    expect(result).toMatchObject({ isVerified: false, verdict: 'unknown' });
    expect(result.moments.verifiedAt).toBeUndefined();
  });
});

describe('verified', () => {
  test.each<[string, Ended, boolean]>([
    ['is a move of which everything was seen', {}, true],
    ['is one whose data is the same', { data: known([{ program: 'x', ok: true, detail: '' }]) }, true],
    ['is not one whose data differs', { data: known([{ program: 'x', ok: false, detail: '7 rows' }]) }, false],
    ['is not one whose data nobody could compare', { data: known([{ program: 'x', ok: null, detail: '' }]) }, false],
    ['is not one whose data was not looked at', { data: silent }, false],
    ['is not one whose alarms were not seen calm', { alarms: unknown('api-5xx is in alarm') }, false],
  ])('%s', async (_what, ended, isVerified) => {
    expect(await resultOf(ended)).toMatchObject({ isVerified, verdict: isVerified ? 'ok' : 'unknown' });
  });
});

describe('two writers', () => {
  const impaired = picture({ detection: detected('impaired') });

  test.each<[string, Ended, string]>([
    ['are possible where the old one was not fenced', {}, 'possible'],
    ['are excluded where it was', { planned: planOf(impaired), suspended: at(62), stopped: at(70) }, 'excluded'],
    [
      'are possible where it was to be, and was not',
      { planned: planOf(impaired), stopped: unknown('throttled') },
      'possible',
    ],
    [
      'are possible where its tasks run again at the end',
      {
        planned: planOf(impaired),
        suspended: at(62),
        stopped: at(70),
        holds: known({ holds: false, detail: '2 tasks run there' }),
      },
      'possible',
    ],
    [
      'are excluded where they have stopped by the end',
      {
        planned: planOf(impaired),
        suspended: at(62),
        stopped: unknown('late'),
        holds: known({ holds: true, detail: 'no task' }),
      },
      'excluded',
    ],
    [
      'are possible where Auto Scaling may start its tasks again',
      {
        planned: planOf(impaired),
        suspended: unknown('denied'),
        stopped: at(70),
        holds: known({ holds: true, detail: '' }),
      },
      'possible',
    ],
    [
      'are excluded where RDS said no to the change',
      { changed: unknown('it is in no state for it', 'rejected'), moved: unknown('x') },
      'excluded',
    ],
    ['are possible where the change was not answered', { changed: sent, moved: unknown('x') }, 'possible'],
    ['are excluded where nobody agreed to a move', { consent: unknown('declined') }, 'excluded'],
  ])('%s', async (_what, ended, splitBrain) => {
    const result = await resultOf(ended);
    expect(result.splitBrain).toBe(splitBrain);
    expect(result.gaps.join().includes('split brain')).toBe(splitBrain === 'possible');
  });
});

test.each<[string, Ended, MoveResult['database']]>([
  ['done', {}, 'done'],
  ['sent, and not seen to end', { moved: unknown('late') }, 'sent'],
  ['perhaps sent', { moved: unknown('x'), changed: sent }, 'sent'],
  ['refused', { moved: unknown('x'), changed: unknown('no', 'denied') }, 'not-sent'],
  ['never sent', { moved: unknown('x'), changed: unknown('how it stands cannot be read') }, 'not-sent'],
])('the change of the database is %s', async (_what, ended, stands) => {
  expect((await resultOf(ended)).database).toBe(stands);
});

test('a region that was stopped for nothing is told of, with what starts it again', async () => {
  const impaired = picture({ detection: detected('impaired') });
  const ended = { planned: planOf(impaired), suspended: at(62), fenced: at(63), stopped: at(70) };
  const stranded = await resultOf({ ...ended, changed: unknown('how it stands cannot be read'), moved: unknown('x') });
  expect(stranded.gaps.join()).toContain(
    'us-west-2 was stopped, and the database has not changed over: nanoops runs abort',
  );
  expect((await resultOf(ended)).gaps.join()).not.toContain('runs abort');
});

describe('what it teaches', () => {
  const outside = { ...moveTold().outside, probe: false, write: false, heartbeat: false };

  test.each<[string, Ended, Partial<MoveSettings>, string]>([
    [
      'a TTL that is too long',
      { planned: known({ plan: { ...planMove(deadPicture(), moveTold()), ttlMs: 300_000 }, facts: [] }) },
      {},
      'TTL to 60 s',
    ],
    [
      'an instance that had to be made',
      {
        planned: planOf(
          picture({ detection: detected('impaired'), newDatabase: known(database('nano-db-dr', { instances: [] })) }),
        ),
      },
      {},
      'Keep an instance',
    ],
    [
      'tasks that came late',
      { planned: planOf(deadPicture({ oldService: known(service(6)) })), ready: at(300) },
      {},
      'Keep more tasks',
    ],
    ['nobody outside', {}, { outside }, 'api.probeUrl'],
    ['no write', {}, { outside }, 'api.writeProbe'],
    ['no heartbeat', {}, { outside }, 'database.rpoProbe'],
    [
      'clients that stay behind',
      { clients: known({ at: nowMs + 260_000, followed: false }) },
      {},
      'Some clients never follow',
    ],
    [
      'data that differs',
      { data: known([{ program: 'count', ok: false, detail: '7 rows' }]) },
      {},
      'The data differs (count): 7 rows',
    ],
    ['an RTO that was missed', {}, { rtoMs: 600_000 }, 'The RTO was missed by 4 min 20 s'],
    ['what blocked', { planned: planOf(deadPicture({ newService: silent })) }, {}, 'Remove what blocks: nano-api-dr'],
  ])('%s', async (_what, ended, move, lesson) => {
    expect((await resultOf(ended, move)).lessons.join('\n')).toContain(lesson);
  });

  test('is nothing where all went well', async () => {
    expect((await resultOf()).lessons).toEqual([]);
    expect((await resultOf()).gaps).toEqual(['split brain is possible: the writer in us-west-2 was not fenced']);
  });
});

test('the budget is by what was measured, and says nothing of what was not', async () => {
  const measured = async (ended: Ended) =>
    Object.fromEntries((await resultOf(ended)).budget.map(({ id, measuredMs }) => [id, measuredMs]));
  expect(await measured({ restarted: at(150) })).toEqual({
    detect: 600_000,
    decide: 60_000,
    database: 60_000,
    dns: 30_000,
    caches: 100_000,
    application: 20_000,
  });
  expect(await measured({ traffic: unknown('x'), moved: unknown('x'), consent: unknown('x') })).toMatchObject({
    decide: null,
    database: null,
    dns: null,
    caches: null,
    application: null,
  });
});
