/** From what a move came to, to a verdict: well only where everything was measured and within what was aimed for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rtoPhases, type MoveSettings } from '../../../src/runbooks/kit.ts';
import {
  causesOf,
  detachAdvice,
  fenceSteps,
  leftByAbort,
  notesOf,
  outcomeText,
  recordOf,
  verdictFor,
  worse,
} from '../../../src/runbooks/move/concluding.ts';
import { planMove, type MovePlan } from '../../../src/runbooks/move/plan.ts';
import type { MoveResult } from '../../../src/runbooks/move/result.ts';
import { budgetOf, type Moments } from '../../../src/runbooks/move/timing.ts';
import { deadPicture, denied, detected, minuteMs, moveTold, newArn, nowMs, picture, settingsTold } from './pictures.ts';

const wellTimed: Moments = {
  outageAt: nowMs,
  detectedAt: nowMs + minuteMs,
  decidedAt: nowMs + 2 * minuteMs,
  executedAt: nowMs + 4 * minuteMs,
  verifiedAt: nowMs + 5 * minuteMs,
  clientsAt: nowMs + 7 * minuteMs,
};

/** Of a failover that was measured in everything. */
function cameTo(more: Partial<MoveResult> = {}): MoveResult {
  return {
    verdict: 'ok',
    detection: detected('down'),
    plan: planMove(deadPicture(), moveTold()),
    decideBy: nowMs + 30 * minuteMs,
    moments: wellTimed,
    stores: [{ store: 'database', lossMs: 3_000, basis: 'heartbeats' }],
    expectedLossMs: minuteMs,
    consistency: [{ program: 'count', ok: true, detail: 'same' }],
    splitBrain: 'excluded',
    database: 'done',
    isVerified: true,
    gaps: [],
    lessons: [],
    budget: budgetOf.map((each) => ({ ...each, measuredMs: 1, predictedMs: null })),
    ...more,
  };
}

type Mode = 'dry-run' | 'execute';
const concluded = (result: MoveResult, mode: Mode = 'execute', move: Partial<MoveSettings> = {}) =>
  recordOf(result, moveTold(move), 'failover', mode);
const verdictOf = (more: Partial<MoveResult> = {}, mode: Mode = 'execute', move: Partial<MoveSettings> = {}) =>
  verdictFor(concluded(cameTo(more), mode, move), cameTo(more), mode);
const blocked = planMove(deadPicture({ newService: denied }), moveTold());
const store = (lossMs: number | null) => [{ store: 'database', lossMs, basis: '' }];

