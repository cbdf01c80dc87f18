/** What a run keeps of itself, and what it does when it cannot. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { historyOf } from '../../../src/engine/history.ts';
import { faultsOf } from '../../../src/engine/journal.ts';
import { StateError, type JournalRecord, type JournalStore } from '../../../src/engine/journal-store.ts';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled } from '../../../src/engine/step.ts';
import {
  died,
  digest,
  eventsOf,
  runId,
  setTo,
  setting,
  Stage,
  startMs,
  statusesOf,
  steps,
  theBook,
  theEvent,
  World,
  type ABook,
} from './stage.ts';

const full = new StateError('unwritable', 'no space is left', 'free some space');

/** Writes until it is told not to. */
function failing(store: JournalStore) {
  let isFull = false;
  return {
    fill: () => {
      isFull = true;
    },
    store: {
      ...store,
      append: (id, records) => (isFull ? Promise.reject(full) : store.append(id, records)),
    } satisfies JournalStore,
  };
}

describe('a journal that cannot be written', () => {
  it('from the start keeps the run from doing anything', async () => {
    const stage = new Stage();
    const { store, fill } = failing(stage.state.journals);
    fill();
    const reads: string[] = [];
    stage.world.onRead = async (name) => {
      reads.push(name);
    };
    await expect(stage.play({ journals: store })).rejects.toBe(full);
    expect(reads).toEqual([]);
    expect(await stage.state.leases.list()).toEqual([]);
  });

  it.each(['approval.given', 'change.intended'] as const)(
    'from the moment of %s lets no change through',
    async (type) => {
      const stage = new Stage();
      const { store, fill } = failing(stage.state.journals);
      const { result } = await stage.play({
        journals: store,
        emit: (event) => {
          if (event.type === type) fill();
        },
      });
      expect(result.verdict).toBe('failed');
      expect(stage.world.applied).toEqual([]);
      expect(await stage.state.leases.list()).toEqual([]);
      const resumed = await stage.play();
      expect(resumed.result.verdict).toBe('ok');
      expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
      expect(faultsOf(await stage.records(), digest)).toEqual([]);
    },
  );

  it('from the midst lets no further change through, and what was changed is told', async () => {
    const stage = new Stage();
    const { store, fill } = failing(stage.state.journals);
    const { result } = await stage.play({
      journals: store,
      emit: ({ type }) => {
        if (type === 'change.answered') fill();
      },
    });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3']);
    // Nothing more was begun: a run that nobody could take up again stops where it is.
    expect(result.history.changes).toMatchObject([{ stepId: 'grow', status: 'applied' }]);
    expect(await stage.state.leases.list()).toEqual([]);
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
  });

  it('while putting back leaves the rest for later', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { store, fill } = failing(stage.state.journals);
    const { result } = await stage.play({
      journals: store,
      emit: ({ type }) => {
        if (type === 'run.undoing') fill();
      },
    });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    await stage.play();
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});

describe('two processes that take up one run', () => {
  it('at once: one is refused before it does anything', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('set switch=1') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'before' } })).toBe(died);
    stage.world.movingMs = 0;
    const outcomes = await Promise.allSettled([stage.play(), stage.play({ who: 'ben@desk' })]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toMatchObject([{ name: 'StateError', kind: 'conflict' }]);
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    expect(eventsOf(await stage.journaled(), 'run.resumed')).toHaveLength(1);
    expect(faultsOf(await stage.records(), digest)).toEqual([]);
  });

  it('one of which began before the other: it makes no further change', async () => {
    const stage = new Stage();
    stage.world.movingMs = 0;
    // Somebody believes this process to be dead, and goes on with its run.
    const goOn = async () => {
      const [last] = (await stage.records()).slice(-1);
      if (last === undefined) throw new Error('nothing was written');
      const event = { ...last.event, seq: last.event.seq + 1 };
      await stage.state.journals.append(runId, [{ ...last, previous: last.hash, event }]);
    };
    const { result } = await stage.play({
      emit: (event) => {
        if (event.type === 'change.answered' && event.stepId === 'grow') void goOn();
      },
    });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3']);
    expect(result.defect).toMatchObject({ name: 'StateError', kind: 'conflict' });
  });
});

