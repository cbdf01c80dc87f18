/** Ends a run: gives its leases back, judges how it ended, and tells that it is over or waits to be taken up again. */
import type { Course, Suspension } from './course.ts';
import { messageOf } from './errors.ts';
import type { RunMode, Verdict } from './events.ts';
import { plainOf, type Plain } from './plain.ts';
import type { Acting } from './run-options.ts';
import type { RunLog } from './run-log.ts';
import type { Conclusion } from './runbook.ts';
import type { AnyStep } from './step.ts';

export interface EndingTools<Act> {
  readonly acting: Acting<Act> | undefined;
  readonly mode: RunMode;
  readonly purpose: 'continue' | 'abort';
  /** Of this run. */
  readonly steps: readonly AnyStep[];
  readonly course: Course;
  readonly log: RunLog<Act>;
  /** True while something that the run has changed is to be put back. */
  readonly hasToPutBack: () => boolean;
}

export class Ending<Act> {
  private readonly tools: EndingTools<Act>;

  constructor(tools: EndingTools<Act>) {
    this.tools = tools;
  }

  /** Ends it. `durationMs` is asked once its leases are given back; `isLeftOpen`: steps are still to come, each by itself. */
  async end(outcome: Conclusion | undefined, durationMs: () => number, isLeftOpen: boolean): Promise<void> {
    const { acting, course, log } = this.tools;
    const released = await acting?.leases?.release();
    await acting?.journal.synced().catch((error: unknown) => course.trip(error));
    const concluded = acting === undefined ? outcome : this.plainOutcome(outcome);
    const verdict = this.verdict(outcome);
    for (const { resource, token } of released ?? []) log.emit({ type: 'lease.released', resource, token });
    const suspension = this.suspension();
    if (acting !== undefined && suspension !== undefined) {
      const { reason, nextSteps } = suspension;
      log.emit({ type: 'run.suspended', verdict, reason, nextSteps, durationMs: durationMs() });
    } else if (!isLeftOpen) {
      log.emit({ type: 'run.finished', verdict, durationMs: durationMs(), outcome: concluded });
    }
    await acting?.journal.synced().catch((error: unknown) => course.trip(error));
  }

  /** How the run ended, or stands, by what it concluded and what has happened. */
  verdict(outcome: Conclusion | undefined): Verdict {
    const { acting, mode, purpose, course, log } = this.tools;
    if (course.suspension?.verdict === 'locked') return 'locked';
    if (course.isInterrupted) return 'interrupted';
    const suspension = this.suspension();
    if (purpose === 'abort' && course.defect === undefined && suspension === undefined) return this.afterAbort();
    if (course.defect !== undefined || course.failure !== undefined) return 'failed';
    if (suspension !== undefined) return suspension.verdict;
    const told = outcome?.verdict ?? 'unknown';
    if (acting === undefined || told !== 'ok') return told;
    // What a dry run only planned is still to be done.
    if (mode === 'dry-run' && outcome?.judgesRehearsal !== true && log.history().changes.length > 0) return 'attention';
    return this.isAnythingOpen() ? 'unknown' : told;
  }

  /** How things stand once everything that can be put back was to be. */
  private afterAbort(): Verdict {
    const { changes, steps } = this.tools.log.history();
    const mending = new Set(this.tools.steps.filter(({ endsAnyway }) => endsAnyway === true).map(({ id }) => id));
    // What the run had broken is broken still.
    if (steps.some(({ stepId, status }) => mending.has(stepId) && (status === 'failed' || status === 'unknown'))) {
      return 'failed';
    }
    const statuses = new Set(changes.map(({ status }) => status));
    if (statuses.has('reverting')) return 'failed';
    if (statuses.has('intended') || statuses.has('unknown')) return 'unknown';
    // What it was begun for was not seen to end.
    if (!statuses.has('applied')) return 'attention';
    const stays = new Set(changes.filter(({ status }) => status === 'applied').map(({ stepId }) => stepId));
    return steps.some(({ stepId, status }) => stays.has(stepId) && status === 'failed') ? 'failed' : 'attention';
  }

  /** True where something that was to be seen done or to hold was not seen. */
  private isAnythingOpen(): boolean {
    const { steps, changes } = this.tools.log.history();
    // What a step that may fail came to is for the conclusion to judge.
    const judged = this.tools.steps.filter(({ isOptional }) => isOptional !== true);
    const kinds = new Map(judged.map(({ id, kind }) => [id, kind]));
    return (
      changes.some(({ status }) => status === 'intended' || status === 'unknown') ||
      steps.some(({ stepId, status }) => {
        const kind = kinds.get(stepId);
        return (
          (status === 'unknown' || status === 'blocked') && (kind === 'act' || kind === 'wait' || kind === 'verify')
        );
      })
    );
  }

  /** What a journal can hold of the conclusion: one that it cannot hold is a defect, and must not cost the run its end. */
  private plainOutcome(outcome: Conclusion | undefined): Plain | undefined {
    if (outcome === undefined) return undefined;
    try {
      return plainOf(outcome, 'what the runbook concludes');
    } catch (error) {
      this.tools.course.trip(error);
      return undefined;
    }
  }

  /** What the run waits for, if it does: one that was told to stop, or ran out of time or tripped while it acted, waits too. */
  private suspension(): Suspension | undefined {
    return this.tools.course.suspension ?? this.interruption();
  }

  private interruption(): Suspension | undefined {
    const { acting, mode, course, log, hasToPutBack } = this.tools;
    if (acting === undefined) return undefined;
    const { resume, abort } = acting.nextSteps;
    if (course.defect !== undefined && mode === 'execute' && hasToPutBack()) {
      return { verdict: 'failed', reason: messageOf(course.defect), nextSteps: [abort, resume] };
    }
    if (!course.stopped.aborted) return undefined;
    if (!course.isInterrupted && !log.isCheckpointed) return undefined;
    return {
      verdict: course.isInterrupted ? 'interrupted' : 'failed',
      reason: messageOf(course.stopped.reason),
      nextSteps: log.isCheckpointed ? [resume, abort] : [resume],
    };
  }
}
