/** A run as a whole: how it begins, what it needs to be taken up, and what whoever takes it up hears of what came before. */
import { describe, expect, it } from 'vitest';
import { fingerprintOf, runbook } from '../../../src/engine/runbook.ts';
import { settled, type Settled } from '../../../src/engine/step.ts';
import {
  died,
  digest,
  eventsOf as all,
  setting,
  setTo,
  Stage,
  statusesOf,
  steps,
  theBook,
  theEvent,
  Trouble,
  type ABook,
} from '../acting/stage.ts';
import { eventsOf, play, recordOf, runbookOf, takes } from '../kit.ts';

describe('the beginning of a run', () => {
  it('that acts says which runbook it goes by, and what whoever resumes it needs', async () => {
    const { events } = await new Stage().play();
    const { fingerprint, context } = theEvent(events, 'run.started');
    expect(fingerprint).toBe(fingerprintOf(theBook(), digest));
    expect(context).toEqual({ stack: 'nano' });
  });

  it('that only looks says neither: there is nothing to take up', async () => {
    const { events } = await play(runbookOf(takes('look', 10)));
    expect(events[0]).toMatchObject({ type: 'run.started', runbook: 'test' });
    expect(events[0]).not.toHaveProperty('fingerprint');
    expect(events[0]).not.toHaveProperty('context');
  });
});

describe('a run that only looks', () => {
  const book = runbookOf(takes('first', 10), takes('second', 10));

  it('can carry out one step and no more', async () => {
    const played = await play(book, { stepwise: { stepId: 'second' } });
    expect(eventsOf(played, 'step.started').map(({ stepId }) => stepId)).toEqual(['second']);
    expect(recordOf(played, 'second').status).toBe('succeeded');
    expect(eventsOf(played, 'run.finished')).toEqual([]);
  });

  it('looks at everything anew where its events are handed in once more, by nobody in particular', async () => {
    const { events: past } = await play(book);
    const again = await play(book, { past });
    expect(again.events[0]).toMatchObject({ type: 'run.resumed', by: 'unknown', purpose: 'continue', differences: [] });
    expect(eventsOf(again, 'step.started').map(({ stepId }) => stepId)).toEqual(['first', 'second', 'end']);
    expect(again.result.verdict).toBe('ok');
  });
});

describe('what was sent and never seen', () => {
  /** Grows `size`, of which nobody can see what became, and concludes. `heard`: what whoever concludes was told of it. */
  function growing() {
    const { approve, act, tell, decide } = steps;
    const heard: Settled<unknown>[] = [];
    const change = setTo('size', 2, 3);
    const consent = approve('consent', {
      title: 'Ask',
      ask: () => ({ question: 'Go?', facts: [], changes: [change] }),
    });
    const grow = act('grow', { ...setting, title: 'Grow', approval: consent, change: () => change });
    const told = tell('told', {
      title: 'Tell',
      needs: { grow: settled(grow) },
      message: () => 'over',
      summary: String,
      send: async () => ({ delivered: true, detail: 'told' }),
    });
    const end = decide('end', {
      title: 'End',
      needs: { grow: settled(grow), told: settled(told) },
      run: (needs) => {
        heard.push(needs.grow);
        return { verdict: 'unknown' as const };
      },
      detail: ({ verdict }) => verdict,
    });
    const book: ABook = runbook({
      id: 'unseen',
      title: 'Unseen',
      summary: 'Unseen',
      steps: [consent, grow, told, end],
      conclusion: end,
      resources: () => ['world:size'],
    });
    return { book, heard };
  }

  /** Where the answer is lost, and then nobody can look any more. */
  function dark(): Stage {
    const stage = new Stage();
    stage.world.fates.set('size', ['lost']);
    stage.world.onRead = async () => {
      if (stage.world.applied.length > 0) throw new Trouble('denied', 'not allowed');
    };
    return stage;
  }

  it('may have come to the world for whoever concludes, in this run and in one that goes on', async () => {
    const first = growing();
    const whole = await dark().play({ book: first.book });
    expect(statusesOf(whole)).toMatchObject({ grow: 'unknown' });
    expect(first.heard).toMatchObject([{ known: false, because: 'unknown', tried: true }]);

    const told = all(whole.events, 'step.finished').find(({ stepId }) => stepId === 'told');
    const stage = dark();
    expect(await stage.start({ book: growing().book, death: { at: 'event', nth: told?.seq ?? 0 } })).toBe(died);
    const second = growing();
    const { result } = await stage.play({ book: second.book });
    expect(result.verdict).toBe(whole.result.verdict);
    expect(second.heard).toEqual(first.heard);
    expect(stage.world.applied).toEqual(['size=3']);
  });
});
