/** Asking people: the port behind which a prompt, flags or nobody stands. */
import type { AnsweredBy, Question } from './events.ts';

export interface AskedQuestion extends Question {
  readonly runId: string;
  readonly stepId: string;
  readonly title: string;
  /** What is typed to go on with the run later, and to be asked again. */
  readonly resume: string;
}

export type Answer =
  | { readonly kind: 'given'; readonly by: string; readonly how: AnsweredBy }
  | { readonly kind: 'declined'; readonly by: string }
  /** Nobody is there to answer, or what was given does not answer this: the run waits for another time. */
  | { readonly kind: 'absent'; readonly reason: string; readonly nextSteps: readonly string[] };

export interface Approver {
  /** Rejects with the signal's reason when that aborts. No answer until the question's deadline is `absent`. */
  ask(question: AskedQuestion, signal: AbortSignal): Promise<Answer>;
}

/** What an approving step yields: proof for the steps that act on it. */
export interface Approval {
  /** Of the whole plan. */
  readonly hash: string;
  /** Of each change in it. */
  readonly changes: readonly string[];
  readonly by: string;
  /** When the yes was given, epoch milliseconds. */
  readonly at: number;
}
