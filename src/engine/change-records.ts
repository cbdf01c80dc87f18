/** What became of each change of a run: as its journal told it before, and as is seen and answered now. */
import { broughtBackIn, type Change, type Look } from './change.ts';
import type { Clock } from './clock.ts';
import type { Direction, EventBody } from './events.ts';
import { isOver, standsAnswered, standsSeen, type ChangeRecord, type OverRecord, type RunHistory } from './history.ts';
import type { PlainRecord } from './plain.ts';
import type { AnyStep } from './step.ts';

export class ChangeRecords {
  private readonly emit: (body: EventBody) => void;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly records = new Map<string, ChangeRecord>();
  private readonly firstSent: Map<string, number>;

  constructor(
    before: Pick<RunHistory, 'changes' | 'sentAt'> | undefined,
    emit: (body: EventBody) => void,
    clock: Pick<Clock, 'now'>,
  ) {
    this.emit = emit;
    this.clock = clock;
    this.firstSent = new Map(before?.sentAt);
    for (const record of before?.changes ?? []) this.records.set(record.stepId, record);
  }

  /** When the step's change was sent first; epoch milliseconds. */
  sentAt(stepId: string): number | undefined {
    return this.firstSent.get(stepId);
  }

  /** What was changed and is to be put back, newest first; of what is not known for sure, reality will tell. */
  undoable(): readonly ChangeRecord[] {
    return [...this.records.values()].filter((record) => !isOver(record)).toReversed();
  }

  /** The steps whose changes were brought back by a later one of this run, each with the step that did; newest last. */
  pairs(): readonly (readonly [earlier: string, later: string])[] {
    const applied = [...this.records.values()].filter(({ status }) => status === 'applied');
    const idAt = (at: number): string => applied[at]?.stepId ?? '';
    return [...broughtBackIn(applied.map(({ change }) => change))].map(([back, at]) => [idAt(back), idAt(at)] as const);
  }

  /** True where the step's change may be in the world. */
  stands(stepId: string): boolean {
    return this.undoable().some((record) => record.stepId === stepId);
  }

  /** What is back already, or was never made. */
  settled(): readonly OverRecord[] {
    return [...this.records.values()].filter(isOver);
  }

  /** A step's change as it was begun; what was refused or put back never began. What was taken back did. */
  begun(stepId: string): ChangeRecord | undefined {
    const known = this.records.get(stepId);
    return known?.status === 'failed' || known?.status === 'reverted' ? undefined : known;
  }

  /** True where something was changed, or may have been. */
  hasAny(): boolean {
    return [...this.records.values()].some(({ status }) => status !== 'failed');
  }

  of(stepId: string): ChangeRecord | undefined {
    return this.records.get(stepId);
  }

  /** It is about to be sent; `change` is what is applied, or to be put back. */
  intended(stepId: string, change: Change, direction: Direction): void {
    if (!this.firstSent.has(stepId)) this.firstSent.set(stepId, this.clock.now());
    this.records.set(stepId, { stepId, change, status: direction === 'apply' ? 'intended' : 'reverting' });
  }

  /** Keeps what was answered, or that nothing was. */
  answered(
    step: AnyStep,
    change: Change,
    direction: Direction,
    outcome: 'applied' | 'failed' | 'unknown',
    reason?: string,
    receipt?: PlainRecord,
  ): void {
    const said = { ...(reason === undefined ? {} : { reason }), ...(receipt === undefined ? {} : { receipt }) };
    this.emit({ type: 'change.answered', stepId: step.id, direction, outcome, ...said });
    this.records.set(step.id, { stepId: step.id, change, ...standsAnswered(outcome, direction) });
  }

  /** Keeps what reality showed of a change. */
  note(step: AnyStep, change: Change, seen: Look, direction: Direction): void {
    const { state, detail, isAsBefore } = seen;
    // A team's own code is loaded without its types.
    const left = isAsBefore === true ? { isAsBefore } : {};
    this.emit({ type: 'change.looked-up', stepId: step.id, direction, state, detail, ...left });
    const stands = standsSeen(seen, direction);
    if (stands !== undefined) this.records.set(step.id, { stepId: step.id, change, ...stands });
  }

  /** Keeps that a change was taken back, by whoever was asked for it. */
  takenBack(step: AnyStep, detail: string): void {
    const known = this.records.get(step.id);
    if (known?.status !== 'applied') return;
    this.note(step, known.change, { state: 'failed', detail, isAsBefore: true }, 'apply');
  }
}
