/** What a run that is taken up again takes over from its journal, of each step by how it ended. */
import { describe, expect, it } from 'vitest';
import type { EventBody, StepStatus } from '../../../src/engine/events.ts';
import { historyOf } from '../../../src/engine/history.ts';
import { summarise } from '../../../src/engine/runbook.ts';
import type { AnyStep, Settled } from '../../../src/engine/step.ts';
import { takenUp } from '../../../src/engine/taking-up.ts';
import { setTo, started, startMs, theBook } from '../acting/stage.ts';

const book = theBook();
const { conclusion, steps } = book;
const undoing: EventBody = { type: 'run.undoing', reason: 'ill' };
const checkpointed: EventBody = { type: 'run.checkpointed', steps: [] };

const finished = (stepId: string, status: StepStatus, more: object = {}): EventBody => ({
  type: 'step.finished',
  stepId,
  status,
  detail: `${stepId} ${status}`,
  startedAt: startMs,
  durationMs: 0,
  attempts: 1,
  ...more,
});

interface Case {
  readonly events: readonly EventBody[];
  readonly isStepwise?: boolean;
  readonly keepsAll?: boolean;
  /** As the runbook was when the run began. */
  readonly summaries?: readonly AnyStep[];
  readonly stands?: readonly string[];
}

/** What is taken over, by the steps' ids. */
function over({ events, isStepwise = false, keepsAll = false, summaries = steps, stands = [] }: Case) {
  const first: EventBody = { ...started, steps: summarise(summaries) };
  const history = historyOf([first, ...events].map((event, index) => ({ ...event, seq: index + 1, at: startMs })));
  const triedOf = ({ id }: AnyStep) => (stands.includes(id) ? ({ tried: true } as const) : {});
  const results = takenUp({ history, steps, conclusion, isStepwise, keepsAll, triedOf });
  return Object.fromEntries([...results].map(([{ id }, result]): [string, Settled<unknown>] => [id, result]));
}

const seen = { output: { size: 2, switched: 0 } };
const planned = { output: { grow: setTo('size', 2, 3), turn: setTo('switch', 0, 1) } };
/** Until it waits for what was grown. */
const untilGrown = [
  { type: 'run.checkpointed', steps: [{ stepId: 'found', status: 'succeeded', detail: 'size 2', ...seen }] },
  finished('plan', 'succeeded', planned),
  finished('consent', 'succeeded', { output: { by: 'ana' } }),
  finished('grow', 'succeeded', { output: { made: true } }),
] as const satisfies readonly EventBody[];

describe('what a run takes over', () => {
  it('is nothing while it has only looked', () => {
    expect(over({ events: [finished('found', 'succeeded', seen)] })).toEqual({});
  });

  it('is what steps yielded once something was changed, and nothing of those that have not ended', () => {
    expect(over({ events: untilGrown })).toEqual({
      found: { known: true, value: seen.output },
      plan: { known: true, value: planned.output },
      consent: { known: true, value: { by: 'ana' } },
      grow: { known: true, value: { made: true } },
    });
  });

  it('is not what waited: whoever needs it is begun anew too', () => {
    expect(over({ events: [...untilGrown, finished('grown', 'suspended')] })).not.toHaveProperty('grown');
    expect(over({ events: [...untilGrown, finished('grown', 'failed')] })).not.toHaveProperty('grown');
  });

  it('is that a step was skipped or gave no value, with what its error said', () => {
    const told = { errorClass: 'denied', nextStep: 'mend it' } as const;
    const ends = over({ events: [...untilGrown, finished('grown', 'skipped'), finished('turn', 'unknown', told)] });
    expect(ends.grown).toEqual({ known: false, because: 'skipped', reason: 'grown skipped' });
    expect(ends.turn).toEqual({ known: false, because: 'unknown', reason: 'turn unknown', ...told });
    const plain = over({ events: [...untilGrown, finished('turn', 'unknown')], stands: ['turn'] });
    expect(plain.turn).toEqual({ known: false, because: 'unknown', reason: 'turn unknown', tried: true });
  });

  it('is not what ended well without a value, where one that is open needs it: it looks again', () => {
    const events = [checkpointed, finished('found', 'succeeded'), finished('plan', 'succeeded', planned)];
    // The conclusion needs it.
    expect(over({ events })).not.toHaveProperty('found');
    const told = [...untilGrown, finished('told', 'succeeded')];
    expect(over({ events: told }).told).toEqual({ known: true, value: undefined });
  });

  it('is what ended well without a value, where every value is kept', () => {
    const events = [checkpointed, finished('found', 'succeeded')];
    expect(over({ events, keepsAll: true }).found).toEqual({ known: true, value: undefined });
  });

  it('is not a step of which somebody has made another kind, nor one that the runbook did not have', () => {
    const before = steps.map((step) => (step.id === 'grown' ? { ...step, kind: 'verify' as const } : step));
    const events = [...untilGrown, finished('grown', 'succeeded', { output: { grown: 3 } })];
    expect(over({ events })).toHaveProperty('grown');
    expect(over({ events, summaries: before })).not.toHaveProperty('grown');
    expect(over({ events, summaries: steps.filter(({ id }) => id !== 'grown') })).not.toHaveProperty('grown');
  });

  it('is not the conclusion, which concludes anew', () => {
    const events = [...untilGrown, finished('end', 'succeeded', { output: { verdict: 'ok' } })];
    expect(over({ events })).not.toHaveProperty('end');
  });

  it('is not what looked without a step that is open now', () => {
    const turned = [...untilGrown, finished('grown', 'skipped'), finished('turn', 'succeeded', { output: {} })];
    const told = finished('told', 'skipped');
    expect(over({ events: [...turned, finished('holds', 'suspended'), told] })).not.toHaveProperty('told');
    expect(over({ events: [...turned, finished('holds', 'unknown'), told] }).told).toMatchObject({
      because: 'skipped',
    });
  });
});

