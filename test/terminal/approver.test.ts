import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { terminalApprover, type TerminalApproverOptions } from '../../src/terminal/approver.ts';
import { questionLines } from '../../src/terminal/question-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { failOver, hash, question, runId, startedAt } from './acting.ts';
import { fakeTerminal, handClock, type FakeTerminal } from './keyboard.ts';
import { nasty } from './nasty.ts';

const reversible: AskedQuestion = {
  ...question,
  runId,
  stepId: 'approve',
  title: 'Consent to more tasks',
  resume: `nanoops runs resume ${runId}`,
};
const irreversible: AskedQuestion = {
  ...reversible,
  title: 'Consent to a failover',
  question: 'May nano-db-2 become the writer?',
  facts: ['nano-db-1 has not answered for 4 min'],
  changes: [...question.changes, failOver],
};
const lossy: AskedQuestion = {
  ...irreversible,
  changes: [{ ...failOver, risk: 'data-loss', lossMs: 12_000 }],
};
const manual: AskedQuestion = {
  ...reversible,
  kind: 'manual',
  title: 'Look at the dashboards',
  question: 'Do the dashboards look well?',
  facts: [],
  changes: [],
};

interface Asking {
  readonly terminal: FakeTerminal;
  readonly answer: Promise<Answer>;
  readonly abort: AbortController;
  readonly held: string[];
}

function ask(asked: AskedQuestion, options: Partial<TerminalApproverOptions> = {}): Asking {
  const terminal = fakeTerminal();
  const abort = new AbortController();
  const held: string[] = [];
  const approver = terminalApprover({
    ...terminal,
    columns: 80,
    color: false,
    timeZone: 'Europe/Berlin',
    clock: handClock(startedAt),
    by: 'ana',
    interrupt: () => abort.abort(new Error('interrupted')),
    hold: () => {
      held.push('held');
      return () => held.push('released');
    },
    ...options,
  });
  const answer = approver.ask(asked, abort.signal);
  // Tests look at it later; until then it is not unhandled.
  answer.catch(() => undefined);
  return { terminal, answer, abort, held };
}

const yes = { kind: 'given', by: 'ana', how: 'prompt' };
const no = { kind: 'declined', by: 'ana' };

describe('a question about what can be put back', () => {
  it.each([
    ['y', yes],
    ['yes', yes],
    ['n', no],
    ['', no],
  ])('takes "%s" and Enter as it is meant, and nothing typed as no', async (keys, expected) => {
    const { terminal, answer, held } = ask(reversible);
    await terminal.type('Go ahead? (y/N)', `${keys}\r`);
    expect(await answer).toEqual(expected);
    expect(held).toEqual(['held', 'released']);
    expect(terminal.isRaw()).toBe(false);
  });

  it('does not take for an answer what is neither yes nor no', async () => {
    const { terminal, answer } = ask(reversible);
    await terminal.type('Go ahead?', 'ok\r');
    await terminal.type('You must answer', '\u007f\u007fy\r');
    expect(await answer).toEqual(yes);
  });

  it('asks one thing at a time', async () => {
    const terminal = fakeTerminal();
    const approver = terminalApprover({
      ...terminal,
      columns: 80,
      color: false,
      clock: handClock(startedAt),
      by: 'ana',
      interrupt: () => undefined,
      hold: () => () => undefined,
    });
    const { signal } = new AbortController();
    const first = approver.ask(reversible, signal);
    const second = approver.ask(manual, signal);
    await terminal.type('Go ahead?', 'n\r');
    expect(await first).toEqual(no);
    await terminal.type('Done? (y/N)', 'y\r');
    expect(await second).toEqual(yes);
  });
});

describe('a question about what cannot be put back', () => {
  it.each([
    ['irreversible', irreversible],
    ['data-loss', lossy],
  ])('%s: wants the name of the resource, exactly', async (_risk, asked) => {
    const { terminal, answer } = ask(asked);
    await terminal.type('Type nano-db to go ahead', 'y\r');
    await terminal.type('that is not nano-db', 'nano-db-1\r');
    await terminal.type('nano-db-1', 'NANO-DB\r');
    await terminal.type('NANO-DB', 'nano-db\r');
    expect(await answer).toEqual(yes);
  });

  it('takes nothing typed as no, also after a wrong name', async () => {
    const { terminal, answer } = ask(irreversible);
    await terminal.type('Type nano-db', 'nano\r');
    await terminal.type('that is not nano-db', '\r');
    expect(await answer).toEqual(no);
  });

  it('wants the plan where the name cannot be seen', async () => {
    const { terminal, answer } = ask({ ...irreversible, changes: [{ ...failOver, resource: '\u200b\u001b[2J' }] });
    await terminal.type(`Type ${hash} to go ahead`, `${hash}\r`);
    expect(await answer).toEqual(yes);
  });
});

