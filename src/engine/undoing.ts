/** Puts back what a run has changed, newest first, where it failed or is aborted; and tells what is back already. */
import type { Changing } from './changing.ts';
import type { Clock } from './clock.ts';
import type { Course } from './course.ts';
import { classOf } from './errors.ts';
import type { ChangeRecord, OverRecord } from './history.ts';
import type { Leasing } from './leasing.ts';
import type { RunLog } from './run-log.ts';
import { waitOf } from './runbook.ts';
import type { StepEnds } from './step-ends.ts';
import type { AnyStep, RunStep } from './step.ts';

export interface UndoingTools<Ports, Settings, Act> {
  /** All of the runbook. */
  readonly steps: readonly RunStep<Ports, Settings, Act>[];
  readonly clock: Clock;
  readonly changing: Changing<Ports, Settings, Act>;
  readonly leasing: Leasing<Act>;
  readonly course: Course;
  readonly log: RunLog<Act>;
  readonly ends: StepEnds<Act>;
}

const backWords = { reverted: 'put back', 'taken-back': 'taken back', failed: 'never made' } as const satisfies Record<
  OverRecord['status'],
  string
>;

export class Undoing<Ports, Settings, Act> {
  private readonly tools: UndoingTools<Ports, Settings, Act>;
  private readonly byId: ReadonlyMap<string, RunStep<Ports, Settings, Act>>;

  constructor(tools: UndoingTools<Ports, Settings, Act>) {
    this.tools = tools;
    this.byId = new Map(tools.steps.map((step) => [step.id, step]));
  }

  /** Puts back what can be, for the reason that the run failed for. `at`: what whoever finds its leases is told. */
  async putBack(at: 'abort' | 'undo'): Promise<void> {
    const { changing, leasing, course, log } = this.tools;
    const { failure } = course;
    if (failure === undefined || course.defect !== undefined) return;
    // Whoever takes it up tells the rest.
    if (course.stopped.aborted || course.suspension?.verdict === 'locked') return;
    await this.lookAtWhatStays();
    this.tellWhatIsBack(changing.records.settled());
    const back = await this.broughtBack();
    const undoable = changing.records.undoable().filter(({ stepId }) => !back.has(stepId));
    const isOpen = undoable.some(({ stepId, status, change }) => {
      const body = this.byId.get(stepId)?.body;
      return body?.form === 'change' && (status !== 'applied' || body.reverse?.(change) !== undefined);
    });
    if (!isOpen || course.stopped.aborted) return;
    leasing.at(at);
    try {
      if (!(await leasing.take())) return;
    } catch (error) {
      course.trip(error);
      return;
    }
    log.emit({ type: 'run.undoing', reason: failure });
    for (const record of undoable) {
      if (!(await this.undo(record))) return;
    }
  }

  /** Puts one change back. False where the others cannot be put back either, for now. */
  private async undo({ stepId, change }: ChangeRecord): Promise<boolean> {
    const { steps, clock, changing, course, log, ends } = this.tools;
    const step = this.byId.get(stepId);
    if (step?.body.form !== 'change') return true; // A step that the runbook has no more cannot be put back by it.
    const startedAt = clock.now();
    const seal = steps.find(({ id, body }) => seals(body, step) && changing.records.stands(id));
    if (seal !== undefined) return true;
    try {
      const end = await changing.undo(step, step.body, change);
      const tries = { startedAt, attempts: end.attempts };
      if (end.kind === 'made') {
        log.finish(step, { status: 'rolled-back', detail: end.detail, ...tries });
        return true;
      }
      if (end.consequence === 'suspend') {
        ends.notMade(step, end, startedAt);
        return false;
      }
      if (end.consequence === 'defect') course.trip(end.error);
      // It stays as it is, which is told; what was changed before it is put back all the same.
      if (end.attempts > 0) log.finish(step, { status: 'failed', detail: end.detail, ...tries });
      return true;
    } catch (error) {
      ends.gaveUp(step, error, classOf(error), { startedAt, attempts: 1 });
      return false;
    }
  }

  /** What cannot be put back stays, unless whoever was asked for it took it back while nobody waited for it. */
  private async lookAtWhatStays(): Promise<void> {
    const { steps, changing, course, log } = this.tools;
    const ended = new Map(log.history().steps.map(({ stepId, status }) => [stepId, status]));
    for (const { stepId, status, change } of changing.records.undoable()) {
      const step = this.byId.get(stepId);
      if (course.stopped.aborted || status !== 'applied' || step?.body.form !== 'change') continue;
      const wait = waitOf(steps, step);
      const isSeen = wait === undefined || ended.get(wait.id) === 'succeeded';
      if (!isSeen && step.body.reverse?.(change) === undefined) {
        await changing.noteIfTakenBack(step, step.body, change);
      }
    }
  }

  /** Changes of this run that need no putting back, since one brought back what the other had changed; both of them. */
  private async broughtBack(): Promise<ReadonlySet<string>> {
    const { changing } = this.tools;
    const records = new Map(changing.records.undoable().map((record) => [record.stepId, record]));
    const pairs = changing.records.pairs();
    const paired = new Set(pairs.flat());
    const reverses = (stepId: string): boolean => {
      const body = this.byId.get(stepId)?.body;
      const record = records.get(stepId);
      return body?.form === 'change' && record !== undefined && body.reverse?.(record.change) !== undefined;
    };
    // Once all of it has come back there is nothing to put back, whatever could not be put back by itself.
    const isComplete = [...records.keys()].every((stepId) => paired.has(stepId) || !reverses(stepId));
    const settled = new Set<string>();
    for (const [earlier, later] of pairs) {
      // Until then, what cannot be put back where it is alone would be parted from what can.
      if (!isComplete && !reverses(earlier)) continue;
      const step = this.byId.get(later);
      const record = records.get(later);
      if (step?.body.form !== 'change' || record === undefined) continue;
      // Whoever cannot look has it put back, and is told there why that fails.
      const seen = await changing.stillness(step, step.body, record.change).catch(() => undefined);
      // All of them or none: half of a stack at home is an outage. What somebody has changed since is nobody's to put back.
      if (seen?.state !== 'done' && seen?.state !== 'drifted') return new Set();
      for (const id of [earlier, later]) settled.add(id);
    }
    return settled;
  }

  /** What an earlier part of the run put back, or found never made, and died before it said so. */
  private tellWhatIsBack(settled: readonly OverRecord[]): void {
    const { clock, log } = this.tools;
    const ended = new Map(log.history().steps.map(({ stepId, status }) => [stepId, status]));
    for (const { stepId, status, change } of settled) {
      const step = this.byId.get(stepId);
      const end = ended.get(stepId);
      const isOpen = end === undefined || end === 'suspended' || end === 'unknown';
      const isTold = status === 'reverted' ? end === 'rolled-back' : !isOpen;
      if (step === undefined || isTold) continue;
      const detail = `${backWords[status]}: ${change.summary}`;
      log.finish(step, { status: 'rolled-back', detail, startedAt: clock.now(), attempts: 0 });
    }
  }
}

/** True where the step's change keeps what the other one did from being put back. */
function seals(body: AnyStep['body'], other: AnyStep): boolean {
  return body.form === 'change' && body.seals.includes(other);
}
