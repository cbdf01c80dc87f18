import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { historyOf } from '../../../src/engine/history.ts';
import { faultsOf } from '../../../src/engine/journal.ts';
import {
  died,
  digest,
  Stage,
  statusesOf,
  twoBranches,
  World,
  type Fate,
  type Death,
  type Process,
  type Starting,
} from './stage.ts';

interface Tale {
  readonly name: string;
  readonly stage: () => Stage | Promise<Stage>;
  /** What the first process, and each that takes up its run, is started with. */
  readonly first: Omit<Starting, 'death'>;
  readonly later: Omit<Starting, 'death'>;
  /** True where changes do not need each other, so that either may come first. */
  readonly inAnyOrder?: boolean;
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

const twofold = (): Stage => {
  const stage = new Stage(new World({ left: 1, right: 1 }));
  stage.world.fates.set('left', ['lost']);
  return stage;
};
const book = twoBranches();

const tales: readonly Tale[] = [
  { name: 'a run that succeeds', stage: healthy, first: {}, later: {} },
  { name: 'a run whose calls go wrong', stage: unlucky, first: {}, later: {} },
  { name: 'a run that changes two things at once', stage: twofold, first: { book }, later: { book }, inAnyOrder: true },
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
function endOf({ inAnyOrder = false }: Pick<Tale, 'inAnyOrder'>, stage: Stage, process: Process) {
  const ordered = (list: readonly string[]) => (inAnyOrder ? list.toSorted() : list);
  return {
    world: stage.world.state,
    verdict: process.result.verdict,
    steps: statusesOf(process),
    outcome: process.result.outcome,
    applied: ordered(stage.world.applied),
    changes: ordered(process.result.history.changes.map(({ stepId, status }) => `${stepId} ${status}`)),
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

describe.each(tales)('$name', ({ stage: staged, first, later, inAnyOrder }) => {
  it('ends as if nothing had been, wherever its process dies', { timeout: 180_000 }, async () => {
    const calm = await staged();
    const undisturbed = await calm.play(first);
    const expected = endOf({ inAnyOrder }, calm, undisturbed);
    for (const death of momentsOf(undisturbed)) {
      const where = JSON.stringify(death);
      const stage = await staged();
      const process = await stage.start({ ...first, death });
      if (process !== died) throw new Error(`${where}: it did not die`);
      const resumed = await stage.play(later);
      expect({ where, ...endOf({ inAnyOrder }, stage, resumed) }).toEqual({ where, ...expected });
      expect(faultsOf(await stage.records(), digest)).toEqual([]);
      // What a dead process held runs out; what this one took it gave back.
      const held = await stage.state.leases.list();
      expect(held.filter(({ holder }) => holder.pid === stage.processes)).toEqual([]);
    }
  });

  it('ends so also when it dies again and again', { timeout: 180_000 }, async () => {
    const calm = await staged();
    const undisturbed = await calm.play(first);
    const expected = endOf({ inAnyOrder }, calm, undisturbed);
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
        expect(endOf({ inAnyOrder }, stage, process)).toEqual(expected);
        expect(faultsOf(await stage.records(), digest)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

describe('whatever goes wrong, and wherever its processes die', () => {
  const fates = fc.array(fc.constantFrom<Fate>('lost', 'reset', 'throttled', 'refused', 'broken'), { maxLength: 4 });
  const deaths = fc.array(
    fc.oneof(
      fc.record({
        at: fc.constant('contact' as const),
        nth: fc.integer({ min: 1, max: 70 }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
      fc.record({ at: fc.constant('event' as const), nth: fc.integer({ min: 1, max: 50 }) }),
    ),
    { maxLength: 3 },
  );

  it(
    'a run says of every change what became of it, makes none twice, and is ok only when all is well',
    { timeout: 180_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fates,
          fates,
          deaths,
          fc.boolean(),
          fc.constantFrom(0, 8_000),
          async (ofSize, ofSwitch, ends, isHealthy, hiddenMs) => {
            const stage = new Stage();
            const { world } = stage;
            Object.assign(world, { healthy: isHealthy, hiddenMs });
            world.fates.set('size', [...ofSize]);
            world.fates.set('switch', [...ofSwitch]);
            let process = await untilEnded(stage, {}, ends);
            // A program that trips leaves its run to be taken up again, until there is nothing left to trip over.
            for (let turn = 0; process.result.history.phase !== 'ended' && turn < 9; turn += 1) {
              process = await stage.play();
            }
            const { history, verdict } = process.result;
            expect(history.phase).toBe('ended');
            expect(new Set(world.applied).size).toBe(world.applied.length);
            for (const { change, status } of history.changes) {
              const name = change.resource;
              const { from, to } = change.input;
              expect({ name, status, value: world.state[name] }).toEqual({
                name,
                status: expect.stringMatching(/^(applied|failed|reverted)$/),
                value: status === 'applied' ? to : from,
              });
            }
            const isWell = isHealthy && world.state['size'] === 3 && world.state['switch'] === 1;
            expect(isWell || verdict !== 'ok').toBe(true);
            expect(faultsOf(await stage.records(), digest)).toEqual([]);
            expect(historyOf(await stage.journaled())).toEqual(
              historyOf(JSON.parse(JSON.stringify(await stage.journaled()))),
            );
          },
        ),
        { numRuns: 80 },
      );
    },
  );

  it('can be aborted also after it has ended', async () => {
    const stage = new Stage();
    expect((await stage.play()).result.verdict).toBe('ok');
    expect(await stage.start({ purpose: 'abort', death: { at: 'event', nth: 1 } })).toBe(died);
    expect(historyOf(await stage.journaled()).phase).toBe('acting');
    const { result } = await stage.play({ purpose: 'abort' });
    expect(result.verdict).toBe('attention');
    expect(result.history.phase).toBe('ended');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});
