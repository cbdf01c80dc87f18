/** What the answer to a change gave, and who gets it: the step that waits for it, in this run and in one that goes on. */
import { describe, expect, it } from 'vitest';
import { runbook } from '../../../src/engine/runbook.ts';
import type { PlainRecord } from '../../../src/engine/plain.ts';
import { settled } from '../../../src/engine/step.ts';
import {
  died,
  eventsOf,
  setting,
  setTo,
  Stage,
  statusesOf,
  steps,
  theEvent,
  type ABook,
  type Act,
  type SetChange,
} from './stage.ts';

/** Sets `size`, whose answer is an id by which the waiting step asks. `asked` is what it was given. */
function withReceipt(receipt: PlainRecord | undefined = { changeId: 'C123' }) {
  const asked: (PlainRecord | undefined)[] = [];
  const { approve, act, wait, decide } = steps;
  const change = setTo('size', 2, 3);
  const consent = approve('consent', {
    title: 'Ask',
    ask: () => ({ question: 'Grow?', facts: [], changes: [change] }),
  });
  const grow = act('grow', {
    ...setting,
    title: 'Grow',
    approval: consent,
    change: () => change,
    apply: async ({ input }: SetChange, { ports }: { readonly ports: Act }) => {
      await ports.set(input);
      return receipt;
    },
  });
  const seen = wait('seen', {
    title: 'Wait',
    needs: { grow },
    calls: [],
    withinMs: 60_000,
    poll: async ({ grow: made }) => {
      asked.push(made.receipt);
      return { state: 'reached', output: { at: made.at }, detail: `${made.made}` };
    },
  });
  const end = decide('end', {
    title: 'End',
    needs: { seen: settled(seen) },
    run: (needs) => ({ verdict: needs.seen.known ? ('ok' as const) : ('attention' as const) }),
    detail: ({ verdict }) => verdict,
  });
  const book: ABook = runbook({
    id: 'receipt',
    title: 'Receipt',
    summary: 'Receipt',
    steps: [consent, grow, seen, end],
    conclusion: end,
    resources: () => ['world:size'],
  });
  return { book, asked };
}

describe('a receipt', () => {
  it('is in the journal, and given to the step that waits', async () => {
    const stage = new Stage();
    const { book, asked } = withReceipt();
    const { result, events } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(asked).toEqual([{ changeId: 'C123' }]);
    expect(theEvent(events, 'change.answered')).toMatchObject({ outcome: 'applied', receipt: { changeId: 'C123' } });
    expect(theEvent(await stage.journaled(), 'change.answered')).toMatchObject({ receipt: { changeId: 'C123' } });
    expect(result.history.changes).toMatchObject([{ status: 'applied', receipt: { changeId: 'C123' } }]);
  });

  it('is given to a run that goes on, wherever the one before died after the answer', async () => {
    const whole = await new Stage().play({ book: withReceipt().book });
    const answered = theEvent(whole.events, 'change.answered').seq;
    const polled = whole.events.find((event) => event.type === 'step.finished' && event.stepId === 'seen');
    expect(polled?.seq).toBeGreaterThan(answered);
    for (let nth = answered; nth < (polled?.seq ?? 0); nth += 1) {
      const stage = new Stage();
      expect(await stage.start({ book: withReceipt().book, death: { at: 'event', nth } })).toBe(died);
      const { book, asked } = withReceipt();
      const { result } = await stage.play({ book });
      expect(result.verdict).toBe('ok');
      expect(asked).toEqual([{ changeId: 'C123' }]);
      expect(stage.world.applied).toEqual(['size=3']);
    }
  });

  it('is absent where the answer was lost, though the change is seen to be made', async () => {
    const stage = new Stage();
    stage.world.fates.set('size', ['lost']);
    const { book, asked } = withReceipt();
    const { result, events } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(asked).toEqual([undefined]);
    expect(theEvent(events, 'change.answered')).not.toHaveProperty('receipt');
  });

  it('is absent where the run died before the answer, and the change is seen to be made', async () => {
    const whole = await new Stage().play({ book: withReceipt().book });
    const intended = theEvent(whole.events, 'change.intended').seq;
    const stage = new Stage();
    stage.world.movingMs = 0;
    const dead = await stage.start({ book: withReceipt().book, death: { at: 'event', nth: intended } });
    expect(dead).toBe(died);
    stage.world.meddle('size', 3); // What was sent has arrived.
    const { book, asked } = withReceipt();
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(asked).toEqual([undefined]);
  });

  it('is that of the call that was answered, where an earlier one was not made', async () => {
    const stage = new Stage();
    stage.world.fates.set('size', ['reset', 'throttled']);
    const { book, asked } = withReceipt({ changeId: 'C124' });
    const { events } = await stage.play({ book });
    expect(asked).toEqual([{ changeId: 'C124' }]);
    expect(eventsOf(events, 'change.answered').filter((event) => event.receipt !== undefined)).toHaveLength(1);
  });

  it('is none where nothing was sent', async () => {
    const stage = new Stage();
    stage.world.meddle('size', 3);
    const { book, asked } = withReceipt();
    const { result } = await stage.play({ book });
    expect(statusesOf({ result })).toMatchObject({ grow: 'succeeded', seen: 'succeeded' });
    expect(asked).toEqual([undefined]);
  });
});
