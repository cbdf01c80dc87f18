import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventBody, RunEvent } from '../../src/engine/events.ts';
import { historyOf } from '../../src/engine/history.ts';
import { runView, type RunViewOptions } from '../../src/terminal/run-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { actingRuns, raiseMinimum, runId, scaleOut } from './acting.ts';
import { hostile, recorder, type FixtureRun } from './fixtures.ts';
import { nasty } from './nasty.ts';
import { patiently } from '../support/patiently.ts';

type Options = Partial<Omit<RunViewOptions, 'color'>> & { readonly color?: boolean };

function viewOf(options: Options) {
  const stdout = recorder();
  const stderr = recorder();
  const level = options.color === true ? 1 : 0;
  const view = runView({
    stdout,
    stderr,
    columns: 100,
    interactive: false,
    verbosity: 0,
    timeZone: 'Europe/Berlin',
    ...options,
    color: { stdout: level, stderr: level },
  });
  return { view, stdout, stderr };
}

function show(run: FixtureRun, options: Options = {}): string {
  const { view, stdout, stderr } = viewOf(options);
  for (const each of run.events) view.event(each);
  view.finish(run.document);
  return stderr.text() + stdout.text();
}

function event(body: EventBody): RunEvent {
  return { ...body, seq: 1, at: 0 };
}

const names = Object.keys(actingRuns) as (keyof typeof actingRuns)[];

