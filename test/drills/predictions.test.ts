/** What past runs let expect, and which steps were ever carried out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf } from '../../src/drills/coverage.ts';
import { medianOf, p95Of } from '../../src/drills/figures.ts';
import { predictionsFrom } from '../../src/drills/predictions.ts';
import type { RunHistory } from '../../src/engine/history.ts';
import { pastHistory, simulated, type Past } from './past.ts';

const drill = { runbook: 'region-drill' };

/** One run a day, each with what is particular to it. */
function histories(count: number, past: (index: number) => Partial<Past>): readonly RunHistory[] {
  return Array.from({ length: count }, (_, index) =>
    pastHistory({ at: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(), ...past(index) }),
  );
}

describe('predictions', () => {
  test('two runs predict nothing, three a median, five a 95th percentile', () => {
    const after = (count: number) =>
      predictionsFrom(
        histories(count, (index) => ({ steps: { promote: (index + 1) * 100 } })),
        drill,
      ).steps['promote'];
    expect(after(2)).toBeUndefined();
    expect(after(3)).toEqual({ medianMs: 200, runs: 3, simulated: false });
    expect(after(4)).toEqual({ medianMs: 250, runs: 4, simulated: false });
    expect(after(5)).toEqual({ medianMs: 300, p95Ms: 500, runs: 5, simulated: false });
  });

  test('three real runs are worth more than any number of simulated ones; two are not', () => {
    const sandboxed = histories(9, () => ({ ...simulated, steps: { promote: 10 } }));
    const real = (count: number) => histories(count, () => ({ steps: { promote: 5000 } }));
    expect(predictionsFrom([...sandboxed, ...real(3)], drill).steps['promote']).toEqual({
      medianMs: 5000,
      runs: 3,
      simulated: false,
    });
    expect(predictionsFrom([...sandboxed, ...real(2)], drill).steps['promote']).toEqual({
      medianMs: 10,
      p95Ms: 10,
      runs: 9,
      simulated: true,
    });
  });

  test('only what succeeded counts, and no dry run', () => {
    const failed = histories(5, () => ({
      steps: { promote: [9, 'failed'], fence: [9, 'skipped'], wait: [9, 'rolled-back'] },
    }));
    const dry = histories(5, () => ({ mode: 'dry-run', steps: { promote: 9 } }));
    expect(predictionsFrom([...failed, ...dry], drill)).toEqual({ steps: {}, phases: {} });
  });

  test('phases of RTO and the whole, without what was not measured', () => {
    const { phases, rto } = predictionsFrom(
      histories(3, (index) => ({
        rtoMs: 100 + index,
        phases: { detect: 7, decide: index === 0 ? null : 3, clients: 60 },
      })),
      drill,
    );
    expect(phases).toEqual({
      detect: { medianMs: 7, runs: 3, simulated: false },
      clients: { medianMs: 60, runs: 3, simulated: false },
    });
    expect(rto).toEqual({ medianMs: 101, runs: 3, simulated: false });
  });

  test('a failover is predicted by drills, too, which carry out its steps; a failback by their way back', () => {
    const way = (mode: string, detect: number) => ({
      objectives: { rto: { measuredMs: detect * 10, phases: { detect } } },
      recovery: { mode },
    });
    const past = histories(3, () => ({
      steps: { promote: 4, 'failback-promote': 6 },
      outcome: { ...way('failover', 7), failback: way('switchover', 2) },
    }));
    const failover = predictionsFrom(past, { runbook: 'region-failover' });
    expect(failover).toMatchObject({
      steps: { promote: { medianMs: 4 } },
      phases: { detect: { medianMs: 7 } },
      rto: { medianMs: 70 },
    });
    const failback = predictionsFrom(past, { runbook: 'region-failback', mode: 'switchover' });
    expect(failback).toMatchObject({
      steps: { 'failback-promote': { medianMs: 6 } },
      phases: { detect: { medianMs: 2 } },
      rto: { medianMs: 20 },
    });
    expect(predictionsFrom(past, { runbook: 'region-failback', mode: 'failover' })).toEqual({ steps: {}, phases: {} });
  });

  test('a failover predicts no drill, and a drill without its way back no failback', () => {
    const failovers = histories(3, () => ({ runbook: 'region-failover', steps: { promote: 4 } }));
    expect(predictionsFrom(failovers, drill).steps).toEqual({});
    const oneWay = histories(3, () => ({ steps: { promote: 4 } }));
    expect(predictionsFrom(oneWay, { runbook: 'region-failback' }).steps).toEqual({});
  });

  test('a switchover says nothing of a failover, where that is asked for', () => {
    const past = histories(3, () => ({ databaseMode: 'switchover', steps: { promote: 4 } }));
    expect(predictionsFrom(past, { ...drill, mode: 'switchover' }).steps).toHaveProperty('promote');
    expect(predictionsFrom(past, { ...drill, mode: 'failover' }).steps).toEqual({});
  });

  test('another stack’s real runs predict nothing of this one; simulated ones are of any', () => {
    const other = histories(3, () => ({ service: 'billing', steps: { promote: 4 } }));
    const sandboxed = histories(3, () => ({ ...simulated, steps: { promote: 9 } }));
    const stack = { service: 'shop', environment: 'prod' };
    expect(predictionsFrom(other, { ...drill, stack }).steps).toEqual({});
    expect(predictionsFrom([...other, ...sandboxed], { ...drill, stack }).steps['promote']).toMatchObject({
      medianMs: 9,
      simulated: true,
    });
  });

  test('the 95th percentile is one of the values, and at least as many of a hundred are no greater', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 60 }), (values) => {
        const p95 = p95Of(values) ?? Number.NaN;
        expect(values).toContain(p95);
        const below = values.filter((value) => value <= p95).length;
        expect(below / values.length).toBeGreaterThanOrEqual(0.95);
        const smaller = values.filter((value) => value < p95).length;
        expect(smaller / values.length).toBeLessThan(0.95);
        const median = medianOf(values) ?? Number.NaN;
        expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});

