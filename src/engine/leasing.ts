/** Takes a run's leases once, gives word of whoever has them, and ends the run where one is lost. */
import { classOf, messageOf, nextStepOf } from './errors.ts';
import type { Course } from './course.ts';
import type { Lease, LeaseLostError } from './lease-store.ts';
import type { Acting } from './run-options.ts';
import type { RunLog } from './run-log.ts';

export interface LeasingTools<Act> {
  readonly acting: Acting<Act>;
  /** What the run may change, by the names under which leases are taken. */
  readonly resources: () => readonly string[];
  readonly course: Course;
  readonly log: RunLog<Act>;
}

export class Leasing<Act> {
  private readonly tools: LeasingTools<Act>;
  private taken: Promise<boolean> | undefined;

  constructor(tools: LeasingTools<Act>) {
    this.tools = tools;
  }

  /** Takes the leases, the first time that it is called. False where another run has one of them. */
  take(): Promise<boolean> {
    this.taken ??= this.acquire();
    return this.taken;
  }

  /** Says which step the run is at, to whoever finds its leases. */
  at(stepId: string): void {
    this.tools.acting.leases?.at(stepId);
  }

  private async acquire(): Promise<boolean> {
    const { acting, resources, course, log } = this.tools;
    const { leases, nextSteps } = acting;
    if (leases === undefined) return true;
    let held: Lease | undefined;
    try {
      held = await leases.acquire(resources());
    } catch (error) {
      if (classOf(error) === 'defect') throw error;
      const nextStep = nextStepOf(error);
      const { resume, abort } = nextSteps;
      course.suspend({
        verdict: 'failed',
        reason: messageOf(error),
        nextSteps: [...(nextStep === undefined ? [] : [nextStep]), resume, ...(log.isCheckpointed ? [abort] : [])],
      });
      return false;
    }
    if (held !== undefined) {
      const holder = holderText(held);
      log.emit({ type: 'lease.refused', resource: held.resource, holder });
      const reason = `${held.resource} is held by ${holder}`;
      course.suspend({ verdict: 'locked', reason, nextSteps: [nextSteps.locks, nextSteps.resume] });
      return false;
    }
    for (const [resource, token] of Object.entries(leases.tokens)) {
      log.emit({ type: 'lease.acquired', resource, token });
    }
    leases.beat((lost) => this.lost(lost));
    return true;
  }

  private lost(error: LeaseLostError): void {
    const { acting, course, log } = this.tools;
    const { locks, resume } = acting.nextSteps;
    const token = acting.leases?.tokens[error.resource] ?? 0;
    log.emit({ type: 'lease.lost', resource: error.resource, token, reason: error.message });
    course.suspend({ verdict: 'locked', reason: error.message, nextSteps: [locks, resume] });
    // What is waited for is somebody else's to bring about now.
    course.cut(error);
  }
}

function holderText({ holder }: Lease): string {
  const step = holder.step === undefined ? '' : `, at step "${holder.step}"`;
  return `run ${holder.runId} of ${holder.who}, since ${new Date(holder.since).toISOString()}${step}`;
}
