/** Programs of the operator's own that a run starts: what becomes of the run where they fail, and when they run again. */
import { describe, expect, it } from 'vitest';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled, type Told } from '../../../src/engine/step.ts';
import { died, eventsOf, setting, setTo, Stage, statusesOf, steps, theEvent, Trouble, type ABook } from './stage.ts';

type Program = () => Promise<Told>;

const well: Program = async () => ({ delivered: true, detail: 'exit 0' });
const badly: Program = async () => ({ delivered: false, detail: 'exit 1: no such table' });

/** Looks, starts a program, changes `size`, starts another program, changes `switch`. */
function withPrograms(
  options: { readonly first?: Program; readonly second?: Program; readonly isVital?: boolean } = {},
) {
  const started: string[] = [];
  const { observe, approve, act, hook, decide } = steps;
  const changes = [setTo('size', 2, 3), setTo('switch', 0, 1)] as const;
  const look = observe('look', {
    title: 'Look',
    run: async (_needs, { ports }) => {
      started.push('look');
      return (await ports.read('size')).value;
    },
    detail: String,
  });
  const consent = approve('consent', {
    title: 'Ask',
    needs: { look },
    ask: () => ({ question: 'Both?', facts: [], changes }),
  });
  const vital = options.isVital === undefined ? {} : { isVital: options.isVital };
  const program = (name: 'first' | 'second') => ({
    title: name,
    ...vital,
    message: () => name,
    summary: (message: string) => `start ${message}`,
    send: async (message: string) => {
      started.push(message);
      return (options[name] ?? well)();
    },
  });
  const first = hook('first', { ...program('first'), needs: { consent } });
  const grow = act('grow', {
    ...setting,
    title: 'Grow',
    needs: { first },
    approval: consent,
    change: () => changes[0],
  });
  const second = hook('second', { ...program('second'), needs: { grow } });
  const turn = act('turn', {
    ...setting,
    title: 'Turn',
    needs: { second },
    approval: consent,
    change: () => changes[1],
  });
  const end = decide('end', {
    title: 'End',
    needs: { first: settled(first), second: settled(second), turn: settled(turn) },
    run: ({ turn: turned }) => ({ verdict: turned.known ? ('ok' as const) : ('attention' as const) }),
    detail: ({ verdict }) => verdict,
  });
  const book: ABook = runbook({
    id: 'programs',
    title: 'Programs',
    summary: 'Programs',
    steps: [look, consent, first, grow, second, turn, end],
    conclusion: end,
    resources: () => ['world:size', 'world:switch'],
  });
  return { book, started };
}

const detailOf = (result: { readonly steps: readonly { stepId: string; detail: string }[] }, id: string) =>
  result.steps.find(({ stepId }) => stepId === id)?.detail;

