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
import type { RetryPolicy } from './retry.ts';

/** What an observing step may use. `signal` aborts when the step or the run must end. */
export interface ObserveContext<Ports, Settings> {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of a step that keeps it: what it yielded when the run looked first. Absent until a run that has only looked looks anew. */
  readonly first?: unknown;
  /** Of a look at a change: when the step's change was sent first, epoch milliseconds. Absent before it is. */
  readonly sentAt?: number;
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
  | { readonly state: 'reached'; readonly output: Output; readonly detail: string; readonly takenBack?: boolean }
  | { readonly state: 'waiting'; readonly detail: string }
  /**
   * It will not be reached any more, however long one waits. `takenBack`, also where that was an end to reach: whoever was asked
   * for the change that is waited for took it back, and all is as before.
   */
  | { readonly state: 'failed'; readonly detail: string; readonly takenBack?: boolean };

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
      /** The step whose change is waited for: how that ended is told here. */
      readonly of?: AnyStep | undefined;
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

export type BodyOf<Form extends StepBody<unknown, never, never, never>['form'], Ports, Settings, Act> = Extract<
  StepBody<unknown, Ports, Settings, Act>,
  { form: Form }
>;

export type ChangeBody<Ports, Settings, Act> = BodyOf<'change', Ports, Settings, Act>;

/** What an answer to a change gave that later steps need; most give nothing. */
export type Receipt = PlainRecord | void;

/** What an acting step yields. */
export interface Changed {
  readonly change: Change;
  /** False where the world was so already, and nothing was sent. */
  readonly made: boolean;
  /** True where it was on its way already when the step began, so that nothing was sent: that it arrives was not seen. */
  readonly isUnderWay?: boolean;
  /** When it was answered, or seen to be so already; epoch milliseconds. */
  readonly at: number;
  /** When it was sent first, epoch milliseconds; absent where nothing was sent. */
  readonly sentAt?: number;
  /** What the answer gave. */
  readonly receipt?: PlainRecord;
}

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

/** A step as a run carries it out, which knows neither its id nor its needs by their types. */
export type RunStep<Ports, Settings, Act> = Step<string, unknown, Ports, Settings, string, Act>;

/** Any step, whatever it needs and yields. */
export type AnyStep = Step<string, unknown, never, never>;

export interface NeededStep<Id extends string = string> {
  readonly step: AnyStep & { readonly id: Id };
  /** True where the step goes on when this need could not be met. */
  readonly optional: boolean;
}

export interface SettledNeed<S extends AnyStep> {
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
