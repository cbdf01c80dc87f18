/**
 * Steps, the parts of a runbook. A step names what it needs by reference, so that the types of its needs reach its
 * `run` and a cycle cannot be written. A step knows nothing of AWS or terminals: what it may use comes with its
 * context, typed by whoever writes runbooks (`Ports`: what can be asked; `Act`: what can be done; `Settings`: plain data).
 */
import type { Approval } from './approval.ts';
import type { Change, Look } from './change.ts';
import type { Clock } from './clock.ts';
import type { ErrorClass } from './errors.ts';
import type { Question, StepKind } from './events.ts';
import type { PlainRecord } from './plain.ts';
import { defaultRetryPolicy, type RetryPolicy } from './retry.ts';

/** What an observing step may use. `signal` aborts when the step or the run must end. */
export interface ObserveContext<Ports, Settings> {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of a step that keeps it: what it yielded when the run looked first. Absent until a run that has only looked looks anew. */
  readonly first?: unknown;
}

/** What a deciding step may use: data and the time, nothing that could look or act. */
export interface DecideContext<Settings> {
  readonly settings: Settings;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How a needed step ended, for a step that can go on without its value. */
export type Settled<Output> =
  | { readonly known: true; readonly value: Output }
  | {
      readonly known: false;
      /** `skipped`: nothing to look at. `unknown`: it should have been known. */
      readonly because: 'skipped' | 'unknown';
      readonly reason: string;
      readonly errorClass?: ErrorClass;
      /** True where it may have done something all the same: a change that was sent, somebody else's program that was begun. */
      readonly tried?: boolean;
      /** What to do or type next, where the error behind it says so. */
      readonly nextStep?: string;
    };

/** What a step leaves behind. */
export type StepOutcome<Output> =
  | {
      readonly kind: 'done';
      readonly output: Output;
      readonly detail: string;
      /** True where the output itself says that nothing could be told: it is passed on, and no success. */
      readonly isUnknown?: boolean;
    }
  | { readonly kind: 'skipped'; readonly reason: string };

export type Results = ReadonlyMap<AnyStep, Settled<unknown>>;

/** What an acting step's change, and a telling step, may use. */
export interface ActContext<Act, Settings> {
  readonly ports: Act;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** What a poll saw. */
export type Polled<Output> =
  | { readonly state: 'reached'; readonly output: Output; readonly detail: string }
  | { readonly state: 'waiting'; readonly detail: string }
  /** It will not be reached any more, however long one waits. */
  | { readonly state: 'failed'; readonly detail: string };

/** What a question asks, before it has its hash and its deadline. */
export interface Asked extends Pick<Question, 'question' | 'facts' | 'changes' | 'decideBy' | 'isGrave'> {
  /** Milliseconds after which no answer counts as a no. */
  readonly withinMs: number;
}

/** How a step does what it is for; which of these a step has follows from its kind. */
export type StepBody<Output, Ports, Settings, Act> =
  | {
      readonly form: 'run';
      readonly execute: (results: Results, context: ObserveContext<Ports, Settings>) => Promise<StepOutcome<Output>>;
    }
  | {
      readonly form: 'poll';
      readonly everyMs: number;
      /** What a dry run can say of it: a `state` is followed on the model; a `measurement` can only be assumed. */
      readonly basis: 'state' | 'measurement';
      readonly skip: (results: Results, settings: Settings) => string | undefined;
      readonly poll: (results: Results, context: ObserveContext<Ports, Settings>) => Promise<Polled<Output>>;
      /** What a dry run yields where it cannot poll. */
      readonly assume: ((results: Results, settings: Settings) => { output: Output; detail: string }) | undefined;
    }
  | {
      readonly form: 'ask';
      readonly skip: (results: Results, settings: Settings) => string | undefined;
      readonly ask: (results: Results, settings: Settings) => Asked;
      /** Makes the step's output of the answer. */
      readonly answered: (approval: Approval) => Output;
    }
  | {
      readonly form: 'change';
      readonly skip: (results: Results, settings: Settings) => string | undefined;
      readonly approval: AnyStep;
      readonly change: (results: Results, settings: Settings) => Change;
      readonly look: (change: Change, context: ObserveContext<Ports, Settings>) => Promise<Look>;
      readonly apply: (change: Change, context: ActContext<Act, Settings>) => Promise<Receipt>;
      readonly reverse: ((applied: Change) => Change | undefined) | undefined;
      /** True where sending it twice does what sending it once does. */
      readonly isIdempotent: boolean;
      /** True where this change is never sent a second time, whatever a look says: it may still be at it. */
      readonly isOnce: (change: Change) => boolean;
      /** Steps whose changes are not put back while this one's stands. */
      readonly seals: readonly AnyStep[];
      /** Milliseconds until what was put back must be seen; 5 min when absent. */
      readonly undoneWithinMs?: number | undefined;
      /** Makes the step's output once the change is made, or was made already. */
      readonly changed: (change: Change, how: Omit<Changed, 'change'>) => Output;
    }
  | {
      readonly form: 'tell';
      readonly skip: (results: Results, settings: Settings) => string | undefined;
      /** What would be told, in one line. */
      readonly preview: (results: Results, context: DecideContext<Settings>) => string;
      readonly tell: (results: Results, context: ActContext<Act, Settings>) => Promise<Told>;
      readonly told: (told: Told) => Output;
      /** True where the run must not go on without it. */
      readonly isVital?: boolean;
    };

/** What an answer to a change gave that later steps need; most give nothing. */
export type Receipt = PlainRecord | void;

/** What became of telling somebody. */
export interface Told {
  readonly delivered: boolean;
  /** True where there is nobody to tell, or nothing is ever sent: that is no failure. */
  readonly isOff?: boolean;
  readonly detail: string;
}

export interface Step<Id extends string, Output, Ports, Settings, NeedIds extends string = string, Act = never> {
  readonly id: Id;
  readonly title: string;
  readonly kind: StepKind;
  readonly needs: readonly NeededStep<NeedIds>[];
  /** Every operation by which the step may look, as `service:Operation`; nothing else, and possibly not all of them. */
  readonly calls: readonly string[];
  /** Every operation by which the step may change something. */
  readonly changes: readonly string[];
  /** The part of the stack that its calls go to, in the runbook's words: what a dead region takes with it is read from it. */
  readonly where?: string | undefined;
  /** Milliseconds that one attempt may take; for a step that waits, the whole wait. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** True where what it yielded first is kept for a run that looks at everything anew. */
  readonly keepsFirst?: boolean;
  /** True where the run goes on without it: that it failed is told, and ends nothing. */
  readonly isOptional?: boolean;
  /** True of what has to be done also where the run has failed: it ends what the run had somebody else begin. */
  readonly endsAnyway?: boolean;
  readonly body: StepBody<Output, Ports, Settings, Act>;
}

/** Any step, whatever it needs and yields. */
export type AnyStep = Step<string, unknown, never, never>;

export interface NeededStep<Id extends string = string> {
  readonly step: AnyStep & { readonly id: Id };
  /** True where the step goes on when this need could not be met. */
  readonly optional: boolean;
}

interface SettledNeed<S extends AnyStep> {
  readonly settled: S;
}

/** Marks a need that the step can do without: it gets how the needed step ended, instead of its value. */
export function settled<S extends AnyStep>(step: S): SettledNeed<S> {
  return { settled: step };
}

export type Needs = Readonly<Record<string, AnyStep | SettledNeed<AnyStep>>>;

type OutputOf<S> = S extends Step<string, infer Output, never, never> ? Output : never;

export type NeedValues<N extends Needs> = {
  readonly [Key in keyof N]: N[Key] extends SettledNeed<infer S>
    ? Settled<OutputOf<S>>
    : N[Key] extends AnyStep
      ? OutputOf<N[Key]>
      : never;
};

export type NeedIdsOf<N extends Needs> = {
  [Key in keyof N]: N[Key] extends SettledNeed<infer S> ? S['id'] : N[Key] extends AnyStep ? N[Key]['id'] : never;
}[keyof N];

interface CommonOptions<N extends Needs, Settings> {
  readonly title: string;
  readonly needs?: N;
  /** The part of the stack that its calls go to. */
  readonly where?: string;
  /** Gives a reason for which there is nothing to do; the step is then skipped, and says so. */
  readonly skip?: (needs: NeedValues<N>, settings: Settings) => string | undefined;
}

interface StepOptions<N extends Needs, Output, Settings> extends CommonOptions<N, Settings> {
  /** What was found, in one line. */
  readonly detail: (output: Output, settings: Settings) => string;
  /**
   * What it yields where a run that has only looked is resumed and looks anew: from what was found now and what it yielded
   * first. For what must not move with the time at which somebody goes on; without it only the present counts.
   */
  readonly again?: (now: Output, first: Output) => Output;
}

export interface ObserveOptions<N extends Needs, Output, Ports, Settings> extends StepOptions<N, Output, Settings> {
  /** Every operation that `run` may call, as `service:Operation`: what permissions and preparations are read from. */
  readonly calls?: readonly string[];
  /** Default 60 s. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  readonly run: (needs: NeedValues<N>, context: ObserveContext<Ports, Settings>) => Promise<Output>;
}

export interface DecideOptions<N extends Needs, Output, Settings> extends StepOptions<N, Output, Settings> {
  readonly run: (needs: NeedValues<N>, context: DecideContext<Settings>) => Output;
  /** True of an output that says that it cannot be told: the step is then unknown, and others still get the output. */
  readonly isUnknown?: (output: Output) => boolean;
}

export interface AskOptions<N extends Needs, Settings> extends CommonOptions<N, Settings> {
  readonly ask: (needs: NeedValues<N>, settings: Settings) => Omit<Asked, 'withinMs' | 'changes'> & Partial<Asked>;
}

export interface ActOptions<
  N extends Needs,
  Input extends PlainRecord,
  Ports,
  Settings,
  Act,
  Consent extends AnyStep,
> extends CommonOptions<N, Settings> {
  /** The approving step whose yes covers this change. */
  readonly approval: Consent;
  /** What `look` may call. */
  readonly calls: readonly string[];
  /** What `apply` may call. */
  readonly changes: readonly string[];
  /** The change, from what is known: the very one that the approving step has shown. */
  readonly change: (needs: NeedValues<N>, settings: Settings) => Change<Input>;
  /** How the change stands in the world. */
  readonly look: (change: Change<Input>, context: ObserveContext<Ports, Settings>) => Promise<Look>;
  /** Makes the change: exactly one call. */
  readonly apply: (change: Change<Input>, context: ActContext<Act, Settings>) => Promise<Receipt>;
  /** The change that puts it back, made by the same `look` and `apply`; undefined where there is none. */
  readonly reverse?: (applied: Change<Input>) => Change<Input> | undefined;
  /**
   * True where sending it twice does what sending it once does: an answer that was lost is then not waited for, and it is
   * sent again as long as its time lasts. For what has to be done soon, in a region that may be dying.
   */
  readonly isIdempotent?: boolean;
  /** True of a change that is never sent a second time, whatever a look says: what was started may still be at it. */
  readonly isOnce?: (change: Change<Input>) => boolean;
  /** Steps whose changes must not be put back while this one's stands, as what fences the loser of a failover. */
  readonly seals?: readonly AnyStep[];
  /** Milliseconds until what was put back must be seen. Default 5 min. */
  readonly undoneWithinMs?: number;
  /** True where the run goes on when the change cannot be made. */
  readonly isOptional?: boolean;
  /** Milliseconds for all attempts together. Default 3 min: throttling passes in that. */
  readonly timeoutMs?: number;
}

export interface PollOptions<N extends Needs, Output, Ports, Settings> extends CommonOptions<N, Settings> {
  readonly calls: readonly string[];
  readonly poll: (needs: NeedValues<N>, context: ObserveContext<Ports, Settings>) => Promise<Polled<Output>>;
  /** Milliseconds from one look to the next. Default 3 s. */
  readonly everyMs?: number;
  /** Milliseconds after which it has failed. */
  readonly withinMs: number;
  /** True where the run goes on when it is not reached. */
  readonly isOptional?: boolean;
}

export interface VerifyOptions<N extends Needs, Output, Ports, Settings> extends PollOptions<
  N,
  Output,
  Ports,
  Settings
> {
  /** Required for a `measurement`, which a dry run cannot make: what it then assumes. */
  readonly assume?: (needs: NeedValues<N>, settings: Settings) => { output: Output; detail: string };
}

export interface TellOptions<N extends Needs, Message, Settings, Act> extends CommonOptions<N, Settings> {
  readonly message: (needs: NeedValues<N>, context: DecideContext<Settings>) => Message;
  /** The message in one line. */
  readonly summary: (message: Message) => string;
  readonly send: (message: Message, context: ActContext<Act, Settings>) => Promise<Told>;
}

/** What an acting step yields. */
export interface Changed {
  readonly change: Change;
  /** False where the world was so already, and nothing was sent. */
  readonly made: boolean;
  /** True where it was on its way already when the step began, so that nothing was sent: that it arrives was not seen. */
  readonly isUnderWay?: boolean;
  /** When it was answered, or seen to be so already; epoch milliseconds. */
  readonly at: number;
  /** What the answer gave. */
  readonly receipt?: PlainRecord;
}

const defaultTimeoutMs = 60_000;
const changeTimeoutMs = 180_000;
const answerWithinMs = 30 * 60_000;
const pollEveryMs = 3_000;

function isSettledNeed(need: AnyStep | SettledNeed<AnyStep>): need is SettledNeed<AnyStep> {
  return 'settled' in need;
}

function neededSteps<N extends Needs>(needs: N | undefined): NeededStep<NeedIdsOf<N>>[] {
  const needed = Object.values(needs ?? {}).map((need) =>
    isSettledNeed(need) ? { step: need.settled, optional: true } : { step: need, optional: false },
  );
  // The ids are those of N's own steps, which `Object.values` cannot express.
  return needed as NeededStep<NeedIdsOf<N>>[];
}

function needValues<N extends Needs>(needs: N | undefined, results: Results): NeedValues<N> {
  const values = Object.entries(needs ?? {}).map(([key, need]) => {
    const step = isSettledNeed(need) ? need.settled : need;
    const result = results.get(step);
    if (result === undefined) throw new TypeError(`step "${step.id}" has not ended`);
    if (isSettledNeed(need)) return [key, result];
    if (!result.known) throw new TypeError(`step "${step.id}" gave no value`);
    return [key, result.value];
  });
  // `results` is keyed by the very steps whose outputs it holds; a heterogeneous map has no type for that.
  return Object.fromEntries(values) as NeedValues<N>;
}

function sinceFirst<Output>(
  { again }: { readonly again?: (now: Output, first: Output) => Output },
  now: Output,
  { first }: { readonly first?: unknown },
): Output {
  // What comes back from a journal is what the same step yielded.
  return again === undefined || first === undefined ? now : again(now, first as Output);
}

/**
 * The step constructors for one kind of runbook, that is, for what its steps may ask (`Ports`), be told (`Settings`) and
 * do (`Act`).
 */
export function stepsFor<Ports, Settings, Act = never>() {
  type Made<Id extends string, Output, N extends Needs> = Step<Id, Output, Ports, Settings, NeedIdsOf<N>, Act>;

  const skipping =
    <N extends Needs>({ needs, skip }: CommonOptions<N, Settings>) =>
    (results: Results, settings: Settings) =>
      skip?.(needValues(needs, results), settings);

  /** A step that looks at the world and changes nothing. When it cannot find out, its value is unknown, not zero. */
  function observe<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: ObserveOptions<N, Output, Ports, Settings>,
  ): Made<Id, Output, N> {
    return {
      id,
      title: options.title,
      where: options.where,
      kind: 'observe',
      needs: neededSteps(options.needs),
      calls: options.calls ?? [],
      changes: [],
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      retry: options.retry ?? defaultRetryPolicy,
      keepsFirst: options.again !== undefined,
      body: {
        form: 'run',
        execute: async (results, context) => {
          const needs = needValues(options.needs, results);
          const reason = options.skip?.(needs, context.settings);
          if (reason !== undefined) return { kind: 'skipped', reason };
          const output = sinceFirst(options, await options.run(needs, context), context);
          return { kind: 'done', output, detail: options.detail(output, context.settings) };
        },
      },
    };
  }

