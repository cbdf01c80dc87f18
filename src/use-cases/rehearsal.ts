/**
 * What a dry run looks at: the live stack as it was read once, and from the first change on a model of it for whatever
 * the change could touch. Every answer knows what it rests on.
 */
import type { Facts } from '../cloud/facts.ts';
import type { Outside } from '../cloud/outside.ts';
import type { Clock } from '../engine/clock.ts';
import { classOf } from '../engine/errors.ts';
import type { Basis } from '../engine/events.ts';

/** Facts that a change may alter, which the model therefore has to answer for once something was changed. */
const altered: readonly (keyof Facts)[] = [
  'serviceState',
  'deployments',
  'stoppedTasks',
  'scalingLimits',
  'targetHealth',
  'databaseState',
  'databaseEvents',
  'globalDatabase',
  'replicationLag',
  'records',
  'recordChangeState',
  'healthCheck',
  'routingControls',
  'objectExists',
];

/** Facts that a move to another region alters as well: requests go elsewhere. */
const alteredByMove: readonly (keyof Facts)[] = ['apiTraffic'];

/** What is asked of the stack, whatever the runbook, so that a model can be made of it. */
export const modelReads: readonly string[] = [
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DescribeScalingPolicies',
  'ecs:DescribeServices',
  'ecs:ListServiceDeployments',
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
];

/** A program that changes something, or asks for a comparison of what was changed, cannot be rehearsed on the live stack. */
const neverLive: readonly (keyof Outside)[] = ['writeAndRead', 'consistency'];

export interface Seen {
  readonly facts: Facts;
  readonly outside: Outside;
}

export interface RehearsalPorts {
  readonly factsFor: (stepId: string) => Facts;
  readonly outsideFor: (stepId: string) => Outside;
  readonly basisOf: (stepId: string) => Basis;
}

export interface RehearsalOptions {
  /** True once the model was changed, or time has passed on it: it then differs from what was read. */
  readonly hasMovedOn: () => boolean;
  /** The run's clock, which must not move while the live stack is asked. */
  readonly clock: Clock;
  /** True where the stack is moved to another region. */
  readonly moves: boolean;
}

export function rehearsalOf(live: Seen, model: Seen, { hasMovedOn, clock, moves }: RehearsalOptions): RehearsalPorts {
  const bases = new Map<string, Basis>();
  const asked = new Map<string, Promise<unknown>>();
  const ofModel = new Set<string>([...altered, ...(moves ? alteredByMove : [])]);
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
  /** What is asked of `liveOne`, or of `modelOne` where that knows better by now. */
  const between = <Port extends object>(
    stepId: string,
    liveOne: Port,
    modelOne: Port,
    isOfModel: (name: string) => boolean,
    key: (question: readonly unknown[]) => readonly unknown[],
    answeredLive: (answer: unknown, question: readonly unknown[]) => Promise<void>,
  ): Port =>
    new Proxy(liveOne, {
      get(target, name) {
        const ask: unknown = Reflect.get(target, name);
        if (typeof name !== 'string' || typeof ask !== 'function') return ask;
        return async (...question: readonly unknown[]): Promise<unknown> => {
          const fromModel = isOfModel(name);
          try {
            const modelAsk: unknown = Reflect.get(modelOne, name);
            const answer: unknown = await (fromModel && typeof modelAsk === 'function'
              ? Reflect.apply(modelAsk, modelOne, question)
              : once(name, key(question), () => Promise.resolve(Reflect.apply(ask, target, question))));
            note(stepId, fromModel ? 'assumed' : 'observed');
            if (!fromModel) await answeredLive(answer, question);
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
  return {
    factsFor: (stepId) =>
      between(
        stepId,
        live.facts,
        model.facts,
        (name) => ofModel.has(name) && hasMovedOn(),
        (question) => question,
        () => Promise.resolve(),
      ),
    outsideFor: (stepId) =>
      between(
        stepId,
        live.outside,
        model.outside,
        (name) => neverLive.some((each) => each === name) || hasMovedOn(),
        // Signals say nothing of what is asked.
        (question) => question.filter((each) => !(each instanceof AbortSignal)),
        // The time that users wait for an answer is part of what is predicted: a public name that hangs takes its time.
        async (answer, question) => {
          const signal = question.find((each) => each instanceof AbortSignal);
          await clock.sleep(waitedMs(answer), signal);
        },
      ),
    basisOf: (stepId) => bases.get(stepId) ?? 'observed',
  };
}

/** Milliseconds that an answer says it took; none where it says nothing. */
function waitedMs(answer: unknown): number {
  if (typeof answer !== 'object' || answer === null || !('durationMs' in answer)) return 0;
  return typeof answer.durationMs === 'number' ? answer.durationMs : 0;
}
