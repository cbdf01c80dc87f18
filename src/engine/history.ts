/** What a run's events say of it: how far it came, what it changed, who agreed. Pure, so that a journal can be read anywhere. */
import type { Change, Look } from './change.ts';
import type { Direction, EventBody, RunEvent, RunMode, StepStatus, StepSummary, Verdict } from './events.ts';
import type { Plain, PlainRecord } from './plain.ts';

type Finished = Extract<EventBody, { type: 'step.finished' }>;

/** How a step ended; see `step.finished`. */
export type StepRecord = Omit<Finished, 'type' | 'output'>;

export interface ChangeRecord {
  readonly stepId: string;
  readonly change: Change;
  /**
   * - `intended`: it was about to be sent, and nothing more is known: the world has to be looked at.
   * - `unknown`: it was sent and not answered, or reality does not tell.
   * - `failed`: it was never made.
   * - `reverting`: putting it back was begun.
   * - `taken-back`: it was made, and whoever was asked for it took it back: nothing of it is left.
   */
  readonly status: 'intended' | 'applied' | 'failed' | 'unknown' | 'reverting' | 'reverted' | 'taken-back';
  /**
   * With `taken-back`, and with `applied` where whoever was asked for it gave it up and left what there was of it: what was seen
   * of that.
   */
  readonly gaveUp?: string;
  /** What the answer to it gave; absent where none came. */
  readonly receipt?: PlainRecord;
}

/** A change of which there is nothing to put back. */
export type OverRecord = ChangeRecord & { readonly status: 'failed' | 'reverted' | 'taken-back' };

export function isOver(record: ChangeRecord): record is OverRecord {
  return record.status === 'failed' || record.status === 'reverted' || record.status === 'taken-back';
}

/** What a step left for a run that goes on from here. */
export interface Remembered {
  readonly stepId: string;
  readonly status: StepStatus;
  readonly detail: string;
  readonly output?: Plain;
}

export interface RunHistory {
  readonly runId: string;
  readonly runbook: string;
  readonly title: string;
  readonly mode: RunMode;
  readonly environment: string;
  readonly startedAt: number;
  /** When its last event happened. */
  readonly lastAt: number;
  readonly seq: number;
  readonly fingerprint?: string;
  readonly context?: Plain;
  /** True of a run whose steps are carried out each by a process of its own. */
  readonly isStepwise: boolean;
  readonly summaries: readonly StepSummary[];
  /** The last end of each step, in the order in which they ended first. */
  readonly steps: readonly StepRecord[];
  /** The steps that had begun and had not ended. */
  readonly open: readonly string[];
  /** In the order in which they were begun. */
  readonly changes: readonly ChangeRecord[];
  /** When the change of each step was sent first, by the steps' ids; epoch milliseconds. */
  readonly sentAt: ReadonlyMap<string, number>;
  /** Hashes of plans that were agreed to, each with who did. */
  readonly approvals: ReadonlyMap<string, { readonly stepId: string; readonly by: string; readonly at: number }>;
  /** What the last question was, while it waits for its answer. */
  readonly waitingFor?: { readonly stepId: string; readonly question: string; readonly hash: string };
  /**
   * - `looking`: nothing was changed: a resumed run looks at everything anew.
   * - `acting`: something was, or may have been: a resumed run goes on from what is remembered. A run that is carried out
   *   step by step is so from its beginning.
   * - `undoing`: what was changed is being put back.
   * - `ended`
   */
  readonly phase: 'looking' | 'acting' | 'undoing' | 'ended';
  /** Since a change was made. */
  readonly remembered: readonly Remembered[];
  /** What steps yielded when the run looked first, by their ids: of those that keep it. */
  readonly firsts: ReadonlyMap<string, Plain>;
  readonly undoingFor?: string;
  /** Of the end, or of the suspension that it is in; absent while it runs, or when it died. */
  readonly verdict?: Verdict;
  readonly suspended?: { readonly reason: string; readonly nextSteps: readonly string[] };
  readonly outcome?: unknown;
  readonly resumptions: number;
  /** True where somebody had what it changed put back. */
  readonly aborted: boolean;
}

/** @throws TypeError for events that do not begin with `run.started`. */
export function historyOf(events: readonly RunEvent[]): RunHistory {
  const [first] = events;
  if (first?.type !== 'run.started') throw new TypeError('the events do not begin with the start of a run');
  const told = new Telling(first);
  for (const event of events.slice(1)) told.take(event);
  return told.history();
}