  /** A step that concludes from what others found: pure, so it always ends and is never retried. */
  function decide<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: DecideOptions<N, Output, Settings>,
  ): Made<Id, Output, N> {
    return {
      id,
      title: options.title,
      where: options.where,
      kind: 'decide',
      needs: neededSteps(options.needs),
      calls: [],
      changes: [],
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetryPolicy,
      keepsFirst: options.again !== undefined,
      body: {
        form: 'run',
        execute: (results, context) => {
          const needs = needValues(options.needs, results);
          const reason = options.skip?.(needs, context.settings);
          if (reason !== undefined) return Promise.resolve({ kind: 'skipped', reason });
          const found = options.run(needs, { settings: context.settings, now: context.clock.now() });
          const output = sinceFirst(options, found, context);
          const detail = options.detail(output, context.settings);
          return Promise.resolve({ kind: 'done', output, detail, isUnknown: options.isUnknown?.(output) ?? false });
        },
      },
    };
  }

  function asking(kind: 'approve' | 'manual') {
    return <const Id extends string, const N extends Needs = Record<never, never>>(
      id: Id,
      options: AskOptions<N, Settings>,
    ): Made<Id, Approval, N> => ({
      id,
      title: options.title,
      where: options.where,
      kind,
      needs: neededSteps(options.needs),
      calls: [],
      changes: [],
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetryPolicy,
      body: {
        form: 'ask',
        skip: skipping(options),
        ask: (results, settings) => ({
          changes: [],
          withinMs: answerWithinMs,
          ...options.ask(needValues(options.needs, results), settings),
        }),
        answered: (approval) => approval,
      },
    });
  }