describe('a chain of records', () => {
  const written = async (): Promise<readonly JournalRecord[]> => {
    const stage = new Stage();
    await stage.play();
    return stage.records();
  };

  it('holds over a run that was taken up', async () => {
    const stage = new Stage();
    expect(await stage.start({ death: { at: 'event', nth: 17 } })).toBe(died);
    await stage.play();
    const records = await stage.records();
    expect(records.some(({ event }) => event.type === 'run.resumed')).toBe(true);
    expect(faultsOf(records, digest)).toEqual([]);
  });

  it('tells what was altered, removed, put in or put elsewhere, wherever it is', async () => {
    const records = await written();
    const place = fc.integer({ min: 0, max: records.length - 1 });
    const tampering = fc.oneof(
      place.map((at) => records.map((record, index) => (index === at ? altered(record) : record))),
      // What is cut off at the end is not missed: nothing follows it.
      fc.integer({ min: 0, max: records.length - 2 }).map((at) => records.filter((_, index) => index !== at)),
      place.map((at) => [...records.slice(0, at), ...records.slice(at, at + 1), ...records.slice(at)]),
      fc.integer({ min: 0, max: records.length - 2 }).map((at) => swapped(records, at)),
    );
    fc.assert(
      fc.property(tampering, (tampered) => {
        expect(faultsOf(tampered, digest)).not.toEqual([]);
      }),
    );
    expect(faultsOf(records, digest)).toEqual([]);
  });

  it('names the record and what is wrong with it', async () => {
    const records = await written();
    const [fault] = faultsOf(
      records.map((record, index) => (index === 4 ? altered(record) : record)),
      digest,
    );
    expect(fault).toMatch(/^record 5 \([a-z.-]+\) was altered$/);
  });
});

function altered(record: JournalRecord): JournalRecord {
  return { ...record, event: { ...record.event, at: record.event.at + 1 } };
}

function swapped(records: readonly JournalRecord[], at: number): readonly JournalRecord[] {
  const [first, second] = records.slice(at, at + 2);
  if (first === undefined || second === undefined) throw new Error('there is no pair');
  return [...records.slice(0, at), second, first, ...records.slice(at + 2)];
}

describe('the history of a run', () => {
  it('can be told from every prefix of its journal, and from what JSON makes of it', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    stage.world.fates.set('size', ['lost']);
    for (const nth of [12, 20, 16]) await stage.start({ death: { at: 'event', nth } });
    await stage.play({ purpose: 'abort' });
    const events = await stage.journaled();
    expect(events.length).toBeGreaterThan(60);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: events.length }), (length) => {
        const prefix = events.slice(0, length);
        const history = historyOf(prefix);
        expect(history.seq).toBe(length);
        expect(historyOf(JSON.parse(JSON.stringify(prefix)))).toEqual(history);
        for (const { stepId } of history.steps) expect(history.open).not.toContain(stepId);
      }),
    );
  });

  it('is that of its parts, and what the last process told', async () => {
    const stage = new Stage();
    expect(await stage.start({ death: { at: 'event', nth: 17 } })).toBe(died);
    const before = await stage.journaled();
    const { result, events } = await stage.play();
    expect(result.history).toEqual(historyOf([...before, ...events]));
    expect(JSON.stringify(historyOf(await stage.journaled()))).toBe(JSON.stringify(result.history));
  });
});

