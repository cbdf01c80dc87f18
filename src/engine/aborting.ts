/**
 * What a run that is aborted still does besides putting back: it ends what somebody else was told to begin, and says what it
 * leaves. Nothing else is started.
 */
import type { Course } from './course.ts';
import type { Performing } from './performing.ts';
import type { RunLog } from './run-log.ts';
import type { Conclusion, Runbook } from './runbook.ts';
import type { Schedule } from './schedule.ts';
import type { AnyStep, RunStep, Settled } from './step.ts';

export interface AbortingTools<Outcome extends Conclusion, Ports, Settings, Act> {
  readonly runbook: Runbook<Outcome, Ports, Settings, Act>;
  readonly results: Map<AnyStep, Settled<unknown>>;
  readonly schedule: Schedule<Ports, Settings, Act>;
  readonly performing: Performing<Ports, Settings, Act>;
  readonly course: Course;
  readonly log: RunLog<Act>;
  /** True where the step's change may be in the world. */
  readonly stands: (stepId: string) => boolean;
  readonly triedOf: (step: AnyStep) => { readonly tried?: true };
}

/** Why steps of it are not begun, and what they would have found is not known. */
const reason = 'the run was aborted';

export class Aborting<Outcome extends Conclusion, Ports, Settings, Act> {
  private readonly tools: AbortingTools<Outcome, Ports, Settings, Act>;
  /** What was passed over so that what somebody else began is ended: nobody looked, as at the rest. */
  private readonly passedOver = new Set<AnyStep>();

  constructor(tools: AbortingTools<Outcome, Ports, Settings, Act>) {
    this.tools = tools;
  }

  /** Only what ends somebody else's doing, before anything is put back. */
  async endWhatWasBegun(): Promise<void> {
    const { schedule, log, stands } = this.tools;
    const begun = log.toldBy();
    if (begun.size === 0) return;
    await schedule.through((step) => {
      if (step.endsAnyway === true) return undefined;
      // What was sent is no less in the world for having no end in the journal.
      if (begun.has(step.id) || stands(step.id)) return { known: false, because: 'unknown', reason, tried: true };
      this.passedOver.add(step);
      return { known: false, because: 'skipped', reason };
    });
  }

  /** What the run has to say of what it leaves. Nothing is looked at for it: by what is known it may be dangerous. */
  async left(): Promise<Outcome | undefined> {
    const { runbook, results, course, log, stands, triedOf } = this.tools;
    const { afterAbort, steps, conclusion } = runbook;
    if (afterAbort === undefined || !log.isCheckpointed) return undefined;
    try {
      for (const step of steps) {
        const known = results.get(step);
        if (step.body.form === 'change' && (known === undefined || !stands(step.id))) {
          results.set(step, { known: false, because: 'unknown', reason, ...triedOf(step) });
        } else if (known?.known !== true && step.kind === 'decide' && step !== conclusion) {
          results.set(step, (await this.decided(step)) ?? { known: false, because: 'unknown', reason });
        } else if (known === undefined || this.passedOver.has(step)) {
          results.set(step, { known: false, because: 'unknown', reason });
        }
      }
      const left = await this.decided(afterAbort);
      // It is declared to yield this.
      return left?.known === true ? (left.value as Outcome | undefined) : undefined;
    } catch (error) {
      course.trip(error);
      return undefined;
    }
  }

  /** What a pure step comes to by what is known, without a word in the journal; undefined where it needs what is not. */
  private async decided(step: RunStep<Ports, Settings, Act>): Promise<Settled<unknown> | undefined> {
    const { results, performing } = this.tools;
    if (step.needs.some((need) => !need.optional && results.get(need.step)?.known !== true)) return undefined;
    const outcome = await performing.once(step);
    return outcome.kind === 'skipped'
      ? { known: false, because: 'skipped', reason: outcome.reason }
      : { known: true, value: outcome.output };
  }
}
