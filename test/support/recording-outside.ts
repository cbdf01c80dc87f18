/**
 * An outside that says what a test tells it to, and writes down what it was asked. Strict: a question that no test
 * expected fails, and so does the test that leaves answers unused. Stateful: an answer is given once, in order, unless it
 * is for `always`, and an answer may be worked out from the question and from what was asked before.
 */
import type {
  HookName,
  Hooks,
  NewestHeartbeat,
  Outside,
  ProbeAnswer,
  ProgramAnswer,
  ProgramTarget,
} from '../../src/cloud/outside.ts';

/** By method, what each is asked with, and what it answers. */
interface Methods {
  probe: { asked: []; answer: ProbeAnswer };
  resolve: { asked: [record: string]; answer: readonly string[] };
  newestHeartbeat: { asked: [target: ProgramTarget]; answer: NewestHeartbeat };
  writeAndRead: { asked: []; answer: ProgramAnswer };
  consistency: { asked: [index: number, target: ProgramTarget, before: string | undefined]; answer: ProgramAnswer };
  hook: { asked: [hook: HookName, target: ProgramTarget]; answer: ProgramAnswer };
}

type Method = keyof Methods;
type Asked<Name extends Method> = Methods[Name]['asked'];
type Answer<Name extends Method> = Methods[Name]['answer'];
type Work<Name extends Method> = (...asked: Asked<Name>) => Answer<Name> | Promise<Answer<Name>>;

/** A value, what works one out, or `hangs`: no answer before the signal aborts. */
export type Reply<Name extends Method> = Answer<Name> | Work<Name> | typeof hangs;

export const hangs = Symbol('no answer ever comes');

/**
 * Answers in order; or, as `always`, the one for every question, of which there must be one at least. Where a method is
 * not there, it must not be asked.
 */
export type Script = {
  readonly [Name in Method]?: readonly Reply<Name>[] | { readonly always: Reply<Name> };
};

/** One question, as it was asked. */
export type Question = { readonly [Name in Method]: { readonly method: Name; readonly asked: Asked<Name> } }[Method];

export class RecordingOutside {
  readonly outside: Outside;
  readonly hooks: Hooks;
  /** In the order in which they were asked. */
  readonly questions: Question[] = [];
  private readonly unexpected: string[] = [];
  private readonly replies: { [Name in Method]?: Reply<Name>[] | { readonly always: Reply<Name> } };

  constructor(script: Script) {
    this.replies = Object.fromEntries(
      Object.entries(script).map(([method, replies]) => [method, Array.isArray(replies) ? [...replies] : replies]),
    );
    this.outside = {
      probe: (signal) => this.answer('probe', [], signal),
      resolve: (record, signal) => this.answer('resolve', [record], signal),
      newestHeartbeat: (target, signal) => this.answer('newestHeartbeat', [target], signal),
      writeAndRead: (signal) => this.answer('writeAndRead', [], signal),
      consistency: (index, target, before, signal) => this.answer('consistency', [index, target, before], signal),
    };
    this.hooks = { run: (hook, target) => this.answer('hook', [hook, target]) };
  }

  /** What one method was asked with, in order. */
  askedOf<Name extends Method>(method: Name): readonly Asked<Name>[] {
    // A question's arguments are those of its method.
    return this.questions.filter((question) => question.method === method).map(({ asked }) => asked as Asked<Name>);
  }

  /** To be called when the test has ended. Throws where something was asked that nobody expected, or not asked that was. */
  verify(): void {
    const unused = (Object.keys(this.replies) as Method[]).flatMap((method) => {
      const replies = this.replies[method];
      if (Array.isArray(replies)) return replies.map(() => `${method}: an answer that nobody asked for`);
      return this.askedOf(method).length === 0 ? [`${method}: was to be asked, and never was`] : [];
    });
    const faults = [...this.unexpected, ...unused];
    if (faults.length > 0) throw new Error(`the outside was not asked as expected:\n  ${faults.join('\n  ')}`);
  }

  private async answer<Name extends Method>(
    method: Name,
    asked: Asked<Name>,
    signal?: AbortSignal,
  ): Promise<Answer<Name>> {
    signal?.throwIfAborted();
    // Which method and which arguments belong together is in the signature.
    this.questions.push({ method, asked } as unknown as Question);
    const replies = this.replies[method];
    const reply = Array.isArray(replies) ? replies.shift() : replies?.always;
    if (reply === undefined) {
      const fault = `${method}(${asked.map((each) => JSON.stringify(each)).join(', ')}): nobody expected that`;
      this.unexpected.push(fault);
      throw new Error(fault);
    }
    if (reply === hangs) return never(signal);
    const given = typeof reply === 'function' ? await reply(...asked) : reply;
    signal?.throwIfAborted();
    return given;
  }
}

function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** A program that went well, and printed that. */
export function printed(output: string): ProgramAnswer {
  return { ok: true, detail: output.trim().split('\n').at(-1) ?? '', output };
}

/** A program that did not. */
export function failed(detail: string): ProgramAnswer {
  return { ok: false, detail, output: '' };
}

/** What the public name answers. */
export function answered(status: number, durationMs = 34): ProbeAnswer {
  return { ok: status >= 200 && status < 400, status, durationMs, detail: `${status} in ${durationMs} ms` };
}
