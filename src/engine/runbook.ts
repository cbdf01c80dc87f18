/**
 * A runbook: steps that form a graph, and the one among them that concludes. Ids that stand twice, and needs that are
 * not among the steps, fail to compile; runbooks that no compiler saw are checked when they are built.
 */
import type { Digest } from './change.ts';
import type { StepSummary } from './events.ts';
import { canonicalJson, plainOf } from './plain.ts';
import type { AnyStep, ObserveContext, Step } from './step.ts';

/** What the concluding step must at least say. */
export interface Conclusion {
  readonly verdict: 'ok' | 'attention' | 'unknown';
  /** True where the verdict of a dry run says what would come of it, rather than that it is still to be done. */
  readonly judgesRehearsal?: boolean;
}

/** What ends a run that acts, at any moment: watched from the first change on until the run's end. */
export interface StopCondition<Ports, Settings> {
  /** Every operation by which it looks. */
  readonly calls: readonly string[];
  /** Milliseconds from one look to the next. */
  readonly everyMs: number;
  /** Why the run must stop; undefined while it may go on. What cannot be seen stops nothing: it resolves with `undefined`. */
  readonly watch: (context: ObserveContext<Ports, Settings>) => Promise<string | undefined>;
}

/**
 * What is to be known of a run that changed something and was aborted, in the place of the conclusion, which it does not reach;
 * undefined where nothing is. None of the runbook's steps, so that it can be added without making it another runbook: a pure
 * one, which sees how each step stands once all was put back that can be.
 */
export type AfterAbort<Outcome extends Conclusion, Ports, Settings, Act> = Step<
  string,
  Outcome | undefined,
  Ports,
  Settings,
  string,
  Act
>;

export interface Runbook<Outcome extends Conclusion, Ports, Settings, Act = never> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly steps: readonly Step<string, unknown, Ports, Settings, string, Act>[];
  readonly conclusion: Step<string, Outcome, Ports, Settings, string, Act>;
  readonly afterAbort?: AfterAbort<Outcome, Ports, Settings, Act>;
  /** What its acting steps may change, by the names under which leases are taken: all of them, before the first is asked. */
  readonly resources: (settings: Settings) => readonly string[];
  readonly stop?: StopCondition<Ports, Settings>;
  /** A hash of the text that it is made of, where that is no part of the program: two texts may make the same graph. */
  readonly source?: string;
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

/** The steps themselves where they form a graph, and otherwise what is wrong with them. */
export type Checked<Steps extends readonly AnyStep[]> = [DuplicateIds<Steps>] extends [never]
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
 * @throws RunbookError when an id stands twice, a need is missing, the conclusion is not among the steps, or what is waited for is
 *   not needed.
 */
export function runbook<
  Outcome extends Conclusion,
  Ports,
  Settings,
  const Steps extends readonly Step<string, unknown, Ports, Settings, string, Act>[],
  Act = never,
>(definition: {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly steps: Steps & Checked<Steps>;
  readonly conclusion: Step<string, Outcome, Ports, Settings, string, Act>;
  readonly afterAbort?: AfterAbort<Outcome, Ports, Settings, Act>;
  readonly resources?: (settings: Settings) => readonly string[];
  readonly stop?: StopCondition<Ports, Settings>;
}): Runbook<Outcome, Ports, Settings, Act> {
  const steps: readonly Step<string, unknown, Ports, Settings, string, Act>[] = definition.steps;
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
  const { afterAbort, resources } = definition;
  const missing = afterAbort?.needs.find((need) => !ordered.some((step) => step === need.step));
  if (afterAbort !== undefined && missing !== undefined) {
    throw new RunbookError(`${where}: "${afterAbort.id}" needs "${missing.step.id}", which is not among the steps`);
  }
  for (const { id, needs, body } of ordered) {
    const of = body.form === 'poll' ? body.of : undefined;
    if (of === undefined || needs.some(({ step, optional }) => step === of && !optional && of.body.form === 'change'))
      continue;
    throw new RunbookError(`${where}: step "${id}" waits for "${of.id}", which is no change that it needs`);
  }
  if (resources === undefined && ordered.some((step) => step.kind === 'act')) {
    throw new RunbookError(`${where}: it acts, but does not say on which resources (add "resources")`);
  }
  return { ...definition, steps: ordered, resources: resources ?? (() => []) };
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

/** The step that waits for a change, and tells how it ended. */
export function waitOf(steps: readonly AnyStep[], change: AnyStep): AnyStep | undefined {
  return steps.find(({ body }) => body.form === 'poll' && body.of === change);
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

/** The steps that only look and conclude. */
export function isLooking(step: AnyStep): boolean {
  return step.kind === 'observe' || step.kind === 'decide';
}

/** What is left of a runbook for a run that only looks: without what serves nothing but acting. */
export function lookingPart<S extends AnyStep>(steps: readonly S[]): readonly S[] {
  const kept = new Set<AnyStep>();
  // Whoever needs a step stands after it.
  for (const step of steps.toReversed()) {
    if (!isLooking(step)) continue;
    const dependents = steps.filter((other) => other.needs.some((need) => need.step === step));
    if (dependents.length === 0 || dependents.some((other) => kept.has(other))) kept.add(step);
  }
  return steps.filter((step) => kept.has(step));
}

/** Every operation by which steps may look, each once, in order of their names. */
export function callsOf(steps: readonly AnyStep[]): readonly string[] {
  return [...new Set(steps.flatMap((step) => step.calls))].toSorted();
}

/** Every operation by which steps may change something, each once, in order of their names. */
export function changesOf(steps: readonly AnyStep[]): readonly string[] {
  return [...new Set(steps.flatMap((step) => step.changes))].toSorted();
}

/** A hash of a runbook's graph: what its steps are, what they need, and what they may change; and of its text, where that can change. */
export function fingerprintOf(
  { id, steps, source }: { readonly id: string; readonly steps: readonly AnyStep[]; readonly source?: string },
  digest: Digest,
): string {
  const graph = steps.map((step) => ({
    id: step.id,
    kind: step.kind,
    needs: step.needs.map((need) => ({ id: need.step.id, optional: need.optional })),
    calls: step.calls,
    changes: step.changes,
  }));
  return digest(canonicalJson(plainOf({ id, graph, ...(source === undefined ? {} : { source }) }))).slice(0, 12);
}

/** How a runbook's graph differs from what it was, a line each; empty where it is the same. */
export function differencesOf(before: readonly StepSummary[], now: readonly StepSummary[]): readonly string[] {
  const old = new Map(before.map((step) => [step.id, step]));
  const fresh = new Map(now.map((step) => [step.id, step]));
  return [
    ...before.filter((step) => !fresh.has(step.id)).map((step) => `step "${step.id}" is gone`),
    ...now.flatMap((step) => {
      const was = old.get(step.id);
      if (was === undefined) return [`step "${step.id}" (${step.kind}) is new`];
      if (was.kind !== step.kind) return [`step "${step.id}" was of kind ${was.kind}, and is of kind ${step.kind}`];
      const needs = [step.needs.join(', '), was.needs.join(', ')] as const;
      return needs[0] === needs[1]
        ? []
        : [`step "${step.id}" needed ${needs[1] || 'nothing'}, and needs ${needs[0] || 'nothing'}`];
    }),
  ];
}
