/**
 * Makes steps: fills in what whoever writes one leaves out, and gives its `run`, `change` and the like the values of its needs
 * by their names.
 */
import type { Approval } from './approval.ts';
import { ofKnownRisk, type Change } from './change.ts';
import type { PlainRecord } from './plain.ts';
import { defaultRetryPolicy } from './retry.ts';
import type {
  ActOptions,
  AskOptions,
  CommonOptions,
  DecideOptions,
  ObserveOptions,
  PollOptions,
  TellOptions,
  VerifyOptions,
} from './step-options.ts';
import type {
  AnyStep,
  Changed,
  DecideContext,
  NeededStep,
  NeedIdsOf,
  Needs,
  NeedValues,
  Results,
  SettledNeed,
  Step,
  Told,
} from './step.ts';

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
        ask: (results, settings) => {
          const { changes = [], ...asked } = options.ask(needValues(options.needs, results), settings);
          return { withinMs: answerWithinMs, ...asked, changes: ofKnownRisk(changes) };
        },
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
    const { assume, of, isOptional = false } = options;
    // Else nobody would tell that a change failed, and the run would go on by it.
    if (of !== undefined && (isOptional || options.skip !== undefined)) {
      throw new TypeError(`step "${id}" tells how "${of.id}" ended: it has no "skip", and is not optional`);
    }
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
      isOptional,
      body: {
        form: 'poll',
        everyMs: options.everyMs ?? pollEveryMs,
        basis,
        of,
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