describe('a program that fails', () => {
  it.each([
    ['says no', badly, 'exit 1: no such table'],
    ['cannot be started', () => Promise.reject(new Trouble('unreachable', 'ENOENT')), 'ENOENT'],
  ] as const)('and %s is only told of, where the run can do without', async (_what, second, reason) => {
    const stage = new Stage();
    const { result } = await stage.play({ book: withPrograms({ second }).book });
    expect(result.verdict).toBe('ok');
    expect(statusesOf({ result })).toMatchObject({ second: 'failed', turn: 'succeeded' });
    expect(detailOf(result, 'second')).toBe(reason);
    expect(stage.world.state).toEqual({ size: 3, switch: 1 });
  });

  it.each([
    ['says no', badly, 'exit 1: no such table'],
    ['cannot be started', () => Promise.reject(new Trouble('unreachable', 'ENOENT')), 'ENOENT'],
  ] as const)('and %s ends a run that cannot do without, and all is put back', async (_what, second, reason) => {
    const stage = new Stage();
    const { result, events } = await stage.play({ book: withPrograms({ second, isVital: true }).book });
    expect(result.verdict).toBe('failed');
    expect(theEvent(events, 'run.undoing').reason).toBe(reason);
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', second: 'failed', turn: 'blocked' });
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
  });

  it('before anything was changed ends a run that cannot do without, and nothing is changed', async () => {
    const stage = new Stage();
    const { book, started } = withPrograms({ first: badly, isVital: true });
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(started).toEqual(['look', 'first']);
    expect(stage.world.applied).toEqual([]);
  });

  it('is never taken for one that went well by a run that goes on', async () => {
    const trial = () => withPrograms({ second: badly, isVital: true });
    const whole = await new Stage().play({ book: trial().book });
    const failed = whole.events.find((event) => event.type === 'step.finished' && event.stepId === 'second');
    const stage = new Stage();
    stage.world.movingMs = 0;
    expect(await stage.start({ book: trial().book, death: { at: 'event', nth: failed?.seq ?? 0 } })).toBe(died);
    const { book, started } = trial();
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(started).toEqual(['second']);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('to leave the world as it was planned for fails the run, which asks nobody again', async () => {
    const stage = new Stage();
    const meddles: Program = async () => {
      stage.world.meddle('size', 7);
      return { delivered: true, detail: 'exit 0' };
    };
    const { result, events } = await stage.play({ book: withPrograms({ first: meddles }).book });
    expect(result.verdict).toBe('failed');
    expect(statusesOf({ result })).toMatchObject({ first: 'succeeded', grow: 'failed', turn: 'blocked' });
    expect(eventsOf(events, 'approval.lapsed')).toEqual([]);
    expect(stage.world.applied).toEqual([]);
  });

  it('with a defect of ours ends the run', async () => {
    const stage = new Stage();
    const defect = new TypeError('x is not a function');
    const { result } = await stage.play({ book: withPrograms({ second: () => Promise.reject(defect) }).book });
    expect(result).toMatchObject({ verdict: 'failed', defect });
    expect(stage.world.applied).toEqual(['size=3']);
  });

  it('that there is nothing to start is no failure', async () => {
    const stage = new Stage();
    const off: Program = async () => ({ delivered: false, isOff: true, detail: 'not configured' });
    const { result } = await stage.play({ book: withPrograms({ second: off, isVital: true }).book });
    expect(result.verdict).toBe('ok');
    expect(statusesOf({ result })).toMatchObject({ second: 'skipped' });
  });
});

describe('a program', () => {
  it('is not started in a dry run, which says what it would start', async () => {
    const { book, started } = withPrograms();
    const { result } = await new Stage().play({ book, mode: 'dry-run' });
    expect(started).toEqual(['look']);
    expect(statusesOf({ result })).toMatchObject({ first: 'planned', second: 'planned', turn: 'planned' });
    expect(detailOf(result, 'first')).toBe('would tell: start first');
  });

  it('is not started again by a run that goes on, wherever the one before died', async () => {
    const whole = await new Stage().play({ book: withPrograms().book });
    const endOf = (id: string) =>
      whole.events.find((event) => event.type === 'step.finished' && event.stepId === id)?.seq ?? 0;
    const last = theEvent(whole.events, 'run.finished').seq;
    expect(endOf('first')).toBeGreaterThan(0);
    for (let nth = endOf('first'); nth < last; nth += 1) {
      const stage = new Stage();
      stage.world.movingMs = 0;
      expect(await stage.start({ book: withPrograms().book, death: { at: 'event', nth } })).toBe(died);
      const { book, started } = withPrograms();
      const { result } = await stage.play({ book });
      expect(result.verdict).toBe('ok');
      expect(started).not.toContain('first');
      // What was seen before the program ran is not looked for in a world that it has changed.
      expect(started).not.toContain('look');
      expect(started.includes('second')).toBe(nth < endOf('second'));
      expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    }
  });

  it('is started again by a run that goes on where the one before died in it', async () => {
    const whole = await new Stage().play({ book: withPrograms().book });
    const begun = whole.events.find((event) => event.type === 'step.started' && event.stepId === 'second')?.seq ?? 0;
    const stage = new Stage();
    stage.world.movingMs = 0;
    expect(await stage.start({ book: withPrograms().book, death: { at: 'event', nth: begun } })).toBe(died);
    const { book, started } = withPrograms();
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(started).toEqual(['second']);
  });

  it('is not started once the run has failed, or was told to stop', async () => {
    const stage = new Stage();
    stage.world.fates.set('size', ['refused']);
    const { book, started } = withPrograms();
    const { result, events } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(started).toEqual(['look', 'first']);
    expect(statusesOf({ result })).toMatchObject({ grow: 'failed', second: 'blocked' });
    expect(eventsOf(events, 'run.undoing')).toEqual([]);

    const stop = new AbortController();
    const other = withPrograms({
      first: async () => {
        stop.abort(new Error('SIGINT'));
        return { delivered: true, detail: 'exit 0' };
      },
    });
    const interrupted = await new Stage().play({ book: other.book, signal: stop.signal });
    expect(interrupted.result.verdict).toBe('interrupted');
    expect(other.started).toEqual(['look', 'first']);
  });
});
