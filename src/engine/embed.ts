/**
 * One runbook as a part of another: its steps, under ids of their own, in the graph of the other, so that they are
 * journaled, leased, resumed, rehearsed and put back like any. A platform's failover is made of its services' in this way,
 * and a drill of the way there and the way back.
 */
import type { Change } from './change.ts';
import type { Conclusion, Runbook } from './runbook.ts';
import type { ActContext, AnyStep, DecideContext, ObserveContext, Results, Settled, Step, StepBody } from './step.ts';

export interface EmbedOptions<Outer, Inner> {
  /** Before each step's id: `failback-`. */
  readonly prefix: string;
  /** Before each step's title. */
  readonly title?: string;
  /** What must have ended well before any of its steps begins. Where one of them was skipped, all of it is. */
  readonly after?: readonly AnyStep[];
  /** What its steps are told, from what the whole is told. */
  readonly settings: (outer: Outer) => Inner;
  /** What the parts of the stack that its steps ask are called in the whole; the same when absent. */
  readonly where?: (inner: string) => string;
}

export interface Embedded<Ports, Settings, Act> {
  /** In the runbook's order. */
  readonly steps: readonly Step<string, unknown, Ports, Settings, string, Act>[];
  /** What a step of the runbook has become here. */
  of<Output>(step: Step<string, Output, never, never>): Step<string, Output, Ports, Settings, string, Act>;
}

export function embed<Outcome extends Conclusion, Ports, Outer, Inner, Act>(
  { steps }: Runbook<Outcome, Ports, Inner, Act>,
  { prefix, title = '', after = [], settings, where = (inner) => inner }: EmbedOptions<Outer, Inner>,
): Embedded<Ports, Outer, Act> {
  const copies = new Map<AnyStep, Step<string, unknown, Ports, Outer, string, Act>>();
  const copyOf = (step: AnyStep): AnyStep => copies.get(step) ?? step;
  /** Its steps ask for results by the steps that they were written with. */
  const within = (results: Results): Results => new InnerResults(results, copyOf);
  for (const step of steps) {
    copies.set(step, {
      ...step,
      id: `${prefix}${step.id}`,
      title: `${title}${step.title}`,
      where: step.where === undefined ? undefined : where(step.where),
      needs: [
        ...step.needs.map((need) => ({ step: copyOf(need.step), optional: need.optional })),
        // Whatever has to have a need met stands, in the end, behind one that does not.
        ...(step.needs.every(({ optional }) => optional) ? after.map((gate) => ({ step: gate, optional: false })) : []),
      ],
      body: bodyWithin(step.body, within, settings, copyOf),
    });
  }
  return {
    steps: [...copies.values()],
    of: <Output>(step: Step<string, Output, never, never>) => {
      const copy = copies.get(step);
      if (copy === undefined) throw new TypeError(`step "${step.id}" is not among the embedded runbook's steps`);
      // A copy yields what its original does.
      return copy as Step<string, Output, Ports, Outer, string, Act>;
    },
  };
}

class InnerResults extends Map<AnyStep, Settled<unknown>> {
  private readonly outer: Results;
  private readonly copyOf: (step: AnyStep) => AnyStep;

  constructor(outer: Results, copyOf: (step: AnyStep) => AnyStep) {
    super();
    this.outer = outer;
    this.copyOf = copyOf;
  }

  override get(step: AnyStep): Settled<unknown> | undefined {
    return this.outer.get(this.copyOf(step));
  }

  override has(step: AnyStep): boolean {
    return this.outer.has(this.copyOf(step));
  }
}

function bodyWithin<Ports, Outer, Inner, Act>(
  body: StepBody<unknown, Ports, Inner, Act>,
  within: (results: Results) => Results,
  settings: (outer: Outer) => Inner,
  copyOf: (step: AnyStep) => AnyStep,
): StepBody<unknown, Ports, Outer, Act> {
  const looking = (context: ObserveContext<Ports, Outer>): ObserveContext<Ports, Inner> => ({
    ...context,
    settings: settings(context.settings),
  });
  const doing = (context: ActContext<Act, Outer>): ActContext<Act, Inner> => ({
    ...context,
    settings: settings(context.settings),
  });
  const deciding = (context: DecideContext<Outer>): DecideContext<Inner> => ({
    ...context,
    settings: settings(context.settings),
  });
  switch (body.form) {
    case 'run':
      return { form: 'run', execute: (results, context) => body.execute(within(results), looking(context)) };
    case 'poll': {
      const { of, assume } = body;
      return {
        ...body,
        of: of && copyOf(of),
        skip: (results, outer) => body.skip(within(results), settings(outer)),
        poll: (results, context) => body.poll(within(results), looking(context)),
        assume: assume && ((results, outer) => assume(within(results), settings(outer))),
      };
    }
    case 'ask':
      return {
        ...body,
        skip: (results, outer) => body.skip(within(results), settings(outer)),
        ask: (results, outer) => body.ask(within(results), settings(outer)),
      };
    case 'change':
      return {
        ...body,
        skip: (results, outer) => body.skip(within(results), settings(outer)),
        approval: copyOf(body.approval),
        seals: body.seals.map(copyOf),
        change: (results, outer) => body.change(within(results), settings(outer)),
        look: (change: Change, context) => body.look(change, looking(context)),
        apply: (change: Change, context) => body.apply(change, doing(context)),
      };
    case 'tell':
      return {
        ...body,
        skip: (results, outer) => body.skip(within(results), settings(outer)),
        preview: (results, context) => body.preview(within(results), deciding(context)),
        tell: (results, context) => body.tell(within(results), doing(context)),
      };
  }
}