  /** A step that changes one thing by one call, once an approving step has shown it and got a yes. */
  function act<
    const Id extends string,
    Input extends PlainRecord,
    const Consent extends AnyStep,
    const N extends Needs = Record<never, never>,
  >(
    id: Id,
    options: ActOptions<N, Input, Ports, Settings, Act, Consent>,
  ): Step<Id, Changed, Ports, Settings, NeedIdsOf<N> | Consent['id'], Act> {
    // A plan that comes back from a journal is the one that went in: its input is as `change` made it.
    const own = (change: Change): Change<Input> => change as Change<Input>;
    const consent: NeededStep<Consent['id']> = { step: options.approval, optional: false };
    return {
      id,
      title: options.title,
      where: options.where,
      kind: 'act',
      needs: [...neededSteps(options.needs), consent],
      calls: options.calls,
      changes: options.changes,
      timeoutMs: options.timeoutMs ?? changeTimeoutMs,
      retry: defaultRetryPolicy,
      isOptional: options.isOptional === true,
      body: {
        form: 'change',
        skip: skipping(options),
        approval: options.approval,
        change: (results, settings) => options.change(needValues(options.needs, results), settings),
        look: (change, context) => options.look(own(change), context),
        apply: (change, context) => options.apply(own(change), context),
        reverse: options.reverse === undefined ? undefined : (applied) => options.reverse?.(own(applied)),
        isIdempotent: options.isIdempotent === true,
        isOnce: (change) => options.isOnce?.(own(change)) === true,
        seals: options.seals ?? [],
        undoneWithinMs: options.undoneWithinMs,
        changed: (change, how) => ({ change, ...how }),
      },
    };
  }