describe('the verdict', () => {
  test.each<[string, Partial<MoveResult>, string]>([
    ['ok', {}, 'ok'],
    ['what blocks needs attention', { plan: blocked }, 'attention'],
    ['a loss that is not known', { stores: store(null) }, 'unknown'],
    ['no store that was looked at', { stores: [] }, 'unknown'],
    ['a loss beyond', { stores: store(6 * minuteMs) }, 'attention'],
    ['a loss beyond, and another not known', { stores: [...store(6 * minuteMs), ...store(null)] }, 'attention'],
    ['no verification', { moments: { ...wellTimed, verifiedAt: undefined } }, 'unknown'],
    ['no client', { moments: { ...wellTimed, clientsAt: undefined } }, 'unknown'],
    ['no beginning', { moments: { ...wellTimed, outageAt: undefined } }, 'unknown'],
    ['too late', { moments: { ...wellTimed, clientsAt: nowMs + 61 * minuteMs } }, 'attention'],
    ['data that differs', { consistency: [{ program: 'x', ok: false, detail: '' }], isVerified: false }, 'attention'],
    ['something else that was not seen', { isVerified: false }, 'unknown'],
    ['an old writer that may go on', { splitBrain: 'possible' }, 'attention'],
    [
      'a miss outweighs what is not known',
      { stores: store(null), moments: { ...wellTimed, clientsAt: nowMs + 61 * minuteMs } },
      'attention',
    ],
  ])('%s', (_what, more, verdict) => {
    expect(verdictOf(more)).toBe(verdict);
  });

  test.each<[string, Partial<MoveResult>, Partial<MoveSettings>, string]>([
    ['would be well', {}, {}, 'ok'],
    ['would be too late', {}, { rtoMs: 6 * minuteMs }, 'attention'],
    ['would lose too much', { expectedLossMs: 6 * minuteMs }, {}, 'attention'],
    ['cannot say how much it would lose', { expectedLossMs: undefined }, {}, 'unknown'],
    ['cannot say how long it would take', { moments: { ...wellTimed, clientsAt: undefined } }, {}, 'unknown'],
    ['would be blocked', { plan: blocked }, {}, 'attention'],
    ['would leave two writers', { splitBrain: 'possible' }, {}, 'attention'],
  ])('of a rehearsal that %s', (_what, more, move, verdict) => {
    expect(verdictOf(more, 'dry-run', move)).toBe(verdict);
  });

  const time = fc.option(fc.integer({ min: 0, max: 90 * minuteMs }), { nil: undefined });
  const results = fc.record({
    moments: fc.record({
      outageAt: time,
      detectedAt: time,
      decidedAt: time,
      executedAt: time,
      verifiedAt: time,
      clientsAt: time,
    }),
    stores: fc.array(
      fc.record({
        store: fc.constant('database'),
        lossMs: fc.option(fc.integer({ min: 0, max: 10 * minuteMs }), { nil: null }),
        basis: fc.constant(''),
      }),
      { maxLength: 2 },
    ),
    expectedLossMs: fc.integer({ min: 0, max: 10 * minuteMs }),
    isVerified: fc.boolean(),
    consistency: fc.array(fc.record({ program: fc.constant('x'), ok: fc.boolean(), detail: fc.constant('') }), {
      maxLength: 2,
    }),
    plan: fc.constantFrom<MovePlan>(cameTo().plan, blocked),
  });

  test('is ok only where everything was measured, seen and met', () => {
    fc.assert(
      fc.property(results, (more) => {
        const result = cameTo(more);
        const { objectives, recovery } = concluded(result);
        const verdict = verdictFor({ objectives, recovery }, result, 'execute');
        const { rto, rpo } = objectives;
        const isAll =
          result.plan.blockers.length === 0 &&
          rtoPhases.every((phase) => rto.phases[phase] !== null) &&
          rto.measuredMs !== null &&
          rto.measuredMs <= 60 * minuteMs &&
          more.stores.length > 0 &&
          more.stores.every(({ lossMs }) => lossMs !== null && lossMs <= 5 * minuteMs) &&
          more.isVerified &&
          more.consistency.every(({ ok }) => ok);
        expect(verdict === 'ok').toBe(isAll);
        const isMissed =
          result.plan.blockers.length > 0 ||
          rto.met === false ||
          rpo.met === false ||
          more.consistency.some(({ ok }) => !ok);
        expect(verdict === 'attention').toBe(isMissed);
      }),
    );
  });

  test('of a rehearsal never says that anything was measured', () => {
    fc.assert(
      fc.property(results, (more) => {
        const { objectives, recovery } = concluded(cameTo(more), 'dry-run');
        expect([objectives.rto.measuredMs, objectives.rto.met]).toEqual([null, null]);
        expect([objectives.rpo.measuredMs, objectives.rpo.met]).toEqual([null, null]);
        expect(recovery.budget.every(({ measuredMs }) => measuredMs === null)).toBe(true);
        expect(recovery.consistency).toEqual([]);
        expect(objectives.rpo.stores.every(({ basis }) => basis.startsWith('on the model: '))).toBe(true);
      }),
    );
  });

  const verdicts = ['ok', 'unknown', 'attention'] as const;

  test('of two is the weightier one', () => {
    for (const [i, one] of verdicts.entries()) {
      for (const [j, other] of verdicts.entries()) expect(worse(one, other)).toBe(verdicts[Math.max(i, j)]);
    }
  });
});

describe('the record', () => {
  test('says what was expected when somebody had decided, beside what was measured', () => {
    const { objectives, recovery } = concluded(cameTo());
    expect(objectives.rto).toMatchObject({ measuredMs: 7 * minuteMs, met: true, predictedMs: 16 * minuteMs });
    expect(objectives.rpo).toMatchObject({ measuredMs: 3_000, met: true, predictedMs: minuteMs, wouldMeet: true });
    expect(recovery).toMatchObject({
      kind: 'failover',
      mode: 'failover',
      from: 'us-west-2',
      to: 'us-east-1',
      outageAt: '2026-11-26T03:00:00.000Z',
      decideBy: '2026-11-26T03:30:00.000Z',
      splitBrain: 'excluded',
    });
  });

  test('of what was blocked predicts nothing', () => {
    const { objectives } = concluded(cameTo({ plan: blocked }));
    expect(objectives.rto).toMatchObject({ predictedMs: null, wouldMeet: null });
    expect(objectives.rpo).toMatchObject({ predictedMs: null, wouldMeet: null });
  });

  test('of a rehearsal is by past moves where they are known, and by the model else', () => {
    const execute = { medianMs: 9 * minuteMs, runs: 3, simulated: false };
    const other = { phases: { execute: { ...execute, medianMs: 1 } } };
    const past = { failover: { phases: { execute } }, switchover: other };
    const { objectives } = concluded(cameTo(), 'dry-run', { past });
    expect(objectives.rto).toMatchObject({ predictedMs: 14 * minuteMs, wouldMeet: true, predictedFrom: 'model' });
    expect(objectives.rto.phases).toMatchObject({ detect: minuteMs, execute: 9 * minuteMs, clients: 2 * minuteMs });
  });

  test.each(['dry-run', 'execute'] as const)('of a %s says what it rests on', (mode) => {
    const of = (medianMs: number) => ({ medianMs, p95Ms: 2 * medianMs, runs: 7, simulated: true });
    const moves = {
      phases: { execute: of(9 * minuteMs), verify: of(minuteMs), clients: of(minuteMs) },
      rto: of(12 * minuteMs),
    };
    const past = { failover: moves, switchover: moves };
    expect(concluded(cameTo(), mode, { past }).objectives.rto).toMatchObject({
      predictedFrom: 'simulated-runs',
      predictedRuns: 7,
      predictedP95Ms: 24 * minuteMs,
    });
    const { rto } = concluded(cameTo(), mode).objectives;
    expect(rto).toMatchObject({ predictedFrom: mode === 'execute' ? 'plan' : 'model' });
    expect(rto.predictedP95Ms).toBeUndefined();
  });

  test('in a line says what was not measured', () => {
    expect(outcomeText(concluded(cameTo()))).toBe('us-west-2 \u2192 us-east-1: RTO 7 min of 1 h, RPO 3 s of 5 min');
    expect(outcomeText(concluded(cameTo({ stores: store(null) })))).toContain('RPO not measured of 5 min');
    expect(outcomeText(concluded(cameTo({ plan: blocked })))).toMatch(/^nothing was moved: nano-api-dr/);
  });
});

