/**
 * What a run tells while it runs: everything a person sees is drawn from these events, and everything proved
 * afterwards is read from them. Past tense, plain data, in order of `seq`.
 */
import type { ErrorClass } from './errors.ts';

export type StepKind = 'observe' | 'decide';
export type StepStatus = 'succeeded' | 'failed' | 'skipped' | 'blocked' | 'unknown';
export type RunMode = 'observe' | 'dry-run' | 'execute';
export type Verdict = 'ok' | 'attention' | 'unknown' | 'failed' | 'interrupted';

export interface StepSummary {
  readonly id: string;
  readonly title: string;
  readonly kind: StepKind;
  /** Ids of the steps that this one needs. */
  readonly needs: readonly string[];
}

export type EventBody =
  | {
      readonly type: 'run.started';
      readonly runId: string;
      readonly runbook: string;
      readonly title: string;
      readonly mode: RunMode;
      readonly environment: string;
      readonly steps: readonly StepSummary[];
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