describe('coverage', () => {
  const step = (id: string) => ({ id, title: `Do ${id}`, kind: 'act' as const, needs: [] });
  const runbooks = [
    { id: 'region-drill', steps: [step('promote'), step('fence'), step('failback-promote'), step('tell')] },
    { id: 'region-failover', steps: [step('promote'), step('fence')] },
    { id: 'region-failback', steps: [step('failback-promote')] },
  ];

  test('each step was carried out for real, on the simulated AWS only, or never', () => {
    const past = [
      pastHistory({ at: '2026-09-08T15:00:00Z', steps: { promote: 1, fence: [1, 'failed'] } }),
      pastHistory({ at: '2026-10-13T15:00:00Z', steps: { promote: 1 } }),
      pastHistory({ at: '2026-11-10T15:00:00Z', ...simulated, steps: { promote: 1, 'failback-promote': 1 } }),
      pastHistory({ at: '2026-11-11T15:00:00Z', mode: 'dry-run', steps: { tell: 1 } }),
    ];
    const at = (text: string): number => Date.parse(`${text}T15:00:00Z`);
    expect(coverageOf(past, runbooks)).toMatchObject([
      {
        runbook: 'region-drill',
        stepId: 'promote',
        coverage: 'real',
        realAt: at('2026-10-13'),
        simulatedAt: at('2026-11-10'),
      },
      { runbook: 'region-drill', stepId: 'fence', coverage: 'never' },
      { runbook: 'region-drill', stepId: 'failback-promote', coverage: 'simulated', simulatedAt: at('2026-11-10') },
      { runbook: 'region-drill', stepId: 'tell', coverage: 'never' },
      { runbook: 'region-failover', stepId: 'promote', title: 'Do promote', coverage: 'real' },
      { runbook: 'region-failover', stepId: 'fence', coverage: 'never' },
      { runbook: 'region-failback', stepId: 'failback-promote', coverage: 'simulated' },
    ]);
  });

  test('a step that no runbook has any more is not listed', () => {
    expect(coverageOf([pastHistory({ at: '2026-09-08T15:00:00Z', steps: { gone: 1 } })], runbooks)).toHaveLength(7);
  });
});
