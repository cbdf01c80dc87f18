/**
 * Some checks as one run that only looks: every observation that any of them needs, once and at the same time, and at the
 * end the judgement of each.
 */
import { runbook, type Conclusion, type Runbook } from '../engine/runbook.ts';
import { settled, type AnyStep } from '../engine/step.ts';
import type { AnyCheck, Answer, Observation } from './check.ts';
import type { CheckResult } from './judged.ts';
import { decide, type CheckSettings, type OwnCheckPorts } from './kit.ts';
import { verdictOf } from './verdict.ts';

export interface SurveyConclusion extends Conclusion {
  /** In the order of the checks. */
  readonly results: readonly CheckResult[];
  /** The answer over all of them, where one was asked for. */
  readonly headline?: string;
}

export type Survey = Runbook<SurveyConclusion, OwnCheckPorts, CheckSettings>;

/** `failOn`: from what on something needs attention. `headline`: what to say over all of them. */
export function surveyOf(
  id: string,
  checks: readonly AnyCheck[],
  failOn: 'warning' | 'breach',
  headline?: Answer,
): Survey {
  const observations = new Set<Observation>();
  const asking = headline === undefined ? checks : [...checks, headline];
  for (const { observations: needed } of asking) for (const each of needed) withNeeds(each, observations);
  const conclusion: Survey['conclusion'] = decide('survey', {
    title: 'What they come to',
    needs: Object.fromEntries([...observations].map((step) => [step.id, settled(step)])),
    run: (ended, { settings, now }): SurveyConclusion => {
      const endOf = (step: AnyStep): unknown => ended[step.id];
      const results = checks.map((check): CheckResult => {
        const { id: checkId, title, area, severity } = check;
        return { id: checkId, title, area, severity, ...check.judge(endOf, { ...settings, nowMs: now }) };
      });
      const verdict = verdictOf(results, failOn);
      if (headline === undefined) return { verdict, results };
      return { verdict, results, headline: headline.say(endOf, { ...settings, nowMs: now }, results) };
    },
    detail: ({ results }) => `${results.length} checks`,
  });
  return runbook({
    id,
    title: 'Checks',
    summary: 'Looks at everything that some checks need, and judges it',
    steps: [...observations, conclusion],
    conclusion,
  });
}

/** An observation and all that it needs itself, each once, what is needed first. */
function withNeeds(step: Observation, into: Set<Observation>): void {
  if (into.has(step)) return;
  // Observations are made by the kit alone, so that what they need is of its kind.
  for (const { step: needed } of step.needs) withNeeds(needed as Observation, into);
  into.add(step);
}
