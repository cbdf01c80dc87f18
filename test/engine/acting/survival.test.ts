import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { faultsOf } from '../../../src/engine/journal.ts';
import { died, digest, Stage, statusesOf, type Death, type Process, type Starting } from './stage.ts';

interface Tale {
  readonly name: string;
  readonly stage: () => Stage | Promise<Stage>;
  /** What the first process, and each that takes up its run, is started with. */
  readonly first: Omit<Starting, 'death'>;
  readonly later: Omit<Starting, 'death'>;
}

const healthy = (): Stage => new Stage();
const ill = (): Stage => {
  const stage = new Stage();
  stage.world.healthy = false;
  return stage;
};

/** A run that died at the first contact of that name. */
const deadAt = async (contact: string): Promise<Stage> => {
  const calm = await new Stage().play();
  const stage = new Stage();
  expect(await stage.start({ death: { at: 'contact', nth: calm.log.indexOf(contact) + 1, when: 'before' } })).toBe(
    died,
  );
  return stage;
};

const unlucky = (): Stage => {
  const stage = new Stage();
  stage.world.fates.set('size', ['throttled', 'lost']);
  stage.world.fates.set('switch', ['reset']);
  stage.world.hiddenMs = 4_000;
  return stage;
};

const tales: readonly Tale[] = [
  { name: 'a run that succeeds', stage: healthy, first: {}, later: {} },
  { name: 'a run whose calls go wrong', stage: unlucky, first: {}, later: {} },
  { name: 'a run whose verification fails', stage: ill, first: {}, later: {} },
  {
    name: 'a run that is aborted while it verifies',
    stage: () => deadAt('healthy'),
    first: { purpose: 'abort' },
    later: { purpose: 'abort' },
  },
  {
    name: 'a run that is aborted where a change may be under way',
    stage: () => deadAt('set switch=1'),
    first: { purpose: 'abort' },
    later: { purpose: 'abort' },
  },
];

/** What an operator sees at the end, whatever happened on the way. */
function endOf(stage: Stage, process: Process) {
  return {
    world: stage.world.state,
    verdict: process.result.verdict,
    steps: statusesOf(process),
    outcome: process.result.outcome,
    changes: process.result.history.changes.map(({ stepId, status }) => ({ stepId, status })),
    phase: process.result.history.phase,
  };
}

async function untilEnded(stage: Stage, options: Omit<Starting, 'death'>, deaths: readonly Death[]): Promise<Process> {
  for (const death of deaths) {
    const process = await stage.start({ ...options, death });
    if (process !== died) return process;
  }
  return stage.play(options);
}

/** Every moment at which a process can die: that it died after it looked is no other than that it died before. */
function momentsOf({ counts, log }: Process): Death[] {
  const contacts = log.map((name, index) => ({ nth: index + 1, isLook: /^(read|healthy)/.test(name) }));
  return [
    ...contacts.map(({ nth }): Death => ({ at: 'contact', nth, when: 'before' })),
    ...contacts.flatMap(({ nth, isLook }): Death[] => (isLook ? [] : [{ at: 'contact', nth, when: 'after' }])),
    ...Array.from({ length: counts.events }, (_, index): Death => ({ at: 'event', nth: index + 1 })),
  ];
}

describe.each(tales)('$name', ({ stage: staged, first, later }) => {
  it('ends as if nothing had been, wherever its process dies', async () => {
    const calm = await staged();
    const undisturbed = await calm.play(first);
    const expected = endOf(calm, undisturbed);
    for (const death of momentsOf(undisturbed)) {
      const where = JSON.stringify(death);
      const stage = await staged();
      const process = await stage.start({ ...first, death });
      if (process !== died) throw new Error(`${where}: it did not die`);
      const resumed = await stage.play(later);
      expect({ where, ...endOf(stage, resumed) }).toEqual({ where, ...expected });
      expect({ where, applied: stage.world.applied }).toEqual({ where, applied: calm.world.applied });
      expect(faultsOf(await stage.records(), digest)).toEqual([]);
      // What a dead process held runs out; what this one took it gave back.
      const held = await stage.state.leases.list();
      expect(held.filter(({ holder }) => holder.pid === stage.processes)).toEqual([]);
    }
  });

  it('ends so also when it dies again and again', async () => {
    const calm = await staged();
    const undisturbed = await calm.play(first);
    const expected = endOf(calm, undisturbed);
    const { contacts, events } = undisturbed.counts;
    const death = fc.oneof(
      fc.record({
        at: fc.constant('contact' as const),
        nth: fc.integer({ min: 1, max: contacts }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
      fc.record({ at: fc.constant('event' as const), nth: fc.integer({ min: 1, max: events }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(death, { maxLength: 5 }), async (deaths) => {
        const stage = await staged();
        const process = await untilEnded(stage, first, deaths);
        expect(endOf(stage, process)).toEqual(expected);
        expect(stage.world.applied).toEqual(calm.world.applied);
        expect(faultsOf(await stage.records(), digest)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