/** Whether anything is sent where a step yields what no journal can hold; `when` it is yielded. */
function yielding(output: unknown, when: 'before' | 'after' | 'end'): ABook {
  const { observe, approve, act, wait, decide } = steps;
  const change = setTo('size', 2, 3);
  const odd = observe('odd', {
    title: 'Odd',
    run: async () => (when === 'before' ? output : 1),
    detail: () => 'odd',
  });
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [], changes: [change] }) });
  const grow = act('grow', { ...setting, title: 'Grow', approval: consent, change: () => change });
  const grown = wait('grown', {
    title: 'Wait',
    needs: { grow, odd },
    calls: [],
    withinMs: 1_000,
    poll: async () => ({ state: 'reached', output: when === 'after' ? output : 1, detail: 'grown' }),
  });
  const end = decide('end', {
    title: 'End',
    needs: { odd, grown: settled(grown) },
    run: ({ odd: value }) => ({ verdict: 'ok' as const, value, end: when === 'end' ? output : 1 }),
    detail: () => 'ok',
  });
  return runbook({
    id: 'odd',
    title: 'Odd',
    summary: 'Odd',
    steps: [odd, consent, grow, grown, end],
    conclusion: end,
    resources: () => ['world:size'],
  });
}

const odd = [
  ['a map', new Map([['a', 1]])],
  ['a date', new Date(startMs)],
  ['infinity', { seconds: Number.POSITIVE_INFINITY }],
] as const;

