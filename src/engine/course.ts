/** Whether a run goes on: what ends it, what it waits for, and which steps are still started. It tells nobody. */
import { DeadlineError, Halted, Interrupted, messageOf } from './errors.ts';
import type { Verdict } from './events.ts';
import { isLooking } from './runbook.ts';
import type { AnyStep } from './step.ts';

/** Why a run stops before its end, and can be taken up again. */
export interface Suspension {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly nextSteps: readonly string[];
}

export class Course {
  private readonly stop = new AbortController();
  private readonly waits = new AbortController();
  /** Aborts when the run is interrupted or its time is up: steps that look end then. */
  readonly stopped = this.stop.signal;
  /** Aborts then, and when the runbook's stop condition holds: what waits ends, and what was changed is put back. */
  readonly ending = AbortSignal.any([this.stop.signal, this.waits.signal]);
  private tripped: unknown;
  private failedFor: string | undefined;
  private suspended: Suspension | undefined;

  /** The defect that ended the run, where one did. */
  get defect(): unknown {
    return this.tripped;
  }

  /** What made the run stop and put back what it changed. */
  get failure(): string | undefined {
    return this.failedFor;
  }

  get suspension(): Suspension | undefined {
    return this.suspended;
  }

  get isInterrupted(): boolean {
    return this.stopped.reason instanceof Interrupted;
  }

  /** Somebody else ends the run. */
  interrupt(cause: unknown): void {
    this.stop.abort(new Interrupted('the run was interrupted', { cause }));
  }

  /** The run has taken as long as it may. */
  timeUp(limitMs: number): void {
    const nextStep = 'give it longer with --timeout, or look at what does not answer';
    this.stop.abort(new DeadlineError(`the run's limit of ${limitMs / 1000} s was reached`, { nextStep }));
  }

  /** Nobody could take up what went on from here: its leases are lost, or its journal. */
  cut(error: Error): void {
    this.stop.abort(error);
  }

  /** The runbook's stop condition holds: that is what the run fails for, whatever else it failed for. */
  halt(reason: string): void {
    this.failedFor = reason;
    this.endWaits(reason);
  }

  /** What waits would wait for nothing any more. */
  endWaits(reason: string): void {
    this.waits.abort(new Halted(reason));
  }

  /** Keeps the first defect. Even nothing at all can be thrown, and is a defect. */
  trip(error: unknown): void {
    this.tripped ??= error ?? new TypeError(`a step threw ${String(error)}`);
  }

  /** Keeps the first reason. */
  fail(reason: string): void {
    this.failedFor ??= reason;
  }

  /** Keeps the first suspension. */
  suspend(suspension: Suspension): void {
    this.suspended ??= suspension;
  }

  /** Why nothing but conclusions is started any more; undefined while the run goes on. */
  standstill(step: AnyStep): string | undefined {
    if (this.defect !== undefined) return 'the run stopped before this step';
    if (this.stopped.aborted && step.kind !== 'decide') return messageOf(this.stopped.reason);
    if (isLooking(step)) return undefined;
    if (this.suspension !== undefined) return this.suspension.reason;
    if (this.failure !== undefined && step.kind !== 'notify' && step.endsAnyway !== true) return this.failure;
    return undefined;
  }
}
