/** The simulation catches what is planted, within a few seeds; and shortens what it finds. */
import { expect, test } from 'vitest';
import { mutants, withMutant } from './mutants.ts';
import { play } from './play.ts';
import { scriptOf, type Script } from './script.ts';
import { shortened } from './shrink.ts';
import { simulateSeed } from './simulate.ts';

/** In the order of seeds; found once, and few enough that a person would wait for it. */
const mostSeeds = 60;

test.each(mutants)(
  'it is noticed where $name',
  async (mutant) => {
    const caught = await withMutant(mutant, async () => {
      for (let seed = 1; seed <= mostSeeds; seed += 1) {
        const { failure } = await simulateSeed(seed, mutant.playing, false);
        const own = failure?.violations.find(({ invariant }) => invariant === mutant.caughtBy);
        if (own !== undefined) return { seed, ...own };
      }
      return undefined;
    });
    process.stdout.write(`${mutant.name}: seed ${caught?.seed}, ${caught?.detail.slice(0, 160)}\n`);
    expect(caught).toBeDefined();
  },
  900_000,
);
