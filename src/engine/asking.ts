/**
 * Asks for consent, and keeps what was answered. An answer is bound to the hash of what was shown: it holds for that
 * plan, in a resumed run too, and for no other.
 */
import type { Approval } from './approval.ts';
import { planHash } from './change.ts';
import type { Clock } from './clock.ts';
import type { EventBody, RunMode } from './events.ts';
import type { RunHistory } from './history.ts';
import type { Acting } from './run-options.ts';
import type { AnyStep, Asked } from './step.ts';

export type AskEnd =
  | { readonly kind: 'given'; readonly approval: Approval; readonly detail: string }
  | { readonly kind: 'withheld'; readonly detail: string; readonly nextSteps: readonly string[] };

export interface AskingTools<Act> {
  readonly acting: Acting<Act>;
  readonly runId: string;
  readonly clock: Clock;
  readonly mode: RunMode;
  readonly emit: (body: EventBody) => void;
  /** Of the run so far, where it is taken up again. */
  readonly history: RunHistory | undefined;
}

const hows = { prompt: 'at the prompt', flag: 'with --approve', yes: 'with --yes', assumed: 'as assumed' } as const;

export class Asking<Act> {
  private readonly tools: AskingTools<Act>;

  constructor(tools: AskingTools<Act>) {
    this.tools = tools;
  }

  async ask(step: AnyStep, asked: Asked, stop: AbortSignal): Promise<AskEnd> {
    const { acting, runId, clock, mode, emit, history } = this.tools;
    const { question, facts, changes, withinMs, decideBy, isGrave } = asked;
    const kind = step.kind === 'manual' ? 'manual' : 'approve';
    const hash =
      changes.length > 0 ? planHash(changes, acting.digest) : acting.digest(`${step.id}\n${question}`).slice(0, 12);
    const approval = (by: string, at: number): Approval => ({
      hash,
      changes: changes.map((change) => planHash([change], acting.digest)),
      by,
      at,
    });
    const stepId = step.id;
    if (mode === 'dry-run') {
      emit({ type: 'approval.given', stepId, hash, by: acting.by, how: 'assumed' });
      return {
        kind: 'given',
        approval: approval(acting.by, clock.now()),
        detail: `assumed; it would ask: ${question}`,
      };
    }
    const earlier = history?.approvals.get(hash);
    if (earlier !== undefined && earlier.stepId === stepId) {
      return {
        kind: 'given',
        approval: approval(earlier.by, earlier.at),
        detail: `yes, by ${earlier.by} before, for this very plan`,
      };
    }
    const deadlineAt = clock.now() + withinMs;
    const whole = {
      kind,
      question,
      facts,
      changes,
      hash,
      deadlineAt,
      ...(decideBy === undefined ? {} : { decideBy }),
      ...(isGrave === undefined ? {} : { isGrave }),
    } as const;
    emit({ type: 'approval.requested', stepId, ...whole });
    // Whoever finds a run that waits must find what it waits for.
    await acting.journal.synced();
    stop.throwIfAborted();
    const { resume } = acting.nextSteps;
    const toAsk = { ...whole, runId, stepId, title: step.title, resume };
    const answer = await clock.busy(() => acting.approver.ask(toAsk, stop));
    switch (answer.kind) {
      case 'given':
        emit({ type: 'approval.given', stepId, hash, by: answer.by, how: answer.how });
        return {
          kind: 'given',
          approval: approval(answer.by, clock.now()),
          detail: `yes, by ${answer.by} ${hows[answer.how]}`,
        };
      case 'declined':
        emit({ type: 'approval.declined', stepId, hash, by: answer.by });
        return { kind: 'withheld', detail: `declined by ${answer.by}`, nextSteps: [resume] };
      case 'absent':
        return { kind: 'withheld', detail: answer.reason, nextSteps: answer.nextSteps };
    }
  }
}