describe('what a step yields and no journal can hold', () => {
  it.each(odd)('is a defect before anything is sent: %s', async (_name, output) => {
    const stage = new Stage();
    const { result, events } = await stage.play({ book: yielding(output, 'before') });
    expect(result.verdict).toBe('failed');
    expect(result.defect).toMatchObject({ name: 'NotPlainError' });
    expect(eventsOf(events, 'change.intended')).toEqual([]);
    expect(stage.world.applied).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'failed' });
  });

  it('lets nothing through for another branch either', async () => {
    const { observe, approve, act, wait, decide } = steps;
    const changes = [setTo('left', 1, 2), setTo('right', 1, 2)] as const;
    const strange = observe('strange', { title: 'S', run: async () => new Map(), detail: () => 'a map' });
    const consent = approve('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [], changes }) });
    const left = act('left', { ...setting, title: 'Left', approval: consent, change: () => changes[0] });
    const right = act('right', { ...setting, title: 'Right', approval: consent, change: () => changes[1] });
    const after = wait('after', {
      title: 'After',
      needs: { strange, left },
      calls: [],
      withinMs: 1_000,
      poll: async () => ({ state: 'reached', output: 1, detail: 'yes' }),
    });
    const end = decide('end', {
      title: 'End',
      needs: { after: settled(after), right: settled(right) },
      run: () => ({ verdict: 'ok' as const }),
      detail: () => 'ok',
    });
    const book = runbook({
      id: 'both',
      title: 'Both',
      summary: 'Both',
      steps: [strange, consent, left, right, after, end],
      conclusion: end,
      resources: () => ['world'],
    });
    const stage = new Stage(new World({ left: 1, right: 1 }));
    const { result } = await stage.play({ book });
    expect(result.defect).toMatchObject({ name: 'NotPlainError' });
    expect(stage.world.applied).toEqual([]);
  });

  it.each(['after', 'end'] as const)('%s a change leaves a run that can be aborted', async (when) => {
    const stage = new Stage();
    const book = yielding(new Map(), when);
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(result.defect).toMatchObject({ name: 'NotPlainError' });
    expect((await stage.journaled()).at(-1)).toMatchObject({ type: 'run.suspended', verdict: 'failed' });
    expect(faultsOf(await stage.records(), digest)).toEqual([]);
    expect((await stage.play({ book, purpose: 'abort' })).result.verdict).toBe('attention');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('is not missed where it is nothing at all: it is looked at anew', async () => {
    const stage = new Stage();
    const book = yielding(undefined, 'before');
    const calm = await new Stage().play({ book });
    expect(calm.result.verdict).toBe('ok');
    const nth = theEvent(calm.events, 'change.answered').seq;
    expect(await stage.start({ book, death: { at: 'event', nth } })).toBe(died);
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(result.outcome).toEqual({ verdict: 'ok', value: undefined, end: 1 });
    expect(stage.world.applied).toEqual(['size=3']);
  });
});

describe('a runbook that changed since', () => {
  it('is told by its differences, and goes on by the ids of its steps', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('set switch=1') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'before' } })).toBe(died);
    const { observe, decide } = steps;
    const book = theBook();
    const isStep = (id: string) => book.steps.find((step) => step.id === id) ?? book.conclusion;
    const extra = observe('extra', { title: 'Extra', run: async () => 1, detail: () => 'one' });
    const end = decide('end', {
      title: 'End',
      needs: { extra, holds: settled(isStep('holds')), grow: settled(isStep('grow')) },
      run: ({ holds, grow, extra: one }) => ({
        verdict: holds.known ? ('ok' as const) : ('unknown' as const),
        isKnown: grow.known,
        one,
      }),
      detail: ({ verdict }) => verdict,
    });
    const kept = book.steps.filter(({ id }) => id !== 'told' && id !== 'end');
    const changed: ABook = { ...book, steps: [extra, ...kept, end], conclusion: end };
    const { result, events } = await stage.play({ book: changed });
    expect(theEvent(events, 'run.resumed').differences).toEqual([
      'step "told" is gone',
      'step "extra" (observe) is new',
      'step "end" needed found, grow, holds, and needs extra, holds, grow',
    ]);
    expect(result.outcome).toEqual({ verdict: 'ok', isKnown: true, one: 1 });
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    expect(eventsOf(events, 'step.started').map(({ stepId }) => stepId)).toEqual(['extra', 'turn', 'holds', 'end']);
  });

  it('hands on the change that was begun, and not the one that it would plan now', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('set size=3') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'after' } })).toBe(died);
    const book = theBook();
    // In place, since the steps after it need the very one that they were given.
    Object.assign(book.steps.find(({ id }) => id === 'grow')?.body ?? {}, { change: () => setTo('size', 2, 9) });
    const { result } = await stage.play({ book });
    expect(result.outcome).toEqual({ verdict: 'ok', size: { size: 3 } });
    expect(stage.world.state).toEqual({ size: 3, switch: 1 });
  });

  it('does not take one kind of step for another of its name', async () => {
    const stage = new Stage();
    const book = yielding(1, 'before');
    const calm = await new Stage().play({ book });
    const nth = theEvent(calm.events, 'change.answered').seq;
    expect(await stage.start({ book, death: { at: 'event', nth } })).toBe(died);
    const { act } = steps;
    const change = setTo('size', 2, 3);
    const consent = book.steps.find(({ id }) => id === 'consent') ?? book.conclusion;
    const acting = act('odd', { ...setting, title: 'Odd', approval: consent, change: () => change });
    const changed: ABook = { ...book, steps: book.steps.map((step) => (step.id === 'odd' ? acting : step)) };
    const { events } = await stage.play({ book: changed });
    expect(theEvent(events, 'run.resumed').differences[0]).toContain('was of kind observe, and is of kind act');
    expect(eventsOf(events, 'step.started').map(({ stepId }) => stepId)).toContain('odd');
  });
});

