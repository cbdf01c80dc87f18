/**
 * Which steps of a runbook must come out well, which it can do without, and how long it waits for those. Pure; knows steps
 * and their needs, nothing of AWS.
 */
import type { ErrorClass } from '../engine/errors.ts';
import { retryDelayMs } from '../engine/retry.ts';
import type { AnyStep } from '../engine/step.ts';

/** Any runbook, as far as its graph goes. */
export interface Graph {
  readonly id: string;
  readonly steps: readonly AnyStep[];
  readonly conclusion: AnyStep;
}

/** What a step that nobody waits for may take. */
export const boundedMs = 15_000;

/** How a region fails that is gone, or half gone. */
const failures: readonly ErrorClass[] = ['unreachable', 'deadline', 'service-fault', 'throttled'];

export interface Path {
  /** The runbook does not come out well without it. */
  isRequired(step: AnyStep): boolean;
  /** All that depend on it go on without its answer; somebody does depend on it. */
  isSettled(step: AnyStep): boolean;
  /** Everything that it needs, and what that needs. */
  needsOf(step: AnyStep): ReadonlySet<AnyStep>;
  /** What it goes by: its needs, and those of the decisions among them. */
  groundsOf(step: AnyStep): readonly AnyStep[];
}

/**
 * Required is what acts, verifies, waits for what is to come, is done by hand or concludes, and whatever one of these cannot
 * do without, by way of others too.
 */
export function pathOf({ steps, conclusion }: Graph): Path {
  const required = new Set<AnyStep>();
  // Whoever needs a step stands after it.
  for (const step of steps.toReversed()) {
    const isNeeded = steps.some(
      (other) => required.has(other) && other.needs.some((need) => need.step === step && !need.optional),
    );
    if (isNeeded || step === conclusion || isGoal(step)) required.add(step);
  }
  const closures = new Map<AnyStep, ReadonlySet<AnyStep>>();
  for (const step of steps) {
    const closure = new Set<AnyStep>();
    for (const need of step.needs) {
      closure.add(need.step);
      for (const further of closures.get(need.step) ?? []) closure.add(further);
    }
    closures.set(step, closure);
  }
  return {
    isRequired: (step) => required.has(step),
    isSettled: (step) => {
      const needs = steps.flatMap((other) => other.needs.filter((need) => need.step === step));
      return needs.length > 0 && needs.every(({ optional }) => optional);
    },
    needsOf: (step) => closures.get(step) ?? new Set(),
    groundsOf,
  };
}

function groundsOf(step: AnyStep): readonly AnyStep[] {
  const grounds = new Set<AnyStep>();
  const open: AnyStep[] = [step];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { step: need } of next.needs) {
      if (grounds.has(need)) continue;
      grounds.add(need);
      if (need.kind === 'decide') open.push(need);
    }
  }
  return [...grounds];
}

function isGoal(step: AnyStep): boolean {
  const { kind, needs } = step;
  // What is waited for that long is to come.
  if (kind === 'wait') return longestMs(step) > boundedMs || needs.some((need) => need.step.kind === 'act');
  return kind === 'act' || kind === 'verify' || kind === 'manual';
}

/** The longest that a step can take where nothing answers, or every answer is an error; milliseconds. */
export function longestMs({ body, retry, timeoutMs }: AnyStep): number {
  if (body.form !== 'run') return timeoutMs;
  const lengths = failures.map((errorClass) => {
    let total = timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      const delay = retryDelayMs(retry, errorClass, attempt, () => 1);
      if (delay === undefined) return total;
      total += delay + timeoutMs;
    }
  });
  return Math.max(...lengths);
}
