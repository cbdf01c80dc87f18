/** How long moves between regions take over several seeds: within the hour, and near what a dry run says beforehand. */
import { describe, expect, test } from 'vitest';
import { medianOf, p95Of } from '../../src/drills/figures.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import {
  moveOnce,
  predictMove,
  type MoveCase,
  type MoveFigures,
  type MovePrediction,
} from '../use-cases/simulated-moves.ts';
import { inTier } from '../support/tier.ts';

const hourMs = 3_600_000;
/** Half a second of work each, on a machine that may have others to do. */
const timeoutMs = 1_800_000;
const drill: MoveCase = { scenario: 'healthy', kind: 'drill', mode: 'switchover' };
const failover: MoveCase = { scenario: 'region-down', kind: 'failover', mode: 'failover' };

const seconds = (value: number): string => `${(value / 1000).toFixed(1)} s`;

/** The runs of as many seeds, one after another: each has a clock and a world of its own. */
async function distribution(moveCase: MoveCase, seeds: number): Promise<readonly MoveFigures[]> {
  const runs: MoveFigures[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) runs.push(await moveOnce(moveCase, seed));
  return runs;
}

describe.each([
  ['a drill of a healthy stack', drill, 'ok', inTier({ all: 200, some: 6 })],
  ['a failover of a region that is down', failover, 'attention', inTier({ all: 100, some: 12 })],
] as const)('%s', (name, moveCase, expected, seeds) => {
  test('is over within the hour in 95 of 100 seeds, about when its dry run says', { timeout: timeoutMs }, async () => {
    const runs = await distribution(moveCase, seeds);
    expect(runs.filter(({ verdict }) => verdict !== expected)).toEqual([]);
    expect(runs.filter(({ hidesTwoWriters }) => hidesTwoWriters)).toEqual([]);
    const rtosMs = runs.map(({ rtoMs }) => rtoMs ?? NaN);
    const [median, p95] = [medianOf(rtosMs) ?? NaN, p95Of(rtosMs) ?? NaN];
    const { rtoMs } = await predictMove(moveCase, 1);
    const predicted = rtoMs ?? NaN;
    console.info(
      `${name}, ${seeds} seeds: median ${seconds(median)}, p95 ${seconds(p95)}, the dry run says ${seconds(predicted)}`,
    );
    expect(p95).toBeLessThan(hourMs);
    expect(Math.abs(predicted / median - 1)).toBeLessThanOrEqual(0.1);
    // Seeds that all took the same would prove nothing of a distribution.
    expect(new Set(rtosMs).size).toBeGreaterThan(seeds / 2);
  });
});

test(
  'a dry run after five drills predicts from what they took, with their 95th percentile',
  {
    timeout: timeoutMs,
  },
  async () => {
    const state = memoryState();
    const runs: MoveFigures[] = [];
    const move = async (seed: number) => runs.push(await moveOnce(drill, seed, state));
    const promotedOf = ({ document }: MovePrediction) => document.steps.find(({ id }) => id === 'database-promoted');

    for (const seed of [101, 102]) await move(seed);
    const early = promotedOf(await predictMove(drill, 1, state));
    expect(early).toMatchObject({ predictedFrom: 'model' });
    expect(early).not.toHaveProperty('predictedP95Ms');

    for (const seed of [103, 104, 105]) await move(seed);
    const prediction = await predictMove(drill, 2, state);
    const medianOfPhase = (phase: 'execute' | 'verify') => medianOf(runs.map(({ phases }) => phases?.[phase] ?? NaN));
    expect(prediction.phases).toMatchObject({ execute: medianOfPhase('execute'), verify: medianOfPhase('verify') });
    const late = promotedOf(prediction);
    expect(late).toMatchObject({ predictedFrom: 'simulated-runs', predictedP95Ms: expect.any(Number) });
    expect(late?.predictedP95Ms).toBeGreaterThan(late?.predictedMs ?? Infinity);
    const median = medianOf(runs.map(({ rtoMs }) => rtoMs ?? NaN)) ?? NaN;
    expect(Math.abs((prediction.rtoMs ?? NaN) / median - 1)).toBeLessThanOrEqual(0.1);
  },
);
