/** What past drills came to, how their recovery times develop, and how old the newest proof is. */
import { describe, expect, test } from 'vitest';
import { drillAge, kindOfRunId, lastMoveAt, pastRunOf, trendOf, type PastRun } from '../../src/drills/history.ts';
import type { RunHistory } from '../../src/engine/history.ts';
import { minuteMs, pastHistory, simulated, type Past } from './past.ts';

const good = { rtoMs: 18 * minuteMs, rtoMet: true, rpoMs: 0, rpoMet: true } as const;

function runs(...pasts: readonly Past[]): readonly PastRun[] {
  return pasts.flatMap((past) => pastRunOf(pastHistory(past)) ?? []);
}

describe('a past run', () => {
  test('that ended tells its times, its regions and who agreed', () => {
    expect(runs({ at: '2026-11-10T15:00:00Z', ...good, approvedBy: 'ana' })).toMatchObject([
      {
        runId: '20261110T150000Z-region-drill-7k2m9x',
        kind: 'drill',
        at: Date.parse('2026-11-10T15:00:00Z'),
        service: 'shop',
        simulated: false,
        verdict: 'ok',
        mode: 'switchover',
        rtoMs: 18 * minuteMs,
        rtoMet: true,
        rpoMs: 0,
        rpoMet: true,
        from: 'us-west-2',
        to: 'us-east-1',
        who: ['ana'],
      },
    ]);
  });

  test.each([
    ['died', 'unfinished'],
    ['suspended', 'awaiting-approval'],
  ] as const)('that %s has a verdict and no times', (stopped, verdict) => {
    expect(runs({ at: '2026-11-10T15:00:00Z', ...good, stopped })).toMatchObject([
      { verdict, hasEnded: false, rtoMs: null, rtoMet: null, rpoMs: null },
    ]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'ok'],
    ['a diagnosis', { verdict: 'ok', causes: [], notes: [] }],
    ['objectives that are a text', { objectives: 'met' }],
    ['a duration that is a text', { objectives: { rto: { measuredMs: '18m' } }, recovery: 7 }],
  ])('that concluded %s has no times either', (_, outcome) => {
    expect(runs({ at: '2026-11-10T15:00:00Z', outcome })).toMatchObject([
      { verdict: 'ok', rtoMs: null, rtoMet: null, rpoMs: null, rpoMet: null },
    ]);
  });

  test('one member of another form spoils no other', () => {
    const outcome = {
      objectives: {
        rto: { measuredMs: 1000, met: 'yes', phases: { detect: 10, decide: 'soon', rest: 5 } },
        rpo: { measuredMs: -3, met: true },
      },
      recovery: { mode: 'a mode of next year', from: 5, to: 'us-east-1', outageAt: 'whenever' },
    };
    const [run] = runs({ at: '2026-11-10T15:00:00Z', outcome });
    expect(run).toMatchObject({
      rtoMs: 1000,
      rtoMet: null,
      phases: { detect: 10, decide: null, rest: 5 },
      rpoMs: null,
      rpoMet: true,
      mode: 'a mode of next year',
      to: 'us-east-1',
    });
    expect(run).not.toHaveProperty('from');
  });

  test('on the simulated AWS is told as that, and was held when its id says, not when its clock says', () => {
    const [run] = runs({ at: '2026-11-10T15:00:00Z', ...simulated });
    expect(run).toMatchObject({ simulated: true, at: Date.parse('2026-11-10T15:00:00Z') });
  });

  test.each([
    ['a scenario by name', { sandbox: 'region-down' }],
    ['an AWS that this machine serves', { endpointUrl: 'http://127.0.0.1:4599' }],
  ])('on %s is simulated, too', (_, reopen) => {
    expect(runs({ at: '2026-11-10T15:00:00Z', reopen })).toMatchObject([{ simulated: true }]);
  });

  test('over an endpoint elsewhere is real', () => {
    expect(runs({ at: '2026-11-10T15:00:00Z', reopen: { endpointUrl: 'https://vpce-1.example' } })).toMatchObject([
      { simulated: false },
    ]);
  });

  test('of another runbook, and one that only looked, is none', () => {
    expect(runs({ at: '2026-11-10T15:00:00Z', runbook: 'latency' })).toEqual([]);
    expect(runs({ at: '2026-11-10T15:00:00Z', mode: 'observe' })).toEqual([]);
  });
});

test('a run’s id says what it was', () => {
  expect(kindOfRunId('20261110T150000Z-region-drill-7k2m9x')).toBe('drill');
  expect(kindOfRunId('20261110T150000Z-region-failback-7k2m9x')).toBe('failback');
  expect(kindOfRunId('20261110T150000Z-latency-7k2m9x')).toBeUndefined();
  expect(kindOfRunId('20261110T150000Z-region-drill-4bc2a1e0-93ab-4c1f')).toBe('drill');
  expect(kindOfRunId('20261110T150000Z-region-drill')).toBeUndefined();
  expect(kindOfRunId('region-drill')).toBeUndefined();
});

