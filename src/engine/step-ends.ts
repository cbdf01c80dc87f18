/**
 * What a step comes to that has ended, or was never begun: its status, what whoever needs it is told, and what follows for
 * the run (that it fails, waits, or goes on with a gap).
 */
import type { ChangeFailure, Consequence } from './change-end.ts';
import type { Clock } from './clock.ts';
import type { Course } from './course.ts';
import { DeadlineError, Halted, Interrupted, messageOf, nextStepOf, type ErrorClass } from './errors.ts';
import type { RunMode, StepStatus } from './events.ts';
import type { Acting } from './run-options.ts';
import type { RunLog } from './run-log.ts';
import { isLooking } from './runbook.ts';
import type { AnyStep, Settled, StepOutcome } from './step.ts';

export interface StepEndsTools<Act> {
  readonly acting: Acting<Act> | undefined;
  readonly mode: RunMode;
  readonly clock: Clock;
  readonly course: Course;
  readonly log: RunLog<Act>;
  /** True where the step's change may be in the world. */
  readonly stands: (stepId: string) => boolean;
}

/** When it began, and how often it was tried. */
interface Tries {
  readonly startedAt: number;
  readonly attempts: number;
}

type Unknown = Extract<Settled<unknown>, { known: false }>;

const statusAfter = {
  undo: 'failed',
  'ask-again': 'suspended',
  suspend: 'suspended',
  defect: 'failed',
  unknown: 'unknown',
  halt: 'blocked',
} as const satisfies Record<Consequence, StepStatus>;

export class StepEnds<Act> {
  private readonly tools: StepEndsTools<Act>;

  constructor(tools: StepEndsTools<Act>) {
    this.tools = tools;
  }

  /** A step of a run that only looks, which would have acted. */
  leftOut(): Settled<unknown> {
    return { known: false, because: 'skipped', reason: 'this run only looks' };
  }

