/**
 * Asks the person before the terminal: shows the question and takes the answer. Owns the screen and the keyboard while it
 * asks. A yes is typed; everything else (nothing, the end of the input, the deadline) is none.
 */
import { Writable } from 'node:stream';
import type { AskedQuestion, Answer, Approver } from '../engine/approval.ts';
import { worstRisk } from '../engine/change.ts';
import type { Clock } from '../engine/clock.ts';
import { countdownText, redraw } from './countdown.ts';
import { deadlineClock, questionLines } from './question-view.ts';
import { paletteOf } from './screen.ts';
import { plain } from './text.ts';

export interface TerminalApproverOptions {
  readonly stdin: NodeJS.ReadStream;
  /** Where the question is drawn. */
  readonly output: NodeJS.WriteStream;
  readonly columns: number;
  readonly color: boolean;
  /** IANA name; the machine's own when absent. */
  readonly timeZone?: string;
  /** For the deadline. A virtual clock stands still while a person thinks. */
  readonly clock: Clock;
  /** Who answers, for the journal. */
  readonly by: string;
  /** Called for Ctrl-C, which the terminal then does not make a signal of: ends the run as a signal would. */
  readonly interrupt: () => void;
  /** Keeps everything else off the screen, until what it returns is called. */
  readonly hold: () => () => void;
}

export function terminalApprover(options: TerminalApproverOptions): Approver {
  return new TerminalApprover(options);
}

class TerminalApprover implements Approver {
  private readonly options: TerminalApproverOptions;
  /** One question at a time: those that come meanwhile wait for their turn. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: TerminalApproverOptions) {
    this.options = options;
  }

  ask(question: AskedQuestion, signal: AbortSignal): Promise<Answer> {
    const before = this.turn;
    const answer = (async () => {
      await before;
      signal.throwIfAborted();
      const release = this.options.hold();
      try {
        return await this.show(question, signal);
      } finally {
        release();
      }
    })();
    // Whoever comes next waits for the end of this one, however it ends; its failure is for whoever asked.
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async show(question: AskedQuestion, signal: AbortSignal): Promise<Answer> {
    const { clock, output, by } = this.options;
    if (question.deadlineAt !== undefined && clock.now() >= question.deadlineAt) return this.tooLate(question);
    output.write(`${questionLines(question, this.options).join('\n')}\n`);
    const watch = this.watch(question, signal);
    const counting = this.countDown(question);
    try {
      const yes = await clock.busy(() => this.prompt(question, watch.signal));
      return yes ? { kind: 'given', by, how: 'prompt' } : { kind: 'declined', by };
    } catch (error) {
      signal.throwIfAborted();
      if (isExit(error)) {
        this.options.interrupt();
        signal.throwIfAborted();
        return absent(question, 'the prompt was interrupted');
      }
      switch (watch.ended()) {
        case 'late':
          return this.tooLate(question);
        case 'input':
          return absent(question, 'the input ended before an answer');
        case undefined:
          throw error;
      }
    } finally {
      counting.abort();
      watch.stop();
    }
  }

  /** Above the prompt, how long a yes still meets what the run aims for; until it is aborted. */
  private countDown({ decideBy }: AskedQuestion): AbortController {
    const over = new AbortController();
    if (decideBy === undefined) return over;
    const { output, clock, color } = this.options;
    output.write(`${countdownText(decideBy, clock.now(), color)}\n`);
    void redraw(decideBy, { output, clock, color, signal: over.signal });
    return over;
  }

  private tooLate(question: AskedQuestion): Answer {
    const clock = deadlineClock(question.deadlineAt ?? 0, this.options.timeZone);
    return absent(question, `no answer came by ${clock}, which counts as no`);
  }

  /** What ends a prompt besides an answer. */
  private watch({ deadlineAt }: AskedQuestion, signal: AbortSignal) {
    const { stdin, clock } = this.options;
    const prompt = new AbortController();
    const over = new AbortController();
    let why: 'late' | 'input' | undefined;
    const end = (reason: typeof why): void => {
      why ??= reason;
      prompt.abort();
    };
    const aborted = (): void => end(undefined);
    const inputEnded = (): void => end('input');
    // Ctrl-D on an empty line closes the line reader without a word; what it leaves is an input that is paused.
    const keypress = (_text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
      if (key.ctrl === true && key.name === 'd') queueMicrotask(() => stdin.isPaused() && end('input'));
    };
    signal.addEventListener('abort', aborted);
    stdin.on('end', inputEnded);
    stdin.on('close', inputEnded);
    stdin.on('keypress', keypress);
    if (stdin.readableEnded || stdin.destroyed) end('input');
    if (deadlineAt !== undefined) {
      void clock.sleep(deadlineAt - clock.now(), over.signal).then(
        () => end('late'),
        () => undefined, // The prompt ended in time.
      );
    }
    return {
      signal: prompt.signal,
      ended: () => why,
      stop: () => {
        over.abort();
        signal.removeEventListener('abort', aborted);
        stdin.off('end', inputEnded);
        stdin.off('close', inputEnded);
        stdin.off('keypress', keypress);
      },
    };
  }

  private async prompt(question: AskedQuestion, signal: AbortSignal): Promise<boolean> {
    const context = { input: this.options.stdin, output: lasting(this.options.output), signal };
    const theme = this.theme();
    const name = nameToType(question);
    // Loading takes 35 ms, which only those pay who are asked.
    const { confirm, input: text } = await import('@inquirer/prompts');
    if (name === undefined) {
      const message = question.kind === 'manual' ? 'Done?' : 'Go ahead?';
      return confirm({ message, default: false, theme }, context);
    }
    const typed = await text(
      {
        message: `Type ${name} to go ahead, nothing for no:`,
        validate: (value) => value === '' || value.trim() === name || `that is not ${name}: type it again, or nothing`,
        theme: { ...theme, validationFailureMode: 'clear' },
      },
      context,
    );
    return typed.trim() === name;
  }

  private theme() {
    const { strong, faint, bad } = paletteOf(this.options.color);
    const same = (text: string): string => text;
    return {
      prefix: strong('?'),
      style: {
        message: (text: string): string => strong(text),
        answer: same,
        defaultAnswer: (text: string): string => faint(`(${text})`),
        error: (text: string): string => bad(`! ${text}`),
      },
    };
  }
}

/** The same screen, for a prompt that ends what it was given: the next question needs it again. */
function lasting(output: NodeJS.WriteStream): Writable {
  const screen = new Writable({
    write: (chunk, _encoding, done) => {
      output.write(chunk);
      done();
    },
  });
  // Where a prompt reads how wide its lines may be.
  return Object.defineProperties(screen, {
    isTTY: { get: () => output.isTTY },
    columns: { get: () => output.columns },
  });
}

/**
 * What has to be typed instead of a `y`, where it cannot be put back: the name of what the weightiest change is made to.
 * The plan's hash where that name cannot be shown.
 */
function nameToType({ kind, changes, hash }: AskedQuestion): string | undefined {
  if (kind === 'manual' || changes.length === 0) return undefined;
  const risk = worstRisk(changes);
  if (risk === 'reversible') return undefined;
  const resource = changes.find((change) => change.risk === risk)?.resource ?? '';
  return plain(resource).trim() || plain(hash);
}

function absent({ resume }: AskedQuestion, reason: string): Answer {
  return { kind: 'absent', reason, nextSteps: [plain(resume)] };
}

/** Ctrl-C at the prompt, as the package tells it. */
function isExit(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError';
}
