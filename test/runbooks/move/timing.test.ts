/** Phases, what was lost at worst, and whether it was within what was aimed for: whatever was measured, and whatever not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rtoPhases } from '../../../src/runbooks/kit.ts';
import {
  afterDecisionMs,
  objectivesOf,
  phasesOf,
  plannedPhaseMs,
  predictedPhases,
  sumOf,
  worstLossMs,
  type Moments,
  type Phases,
} from '../../../src/runbooks/move/timing.ts';
import { minuteMs, moveTold } from './pictures.ts';

const names = ['outageAt', 'detectedAt', 'decidedAt', 'executedAt', 'verifiedAt', 'clientsAt'] as const;
const moment = fc.integer({ min: 0, max: 10_000_000 });
const allMoments = fc.record(Object.fromEntries(names.map((name) => [name, moment]))) as fc.Arbitrary<
  Required<Moments>
>;
const someMoments: fc.Arbitrary<Moments> = fc.record(
  Object.fromEntries(names.map((name) => [name, fc.option(moment, { nil: undefined })])),
);
const value = fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: null });
const phases: fc.Arbitrary<Phases> = fc.record({
  detect: value,
  decide: value,
  execute: value,
  verify: value,
  clients: value,
});
const stores = fc.array(
  value.map((lossMs) => ({ store: 'database', lossMs, basis: 'test' })),
  { maxLength: 4 },
);
const target = fc.integer({ min: 0, max: 10_000_000 });

describe('phases', () => {
  test('follow each other', () => {
    const at = 1_000_000;
    expect(
      phasesOf({
        outageAt: at,
        detectedAt: at + 10,
        decidedAt: at + 30,
        executedAt: at + 70,
        verifiedAt: at + 150,
        clientsAt: at + 310,
      }),
    ).toEqual({ detect: 10, decide: 20, execute: 40, verify: 80, clients: 160 });
  });

  test('of an outage that is said to have begun after it was detected take no time until then', () => {
    expect(phasesOf({ outageAt: 100, detectedAt: 40, decidedAt: 90, executedAt: 150 })).toEqual({
      detect: 0,
      decide: 0,
      execute: 50,
      verify: null,
      clients: null,
    });
  });

  test('are never negative, and add up to the whole', () => {
    fc.assert(
      fc.property(allMoments, (moments) => {
        const found = phasesOf(moments);
        for (const phase of rtoPhases) expect(found[phase]).toBeGreaterThanOrEqual(0);
        const last = Math.max(...names.map((name) => moments[name] ?? Number.NaN));
        expect(sumOf(found)).toBe(last - (moments.outageAt ?? Number.NaN));
      }),
    );
  });

  test('after a moment that was not seen are not known, and neither is the whole', () => {
    fc.assert(
      fc.property(someMoments, (moments) => {
        const found = phasesOf(moments);
        const gap = names.findIndex((name) => moments[name] === undefined);
        for (const [index, phase] of rtoPhases.entries()) {
          const isKnown = gap === -1 || index + 1 < gap;
          expect(found[phase] === null).toBe(!isKnown);
        }
        expect(sumOf(found) === null).toBe(gap !== -1);
      }),
    );
  });
});

describe('the worst loss', () => {
  test.each([
    ['of no store is not known', [], 60, null],
    ['of one is its own', [30], 60, 30],
    ['of several is the worst', [30, 50, 10], 60, 50],
    ['is not known where one within is all that is known', [30, null], 60, null],
    ['is known where one is beyond anyway', [90, null], 60, 90],
    ['at the very target is within', [60, null], 60, null],
    ['of unknown ones is not known', [null, null], 60, null],
    ['of nothing lost is nothing', [0], 0, 0],
  ] as const)('%s', (_what, losses, targetMs, expected) => {
    const given = losses.map((lossMs) => ({ store: 'x', lossMs, basis: '' }));
    expect(worstLossMs(given, targetMs)).toBe(expected);
  });

  test('is within only where every store is known to be', () => {
    fc.assert(
      fc.property(stores, target, (given, targetMs) => {
        const worst = worstLossMs(given, targetMs);
        const isWithin = worst !== null && worst <= targetMs;
        expect(isWithin).toBe(given.length > 0 && given.every(({ lossMs }) => lossMs !== null && lossMs <= targetMs));
        const isBeyond = worst !== null && worst > targetMs;
        expect(isBeyond).toBe(given.some(({ lossMs }) => lossMs !== null && lossMs > targetMs));
      }),
    );
  });
});

describe('objectives', () => {
  const given = fc.record({
    phases,
    stores,
    mode: fc.constantFrom('dry-run' as const, 'execute' as const),
    rtoMs: target,
    rpoMs: target,
    predictedRtoMs: value,
    predictedRpoMs: value,
  });

  test('are met only by what was measured, and what is not known is neither met nor missed', () => {
    fc.assert(
      fc.property(given, ({ rtoMs, rpoMs, ...parts }) => {
        const { rto, rpo } = objectivesOf({ ...parts, move: { rtoMs, rpoMs } });
        for (const each of [rto, rpo]) {
          expect(each.met === null).toBe(each.measuredMs === null);
          expect(each.wouldMeet === null).toBe(each.predictedMs === null);
          expect(each.met === true).toBe(each.measuredMs !== null && each.measuredMs <= each.targetMs);
        }
        expect(rto.met === true && Object.values(parts.phases).includes(null)).toBe(false);
        expect(rpo.met === true && parts.stores.some(({ lossMs }) => lossMs === null)).toBe(false);
        expect(parts.mode === 'dry-run' && (rto.measuredMs !== null || rpo.measuredMs !== null)).toBe(false);
      }),
    );
  });

  test('at the very target are met', () => {
    const { rto, rpo } = objectivesOf({
      move: { rtoMs: 150, rpoMs: 7 },
      mode: 'execute',
      phases: { detect: 10, decide: 20, execute: 30, verify: 40, clients: 50 },
      stores: [{ store: 'database', lossMs: 7, basis: '' }],
      predictedRtoMs: 200,
      predictedRpoMs: null,
    });
    expect(rto).toMatchObject({ measuredMs: 150, met: true, predictedMs: 200, wouldMeet: false });
    expect(rpo).toMatchObject({ measuredMs: 7, met: true, predictedMs: null, wouldMeet: null });
  });
});

describe('how long it takes after a yes', () => {
  const seen = (medianMs: number, p95Ms?: number) => ({
    medianMs,
    ...(p95Ms === undefined ? {} : { p95Ms }),
    runs: 3,
    simulated: false,
  });

  test('is the plan where no run is known', () => {
    expect(afterDecisionMs({ phases: {} }, 'median')).toBe(14 * minuteMs);
    expect(afterDecisionMs({ phases: {} }, 'p95')).toBe(14 * minuteMs);
  });

  test('is past runs\u2019 where they are known, the slow ones\u2019 for the deadline', () => {
    const known = { execute: seen(300_000, 400_000), clients: seen(60_000), detect: seen(999_000) };
    expect(afterDecisionMs({ phases: known }, 'median')).toBe(360_000);
    expect(afterDecisionMs({ phases: known }, 'p95')).toBe(460_000);
  });

  test('fills in the phases that are known, and leaves the others', () => {
    const given: Phases = { detect: 1, decide: null, execute: 3, verify: null, clients: 5 };
    expect(predictedPhases(given, { phases: { decide: seen(20), execute: seen(30) } })).toEqual({
      detect: 1,
      decide: 20,
      execute: 30,
      verify: null,
      clients: 5,
    });
  });
});

test('the budget of the specification is 19 minutes, of which what follows the decision takes 14', () => {
  expect(Object.values(plannedPhaseMs).reduce((sum, each) => sum + each, 0)).toBe(19 * minuteMs);
  expect(moveTold().rtoMs).toBeGreaterThan(19 * minuteMs);
});
