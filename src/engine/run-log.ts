/**
 * What a run tells, and what of it is kept for whoever takes it up: every event goes to the journal and to whoever listens, in
 * order; once something was changed, what a step yields goes with its end.
 */
import type { Basis, EventBody, RunEvent } from './events.ts';
import { historyOf, type RunHistory, type StepRecord } from './history.ts';
import { isNeededBy, openSteps } from './open-steps.ts';
import { plainOf } from './plain.ts';
import type { RunOptions } from './run-options.ts';
import type { Conclusion } from './runbook.ts';
import type { AnyStep, Results } from './step.ts';

/** How a step ended, as whoever carried it out tells it. */
export type StepEnd = Omit<StepRecord, 'stepId' | 'durationMs' | 'basis'>;

export interface RunLogTools<Act> {
  readonly options: Pick<
    RunOptions<Conclusion, never, never, Act>,
    'acting' | 'mode' | 'clock' | 'emit' | 'past' | 'stepwise' | 'basisOf'
  >;
  /** Of this run, in their order. */
  readonly steps: readonly AnyStep[];
  readonly conclusion: AnyStep;
  readonly results: Results;
  /** Told when an event cannot be told. */
  readonly tripped: (error: unknown) => void;
}

export class RunLog<Act> {
  private readonly tools: RunLogTools<Act>;
  private readonly events: RunEvent[];
  private seq: number;
  private readonly bases = new Map<AnyStep, Basis>();
  private checkpointed: boolean;
  /** What came before, of a run that is taken up again. */
  readonly before: RunHistory | undefined;
  /** True where what every step yielded is in the journal, and not only what was needed when the first change was made. */
  readonly keepsAll: boolean;

  constructor(tools: RunLogTools<Act>) {
    this.tools = tools;
    const { past = [], stepwise } = tools.options;
    this.events = [...past];
    this.seq = past.length;
    this.before = past.length === 0 ? undefined : historyOf(past);
    this.checkpointed = this.before === undefined ? stepwise !== undefined : this.before.phase !== 'looking';
    this.keepsAll = this.checkpointed && (this.before === undefined || this.before.isStepwise);
  }

  /** True once a run that is taken up again goes on from what is remembered. */
  get isCheckpointed(): boolean {
    return this.checkpointed;
  }

  /** All of it, as the events tell it. */
  history(): RunHistory {
    return historyOf(this.events);
  }

  /** Whether the run has changed something, or may have. */
  hasActed(): boolean {
    // One whose steps come one by one keeps what they yield from the start, and has changed nothing by that.
    if (!this.keepsAll) return this.checkpointed;
    return this.history().changes.length > 0 || this.toldBy().size > 0;
  }

  /** The steps that let somebody else's program loose on the world, whatever became of it. */
  toldBy(): ReadonlySet<string> {
    const acting = new Set(
      this.tools.steps.filter(({ kind, body }) => kind === 'act' && body.form === 'tell').map(({ id }) => id),
    );
    const told = new Set<string>();
    for (const event of this.events) {
      if (event.type === 'step.started' && acting.has(event.stepId)) told.add(event.stepId);
      if (event.type === 'step.finished' && event.status === 'skipped') told.delete(event.stepId);
    }
    return told;
  }

  /** Just before the first change, or the first program of somebody else's: keeps what later steps will need. */
  async checkpoint(): Promise<void> {
    const { options, steps, conclusion, results } = this.tools;
    const { acting } = options;
    if (this.checkpointed || acting === undefined) return;
    const records = new Map(this.history().steps.map((step) => [step.stepId, step]));
    const open = openSteps({ steps, conclusion }, records, 'acting');
    const kept = steps.flatMap((step) => {
      const record = records.get(step.id);
      const result = results.get(step);
      if (record === undefined || result === undefined) return [];
      const value = result.known && isNeededBy(open, step) ? result.value : undefined;
      // Nothing at all is looked at anew, which costs less than to keep it.
      const output = value === undefined ? undefined : plainOf(value, `what step "${step.id}" yields`);
      const { status, detail } = record;
      return [{ stepId: step.id, status, detail, ...(output === undefined ? {} : { output }) }];
    });
    // Only now: what cannot be kept lets no change through, of whatever step.
    this.checkpointed = true;
    this.emit({ type: 'run.checkpointed', steps: kept });
    await acting.journal.synced();
  }

  /** A step's own part in a dry run was no look at the world. */
  assumed(step: AnyStep): void {
    this.bases.set(step, 'assumed');
  }

  /** A step has ended. */
  finish(step: AnyStep, end: StepEnd, output?: unknown): void {
    const { clock, acting, stepwise } = this.tools.options;
    const basis = this.basis(step, end);
    const isWanted = this.checkpointed || step.keepsFirst === true;
    const isConcluding = step === this.tools.conclusion && stepwise === undefined;
    const isKept = acting !== undefined && isWanted && output !== undefined && !isConcluding;
    this.emit({
      type: 'step.finished',
      stepId: step.id,
      durationMs: clock.now() - end.startedAt,
      ...end,
      ...(basis === undefined ? {} : { basis }),
      ...(isKept ? { output: plainOf(output, `what step "${step.id}" yields`) } : {}),
    });
  }

  /** In a dry run a step rests on what it saw itself and on what the steps before it rest on. */
  private basis(step: AnyStep, { status }: Pick<StepRecord, 'status'>): Basis | undefined {
    const { mode, basisOf, acting } = this.tools.options;
    if (mode !== 'dry-run' || acting === undefined) return undefined;
    const own = this.bases.get(step) ?? basisOf?.(step.id) ?? 'observed';
    const all = [own, ...step.needs.map((need) => this.bases.get(need.step) ?? 'observed')];
    const isUnknown = status === 'unknown' || status === 'blocked' || status === 'failed' || all.includes('unknown');
    const basis = isUnknown ? 'unknown' : all.includes('assumed') ? 'assumed' : 'observed';
    this.bases.set(step, basis);
    return basis;
  }

  emit(body: EventBody): void {
    const { clock, acting, emit } = this.tools.options;
    this.seq += 1;
    const event: RunEvent = { seq: this.seq, at: clock.now(), ...body };
    this.events.push(event);
    try {
      acting?.journal.add(event);
      emit(event);
    } catch (error) {
      this.tools.tripped(error); // Whoever listens is part of the program; the run ends as it does for any defect.
    }
  }
}
