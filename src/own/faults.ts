/**
 * What a team's code throws without a word about the world (no class of errors claims it) is a fault of that code, and told as one,
 * with its place. Pure: where the place is, is handed in.
 */
import type { AnyCheck, Observation } from '../checks/check.ts';
import { unknown } from '../checks/judged.ts';
import { classOf } from '../engine/errors.ts';

/** Where in a team's files it was thrown: `runbooks/drain.ts:12`; the file alone where the error does not tell. */
export type PlaceOf = (error: unknown) => string;

/** A check that cannot look is unknown, whoever is to blame; the others go on. */
class OwnCodeFault extends Error {
  override readonly name = 'OwnCodeFault';
  readonly errorClass = 'rejected';
}

export function ownFaultText(error: unknown, placeOf: PlaceOf): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `a fault in ${placeOf(error)}, which tells nothing about your stack: ${said}`;
}

/** A check whose faults are its own: neither of nanoops nor of the checks beside it. */
export function guardedCheck<C extends AnyCheck>(check: C, placeOf: PlaceOf): C {
  const made = new Map<Observation, Observation>();
  const guarded = (step: Observation): Observation => {
    const known = made.get(step);
    if (known !== undefined) return known;
    const { body, needs } = step;
    const own: Observation = {
      ...step,
      // What a look of a check needs is a look: whoever loads it has made sure.
      needs: needs.map((need) => ({ ...need, step: guarded(need.step as Observation) })),
      body:
        body.form === 'run'
          ? {
              ...body,
              execute: async (results, context) => {
                try {
                  return await body.execute(results, context);
                } catch (error) {
                  throw classOf(error) === 'defect'
                    ? new OwnCodeFault(ownFaultText(error, placeOf), { cause: error })
                    : error;
                }
              },
            }
          : body,
    };
    made.set(step, own);
    return own;
  };
  return {
    ...check,
    observations: check.observations.map(guarded),
    judge: (ended, told) => {
      try {
        return check.judge(ended, told);
      } catch (error) {
        return unknown(ownFaultText(error, placeOf), []);
      }
    },
  };
}
