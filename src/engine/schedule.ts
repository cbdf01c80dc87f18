/** Drives the graph: starts every step as soon as what it needs has ended, so that the wall time is the critical path's. */
import type { Clock } from './clock.ts';
import type { StepEnds } from './step-ends.ts';
import type { AnyStep, RunStep, Settled } from './step.ts';

export interface ScheduleTools<Ports, Settings, Act> {
  /** All of the runbook, each after what it needs. */
  readonly all: readonly RunStep<Ports, Settings, Act>[];
  /** Those of this run. */
  readonly steps: readonly RunStep<Ports, Settings, Act>[];
  /** What steps came to: of those before this run as it begins, and of all in the end. */
  readonly results: Map<AnyStep, Settled<unknown>>;
  readonly clock: Clock;
  readonly perform: (step: RunStep<Ports, Settings, Act>) => Promise<Settled<unknown>>;
  readonly ends: StepEnds<Act>;
}

export class Schedule<Ports, Settings, Act> {
  private readonly tools: ScheduleTools<Ports, Settings, Act>;
  private readonly ended = new Map<AnyStep, Promise<Settled<unknown>>>();

  constructor(tools: ScheduleTools<Ports, Settings, Act>) {
    this.tools = tools;
  }

  /** Every step that has not ended before; of one that is not to be started, `unstarted` says what it comes to. */
  through(unstarted: (step: AnyStep) => Settled<unknown> | undefined = () => undefined): Promise<unknown> {
    for (const step of this.tools.all) {
      const known = this.tools.results.get(step) ?? unstarted(step);
      this.ended.set(step, known === undefined ? this.settle(step) : Promise.resolve(this.keep(step, known)));
    }
    return Promise.all(this.ended.values());
  }

  /** This step alone, after those that have ended. */
  one(step: RunStep<Ports, Settings, Act>): Promise<Settled<unknown>> {
    const { results } = this.tools;
    for (const [other, result] of results) this.ended.set(other, Promise.resolve(result));
    return Promise.resolve(results.get(step) ?? this.settle(step));
  }

  private async settle(step: RunStep<Ports, Settings, Act>): Promise<Settled<unknown>> {
    const { steps, clock, perform, ends } = this.tools;
    if (!steps.includes(step)) return this.keep(step, ends.leftOut());
    const needs = await Promise.all(
      step.needs.map(async (need) => ({ need, result: await this.ended.get(need.step) })),
    );
    const unmet = needs.flatMap(({ need, result }) =>
      need.optional || result === undefined || result.known ? [] : [{ need: need.step, result }],
    );
    // A gap outweighs what was skipped: whoever concludes must hear of it, in whatever order the needs are written.
    const worst = unmet.find(({ result }) => result.because === 'unknown') ?? unmet[0];
    if (worst !== undefined) return this.keep(step, ends.blocked(step, worst.need, worst.result));
    try {
      return this.keep(step, await perform(step));
    } catch (error) {
      // Whatever a step could throw was caught where it was run: this is the engine's own.
      return this.keep(step, ends.gaveUp(step, error, 'defect', { startedAt: clock.now(), attempts: 1 }));
    }
  }

  private keep(step: AnyStep, result: Settled<unknown>): Settled<unknown> {
    this.tools.results.set(step, result);
    return result;
  }
}
