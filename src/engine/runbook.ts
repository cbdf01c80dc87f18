/**
 * A runbook: steps that form a graph, and the one among them that concludes. Ids that stand twice, and needs that are
 * not among the steps, fail to compile; runbooks that no compiler saw are checked when they are built.
 */
import type { AnyStep, Step } from './step.ts';
import type { StepSummary } from './events.ts';

/** What the concluding step must at least say. */
export interface Conclusion {
  readonly verdict: 'ok' | 'attention' | 'unknown';
}

export interface Runbook<Outcome extends Conclusion, Ports, Settings> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly steps: readonly Step<string, unknown, Ports, Settings>[];
  readonly conclusion: Step<string, Outcome, Ports, Settings>;
}

/** Accumulates instead of nesting: the compiler goes a thousand steps deep in a tail call, and only fifty otherwise. */
type DuplicateIds<Steps extends readonly AnyStep[], Seen = never, Twice = never> = Steps extends readonly [
  infer First extends AnyStep,
  ...infer Rest extends readonly AnyStep[],
]
  ? DuplicateIds<Rest, Seen | First['id'], Twice | (First['id'] & Seen)>
  : Twice;

type NeedIds<Steps extends readonly AnyStep[]> = Steps[number]['needs'][number]['step']['id'];

type Problem<Text extends string> = { readonly problem: Text };

type Checked<Steps extends readonly AnyStep[]> = [DuplicateIds<Steps>] extends [never]
  ? [Exclude<NeedIds<Steps>, Steps[number]['id']>] extends [never]
    ? Steps
    : Problem<`step "${Exclude<NeedIds<Steps>, Steps[number]['id']>}" is needed but is not among the steps`>
  : Problem<`two steps have the id "${DuplicateIds<Steps>}"`>;

export class RunbookError extends Error {
  override readonly name = 'RunbookError';
}

/**
 * Checks and builds a runbook.
 *
 * @throws RunbookError when an id stands twice, a need is missing, or the conclusion is not among the steps.
 */
export function runbook<
  Outcome extends Conclusion,
  Ports,
  Settings,
  const Steps extends readonly Step<string, unknown, Ports, Settings>[],
>(definition: {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly steps: Steps & Checked<Steps>;
  readonly conclusion: Step<string, Outcome, Ports, Settings>;
}): Runbook<Outcome, Ports, Settings> {
  const steps: readonly Step<string, unknown, Ports, Settings>[] = definition.steps;
  const ids = new Set<string>();
  const where = `runbook "${definition.id}"`;
  for (const step of steps) {
    if (ids.has(step.id)) throw new RunbookError(`${where}: two steps have the id "${step.id}"`);
    ids.add(step.id);
  }
  const ordered = inOrder(steps, where);
  if (!ordered.includes(definition.conclusion)) {
    throw new RunbookError(`${where}: the conclusion "${definition.conclusion.id}" is not among the steps`);
  }
  return { ...definition, steps: ordered };
}

/** The steps in an order in which each stands after all that it needs, and otherwise as they were given. */
function inOrder<S extends AnyStep>(steps: readonly S[], where: string): readonly S[] {
  const given = new Map<AnyStep, S>(steps.map((step) => [step, step]));
  const ordered = new Set<S>();
  const entered = new Set<S>();
  for (const first of steps) {
    // A stack of its own, since a chain of needs may be longer than the call stack is deep.
    const open: S[] = [first];
    for (let step = open.at(-1); step !== undefined; step = open.at(-1)) {
      const next = ordered.has(step) ? undefined : nextNeed(step, given, ordered, where);
      if (next === undefined) {
        ordered.add(step);
        open.pop();
      } else {
        if (entered.has(next))
          throw new RunbookError(`${where}: step "${next.id}" needs itself, by way of "${step.id}"`);
        entered.add(step);
        open.push(next);
      }
    }
  }
  return [...ordered];
}

/** The first of a step's needs that has no place yet. */
function nextNeed<S extends AnyStep>(
  step: S,
  given: ReadonlyMap<AnyStep, S>,
  ordered: ReadonlySet<S>,
  where: string,
): S | undefined {
  for (const { step: needed } of step.needs) {
    const known = given.get(needed);
    if (known === undefined) {
      throw new RunbookError(`${where}: step "${step.id}" needs "${needed.id}", which is not among the steps`);
    }
    if (!ordered.has(known)) return known;
  }
  return undefined;
}

/** What can be told of a runbook without running it. */
export function summarise(steps: readonly AnyStep[]): StepSummary[] {
  return steps.map((step) => ({
    id: step.id,
    title: step.title,
    kind: step.kind,
    needs: step.needs.map((need) => need.step.id),
  }));
}

/** Every operation that a runbook may call, each once, in order of their names. */
export function callsOf(steps: readonly AnyStep[]): readonly string[] {
  return [...new Set(steps.flatMap((step) => step.calls))].toSorted();
}
