/** One question: what is shown, what its answer is bound to, and what is kept of it. */
import { describe, expect, it } from 'vitest';
import type { Answer, AskedQuestion } from '../../../src/engine/approval.ts';
import { Asking } from '../../../src/engine/asking.ts';
import { planHash } from '../../../src/engine/change.ts';
import type { EventBody, RunMode } from '../../../src/engine/events.ts';
import { historyOf } from '../../../src/engine/history.ts';
import { Journal } from '../../../src/engine/journal.ts';
import type { JournalStore } from '../../../src/engine/journal-store.ts';
import type { Asked } from '../../../src/engine/step.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { digest, runId, setTo, startMs, started, steps } from './stage.ts';

const changes = [setTo('size', 2, 3), setTo('switch', 0, 1)];
const plan = planHash(changes, digest);
const each = changes.map((change) => planHash([change], digest));

interface Scene {
  readonly answer?: Answer;
  readonly asked?: Partial<Asked>;
  readonly kind?: 'approve' | 'manual';
  readonly mode?: RunMode;
  readonly past?: readonly EventBody[];
  readonly journals?: JournalStore;
  readonly stop?: AbortController;
}

/** Asks on a clock on which an answer takes a minute. */
async function asked(scene: Scene) {
  const clock = new VirtualClock(startMs);
  const events: EventBody[] = [];
  const questions: AskedQuestion[] = [];
  const journal = new Journal(scene.journals ?? memoryState().journals, runId, { digest, clock });
  const past = [started, ...(scene.past ?? [])].map((event, index) => ({ ...event, seq: index + 1, at: startMs - 5 }));
  const asking = new Asking({
    acting: {
      ports: {},
      journal,
      approver: {
        ask: async (question) => {
          questions.push(question);
          await clock.sleep(60_000);
          return scene.answer ?? { kind: 'given', by: 'ben', how: 'prompt' };
        },
      },
      digest,
      by: 'ana@laptop',
      context: null,
      requestMs: 10_000,
      nextSteps: { resume: 'resume', abort: 'abort', locks: 'locks' },
    },
    runId,
    clock,
    mode: scene.mode ?? 'execute',
    emit: (event) => {
      events.push(event);
      journal.add({ ...event, seq: events.length, at: clock.now() });
    },
    history: scene.past === undefined ? undefined : historyOf(past),
  });
  const make = scene.kind === 'manual' ? steps.manual : steps.approve;
  const step = make('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [] }) });
  const question = { question: 'Grow?', facts: ['it is small'], changes, withinMs: 1_800_000, ...scene.asked };
  const end = await asking.ask(step, question, (scene.stop ?? new AbortController()).signal);
  return { end, events, questions };
}

const shown = {
  kind: 'approve',
  question: 'Grow?',
  facts: ['it is small'],
  changes,
  hash: plan,
  deadlineAt: startMs + 1_800_000,
} as const;

describe('a question', () => {
  it('shows what is to be agreed to, and is kept before it is asked', async () => {
    const { questions, events } = await asked({});
    expect(events[0]).toStrictEqual({ type: 'approval.requested', stepId: 'consent', ...shown });
    expect(questions).toStrictEqual([{ ...shown, runId, stepId: 'consent', title: 'Ask', resume: 'resume' }]);
  });

  it('says until when a yes is in time, and that a blanket yes is none', async () => {
    const { events } = await asked({ asked: { decideBy: startMs + 5, isGrave: true } });
    expect(events[0]).toMatchObject({ decideBy: startMs + 5, isGrave: true });
  });

  it.each(['approve', 'manual'] as const)('that shows no change is bound to its words: %s', async (kind) => {
    const { events, end } = await asked({ kind, asked: { changes: [] } });
    const hash = digest('consent\nGrow?').slice(0, 12);
    expect(events[0]).toMatchObject({ kind, hash, changes: [] });
    expect(end).toMatchObject({ approval: { hash, changes: [] } });
  });

  it('is not asked where it cannot be kept', async () => {
    const journals = { ...memoryState().journals, append: () => Promise.reject(new Error('the disk is full')) };
    await expect(asked({ journals })).rejects.toThrow('the disk is full');
  });

  it('is not asked once the run was told to stop', async () => {
    const stop = new AbortController();
    stop.abort(new Error('interrupted'));
    await expect(asked({ stop })).rejects.toThrow('interrupted');
  });
});

describe('an answer', () => {
  it.each([
    ['prompt', 'at the prompt'],
    ['flag', 'with --approve'],
    ['yes', 'with --yes'],
  ] as const)('of yes is proof for each change and tells how it was given: %s', async (how, words) => {
    const { end, events } = await asked({ answer: { kind: 'given', by: 'ben', how } });
    expect(end).toEqual({
      kind: 'given',
      approval: { hash: plan, changes: each, by: 'ben', at: startMs + 60_000 },
      detail: `yes, by ben ${words}`,
    });
    expect(events[1]).toEqual({ type: 'approval.given', stepId: 'consent', hash: plan, by: 'ben', how });
  });

  it('of no is kept, and can be changed', async () => {
    const { end, events } = await asked({ answer: { kind: 'declined', by: 'ben' } });
    expect(end).toEqual({ kind: 'withheld', detail: 'declined by ben', nextSteps: ['resume'] });
    expect(events.slice(1)).toEqual([{ type: 'approval.declined', stepId: 'consent', hash: plan, by: 'ben' }]);
  });

  it('that nobody gives leaves the question open', async () => {
    const { end, events } = await asked({ answer: { kind: 'absent', reason: 'nobody', nextSteps: ['approve it'] } });
    expect(end).toEqual({ kind: 'withheld', detail: 'nobody', nextSteps: ['approve it'] });
    expect(events).toHaveLength(1);
  });
});

describe('a yes that was given before', () => {
  const given = { type: 'approval.given', stepId: 'consent', hash: plan, by: 'cleo', how: 'prompt' } as const;

  it('holds for this very plan, as of when it was given', async () => {
    const { end, events, questions } = await asked({ past: [given] });
    expect(end).toEqual({
      kind: 'given',
      approval: { hash: plan, changes: each, by: 'cleo', at: startMs - 5 },
      detail: 'yes, by cleo before, for this very plan',
    });
    expect({ events, questions }).toEqual({ events: [], questions: [] });
  });

  it.each([
    { name: 'another plan', past: [{ ...given, hash: 'another' }] },
    { name: 'another step', past: [{ ...given, stepId: 'other' }] },
  ])('is none for $name', async ({ past }) => {
    expect((await asked({ past })).questions).toHaveLength(1);
  });
});

describe('a dry run', () => {
  it('asks nobody, and says what it would ask', async () => {
    const { end, events, questions } = await asked({ mode: 'dry-run' });
    expect(end).toEqual({
      kind: 'given',
      approval: { hash: plan, changes: each, by: 'ana@laptop', at: startMs },
      detail: 'assumed; it would ask: Grow?',
    });
    expect(events).toEqual([
      { type: 'approval.given', stepId: 'consent', hash: plan, by: 'ana@laptop', how: 'assumed' },
    ]);
    expect(questions).toEqual([]);
  });
});