describe('a prompt without an answer', () => {
  const nextSteps = [`nanoops runs resume ${runId}`];

  it('ends at the deadline, and says when that was', async () => {
    const clock = handClock(startedAt);
    const { terminal, answer, held } = ask(reversible, { clock });
    await terminal.type('Go ahead?', 'y');
    clock.pass(30 * 60_000);
    expect(await answer).toEqual({
      kind: 'absent',
      reason: 'no answer came by 12:10 CET, which counts as no',
      nextSteps,
    });
    expect(held).toEqual(['held', 'released']);
    expect(terminal.isRaw()).toBe(false);
  });

  it('is not even shown after the deadline', async () => {
    const { terminal, answer } = ask(reversible, { clock: handClock(startedAt + 31 * 60_000) });
    expect(await answer).toMatchObject({ kind: 'absent' });
    expect(terminal.written()).toBe('');
  });

  it.each([true, false])('does not end while a virtual clock could jump to the deadline (busy: %s)', async (busy) => {
    const clock = new VirtualClock(startedAt);
    const asking = async () => {
      const { terminal, answer } = ask(reversible, { clock });
      await terminal.type('Go ahead?', 'y\r');
      return answer;
    };
    expect(await (busy ? clock.busy(asking) : asking())).toEqual(yes);
    expect(clock.now()).toBe(startedAt);
  });

  it('is an interrupt on Ctrl-C', async () => {
    const { terminal, answer, abort } = ask(reversible);
    await terminal.type('Go ahead?', '\u0003');
    await expect(answer).rejects.toThrow('interrupted');
    expect(abort.signal.aborted).toBe(true);
    expect(terminal.isRaw()).toBe(false);
  });

  it('is absent on Ctrl-C where the interrupt does not end the run', async () => {
    let interrupts = 0;
    const { terminal, answer } = ask(irreversible, { interrupt: () => (interrupts += 1) });
    await terminal.type('Type nano-db', 'nano-db\u0003');
    expect(await answer).toEqual({ kind: 'absent', reason: 'the prompt was interrupted', nextSteps });
    expect(interrupts).toBe(1);
  });

  it('rejects with the reason of whoever ends the run', async () => {
    const { terminal, answer, abort, held } = ask(reversible);
    await terminal.type('Go ahead?', '');
    abort.abort(new Error('told to end'));
    await expect(answer).rejects.toThrow('told to end');
    expect(held).toEqual(['held', 'released']);
    expect(terminal.isRaw()).toBe(false);
  });

  it('is absent at the end of the input', async () => {
    const { terminal, answer } = ask(reversible);
    await terminal.type('Go ahead?', '');
    terminal.stdin.push(null);
    expect(await answer).toEqual({ kind: 'absent', reason: 'the input ended before an answer', nextSteps });
  });

  it('is absent on Ctrl-D', async () => {
    const { terminal, answer } = ask(reversible);
    await terminal.type('Go ahead?', '\u0004');
    expect(await answer).toMatchObject({ kind: 'absent', reason: 'the input ended before an answer' });
  });

  it('is absent where the input has ended before', async () => {
    const terminal = fakeTerminal();
    terminal.stdin.destroy();
    const { answer } = ask(reversible, terminal);
    expect(await answer).toMatchObject({ kind: 'absent', reason: 'the input ended before an answer' });
  });
});

describe('what is shown before an answer', () => {
  const asked = { reversible, irreversible, lossy, manual };

  it.each(
    (Object.keys(asked) as (keyof typeof asked)[]).flatMap((name) =>
      [60, 120].map((columns) => [name, columns] as const),
    ),
  )('%s: reads well at %d columns', async (name, columns) => {
    const lines = questionLines(asked[name], { columns, color: false, timeZone: 'Europe/Berlin' });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/question-${name}-${columns}.txt`);
  });

  it('is only what differs', () => {
    const text = questionLines(reversible, { columns: 80, color: false }).join('\n');
    expect(text).toMatch(/desired {2}6 → 7/);
    expect(text).not.toContain('taskDefinition');
    expect(text).not.toContain('maximum');
  });

  it('is the loss, as far as it is known', () => {
    const text = (changes: AskedQuestion['changes']) =>
      questionLines({ ...lossy, changes }, { columns: 120, color: false }).join('\n');
    expect(text(lossy.changes)).toContain('up to 12 s of what was written may be lost');
    expect(text([{ ...failOver, risk: 'data-loss' }])).toContain('nobody knows how much');
  });

  it.each([40, 60, 80, 120])('keeps within %d columns, with values of any length', (columns) => {
    const long = { ...failOver, before: { writer: 'x'.repeat(90) }, after: { writer: 'y'.repeat(90) } };
    for (const each of [reversible, irreversible, lossy, manual, { ...lossy, changes: [long] }]) {
      const lines = questionLines(each, { columns, color: false });
      expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    }
  });

  it('lets no text of it reach the terminal as a command', () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom('reversible' as const, 'data-loss' as const), (text, risk) => {
        const values = { [text]: text };
        const change = {
          ...failOver,
          operation: text,
          resource: text,
          region: text,
          summary: text,
          blastRadius: text,
          before: { ...values, writer: 'a' },
          after: { writer: text },
          risk,
        };
        const lines = questionLines(
          { ...reversible, title: text, question: text, facts: [text], hash: text, changes: [change] },
          { columns: 80, color: false },
        );
        expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('lets no name reach the prompt as a command', async () => {
    const resource = 'nano\u001b]0;title\u0007-db\u001b[2J\u202e';
    const { terminal, answer } = ask({ ...irreversible, changes: [{ ...failOver, resource }] });
    await terminal.type('Type nano-db to go ahead', 'nano-db\r');
    expect(await answer).toEqual(yes);
    expect(terminal.written()).not.toMatch(/\u202e/u);
    expect(terminal.written()).not.toContain('\u001b[2J');
    expect(terminal.written()).not.toContain('\u001b]0;');
  });

  it('has no colour where none is wanted', async () => {
    const paints = (text: string): boolean => /␛\[(?:1|2|3\d)m/.test(text.replaceAll('\u001b', '␛'));
    const plainly = ask(reversible);
    await plainly.terminal.type('Go ahead?', 'n\r');
    await plainly.answer;
    expect(paints(plainly.terminal.written())).toBe(false);
    const colored = ask(reversible, { color: true });
    await colored.terminal.type('Go ahead?', 'n\r');
    await colored.answer;
    expect(paints(colored.terminal.written())).toBe(true);
  });
});
