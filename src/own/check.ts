/** What a team writes its own checks with, in code. What was not measured is unknown, never ok. */
import type { AnyCheck, CheckArea, CheckSeverity, CheckTold, Observation } from '../checks/check.ts';
import { unknown, type Judged } from '../checks/judged.ts';
import type { CheckSettings, OwnCheckPorts } from '../checks/kit.ts';
import type { NeedValues } from '../engine/step.ts';
import { stepsFor } from '../engine/steps-for.ts';

/** A step that looks at the world for a check. */
export const { observe: look } = stepsFor<OwnCheckPorts, CheckSettings>();

const statuses: ReadonlySet<unknown> = new Set<Judged['status']>([
  'ok',
  'warning',
  'breach',
  'unknown',
  'not-configured',
]);

type Looks = Readonly<Record<string, Observation>>;
type Settled<N extends Looks> = { readonly [Key in keyof N]: { readonly settled: N[Key] } };

export interface OwnCheckDefinition<N extends Looks> {
  readonly title: string;
  /** `own` when absent. */
  readonly area?: CheckArea;
  /** `warning` when absent. */
  readonly severity?: CheckSeverity;
  /** The span that it looks at, for people: `5m`. */
  readonly window?: string;
  readonly needs: N;
  /** Each look as it ended: known, or why not. */
  readonly judge: (seen: NeedValues<Settled<N>>, told: CheckTold) => Judged;
}

/** Builds a check. `id`: as its file is called, without the ending. */
export function check<const N extends Looks>(
  id: string,
  { area = 'own', severity = 'warning', needs, judge, ...told }: OwnCheckDefinition<N>,
): AnyCheck {
  // Looks of several files may have the same name. One that needs others is found by its name, and keeps it.
  const entries = Object.entries(needs).map(
    ([key, step]) =>
      [key, step.kind !== 'observe' || step.needs.length > 0 ? step : { ...step, id: `${id}-${step.id}` }] as const,
  );
  return {
    id,
    area,
    severity,
    ...told,
    observations: entries.map(([, step]) => step),
    judge: (ended, settings) => {
      const seen = Object.fromEntries(entries.map(([key, step]) => [key, ended(step)]));
      // The keys are those of `needs`, which the compiler cannot see.
      const judged: Judged = judge(seen as NeedValues<Settled<N>>, settings);
      if (statuses.has(judged?.status)) return judged;
      return unknown(
        `the check ${id} does not judge: make what it gives with ok, warning, breach, unknown or notConfigured`,
        [],
      );
    },
  };
}
