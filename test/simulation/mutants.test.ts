/** The simulation catches what is planted, within a few seeds; and shortens what it finds. */
import { expect, test } from 'vitest';
import { inTier } from '../support/tier.ts';
import { mutants, withMutant } from './mutants.ts';
import { simulateSeed } from './simulate.ts';
import { invariants } from './witness.ts';

/** The first seed that is played twice. */
const firstSeed = 8;
const mostSeeds = 8;

test.each(inTier({ all: mutants, some: mutants.filter(({ isSlow }) => isSlow !== true) }))(
  'it is noticed where $name',
  async (mutant) => {
    const { playing, story, caughtBy } = mutant;
    const caught = await withMutant(mutant, async () => {
      for (let seed = firstSeed; seed < firstSeed + mostSeeds; seed += 1) {
        const { failure } = await simulateSeed(seed, { playing, story, shrinks: false });
        const own = failure?.violations.find(({ invariant }) => invariant === caughtBy);
        if (own !== undefined) return own;
      }
      return undefined;
    });
    expect(caught?.invariant).toBe(caughtBy);
  },
  300_000,
);

test('each invariant catches a bug that is planted', () => {
  expect(new Set(mutants.map(({ caughtBy }) => caughtBy))).toEqual(new Set(invariants));
});

test('what fails is shortened to what it takes', async () => {
  const [twice] = mutants;
  if (twice === undefined) throw new TypeError('there is no mutant');
  const { failure } = await withMutant(twice, () =>
    simulateSeed(1, {
      story: {
        ...twice.story,
        mishaps: [
          { kind: 'slow', fromMs: 0, forMs: 5_000, share: 0.3, latencyMs: 1_000 },
          { kind: 'clock-jump', atMs: 0, byMs: 2_000 },
          { kind: 'load', fromMs: 60_000, forMs: 60_000, factor: 1.5 },
        ],
      },
    }),
  );
  expect(failure?.violations[0]?.invariant).toBe('made once');
  expect(failure?.script.mishaps).toEqual([]);
  expect(failure?.trace.length).toBeGreaterThan(10);
}, 300_000);