/** A run's history as its events come in, one after another: none of them is held for longer than it counts. */
export class Telling {
  private readonly first: Extract<RunEvent, { type: 'run.started' }>;
  private readonly steps = new Map<string, StepRecord>();
  private readonly open = new Set<string>();
  private readonly changes = new Map<string, ChangeRecord>();
  private readonly sentAt = new Map<string, number>();
  private readonly remembered = new Map<string, Remembered>();
  private readonly firsts = new Map<string, Plain>();
  private readonly approvals = new Map<string, { stepId: string; by: string; at: number }>();
  private summaries: readonly StepSummary[];
  private waitingFor: RunHistory['waitingFor'];
  private phase: RunHistory['phase'] = 'looking';
  /** That it ended in. */
  private phaseBefore: RunHistory['phase'] = 'looking';
  private undoingFor: string | undefined;
  private verdict: Verdict | undefined;
  private suspended: RunHistory['suspended'];
  private outcome: unknown;
  private resumptions = 0;
  private aborted = false;
  private last: RunEvent;

  constructor(first: Extract<RunEvent, { type: 'run.started' }>) {
    this.first = first;
    this.last = first;
    this.summaries = first.steps;
    if (first.isStepwise === true) this.phase = 'acting';
  }

  take(event: RunEvent): void {
    this.last = event;
    switch (event.type) {
      case 'run.started':
        this.summaries = event.steps;
        return;
      case 'run.resumed':
        // The next step of a run that is carried out step by step is no resumption: nothing had stopped.
        if (event.purpose !== 'step') this.resumptions += 1;
        this.aborted = event.purpose === 'abort';
        this.verdict = undefined;
        this.suspended = undefined;
        this.waitingFor = undefined;
        this.open.clear();
        // What has ended is taken up only to be put back.
        if (this.phase === 'ended') this.phase = this.phaseBefore;
        if (this.phase === 'looking') this.steps.clear();
        return;
      case 'step.started':
        this.open.add(event.stepId);
        return;
      case 'step.finished':
        this.finish(event);
        return;
      case 'run.checkpointed':
        this.phase = 'acting';
        for (const step of event.steps) this.remembered.set(step.stepId, step);
        return;
      case 'approval.requested':
        this.waitingFor = { stepId: event.stepId, question: event.question, hash: event.hash };
        return;
      case 'approval.given':
        this.waitingFor = undefined;
        this.approvals.set(event.hash, { stepId: event.stepId, by: event.by, at: event.at });
        return;
      case 'approval.lapsed':
        this.approvals.delete(event.hash);
        // What was planned does not fit any more. As long as nothing was changed, it is planned anew.
        if (this.phase === 'acting' && !this.hasChanged()) {
          this.phase = 'looking';
          this.remembered.clear();
        }
        return;
      case 'change.intended':
      case 'change.answered':
      case 'change.looked-up':
        this.changed(event);
        return;
      case 'run.halted':
        // Before anything was changed there is nothing to put back, and a resumed run looks again whether it may begin.
        if (this.phase === 'acting') this.phase = 'undoing';
        this.undoingFor = event.reason;
        return;
      case 'run.undoing':
        this.phase = 'undoing';
        this.undoingFor = event.reason;
        return;
      case 'run.suspended':
        this.verdict = event.verdict;
        this.suspended = { reason: event.reason, nextSteps: event.nextSteps };
        return;
      case 'run.finished':
        this.phaseBefore = this.phase;
        this.phase = 'ended';
        this.verdict = event.verdict;
        this.outcome = event.outcome;
        return;
      case 'step.retried':
      case 'step.progressed':
      case 'approval.declined':
      case 'lease.acquired':
      case 'lease.released':
      case 'lease.refused':
      case 'lease.lost':
        return;
    }
  }

