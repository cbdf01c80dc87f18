/** The objectives as one run that only looks: a month and the last days are read once, and every objective judged by them. */
import { runbook, type Conclusion, type Runbook } from '../../engine/runbook.ts';
import type { CheckResult } from '../judged.ts';
import { decide, type CheckPorts, type CheckSettings } from '../kit.ts';
import { verdictOf } from '../verdict.ts';
import { sloResults, sloSummary } from './judge.ts';
import { objectivesOf, stateOf, type Objective, type ObjectiveState, type SloRules } from './objectives.ts';
import { seenForSlo, sloObservations } from './observations.ts';

export interface SloConclusion extends Conclusion {
  readonly results: readonly CheckResult[];
  /** The answer in one line. */
  readonly summary: string;
  readonly objectives: readonly {
    readonly objective: Objective;
    /** Undefined where it could not be seen. */
    readonly state: ObjectiveState | undefined;
  }[];
}

export type SloSurvey = Runbook<SloConclusion, CheckPorts, CheckSettings>;

export function sloSurvey(failOn: 'warning' | 'breach', rules: SloRules): SloSurvey {
  const conclusion = decide('survey', {
    title: 'What the objectives come to',
    needs: seenForSlo,
    run: (seen, { settings }): SloConclusion => {
      const objectives = objectivesOf(settings.limits).map((objective) => ({
        objective,
        state: stateOf(objective, seen, settings.until, rules),
      }));
      const states = new Map(
        objectives.flatMap(({ objective: { id }, state }) => (state === undefined ? [] : [[id, state]])),
      );
      const results = sloResults(
        objectives.map(({ objective }) => objective),
        states,
        seen,
        settings,
        rules,
      );
      return {
        verdict: verdictOf(results, failOn),
        results,
        summary: sloSummary(results, [...states.values()]),
        objectives,
      };
    },
    detail: ({ objectives }) => `${objectives.length} objectives`,
  });
  return runbook({
    id: 'slo',
    title: 'Objectives',
    summary: 'Looks at a month of the API, and judges its objectives',
    steps: [...sloObservations, conclusion],
    conclusion,
  });
}
