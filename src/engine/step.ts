/**
 * Steps, the parts of a runbook. A step names what it needs by reference, so that the types of its needs reach its
 * `run` and a cycle cannot be written. A step knows nothing of AWS or terminals: what it may use comes with its
 * context, typed by whoever writes runbooks (`Ports`: what can be asked and done; `Settings`: plain data).
 */
import type { Clock } from './clock.ts';
import type { ErrorClass } from './errors.ts';
import type { StepKind } from './events.ts';
import { defaultRetryPolicy, type RetryPolicy } from './retry.ts';

/** What an observing step may use. `signal` aborts when the step or the run must end. */
export interface ObserveContext<Ports, Settings> {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
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

export interface Step<Id extends string, Output, Ports, Settings, NeedIds extends string = string> {
  readonly id: Id;
  readonly title: string;
  readonly kind: StepKind;
  readonly needs: readonly NeededStep<NeedIds>[];
  /** Every operation that the step may call, as `service:Operation`; nothing else, and possibly not all of them. */
  readonly calls: readonly string[];
  /** Milliseconds that one attempt may take. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** Runs the step once its needs have ended. */
  readonly execute: (results: Results, context: ObserveContext<Ports, Settings>) => Promise<StepOutcome<Output>>;
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

interface StepOptions<N extends Needs, Output, Settings> {
  readonly title: string;
  readonly needs?: N;
  /** Gives a reason for which there is nothing to do; the step is then skipped, and says so. */
  readonly skip?: (needs: NeedValues<N>, settings: Settings) => string | undefined;
  /** What was found, in one line. */
  readonly detail: (output: Output, settings: Settings) => string;
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

const defaultTimeoutMs = 60_000;

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

/** The step constructors for one kind of runbook, that is, for one pair of `Ports` and `Settings`. */
export function stepsFor<Ports, Settings>() {
  /** A step that looks at the world and changes nothing. When it cannot find out, its value is unknown, not zero. */
  function observe<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: ObserveOptions<N, Output, Ports, Settings>,
  ): Step<Id, Output, Ports, Settings, NeedIdsOf<N>> {
    return {
      id,
      title: options.title,
      kind: 'observe',
      needs: neededSteps(options.needs),
      calls: options.calls ?? [],
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      retry: options.retry ?? defaultRetryPolicy,
      execute: async (results, context) => {
        const needs = needValues(options.needs, results);
        const reason = options.skip?.(needs, context.settings);
        if (reason !== undefined) return { kind: 'skipped', reason };
        const output = await options.run(needs, context);
        return { kind: 'done', output, detail: options.detail(output, context.settings) };
      },
    };
  }

  /** A step that concludes from what others found: pure, so it always ends and is never retried. */
  function decide<const Id extends string, Output, const N extends Needs = Record<never, never>>(
    id: Id,
    options: DecideOptions<N, Output, Settings>,
  ): Step<Id, Output, Ports, Settings, NeedIdsOf<N>> {
    return {
      id,
      title: options.title,
      kind: 'decide',
      needs: neededSteps(options.needs),
      calls: [],
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetryPolicy,
      execute: (results, context) => {
        const needs = needValues(options.needs, results);
        const reason = options.skip?.(needs, context.settings);
        if (reason !== undefined) return Promise.resolve({ kind: 'skipped', reason });
        const output = options.run(needs, { settings: context.settings, now: context.clock.now() });
        const detail = options.detail(output, context.settings);
        return Promise.resolve({ kind: 'done', output, detail, isUnknown: options.isUnknown?.(output) ?? false });
      },
    };
  }

  return { observe, decide };
}