describe('the trend', () => {
  const months = ['06', '07', '08', '09', '10', '11'];
  const drills = (...rtosMs: readonly (number | null)[]): readonly PastRun[] =>
    runs(
      ...rtosMs.map((rtoMs, index): Past => ({
        at: `2026-${months[index]}-09T15:00:00Z`,
        rtoMs,
        rtoMet: rtoMs === null ? null : rtoMs <= 60 * minuteMs,
        rpoMet: true,
      })),
    );

  test('compares the newest with the median before, whatever the order of the journals', () => {
    const trend = trendOf(drills(30 * minuteMs, 20 * minuteMs, 25 * minuteMs, 18 * minuteMs).toReversed(), 'real');
    expect(trend).toMatchObject({
      drills: 4,
      measured: 4,
      medianMs: 22.5 * minuteMs,
      p95Ms: null,
      newestMs: 18 * minuteMs,
      medianBeforeMs: 25 * minuteMs,
      direction: 'better',
      rtoMetShare: 1,
      rtosMs: [30 * minuteMs, 20 * minuteMs, 25 * minuteMs, 18 * minuteMs],
    });
  });

  test.each([
    [110, 'steady'],
    [90, 'steady'],
    [111, 'worse'],
    [89, 'better'],
  ])('%d after 100 is %s', (newest, direction) => {
    expect(trendOf(drills(100, 100, newest), 'real').direction).toBe(direction);
  });

  test('one drill is no trend, and none is nothing', () => {
    expect(trendOf(drills(100), 'real')).toMatchObject({ medianMs: 100, medianBeforeMs: null, direction: null });
    expect(trendOf([], 'real')).toMatchObject({ drills: 0, medianMs: null, rtoMetShare: null });
  });

  test('the 95th percentile is a drill that was, and needs five', () => {
    expect(trendOf(drills(10, 20, 30, 40, 50), 'real').p95Ms).toBe(50);
    expect(trendOf(drills(10, 20, 30, 40), 'real').p95Ms).toBeNull();
  });

  test('what was not measured was not met', () => {
    const trend = trendOf(drills(20 * minuteMs, null, 90 * minuteMs), 'real');
    expect(trend).toMatchObject({ drills: 3, measured: 2, rtoMet: 1, rtoMetShare: 1 / 3, rpoMet: 3 });
  });

  test('simulated drills are apart; dry runs, failovers and what has not ended are not in it', () => {
    const all = runs(
      { at: '2026-06-09T15:00:00Z', ...good, rtoMs: 1 },
      { at: '2026-07-14T15:00:00Z', ...good, ...simulated, rtoMs: 2 },
      { at: '2026-08-11T15:00:00Z', ...good, mode: 'dry-run', rtoMs: 3 },
      { at: '2026-09-08T15:00:00Z', ...good, runbook: 'region-failover', rtoMs: 4 },
      { at: '2026-10-13T15:00:00Z', stopped: 'died' },
    );
    expect(trendOf(all, 'real').rtosMs).toEqual([1]);
    expect(trendOf(all, 'real').drills).toBe(1);
    expect(trendOf(all, 'simulated').rtosMs).toEqual([2]);
  });
});

describe('the age of the newest proof', () => {
  const now = Date.parse('2026-11-26T15:00:00Z');
  const dayMs = 24 * 60 * minuteMs;
  const histories = (...pasts: readonly Past[]): readonly RunHistory[] => pasts.map(pastHistory);

  test('is that of the newest real drill that succeeded', () => {
    const { newest, ageMs, failedSince } = drillAge(
      histories(
        { at: '2026-10-13T15:00:00Z' },
        { at: '2026-11-10T15:00:00Z' },
        { at: '2026-09-08T15:00:00Z' },
        { at: '2026-11-20T15:00:00Z', ...simulated },
        { at: '2026-11-21T15:00:00Z', mode: 'dry-run' },
        { at: '2026-11-22T15:00:00Z', runbook: 'region-failover' },
        { at: '2026-11-23T15:00:00Z', stopped: 'died' },
      ),
      now,
    );
    expect(newest).toEqual({
      runId: '20261110T150000Z-region-drill-7k2m9x',
      at: Date.parse('2026-11-10T15:00:00Z'),
      verdict: 'ok',
    });
    expect(ageMs).toBe(16 * dayMs);
    expect(failedSince).toBeUndefined();
  });

  test('a later one that missed its objective renews nothing, and is named', () => {
    const age = drillAge(
      histories({ at: '2026-10-13T15:00:00Z' }, { at: '2026-11-10T15:00:00Z', verdict: 'attention' }),
      now,
    );
    expect(age.newest?.runId).toMatch(/^20261013/);
    expect(age.failedSince).toMatchObject({ runId: '20261110T150000Z-region-drill-7k2m9x', verdict: 'attention' });
  });

  test('without one there is none', () => {
    expect(drillAge(histories({ at: '2026-11-20T15:00:00Z', ...simulated }), now)).toEqual({});
  });
});

test('the last move is that of a real run that changed something', () => {
  const change = { status: 'applied' } as RunHistory['changes'][number];
  const moved = (past: Past): RunHistory => ({ ...pastHistory(past), changes: [change] });
  expect(
    lastMoveAt([
      moved({ at: '2026-10-13T15:00:00Z', runbook: 'region-failover' }),
      pastHistory({ at: '2026-11-10T15:00:00Z', runbook: 'region-failover' }),
      moved({ at: '2026-11-11T15:00:00Z', ...simulated }),
    ]),
  ).toBe(Date.parse('2026-10-13T15:00:00Z'));
  expect(lastMoveAt([])).toBeUndefined();
});