describe('what else is said', () => {
  const settings = settingsTold();

  test('of a failover: what Aurora does when the region is back, and that nothing is put back', () => {
    const notes = notesOf(cameTo({ gaps: ['x was not seen'] }), settings);
    expect(notes).toEqual([
      'x was not seen',
      expect.stringContaining('Aurora makes its old cluster a secondary by itself'),
      'nothing of it is put back by itself',
    ]);
    expect(notesOf(cameTo({ gaps: ['x was not seen'] }), settings, true)).toEqual(['x was not seen']);
    expect(notesOf(cameTo({ plan: planMove(picture(), moveTold()) }), settings)).toEqual([]);
    expect(notesOf(cameTo({ plan: blocked, moments: {} }), settings)).toEqual([]);
    expect(notesOf(cameTo({ moments: {} }), settings).join()).not.toContain('put back');
  });

  test('of clusters that parted: that the old one is a writer still, also of a run that was aborted', () => {
    const detached = { plan: { ...cameTo().plan, mode: 'detach' }, database: 'done', splitBrain: 'excluded' } as const;
    const told = 'nano-db in us-west-2 is a writer still, on its own: no task of nano runs there';
    const tellsOf = (notes: readonly string[] = []) => notes.some((each) => each.startsWith(told));
    const promoted = { ...detached, plan: { ...detached.plan, mode: 'promotion' } } as const;
    for (const result of [detached, promoted, { ...detached, database: 'sent' } as const]) {
      expect(tellsOf(notesOf(cameTo(result), settings))).toBe(true);
      expect(tellsOf(leftByAbort(cameTo(result), settings, 'failover')?.notes)).toBe(true);
    }
    const untouched = { ...detached, database: 'not-sent' } as const;
    for (const result of [{}, untouched, { ...detached, splitBrain: 'possible' } as const]) {
      expect(tellsOf(notesOf(cameTo(result), settings))).toBe(false);
      expect(tellsOf(leftByAbort(cameTo(result), settings, 'failover')?.notes)).toBe(false);
    }
    expect(leftByAbort(cameTo(untouched), settings, 'failover')).toBeUndefined();
  });

  test('what stops the old tasks, where two writers are possible', () => {
    expect(fenceSteps(cameTo({ splitBrain: 'possible' }), settings)).toEqual([
      expect.stringMatching(
        /^aws application-autoscaling register-scalable-target --region us-west-2 .* --suspended-state/,
      ),
      'aws ecs update-service --region us-west-2 --cluster nano --service nano-api --desired-count 0',
    ]);
    expect(fenceSteps(cameTo(), settings)).toEqual([]);
  });

  test('how a failover that sticks is given up, and of nothing else', () => {
    const stuck = { database: 'sent', moments: { ...wellTimed, executedAt: undefined } } as const;
    expect(detachAdvice(cameTo(stuck), settings)?.command).toBe(
      `aws rds remove-from-global-cluster --region us-east-1 --global-cluster-identifier nano-global --db-cluster-identifier ${newArn}`,
    );
    expect(detachAdvice(cameTo(), settings)).toBeUndefined();
    expect(detachAdvice(cameTo({ ...stuck, database: 'not-sent' }), settings)).toBeUndefined();
    expect(detachAdvice(cameTo({ ...stuck, database: 'done' }), settings)).toBeUndefined();
    expect(detachAdvice(cameTo({ ...stuck, plan: planMove(picture(), moveTold()) }), settings)).toBeUndefined();
    expect(detachAdvice(cameTo({ ...stuck, plan: blocked }), settings)).toBeUndefined();
  });

  test.each([
    ['down', 'region-down'],
    ['cut-off', 'split-brain-risk'],
    ['impaired', 'region-impaired'],
    ['well', undefined],
    ['unknown', undefined],
  ] as const)('of a region that is %s: the cause is %s', (state, cause) => {
    const [first] = causesOf(cameTo({ detection: detected(state) }), moveTold());
    expect(first?.cause).toBe(cause);
  });
});