describe('what a run takes over that puts back', () => {
  it('is all that has ended: what failed or waited is not begun again', () => {
    const events = [
      ...untilGrown,
      finished('grown', 'failed'),
      finished('turn', 'blocked'),
      finished('holds', 'suspended'),
      undoing,
    ];
    const ends = over({ events, stands: ['turn'] });
    expect(ends.grown).toEqual({ known: false, because: 'unknown', reason: 'grown failed' });
    expect(ends.turn).toEqual({ known: false, because: 'unknown', reason: 'turn blocked', tried: true });
    expect(ends.holds).toEqual({ known: false, because: 'unknown', reason: 'holds suspended' });
    expect(ends.grow).toEqual({ known: true, value: { made: true } });
    expect(ends).not.toHaveProperty('told');
  });

  it('is what concluded without one that had failed: it does not conclude anew', () => {
    const skipped = [...untilGrown, finished('holds', 'failed'), finished('told', 'skipped')];
    expect(over({ events: skipped })).not.toHaveProperty('told');
    expect(over({ events: [...skipped, undoing] })).toHaveProperty('told.because', 'skipped');
  });
});

describe('what a run takes over whose steps come one by one', () => {
  const stepwise = { isStepwise: true, keepsAll: true } as const;

  it('is its conclusion too, once it has concluded', () => {
    const events = [...untilGrown, finished('end', 'succeeded', { output: { verdict: 'ok' } })];
    expect(over({ events, ...stepwise }).end).toEqual({ known: true, value: { verdict: 'ok' } });
    expect(over({ events, keepsAll: true })).not.toHaveProperty('end');
  });

  it('is not its conclusion before it has concluded, nor where it was kept from it', () => {
    expect(over({ events: [...untilGrown], ...stepwise })).not.toHaveProperty('end');
    expect(over({ events: [...untilGrown, finished('end', 'blocked')], ...stepwise })).not.toHaveProperty('end');
  });

  it('is that a step was blocked for good, and not that it was blocked by one that is open', () => {
    const events = [
      ...untilGrown,
      finished('grown', 'unknown'),
      finished('turn', 'blocked'),
      finished('holds', 'blocked'),
    ];
    expect(over({ events, ...stepwise }).turn).toEqual({ known: false, because: 'unknown', reason: 'turn blocked' });
    expect(over({ events, isStepwise: true })).not.toHaveProperty('turn');
    const waits = [...untilGrown, finished('grown', 'suspended'), finished('turn', 'blocked')];
    expect(over({ events: waits, ...stepwise })).not.toHaveProperty('turn');
  });
});
