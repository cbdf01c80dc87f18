/** What whoever writes a step says of it, by its kind; `steps-for.ts` makes the step of it. */
import type { Change, Look } from './change.ts';
import type { PlainRecord } from './plain.ts';
import type { RetryPolicy } from './retry.ts';
import type {
  ActContext,
  AnyStep,
  Asked,
  DecideContext,
  Needs,
  NeedValues,
  ObserveContext,
  Polled,
  Receipt,
  Told,
} from './step.ts';

export interface CommonOptions<N extends Needs, Settings> {
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
  /** The acting step that it waits for, where a change that was made may still fail: that it did is told here, and not there. */
  readonly of?: AnyStep;
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