describe('two branches, one of which waits for an answer while the other acts', () => {
  it('keep what the waiting one needs when it is taken up', async () => {
    const { decide, approve, act } = steps;
    const plans = decide('plans', {
      title: 'Plan',
      run: () => ({ left: setTo('left', 1, 2), right: setTo('right', 1, 2) }),
      detail: () => 'both',
    });
    const later = decide('later', {
      title: 'Later',
      needs: { plans },
      run: ({ plans: { right } }) => ({ right }),
      detail: () => 'r',
    });
    const first = approve('first', {
      title: 'Ask',
      needs: { plans },
      ask: ({ plans: { left } }) => ({ question: 'Left?', facts: [], changes: [left] }),
    });
    const second = approve('second', {
      title: 'Ask',
      needs: { later },
      ask: ({ later: { right } }) => ({ question: 'Right?', facts: [], changes: [right] }),
    });
    const left = act('left', {
      ...setting,
      title: 'L',
      needs: { plans },
      approval: first,
      change: ({ plans: p }) => p.left,
    });
    const right = act('right', {
      ...setting,
      title: 'R',
      needs: { later },
      approval: second,
      change: ({ later: p }) => p.right,
    });
    const end = decide('end', {
      title: 'End',
      needs: { left: settled(left), right: settled(right) },
      run: (needs) => ({ verdict: needs.left.known && needs.right.known ? ('ok' as const) : ('unknown' as const) }),
      detail: ({ verdict }) => verdict,
    });
    const book = runbook({
      id: 'both',
      title: 'Both',
      summary: 'Both',
      steps: [plans, later, first, second, left, right, end],
      conclusion: end,
      resources: () => ['world'],
    });
    const stage = new Stage(new World({ left: 1, right: 1 }));
    // The left one looks for a while before it sends; the right one is declined meanwhile.
    let isSent: () => void = () => undefined;
    const sent = new Promise<void>((resolve) => {
      isSent = resolve;
    });
    const { result } = await stage.play({
      book,
      emit: ({ type }) => {
        if (type === 'change.intended') isSent();
      },
      approver: {
        ask: async ({ stepId }) => {
          if (stepId === 'second') await sent;
          return stepId === 'first' ? { kind: 'given', by: 'ana', how: 'prompt' } : { kind: 'declined', by: 'ana' };
        },
      },
    });
    expect(result.verdict).toBe('awaiting-approval');
    expect(stage.world.applied).toEqual(['left=2']);
    const resumed = await stage.play({ book });
    expect(resumed.result.verdict).toBe('ok');
    expect(statusesOf(resumed)).toMatchObject({ second: 'succeeded', right: 'succeeded' });
    expect(stage.world.applied).toEqual(['left=2', 'right=2']);
  });
});

describe('a run that only looks', () => {
  it('leaves out what acts, and what serves nothing else', async () => {
    const { observe, decide, approve, act } = steps;
    const seen = observe('seen', { title: 'Seen', run: async () => 1, detail: () => 'one' });
    const capacity = observe('capacity', { title: 'Capacity', run: async () => 9, detail: () => 'nine' });
    const plan = decide('plan', {
      title: 'Plan',
      needs: { capacity },
      run: () => ({ change: setTo('size', 2, 3) }),
      detail: () => 'grow',
    });
    const consent = approve('consent', {
      title: 'Ask',
      needs: { plan },
      ask: ({ plan: { change } }) => ({ question: '?', facts: [], changes: [change] }),
    });
    const grow = act('grow', {
      ...setting,
      title: 'Grow',
      needs: { plan },
      approval: consent,
      change: ({ plan: p }) => p.change,
    });
    const end = decide('end', {
      title: 'End',
      needs: { seen, grow: settled(grow) },
      run: ({ grow: grown }) => ({ verdict: 'ok' as const, why: grown.known ? 'grown' : grown.reason }),
      detail: () => 'ok',
    });
    const book = runbook({
      id: 'look',
      title: 'Look',
      summary: 'Looks',
      steps: [seen, capacity, plan, consent, grow, end],
      conclusion: end,
      resources: () => ['world:size'],
    });
    const { run } = await import('../../../src/engine/run.ts');
    const { VirtualClock } = await import('../../../src/sandbox/virtual-clock.ts');
    const result = await run({
      runbook: book,
      runId: 'r',
      mode: 'observe',
      environment: 'prod',
      ports: { read: () => Promise.reject(new Error('not asked')), healthy: () => Promise.resolve(true) },
      settings: { by: 1 },
      clock: new VirtualClock(startMs),
      random: () => 0,
      signal: new AbortController().signal,
      emit: () => undefined,
    });
    expect(result.steps.map(({ stepId }) => stepId)).toEqual(['seen', 'end']);
    expect(result.outcome).toEqual({ verdict: 'ok', why: 'this run only looks' });
    expect(result.verdict).toBe('ok');
  });
});
