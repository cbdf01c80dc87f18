/** Back to the version before, as every runbook does it: asked for, done, and waited for. What it is planned on is the runbook's. */
import type { Change } from '../engine/change.ts';
import { settled, type Step } from '../engine/step.ts';
import { part } from './configured.ts';
import { act, approve, wait, type ActPorts, type RunbookPorts, type RunbookSettings } from './kit.ts';
import { applyVersion, lookAtVersion, pollVersion, reverseVersion, type VersionInput } from './service-changes.ts';

const minuteMs = 60_000;

/** What is to be done and on what grounds, or why nothing is. */
export type RollBackPlan =
  | { readonly reason: string }
  | { readonly change: Change<VersionInput>; readonly grounds: readonly string[] };

export function rollBackText(plan: RollBackPlan): string {
  return 'change' in plan ? `${plan.change.resource}: ${plan.change.summary}` : `not possible: ${plan.reason}`;
}

type RunbookStep<Id extends string, Output, Needed extends string> = Step<
  Id,
  Output,
  RunbookPorts,
  RunbookSettings,
  Needed,
  ActPorts
>;

interface RollBackWords {
  /** What is hoped for, as a question's end: "see whether requests succeed". */
  readonly hope: string;
  /** What whoever agrees has to know beside the grounds. */
  readonly fact?: string;
  /** True where it is not put back, whatever comes of it. */
  readonly stays?: boolean;
}

/** `known`: what has to be on the screen before anybody is asked; the plan itself where nothing else has. */
export function rollBackSteps<const Needed extends string, const Known extends string>(
  plan: RunbookStep<'plan-roll-back', RollBackPlan, Needed>,
  known: RunbookStep<Known, unknown, string>,
  { hope, fact, stays = false }: RollBackWords,
) {
  const consent = approve('approve-roll-back', {
    title: 'Agree to the version before',
    needs: { plan, known: settled(known) },
    skip: ({ plan: planned }) => ('change' in planned ? undefined : planned.reason),
    ask: ({ plan: planned }) => ({
      question: `Go back to the version before, and ${hope}?`,
      facts: 'change' in planned ? [...planned.grounds, ...(fact === undefined ? [] : [fact])] : [],
      changes: 'change' in planned ? [planned.change] : [],
    }),
  });
  const step = act('roll-back', {
    title: 'Back to the version before',
    needs: { plan },
    approval: consent,
    calls: ['ecs:DescribeServices'],
    changes: ['ecs:UpdateService', 'ecs:StopServiceDeployment'],
    change: ({ plan: planned }) => part('change' in planned ? planned.change : undefined),
    look: lookAtVersion,
    apply: applyVersion,
    ...(stays ? {} : { reverse: reverseVersion }),
  });
  const done = wait('rolled-back', {
    title: 'Every task is of the version before',
    needs: { plan, done: step },
    calls: ['ecs:DescribeServices'],
    withinMs: 20 * minuteMs,
    everyMs: 5_000,
    poll: ({ plan: planned }, context) =>
      pollVersion(part(context.settings.site.compute), 'change' in planned ? planned.change.input.to : '', context),
  });
  return { rollBackConsent: consent, rollBackStep: step, rolledBack: done };
}
