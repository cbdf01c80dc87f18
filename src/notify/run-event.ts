/** What an event bus is told of a run while it runs: from the engine's events to `nanoops/event@1`. Pure. */
import type { EventApproval, EventRun, NanoopsEvent } from '../cloud/event.ts';
import type { RunEvent } from '../engine/events.ts';

/** What all events of one run share. */
export interface AboutRun {
  readonly service: string;
  readonly environment: string;
  readonly runId: string;
  readonly runbook: string;
  /** True of a runbook that is a drill. */
  readonly isDrill: boolean;
}

/** Undefined for what nobody but the run's journal needs to know. */
export function runEventOf(event: RunEvent, about: AboutRun): NanoopsEvent | undefined {
  const run: EventRun = { id: about.runId, runbook: about.runbook };
  const what = about.isDrill ? 'drill' : 'run';
  const name = `${about.runbook} of ${about.service} ${about.environment}`;
  switch (event.type) {
    case 'run.started':
      return made(event, about, { type: what, change: 'started', title: `${name} has begun`, run });
    case 'run.resumed':
      if (event.purpose === 'step') return undefined;
      return made(event, about, { type: what, change: 'resumed', title: `${name} is gone on with`, run });
    case 'run.suspended': {
      const { verdict, durationMs, reason: text } = event;
      const told = { type: what, change: 'suspended', title: `${name} waits: ${verdict}`, text } as const;
      return made(event, about, { ...told, run: { ...run, verdict, durationMs } });
    }
    case 'run.finished': {
      const { verdict, durationMs } = event;
      const told = { type: what, change: 'finished', title: `${name} has ended: ${verdict}` } as const;
      return made(event, about, { ...told, run: { ...run, verdict, durationMs, ...reachedIn(event.outcome) } });
    }
    case 'approval.requested': {
      const { stepId: step, question, hash, deadlineAt } = event;
      const approval = { step, question, hash, ...(deadlineAt === undefined ? {} : { deadlineAt: iso(deadlineAt) }) };
      return approvalEvent(event, about, run, 'requested', `${name} asks: ${question}`, approval);
    }
    case 'approval.given':
    case 'approval.declined': {
      const { stepId: step, hash, by } = event;
      const change = event.type === 'approval.given' ? 'given' : 'declined';
      return approvalEvent(
        event,
        about,
        run,
        change,
        `${by} has ${change === 'given' ? 'agreed to' : 'declined'} ${step}`,
        {
          step,
          hash,
          by,
        },
      );
    }
    case 'approval.lapsed': {
      const { stepId: step, hash, reason } = event;
      return approvalEvent(event, about, run, 'lapsed', `what was agreed to does not hold any more: ${reason}`, {
        step,
        hash,
      });
    }
    case 'step.started':
    case 'step.retried':
    case 'step.progressed':
    case 'step.finished':
    case 'run.checkpointed':
    case 'lease.acquired':
    case 'lease.released':
    case 'lease.refused':
    case 'lease.lost':
    case 'change.intended':
    case 'change.answered':
    case 'change.looked-up':
    case 'run.halted':
    case 'run.undoing':
      return undefined;
  }
}

function approvalEvent(
  event: RunEvent,
  about: AboutRun,
  run: EventRun,
  change: string,
  title: string,
  approval: EventApproval,
): NanoopsEvent {
  return made(event, about, { type: 'approval', change, title, run, approval });
}

function made(
  { at, seq }: RunEvent,
  { service, environment, runId }: AboutRun,
  told: Pick<NanoopsEvent, 'type' | 'change' | 'title' | 'text' | 'run' | 'approval'>,
): NanoopsEvent {
  return { schema: 'nanoops/event@1', id: `${runId}#${seq}`, at: iso(at), service, environment, ...told };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** What was reached of the objectives, where the runbook has some. */
function reachedIn(outcome: unknown): Pick<EventRun, 'rtoMs' | 'rpoMs'> {
  const objectives = memberOf(outcome, 'objectives');
  if (objectives === undefined) return {};
  const measured = (name: string): number | null => {
    const value = memberOf(memberOf(objectives, name), 'measuredMs');
    return typeof value === 'number' ? value : null;
  };
  return { rtoMs: measured('rto'), rpoMs: measured('rpo') };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