describe.each(names)('a run that acts and ends "%s"', (name) => {
  const run: FixtureRun = actingRuns[name];

  it.each([60, 120])('reads well at %d columns', async (columns) => {
    await expect(show(run, { columns })).toMatchFileSnapshot(`golden/acting-${name}-${columns}.txt`);
  });

  it('reads well in colour', async () => {
    const text = show(run, { columns: 120, color: true }).replaceAll('\u001b', '␛');
    await expect(text).toMatchFileSnapshot(`golden/acting-${name}-120-color.txt`);
  });

  it.each([60, 120])('says by colour nothing that it does not say without, at %d columns', (columns) => {
    expect(stripVTControlCharacters(show(run, { columns, color: true }))).toBe(show(run, { columns }));
  });

  it.each([40, 60, 79, 80, 120, 200])('keeps within %d columns, but for commands', (columns) => {
    const commands = run.document.suspended?.nextSteps ?? [];
    const lines = show(run, { columns }).split('\n');
    expect(lines.filter((line) => widthOf(line) > columns && !commands.includes(line.trim()))).toEqual([]);
  });

  it('is one line with -q, and nothing else', () => {
    expect(show(run, { verbosity: -1 })).toMatch(/^[^\n]+\n$/);
  });

  it('lets no text of it reach the terminal as a command', () => {
    fc.assert(
      fc.property(nasty, fc.boolean(), fc.constantFrom(0 as const, 1 as const), (text, color, verbosity) => {
        const infected = hostile(run, text);
        const events = infected.events.map((each, index) => reworded(each, run.events[index]));
        const shown = show({ events, document: infected.document }, { color, verbosity });
        // oxlint-disable-next-line no-control-regex -- the sequences that the view itself may write
        const own = color ? /\u001b\[(?:1|2|22|31|32|35|39)m|\n/g : /\n/g;
        expect(shown.replaceAll(own, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 30 },
    );
  });
});

/** Words that are the engine's own, and not text from anywhere, are put back after a run was infected. */
function reworded(infected: RunEvent, given: RunEvent | undefined): RunEvent {
  const own = ['direction', 'outcome', 'purpose', 'how', 'basis'] as const;
  const known = Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => own.some((each) => each === key)));
  return { ...infected, ...known };
}

describe('a run that acts', () => {
  it('says what was done to the world, at once', () => {
    const { view, stderr } = viewOf({});
    for (const each of actingRuns.fixed.events) {
      if (each.type === 'step.finished' && each.stepId === 'scale-out') break;
      view.event(each);
    }
    expect(stderr.text().trimEnd().split('\n').at(-1)).toBe(
      '→ ecs:UpdateService nano/nano-api in us-west-2: desired 6 → 7',
    );
  });

  it('says it on a line of its own when a step that succeeded is put back', () => {
    const text = show(actingRuns.undone, { columns: 120 });
    expect(text).toMatch(/✓ One task more +desired 7\n/);
    expect(text).toMatch(
      /← put back: ecs:UpdateService nano\/nano-api in us-west-2: desired 7 → 6\n← One task more +put back: desired 6 again/,
    );
  });

  it('tells first, and with a mark, what stays changed, then what was put back', () => {
    const text = show(actingRuns.undone, { columns: 120 });
    const stays = text.indexOf('Stays changed (1)\n! application-autoscaling:RegisterScalableTarget nano/nano-api');
    expect(stays).toBeGreaterThan(text.indexOf('✗ The run failed'));
    expect(text.indexOf('Put back (1)\n← ecs:UpdateService')).toBeGreaterThan(stays);
  });

  it('says how to find out about a change that nobody knows of', () => {
    const text = show(actingRuns.doubtful, { columns: 120 });
    expect(text).toContain('Not known whether it was changed (1)\n? ecs:UpdateService nano/nano-api in us-west-2');
    expect(text).toContain('desired 6 means that it was not done, desired 7 that it was');
  });

  it('gives the commands that go on once, whole, wherever they come from', () => {
    const command = `nanoops runs resume ${runId} --approve approve@3f9a0c2b1d4e`;
    const { events, document } = actingRuns.awaiting;
    for (const each of [document, { ...document, suspended: undefined }]) {
      const lines = show({ events, document: each }, { columns: 40 }).split('\n');
      expect(lines.filter((line) => line.trim() === command)).toHaveLength(1);
    }
  });

  it('breaks no command that a run ends with, and says why it was stopped', () => {
    const fence = `aws ecs update-service --region us-west-2 --cluster nano --service nano-api --desired-count 0`;
    const { events, document } = actingRuns.awaiting;
    const reason = "the run's limit of 180 s was reached";
    const steps = document.steps.filter(({ status }) => status !== 'failed');
    const stopped = { ...document, steps, verdict: 'failed', exitCode: 5, nextSteps: [fence] } as const;
    const text = show({ events, document: { ...stopped, suspended: { reason, nextSteps: [] } } }, { columns: 60 });
    expect(text).toContain(`\n  next     ${fence}\n`);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`✗ The run failed: ${reason}; `);
  });

  it('says who holds what it needs, since when and where', () => {
    expect(show(actingRuns.locked, { columns: 200 })).toContain(
      '! ecs:us-west-2:nano/nano-api is held by run 20261123T103112Z-crash-loop-9d3k1m of ben@bastion, since 2026-11-23T10:31:20.000Z, at step "scale-out"\n‖ Suspended\n',
    );
  });

  it('tells leases only to those who ask for everything', () => {
    expect(show(actingRuns.fixed)).not.toContain('token 4');
    expect(show(actingRuns.fixed, { verbosity: 1 })).toContain('holds ecs:us-west-2:nano/nano-api (token 4)');
  });

  it('says in a dry run, before anything else, that nothing is changed, and what each finding rests on', () => {
    const text = show(actingRuns.planned, { columns: 120 });
    expect(text).toMatch(/^API latency spike \(prod\), dry run\nNothing is changed/);
    expect(text).toMatch(/Tasks and rollouts of the service +observed +6 of 6 tasks run/);
    expect(text).toContain('› planned: ecs:UpdateService nano/nano-api in us-west-2: desired 6 → 7\n');
    expect(text).toMatch(/› One task more +assumed +planned: one task more/);
    expect(text).toMatch(/› Until the new task runs +assumed +7 of 7 tasks run {2}48 s\n/);
    expect(text).toMatch(/\? Is it fast again\? +unknown +ecs:DescribeServices/);
    expect(text).not.toContain('→ ecs:UpdateService');
    expect(text).toContain('Dry run, nothing was changed.');
    expect(text).toContain('Planned: a dry run changes nothing (2)');
    expect(text).not.toContain('Stays changed');
  });

  it('leaves questions to the prompt, where there is one', () => {
    expect(show(actingRuns.fixed)).toContain('May one more task be run?');
    const prompted = show(actingRuns.fixed, { prompted: true });
    expect(prompted).not.toContain('May one more task be run?');
    expect(prompted).toMatch(/✓ Consent to more tasks/);
  });

  it('says a look at the world where it is news, and only there', () => {
    const { view, stderr } = viewOf({});
    const look = (state: 'not-started' | 'drifted'): RunEvent =>
      event({ type: 'change.looked-up', stepId: 'scale-out', direction: 'apply', state, detail: 'desired 6' });
    view.event(look('not-started'));
    expect(stderr.text()).toBe('');
    view.event(look('drifted'));
    expect(stderr.text()).toContain('neither as before nor as it was to be: desired 6');
    view.event(
      event({
        type: 'change.intended',
        stepId: 'scale-out',
        direction: 'apply',
        change: scaleOut,
        hash: '1',
        tokens: {},
      }),
    );
    view.event(look('not-started'));
    expect(stderr.text()).toContain('it was not begun: desired 6');
  });

  it('prints a line for a wait each time that something else is seen, where nothing can move', () => {
    const { view, stderr } = viewOf({});
    for (const detail of ['6 of 7', '6 of 7', '7 of 7', '7 of 7']) {
      view.event(event({ type: 'step.progressed', stepId: 'tasks-run', detail }));
    }
    expect(stderr.text().match(/…/g)).toHaveLength(2);
  });
});

describe('a run that is taken up again', () => {
  const events = actingRuns.resumed.events;
  const cut = events.findIndex(({ type }) => type === 'run.resumed');
  const before = historyOf(events.slice(0, cut));

  it('says who goes on, from what, and what is different', () => {
    const { view, stderr } = viewOf({ before, columns: 120 });
    for (const each of events.slice(cut)) view.event(each);
    const text = stderr.text();
    expect(text).toMatch(/^API latency spike \(prod\)\nrun 2026/);
    expect(text).toContain('→ Resumed, by ben@bastion\n');
    expect(text).toContain('goes on from 4 of 9 steps ended, 1 change made, 1 change to be looked up first');
    expect(text).toContain('the runbook differs: step "tell" (notify) is new');
    expect(text).toMatch(/✓ One task more +it was done already/);
    expect(text).toContain('One task more: looked: it is done');
  });

  it('counts as ended only what had ended, as the interruption did', () => {
    const known = before ?? historyOf([]);
    const waiting = {
      stepId: 'x',
      status: 'suspended',
      detail: 'waits',
      attempts: 1,
      durationMs: 0,
      startedAt: 0,
    } as const;
    const never = { ...waiting, stepId: 'y', status: 'blocked', attempts: 0 } as const;
    const { view, stderr } = viewOf({ before: { ...known, steps: [...known.steps, waiting, never] }, columns: 120 });
    view.event(event({ type: 'run.resumed', by: 'ben', purpose: 'continue', differences: [] }));
    expect(stderr.text()).toContain('goes on from 4 of 9 steps ended');
  });

  it('says that it looks anew where nothing was changed', () => {
    const { view, stderr } = viewOf({ before: historyOf(events.slice(0, 3)) });
    view.event(event({ type: 'run.resumed', by: 'ben', purpose: 'continue', differences: [] }));
    expect(stderr.text()).toContain('nothing was changed before: everything is looked at anew');
  });

  it('says so when it is taken up to put things back', () => {
    const { view, stderr } = viewOf({});
    view.event(event({ type: 'run.resumed', by: 'ben', purpose: 'abort', differences: [] }));
    expect(stderr.text()).toContain('Taken up to put back what was changed, by ben');
  });
});

/** As much of a terminal as a spinner draws on. */
function terminal(): { readonly stream: WriteStream; readonly written: () => string } {
  let written = '';
  const stream = Object.create(WriteStream.prototype, {
    columns: { value: 160 },
    rows: { value: 40 },
    isTTY: { value: true },
    write: {
      writable: true,
      value: (text: string) => {
        written += text;
        return true;
      },
    },
    clearLine: { value: () => true },
    cursorTo: { value: () => true },
    moveCursor: { value: () => true },
  }) as WriteStream; // A test has no terminal of its own.
  return { stream, written: () => written };
}

describe('what moves', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function moving() {
    const { stream, written } = terminal();
    const { view } = viewOf({ stderr: stream, interactive: true });
    const [first] = actingRuns.fixed.events;
    if (first !== undefined) view.event(first);
    return { view, written };
  }

  it('says what is being done, what is being put back, and what is waited for', async () => {
    const { view, written } = moving();
    const begin = (direction: 'apply' | 'undo'): void =>
      view.event(
        event({
          type: 'change.intended',
          stepId: 'raise-minimum',
          direction,
          change: raiseMinimum,
          hash: '1',
          tokens: {},
        }),
      );
    begin('apply');
    await patiently(() =>
      written().includes(
        'A higher minimum of tasks (application-autoscaling:RegisterScalableTarget nano/nano-api in us-west-2: minimum 2 → 7)',
      ),
    );
    begin('undo');
    await patiently(() => written().includes('(putting back application-autoscaling:RegisterScalableTarget'));
    view.event(event({ type: 'change.answered', stepId: 'raise-minimum', direction: 'undo', outcome: 'applied' }));
    const lastFrame = (): string =>
      written()
        .split(/(?=[⠀-⣿])/)
        .at(-1) ?? '';
    await patiently(() => lastFrame().includes('0 of 9') && !lastFrame().includes('putting back'));
    view.event(event({ type: 'step.started', stepId: 'tasks-run' }));
    view.event(event({ type: 'step.progressed', stepId: 'tasks-run', detail: '6 of 7 tasks run' }));
    await patiently(() => written().includes('Until the new task runs (6 of 7 tasks run)'));
    expect(written()).not.toContain('… Until the new task runs');
    view.event(event({ type: 'run.finished', verdict: 'ok', durationMs: 1 }));
  });

  it('stands still while the screen is held, and lines wait', async () => {
    const { view, written } = moving();
    view.event(event({ type: 'step.started', stepId: 'tasks-run' }));
    await patiently(() => written().includes('Until the new task runs'));
    const release = view.hold();
    const releaseInner = view.hold();
    const before = written().length;
    view.event(event({ type: 'step.progressed', stepId: 'tasks-run', detail: '6 of 7 tasks run' }));
    view.event(
      actingRuns.fixed.events.find(({ type }) => type === 'step.finished') ??
        event({ type: 'step.started', stepId: 'x' }),
    );
    await vi.advanceTimersByTimeAsync(5000);
    release();
    release();
    expect(written().length).toBe(before);
    releaseInner();
    expect(written().slice(before)).toContain('6 of 6 tasks run');
    await patiently(() => written().slice(before).includes('(6 of 7 tasks run)'));
    view.event(event({ type: 'run.suspended', verdict: 'interrupted', reason: 'x', nextSteps: [], durationMs: 1 }));
    const end = written().length;
    await vi.advanceTimersByTimeAsync(5000);
    expect(written().length).toBe(end);
  });
});