  function polling<const Id extends string, Output, const N extends Needs>(
    id: Id,
    kind: 'wait' | 'verify',
    basis: 'state' | 'measurement',
    options: VerifyOptions<N, Output, Ports, Settings>,
  ): Made<Id, Output, N> {
    const { assume } = options;
    return {
      id,
      title: options.title,
      where: options.where,
      kind,
      needs: neededSteps(options.needs),
      calls: options.calls,
      changes: [],
      timeoutMs: options.withinMs,
      retry: defaultRetryPolicy,
      isOptional: options.isOptional === true,
      body: {
        form: 'poll',
        everyMs: options.everyMs ?? pollEveryMs,
        basis,
        skip: skipping(options),
        poll: (results, context) => options.poll(needValues(options.needs, results), context),
        assume:
          assume === undefined
            ? undefined
            : (results, settings) => assume(needValues(options.needs, results), settings),
      },
    };
  }

  /** A step that looks again and again until the change of state that was asked for is seen. */
  function wait<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: PollOptions<N, Output, Ports, Settings>,
  ): Made<Id, Output, N> {
    return polling(id, 'wait', 'state', options);
  }

  /** A step that must hold: the state of something. What was changed is put back where it does not. */
  function verify<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: PollOptions<N, Output, Ports, Settings>,
  ): Made<Id, Output, N> {
    return polling(id, 'verify', 'state', options);
  }

  /** A step that must hold: something that is measured, which a dry run can only assume. */
  function verifyMeasured<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: VerifyOptions<N, Output, Ports, Settings> &
      Required<Pick<VerifyOptions<N, Output, Ports, Settings>, 'assume'>>,
  ): Made<Id, Output, N> {
    return polling(id, 'verify', 'measurement', options);
  }

  /** As `wait`, for what is measured. */
  function waitMeasured<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: VerifyOptions<N, Output, Ports, Settings> &
      Required<Pick<VerifyOptions<N, Output, Ports, Settings>, 'assume'>>,
  ): Made<Id, Output, N> {
    return polling(id, 'wait', 'measurement', options);
  }

  function telling<const Id extends string, Message, const N extends Needs = Record<never, never>>(
    id: Id,
    kind: 'notify' | 'act',
    options: TellOptions<N, Message, Settings, Act>,
    isVital: boolean,
  ): Made<Id, Told, N> {
    const messageOf = (results: Results, context: DecideContext<Settings>) =>
      options.message(needValues(options.needs, results), context);
    return {
      id,
      title: options.title,
      where: options.where,
      kind,
      needs: neededSteps(options.needs),
      calls: [],
      changes: [],
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetryPolicy,
      body: {
        form: 'tell',
        skip: skipping(options),
        preview: (results, context) => options.summary(messageOf(results, context)),
        tell: (results, context) =>
          options.send(messageOf(results, { settings: context.settings, now: context.clock.now() }), context),
        told: (told) => told,
        isVital,
      },
    };
  }

  /** A step that tells somebody. It never ends a run: what was not delivered is said. */
  function tell<const Id extends string, Message, const N extends Needs = Record<never, never>>(
    id: Id,
    options: TellOptions<N, Message, Settings, Act>,
  ): Made<Id, Told, N> {
    return telling(id, 'notify', options, false);
  }

  /**
   * A step that has somebody else's program do something. It is no change: what it did cannot be looked up or put back, and
   * a run that died in it starts it again. `isVital`: the run fails where it does. `endsAnyway`: it is done also where the
   * run has failed, before anything is put back.
   */
  function hook<const Id extends string, Message, const N extends Needs = Record<never, never>>(
    id: Id,
    options: TellOptions<N, Message, Settings, Act> & { readonly isVital?: boolean; readonly endsAnyway?: boolean },
  ): Made<Id, Told, N> {
    const { isVital = false, endsAnyway = false } = options;
    return { ...telling(id, 'act', options, isVital), endsAnyway };
  }

  return {
    observe,
    decide,
    /** A step at which a person consents to changes. */
    approve: asking('approve'),
    /** A step that a person does, and then says so. */
    manual: asking('manual'),
    act,
    wait,
    waitMeasured,
    verify,
    verifyMeasured,
    tell,
    hook,
  };
}
