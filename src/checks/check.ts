/**
 * What a check is: an id that the product fixes, what it is called, how bad it is when it fails, what it reads, and a pure
 * judgement of what was read. What was not measured is unknown, never ok.
 */
import type { CheckId } from '../config/check-ids.ts';
import type { ThresholdCheckId } from '../config/thresholds.ts';
import type { AnyStep, NeedValues, Step } from '../engine/step.ts';
import type { CheckResult, Judged } from './judged.ts';
import type { CheckSettings, OwnCheckPorts } from './kit.ts';
import type { Limit } from './limits.ts';

export type CheckStatus = 'ok' | 'warning' | 'breach' | 'unknown' | 'not-configured';

export type CheckArea =
  | 'api'
  | 'database'
  | 'compute'
  | 'storage'
  | 'business'
  | 'cache'
  /** What browsers are sent, and what stands between. */
  | 'delivery'
  | 'dns'
  | 'logs'
  | 'security'
  | 'cost'
  /** Backups, and what guards the data. */
  | 'backup'
  /** Moving to another region as a whole. */
  | 'recovery'
  /** What nanoops itself needs. */
  | 'nanoops'
  /** What a team checks itself, where it says no other. */
  | 'own';

export type CheckSeverity = 'critical' | 'warning' | 'info';

/** An observation, as `observe` of the kit makes it; a team's own may look at more. */
export type Observation = Step<string, unknown, OwnCheckPorts, CheckSettings>;

/** Each observation as it ended: known, or why not. */
type Observations = Readonly<Record<string, { readonly settled: Observation }>>;

/** What a judgement is told beside what was read. */
export interface CheckTold extends CheckSettings {
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** A check's thresholds; a check without any is judged without. */
type LimitOf<Id extends string> = Id extends ThresholdCheckId ? Limit : undefined;

export interface CheckDefinition<Id extends string, N extends Observations> {
  readonly title: string;
  readonly area: CheckArea;
  readonly severity: CheckSeverity;
  /** The span that it looks at, for people: `5m`. Absent where it looks at the present. */
  readonly window?: string;
  /** True where it is told what earlier runs kept, and keeps something for the next. */
  readonly keeps?: boolean;
  readonly needs: N;
  readonly judge: (seen: NeedValues<N>, told: CheckTold, limit: LimitOf<Id>) => Judged;
}

/** A check, whatever it reads: built in, or a team's own. */
export interface AnyCheck {
  readonly id: string;
  readonly title: string;
  readonly area: CheckArea;
  readonly severity: CheckSeverity;
  readonly window?: string;
  readonly keeps?: boolean;
  readonly observations: readonly Observation[];
  /** `ended`: how each observation ended. */
  readonly judge: (ended: (step: AnyStep) => unknown, told: CheckTold) => Judged;
}

export interface Check extends AnyCheck {
  readonly id: CheckId;
}

export function check<const Id extends CheckId, const N extends Observations>(
  id: Id,
  { needs, judge, ...told }: CheckDefinition<Id, N>,
): Check {
  const entries = Object.entries(needs);
  return {
    id,
    ...told,
    observations: entries.map(([, { settled }]) => settled),
    judge: (ended, settings) => {
      const seen = Object.fromEntries(entries.map(([key, { settled }]) => [key, ended(settled)]));
      const limits: Readonly<Record<string, Limit>> = settings.limits;
      // The keys are those of `needs`, and a limit is there for just the ids that have one: the compiler cannot see either.
      return judge(seen as NeedValues<N>, settings, limits[id] as LimitOf<Id>);
    },
  };
}

/** One line over all the checks of a report, from what was read and from what they come to. */
export interface Answer {
  readonly observations: readonly Observation[];
  readonly say: (ended: (step: AnyStep) => unknown, told: CheckTold, results: readonly CheckResult[]) => string;
}

export function answer<const N extends Observations>({
  needs,
  say,
}: {
  readonly needs: N;
  readonly say: (seen: NeedValues<N>, told: CheckTold, results: readonly CheckResult[]) => string;
}): Answer {
  const entries = Object.entries(needs);
  return {
    observations: entries.map(([, { settled }]) => settled),
    say: (ended, told, results) => {
      const seen = Object.fromEntries(entries.map(([key, { settled }]) => [key, ended(settled)]));
      // The keys are those of `needs`, which the compiler cannot see.
      return say(seen as NeedValues<N>, told, results);
    },
  };
}