  /** A step whose need was not met: skipped when there was nothing to look at, blocked otherwise. */
  blocked(step: AnyStep, need: AnyStep, result: Unknown): Settled<unknown> {
    const startedAt = this.tools.clock.now();
    // What stands at the beginning of a chain is what there is to know of it.
    const reason = /^needs "[^"]*": /.test(result.reason) ? result.reason : `needs "${need.id}": ${result.reason}`;
    const status = result.because === 'skipped' ? 'skipped' : 'blocked';
    this.tools.log.finish(step, { status, detail: reason, startedAt, attempts: 0, errorClass: result.errorClass });
    return { ...result, reason };
  }

  /** A step that the run's end kept from its first attempt, or from its next one: then it is told what it waited for. */
  notStarted(step: AnyStep, { startedAt, attempts }: Tries, previous?: string): Settled<unknown> {
    const { course, log } = this.tools;
    const { aborted, reason: why } = course.stopped;
    const end = aborted ? messageOf(why) : (course.standstill(step) ?? 'the run stopped before this step');
    const reason = previous === undefined ? end : `${previous}; not tried again: ${end}`;
    const errorClass = aborted && why instanceof DeadlineError ? 'deadline' : undefined;
    // What a run that acts did not get to, it gets to when it is taken up again.
    const isGap = attempts > 0 && errorClass === 'deadline' && !log.isCheckpointed;
    const status = isGap ? 'unknown' : 'blocked';
    log.finish(step, { status, detail: reason, startedAt, attempts, errorClass });
    return { known: false, because: 'unknown', reason, errorClass };
  }

  /** A step that looked or concluded, or had nothing to do. */
  succeeded(step: AnyStep, outcome: StepOutcome<unknown>, tries: Tries): Settled<unknown> {
    const { log } = this.tools;
    if (outcome.kind === 'skipped') {
      log.finish(step, { status: 'skipped', detail: outcome.reason, ...tries });
      return { known: false, because: 'skipped', reason: outcome.reason };
    }
    const status = outcome.isUnknown === true ? 'unknown' : 'succeeded';
    log.finish(step, { status, detail: outcome.detail, ...tries }, outcome.output);
    return { known: true, value: outcome.output };
  }

  /** A step that waited, asked or acted with success; in a dry run it is only planned. */
  done(step: AnyStep, detail: string, output: unknown, tries: Tries): Settled<unknown> {
    const status = this.tools.mode === 'dry-run' ? 'planned' : 'succeeded';
    this.tools.log.finish(step, { status, detail, ...tries }, output);
    return { known: true, value: output };
  }

  /** A step that looked and saw that it does not hold, or without which the run must not go on. */
  failed(step: AnyStep, detail: string, tries: Tries): Unknown {
    const { course, log } = this.tools;
    log.finish(step, { status: 'failed', detail, ...tries });
    if (step.isOptional !== true) course.fail(detail);
    return { known: false, because: 'unknown', reason: detail };
  }

  /** A step whose question nobody answered with yes: the run waits. Who does not agree to it ends it. */
  withheld(step: AnyStep, detail: string, nextSteps: readonly string[], startedAt: number): Settled<unknown> {
    const { acting, course, log } = this.tools;
    const { abort = '' } = acting?.nextSteps ?? {};
    course.suspend({ verdict: 'awaiting-approval', reason: detail, nextSteps: [...nextSteps, abort] });
    log.finish(step, { status: 'suspended', detail, startedAt, attempts: 1 });
    return { known: false, because: 'unknown', reason: detail };
  }

  /** A step that ended with an error, and is not tried again. */
  gaveUp(step: AnyStep, error: unknown, errorClass: ErrorClass, tries: Tries): Settled<unknown> {
    const { course, log } = this.tools;
    const reason = messageOf(error);
    if (error instanceof Halted) {
      log.finish(step, { status: 'blocked', detail: `stopped: ${reason}`, ...tries });
      return { known: false, because: 'unknown', reason };
    }
    if (error instanceof Interrupted || (errorClass === 'locked' && !isLooking(step))) {
      log.finish(step, { status: isLooking(step) ? 'blocked' : 'suspended', detail: reason, ...tries });
      return { known: false, because: 'unknown', reason, ...this.triedOf(step) };
    }
    if (this.canWait(step, errorClass)) return this.leftOpen(step, error, errorClass, tries);
    if (errorClass === 'defect') course.trip(error);
    const status = errorClass === 'defect' ? 'failed' : 'unknown';
    const nextStep = nextStepOf(error);
    const told = nextStep === undefined ? { errorClass } : { errorClass, nextStep };
    log.finish(step, { status, detail: reason, ...tries, ...told });
    return { known: false, because: 'unknown', reason, ...told, ...this.triedOf(step) };
  }

  /**
   * True where a run that acts is rather taken up again than ended with a gap: its time is up, or whoever runs it is nobody
   * any more. What it changed must not be left to itself then.
   */
  private canWait(step: AnyStep, errorClass: ErrorClass): boolean {
    const { acting, mode, course, log } = this.tools;
    if (acting === undefined || mode !== 'execute') return false;
    if (step.isOptional === true && errorClass === 'credentials') return false;
    if (errorClass === 'deadline') return log.isCheckpointed && course.stopped.aborted;
    return errorClass === 'credentials' && (log.isCheckpointed || !isLooking(step));
  }

  private leftOpen(step: AnyStep, error: unknown, errorClass: ErrorClass, tries: Tries): Settled<unknown> {
    const reason = messageOf(error);
    const nextStep = nextStepOf(error);
    if (errorClass === 'credentials') {
      const first = nextStep === undefined ? [] : [nextStep];
      this.tools.course.suspend({ verdict: 'failed', reason, nextSteps: [...first, ...this.goingOn()] });
    }
    const told = nextStep === undefined ? { errorClass } : { errorClass, nextStep };
    const status = isLooking(step) ? 'blocked' : 'suspended';
    this.tools.log.finish(step, { status, detail: reason, ...tries, ...told });
    return { known: false, because: 'unknown', reason, ...told, ...this.triedOf(step) };
  }

  /** A step whose change was not made, or not put back. */
  notMade(step: AnyStep, end: ChangeFailure, startedAt: number): Settled<unknown> {
    const { course, log } = this.tools;
    const { errorClass, nextStep, detail } = end;
    const told = {
      ...(errorClass === undefined ? {} : { errorClass }),
      ...(nextStep === undefined ? {} : { nextStep }),
    };
    const { isOptional = false } = step;
    // Whoever may not come in there may well go on elsewhere; what nobody could journal is another matter.
    const consequence = isOptional && errorClass === 'credentials' ? 'undo' : end.consequence;
    switch (consequence) {
      case 'undo':
        if (!isOptional) course.fail(detail);
        break;
      case 'ask-again':
        course.suspend({ verdict: 'awaiting-approval', reason: detail, nextSteps: this.goingOn() });
        break;
      case 'suspend':
        course.suspend({
          verdict: errorClass === 'locked' ? 'locked' : 'failed',
          reason: detail,
          nextSteps: [...(nextStep === undefined ? [] : [nextStep]), ...this.goingOn()],
        });
        break;
      case 'defect':
        course.trip(end.error);
        break;
      case 'unknown':
      case 'halt':
        break;
    }
    log.finish(step, { status: statusAfter[consequence], detail, startedAt, attempts: end.attempts, ...told });
    return { known: false, because: 'unknown', reason: detail, ...told, ...this.triedOf(step) };
  }

  /** Whether the step's change may be in the world, for whoever goes on without its value. */
  triedOf({ id, body }: AnyStep): { readonly tried?: true } {
    return body.form === 'change' && this.tools.stands(id) ? { tried: true } : {};
  }

  /** What somebody types to go on from here. */
  private goingOn(): readonly string[] {
    const { acting, log } = this.tools;
    const { resume = '', abort = '' } = acting?.nextSteps ?? {};
    return log.isCheckpointed ? [resume, abort] : [resume];
  }
}
