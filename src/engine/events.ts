/**
 * What a run tells while it runs: everything a person sees is drawn from these events, everything proved afterwards is
 * read from them, and a run that died is taken up from them. Past tense, plain data, in order of `seq`.
 */
import type { Change, Look, Plain, PlainRecord } from './change.ts';
import type { ErrorClass } from './errors.ts';

export type StepKind = 'observe' | 'decide' | 'approve' | 'act' | 'wait' | 'verify' | 'notify' | 'manual';

/**
 * - `suspended`: it waits for a person, or for the run to be resumed.
 * - `rolled-back`: what it changed was put back.
 * - `planned`: a dry run assumed it.
 */
export type StepStatus =
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'blocked'
  | 'suspended'
  | 'rolled-back'
  | 'planned'
  | 'unknown';

/** `observe` runs only the steps that look and conclude. */
export type RunMode = 'observe' | 'dry-run' | 'execute';

export type Verdict = 'ok' | 'attention' | 'unknown' | 'awaiting-approval' | 'failed' | 'locked' | 'interrupted';

/** Where a dry run's fact comes from: seen, worked out from what would have been done, or not known. */
export type Basis = 'observed' | 'assumed' | 'unknown';

export interface StepSummary {
  readonly id: string;
  readonly title: string;
  readonly kind: StepKind;
  /** Ids of the steps that this one needs. */
  readonly needs: readonly string[];
}

/** Doing a change, or putting it back. */
export type Direction = 'apply' | 'undo';

/** What a person is asked to consent to, or to do. */
export interface Question {
  readonly kind: 'approve' | 'manual';
  /** One line. */
  readonly question: string;
  /** What speaks for it, and what to know before a yes: a line each. */
  readonly facts: readonly string[];
  /** What a yes allows; empty for what a person does himself. */
  readonly changes: readonly Change[];
  /** What the answer is bound to: it holds for these changes and no others. */
  readonly hash: string;
  /** When no answer counts as a no; epoch milliseconds. */
  readonly deadlineAt?: number;
  /** The latest moment for a yes that still lets the run meet what it aims for; epoch milliseconds. */
  readonly decideBy?: number;
  /** True of what a blanket yes must not answer: it has to be named, or answered by a person. */
  readonly isGrave?: boolean;
}

/** How an answer came: typed at a prompt, given as a flag, or meant by `--yes`. `assumed`: in a dry run. */
export type AnsweredBy = 'prompt' | 'flag' | 'yes' | 'assumed';

export type EventBody =
  | {
      readonly type: 'run.started';
      readonly runId: string;
      readonly runbook: string;
      readonly title: string;
      readonly mode: RunMode;
      readonly environment: string;
      readonly steps: readonly StepSummary[];
      /** A hash of the runbook's graph, by which a resumed run notices that it changed. */
      readonly fingerprint?: string;
      /** What whoever resumes needs to open the same stack again, and the settings that the steps were given. */
      readonly context?: Plain;
      /** True of a run whose steps are carried out each by a process of its own: what they yield is kept from the start. */
      readonly isStepwise?: true;
    }
  | {
      /** Somebody takes the run up again; what was only looked at before is looked at anew. */
      readonly type: 'run.resumed';
      readonly by: string;
      /** `step`: of a run that is carried out step by step, the next one. */
      readonly purpose: 'continue' | 'abort' | 'step';
      /** Differences between the runbook as it was and as it is, a line each; consented to where there are any. */
      readonly differences: readonly string[];
    }
  | { readonly type: 'step.started'; readonly stepId: string }
  | {
      readonly type: 'step.retried';
      readonly stepId: string;
      /** The attempt that failed, from 1. */
      readonly attempt: number;
      readonly delayMs: number;
      readonly errorClass: ErrorClass;
      readonly reason: string;
    }
  | {
      /** A step that waits says what it sees, each time that it sees something else. */
      readonly type: 'step.progressed';
      readonly stepId: string;
      readonly detail: string;
    }
  | {
      readonly type: 'step.finished';
      readonly stepId: string;
      readonly status: StepStatus;
      /** What was found, in one line. */
      readonly detail: string;
      readonly startedAt: number;
      readonly durationMs: number;
      readonly attempts: number;
      readonly errorClass?: ErrorClass;
      /** What to do or type next, where the error that ended it says so. */
      readonly nextStep?: string;
      /** In a dry run: what its detail rests on. */
      readonly basis?: Basis;
      /** What it yields, once a change has been made: a resumed run goes on from here and does not conclude anew. */
      readonly output?: Plain;
    }
  | {
      /** Just before the first change: what the steps so far yielded, as far as others need it. */
      readonly type: 'run.checkpointed';
      readonly steps: readonly {
        readonly stepId: string;
        readonly status: StepStatus;
        readonly detail: string;
        readonly output?: Plain;
      }[];
    }
  | ({ readonly type: 'approval.requested'; readonly stepId: string } & Question)
  | {
      readonly type: 'approval.given';
      readonly stepId: string;
      readonly hash: string;
      readonly by: string;
      readonly how: AnsweredBy;
    }
  | { readonly type: 'approval.declined'; readonly stepId: string; readonly hash: string; readonly by: string }
  | {
      /** The world is not any more as it was shown to whoever approved. */
      readonly type: 'approval.lapsed';
      readonly stepId: string;
      readonly hash: string;
      readonly reason: string;
    }
  | { readonly type: 'lease.acquired'; readonly resource: string; readonly token: number }
  | { readonly type: 'lease.released'; readonly resource: string; readonly token: number }
  | {
      readonly type: 'lease.refused';
      readonly resource: string;
      /** Who holds it: `run 2026… (ana@laptop) since …, at step …`. */
      readonly holder: string;
    }
  | { readonly type: 'lease.lost'; readonly resource: string; readonly token: number; readonly reason: string }
  | {
      /** Written and synced before the call is sent: whoever finds nothing after it must look at the world first. */
      readonly type: 'change.intended';
      readonly stepId: string;
      readonly direction: Direction;
      readonly change: Change;
      readonly hash: string;
      /** The tokens that allow it, by resource. */
      readonly tokens: { readonly [resource: string]: number };
    }
  | {
      /** `unknown`: no answer came. `failed`: an answer came, and it was no. */
      readonly type: 'change.answered';
      readonly stepId: string;
      readonly direction: Direction;
      readonly outcome: 'applied' | 'failed' | 'unknown';
      readonly reason?: string;
      /** What the answer gave that later steps need: an id by which to ask how the change goes on. */
      readonly receipt?: PlainRecord;
    }
  | ({
      /** What reality showed of a change. */
      readonly type: 'change.looked-up';
      readonly stepId: string;
      readonly direction: Direction;
    } & Look)
  | {
      /** A stop condition holds: nothing more is started, and what was changed is put back. */
      readonly type: 'run.halted';
      readonly reason: string;
    }
  | { readonly type: 'run.undoing'; readonly reason: string }
  | {
      /** The run stops here and can be taken up again; its leases are given back. */
      readonly type: 'run.suspended';
      readonly verdict: Verdict;
      readonly reason: string;
      /** Commands that go on, each complete. */
      readonly nextSteps: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly type: 'run.finished';
      readonly verdict: Verdict;
      readonly durationMs: number;
      /** What the runbook concluded, as plain data; absent when it could not conclude. */
      readonly outcome?: unknown;
    };

/** `seq` counts from 1 without gaps; `at` is in epoch milliseconds on the run's clock. */
export type RunEvent = EventBody & { readonly seq: number; readonly at: number };
