/**
 * How often the first answer of every diagnosis is right, over many seeds: each has its own noise, its own onset and its own
 * strength of the fault. Where nothing is wrong no cause is ever named. `FIRST_ANSWER_SEEDS` says how many seeds, where there is time.
 */
import { describe, expect, test } from 'vitest';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { diagnoses } from '../../src/commands/diagnoses.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { inTier } from '../support/tier.ts';
import { simulated } from './database-unavailable/simulated.ts';

const wanted = Number(process.env['FIRST_ANSWER_SEEDS'] ?? 200);
/** The seeds from 1 on are those that everything else is tried with. */
const firstSeed = 101;
const count = inTier({ all: wanted, some: 1 });
const seeds = Array.from({ length: count }, (_, index) => firstSeed + index);
/** Of 200 answers, so many are right. */
const leastRight = 0.98;

const ids = diagnoses.map(({ runbook }) => runbook);
const told = listScenarios().filter(({ runbook }) => ids.includes(runbook));
/** In a healthy world every diagnosis has nothing to say; the latency diagnosis has that scenario for its own. */
const healthy = listScenarios().filter(({ id }) => id === 'healthy');
const cases = [
  ...told,
  ...healthy.flatMap((scenario) =>
    ids.filter((runbook) => runbook !== scenario.runbook).map((runbook) => ({ ...scenario, runbook })),
  ),
];
/** Where there is little time: each diagnosis in a few of its scenarios, and in a healthy world. */
const few = ['slow-query', 'errors-creeping', 'deploy-coincides', 'too-many-connections', 'healthy'];
const tried = inTier({ all: cases, some: cases.filter(({ id }) => few.includes(id)) });

describe.each(tried)('$runbook in $id', ({ id, runbook, truth }) => {
  test(
    'is told rightly',
    async () => {
      const wrong: string[] = [];
      for (const seed of seeds) {
        const { document } = await simulated(findRunbook(runbook), { scenario: id, seed });
        const [first] = document.causes;
        const found = { cause: first?.cause ?? null, component: first?.component ?? null, exitCode: document.exitCode };
        if (JSON.stringify(found) !== JSON.stringify(truth)) wrong.push(`seed ${seed}: ${JSON.stringify(found)}`);
      }
      const right = seeds.length - wrong.length;
      const share = right / seeds.length;
      const figure = `${right} of ${seeds.length} (${(share * 100).toFixed(1)} %)`;
      // At once and not at the end: all of it takes hours.
      process.stdout.write(`first answers of ${`${runbook} in ${id}`.padEnd(56)} ${figure}\n`);
      const allowed = truth.cause === null ? 0 : Math.floor(seeds.length * (1 - leastRight));
      expect(wrong.length > allowed ? wrong : []).toEqual([]);
    },
    seeds.length * 60_000,
  );
});
