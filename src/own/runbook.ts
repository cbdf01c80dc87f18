/**
 * What a team writes its own runbooks with, beside the step constructors that the built-in ones use. A runbook that is made here
 * is one like any other: the engine does not know who wrote it.
 */
import { runbook as built, type Checked } from '../engine/runbook.ts';
import type { NeedIdsOf, Needs, NeedValues, Step } from '../engine/step.ts';
import { decide } from './kit.ts';
import type { AnyRunbook, OwnActPorts, OwnPorts, RunbookConclusion, RunbookSettings } from '../runbooks/kit.ts';

/** A step of a runbook, whatever it yields. */
export type RunbookStep = Step<string, unknown, OwnPorts, RunbookSettings, string, OwnActPorts>;

/** A runbook, before it is checked. */
export interface RunbookDefinition<Steps extends readonly RunbookStep[]> {
  /** As its file is called, without the ending. */
  readonly id: string;
  readonly title: string;
  /** What it answers, in one line. */
  readonly summary: string;
  /** In any order: each runs once all that it needs has ended. */
  readonly steps: Steps & Checked<Steps>;
  /** The step among them that says what it comes to; `conclude` makes one. */
  readonly conclusion: Step<string, RunbookConclusion, OwnPorts, RunbookSettings, string, OwnActPorts>;
  /**
   * What its acting steps may change, by name, for example `ecs:us-west-2:nano/worker`: whoever holds such a name alone may
   * change what it stands for, so the runbooks of one thing have to agree on it. Required where it acts.
   */
  readonly resources?: (settings: RunbookSettings) => readonly string[];
  /** The sandbox's scenarios in which it is tried; the first is what `--sandbox` simulates. Default: `healthy`. */
  readonly scenarios?: readonly string[];
}

/**
 * Checks and builds a runbook.
 *
 * @throws RunbookError when an id stands twice, a need is missing, or the conclusion is not among the steps.
 */
export function runbook<const Steps extends readonly RunbookStep[]>({
  scenarios,
  ...graph
}: RunbookDefinition<Steps>): AnyRunbook {
  return { ...built(graph), ...(scenarios === undefined ? {} : { scenarios }) };
}

/** What a runbook comes to. */
export interface Finding extends Partial<Omit<RunbookConclusion, 'verdict'>> {
  /** `attention`: somebody has to do something; `unknown`: it could not be told. */
  readonly verdict: RunbookConclusion['verdict'];
  /** In one line. */
  readonly summary: string;
}

interface ConcludeOptions<N extends Needs> {
  readonly title?: string;
  readonly needs?: N;
  readonly run: (
    needs: NeedValues<N>,
    context: { readonly settings: RunbookSettings; readonly now: number },
  ) => Finding;
}

const verdicts: readonly Finding['verdict'][] = ['ok', 'attention', 'unknown'];

/** The step that says what a runbook comes to. Wrap a need in `settled` to conclude also where it could not be met. */
export function conclude<const Id extends string, const N extends Needs = Record<never, never>>(
  id: Id,
  { title = 'What it comes to', needs, run }: ConcludeOptions<N>,
): Step<Id, RunbookConclusion & { readonly summary: string }, OwnPorts, RunbookSettings, NeedIdsOf<N>, OwnActPorts> {
  return decide(id, {
    title,
    ...(needs === undefined ? {} : { needs }),
    run: (values: NeedValues<N>, context) => {
      const finding: Partial<Finding> | undefined = run(values, context);
      const { verdict, summary } = finding ?? {};
      // Types say so, and are not checked when a file is loaded. What is none of these must not pass for healthy.
      if (verdict === undefined || !verdicts.includes(verdict) || typeof summary !== 'string') {
        throw new TypeError(`step "${id}" has to give { verdict, summary }, with a verdict of ${verdicts.join(', ')}`);
      }
      return { causes: [], notes: [], nextSteps: [], ...finding, verdict, summary };
    },
    detail: ({ summary }) => summary,
    isUnknown: ({ verdict }) => verdict === 'unknown',
  });
}
