/**
 * What a dry run looks at: the live stack as it was read once, and from the first change on a model of it for whatever
 * the change could touch. Every answer knows what it rests on.
 */
import type { Facts } from '../cloud/facts.ts';
import type { Clock } from '../engine/clock.ts';
import { classOf } from '../engine/errors.ts';
import type { Basis } from '../engine/events.ts';

/** Facts that a change may alter, which the model therefore has to answer for once something was changed. */
const altered = [
  'serviceState',
  'deployments',
  'stoppedTasks',
  'scalingLimits',
  'targetHealth',
  'databaseState',
  'databaseEvents',
] as const satisfies readonly (keyof Facts)[];

type Altered = (typeof altered)[number];

function isAltered(name: string): name is Altered {
  return altered.some((each) => each === name);
}

export interface RehearsalFacts {
  readonly factsFor: (stepId: string) => Facts;
  readonly basisOf: (stepId: string) => Basis;
}

export function rehearsalFacts(
  live: Facts,
  model: Facts,
  /** True once the model was changed, or time has passed on it: it then differs from what was read. */
  hasMovedOn: () => boolean,
  /** The run's clock, which must not move while the live stack is asked. */
  clock: Clock,
): RehearsalFacts {
  const bases = new Map<string, Basis>();
  const asked = new Map<string, Promise<unknown>>();
  const note = (stepId: string, basis: Basis): void => {
    const known = bases.get(stepId);
    if (known === 'unknown' || (known === 'assumed' && basis === 'observed')) return;
    bases.set(stepId, basis);
  };
  /** Asks the live stack once for each question. */
  const once = (name: string, question: readonly unknown[], ask: () => Promise<unknown>): Promise<unknown> => {
    const key = `${name} ${JSON.stringify(question)}`;
    const known = asked.get(key);
    if (known !== undefined) return known;
    const answer = clock.busy(ask);
    asked.set(key, answer);
    return answer;
  };
  const factsFor = (stepId: string): Facts =>
    new Proxy(live, {
      get(target, name) {
        const ask: unknown = Reflect.get(target, name);
        if (typeof name !== 'string' || typeof ask !== 'function') return ask;
        return async (...question: readonly unknown[]): Promise<unknown> => {
          const fromModel = isAltered(name) && hasMovedOn();
          try {
            const answer: unknown = await (fromModel
              ? Reflect.apply(model[name], model, question)
              : once(name, question, () => Promise.resolve(Reflect.apply(ask, target, question))));
            note(stepId, fromModel ? 'assumed' : 'observed');
            return answer;
          } catch (error) {
            // That something is not there is an answer.
            const isAnswer = classOf(error) === 'not-found';
            note(stepId, isAnswer ? (fromModel ? 'assumed' : 'observed') : 'unknown');
            throw error;
          }
        };
      },
    });
  return { factsFor, basisOf: (stepId) => bases.get(stepId) ?? 'observed' };
}