  private finish({ type: _type, output, ...event }: Extract<RunEvent, { type: 'step.finished' }>): void {
    const { seq: _seq, at: _at, ...record } = event;
    const { stepId, status, detail } = record;
    this.open.delete(stepId);
    this.steps.set(stepId, record);
    const isFirst = this.phase === 'looking' || this.first.isStepwise === true;
    if (output !== undefined && isFirst && !this.firsts.has(stepId)) this.firsts.set(stepId, output);
    if (this.phase === 'looking') return;
    // A run that tells of something that it is back goes on with nothing new, also where there is nothing more to put back.
    if (status === 'rolled-back') {
      this.phase = 'undoing';
      if (this.aborted) this.undoingFor ??= 'the run was aborted';
    }
    // What a step yielded is not undone with what it changed: whoever concluded from it did so before.
    if (this.phase === 'undoing' && output === undefined && this.remembered.get(stepId)?.output !== undefined) return;
    this.remembered.set(stepId, { stepId, status, detail, ...(output === undefined ? {} : { output }) });
  }

  private changed(
    event: Extract<RunEvent, { type: 'change.intended' | 'change.answered' | 'change.looked-up' }>,
  ): void {
    const { stepId, direction } = event;
    const known = this.changes.get(stepId);
    if (event.type === 'change.intended') {
      const change = direction === 'apply' ? event.change : (known?.change ?? event.change);
      if (!this.sentAt.has(stepId)) this.sentAt.set(stepId, event.at);
      this.changes.set(stepId, { stepId, change, status: direction === 'apply' ? 'intended' : 'reverting' });
      return;
    }
    if (known === undefined) return;
    const stands =
      event.type === 'change.answered' ? standsAnswered(event.outcome, direction) : standsSeen(event, direction);
    if (stands === undefined) return;
    const given = event.type === 'change.answered' && direction === 'apply' ? event.receipt : undefined;
    const { change, receipt = given } = known;
    this.changes.set(stepId, { stepId, change, ...stands, ...(receipt === undefined ? {} : { receipt }) });
  }

  private hasChanged(): boolean {
    return [...this.changes.values()].some(({ status }) => status !== 'failed');
  }

  history(): RunHistory {
    const { first } = this;
    return {
      runId: first.runId,
      runbook: first.runbook,
      title: first.title,
      mode: first.mode,
      environment: first.environment,
      startedAt: first.at,
      lastAt: this.last.at,
      seq: this.last.seq,
      ...(first.fingerprint === undefined ? {} : { fingerprint: first.fingerprint }),
      ...(first.context === undefined ? {} : { context: first.context }),
      isStepwise: first.isStepwise === true,
      summaries: this.summaries,
      steps: [...this.steps.values()],
      open: [...this.open],
      changes: [...this.changes.values()],
      sentAt: this.sentAt,
      approvals: this.approvals,
      ...(this.waitingFor === undefined ? {} : { waitingFor: this.waitingFor }),
      phase: this.phase,
      remembered: [...this.remembered.values()],
      firsts: this.firsts,
      ...(this.undoingFor === undefined ? {} : { undoingFor: this.undoingFor }),
      ...(this.verdict === undefined ? {} : { verdict: this.verdict }),
      ...(this.suspended === undefined ? {} : { suspended: this.suspended }),
      outcome: this.outcome,
      resumptions: this.resumptions,
      aborted: this.aborted,
    };
  }
}

/** How a change stands. */
export type Standing = Pick<ChangeRecord, 'status' | 'gaveUp'>;

/** How a change stands by an answer to it, or to what puts it back. */
export function standsAnswered(
  outcome: Extract<EventBody, { type: 'change.answered' }>['outcome'],
  direction: Direction,
): Standing {
  if (direction === 'apply') return { status: outcome };
  // It is put back when reality says so, not when somebody agreed to do it.
  return { status: outcome === 'failed' ? 'applied' : 'reverting' };
}

/** How a change that was sent stands by a look at the world; undefined where that says nothing new. */
export function standsSeen({ state, detail, isAsBefore }: Look, direction: Direction): Standing | undefined {
  switch (state) {
    case 'done':
      return { status: direction === 'apply' ? 'applied' : 'reverted' };
    case 'in-flight':
      return direction === 'apply' ? { status: 'applied' } : undefined;
    case 'not-started':
      return { status: direction === 'apply' ? 'failed' : 'applied' };
    // What was tried came to the world, whatever became of it there; what was to put it back did not.
    case 'failed':
      if (direction === 'undo') return { status: 'applied' };
      return { status: isAsBefore === true ? 'taken-back' : 'applied', gaveUp: detail };
    // Somebody else may have changed it since: that says nothing of what became of ours.
    case 'drifted':
    case 'unknown':
      return undefined;
  }
}
