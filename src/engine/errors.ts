/**
 * Classes of errors, by which a step is retried or ends. An error says its class itself (`errorClass`); the engine
 * knows no service. What says nothing is a defect of the runbook, and is never retried or excused.
 */

/**
 * - `throttled`: asked too often; waiting helps.
 * - `unreachable`: no answer in time, or no connection.
 * - `service-fault`: the other side failed, or answered what cannot be read.
 * - `denied`: the caller may not do this.
 * - `credentials`: the caller is nobody, or not any more.
 * - `not-found`: what was asked for is not there.
 * - `rejected`: the other side says that the request is wrong.
 * - `deadline`: the step's or the run's time is up.
 * - `locked`: another run holds the resource.
 * - `state`: nanoops' own journal or lease cannot be read or written.
 * - `defect`: a fault of the program.
 */
export const errorClasses = [
  'throttled',
  'unreachable',
  'service-fault',
  'denied',
  'credentials',
  'not-found',
  'rejected',
  'deadline',
  'locked',
  'state',
  'defect',
] as const;

export type ErrorClass = (typeof errorClasses)[number];

export function classOf(error: unknown): ErrorClass {
  if (typeof error === 'object' && error !== null && 'errorClass' in error) {
    const claimed = error.errorClass;
    return errorClasses.find((known) => known === claimed) ?? 'defect';
  }
  return 'defect';
}

/**
 * The classes that leave open whether a change was made: no answer came, or none that can be read. Any other failure of a
 * change is an answer, and it says no.
 */
export function leavesOpen(errorClass: ErrorClass): boolean {
  return errorClass === 'unreachable' || errorClass === 'service-fault' || errorClass === 'deadline';
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an error says to do or type next: a text at `details.nextStep`, whoever threw it. */
export function nextStepOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('details' in error)) return undefined;
  const { details } = error;
  if (typeof details !== 'object' || details === null || !('nextStep' in details)) return undefined;
  return typeof details.nextStep === 'string' ? details.nextStep : undefined;
}

/** A step or a run took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly errorClass = 'deadline';
  readonly details: { readonly nextStep?: string };

  constructor(message: string, details: { readonly nextStep?: string } = {}) {
    super(message);
    this.details = details;
  }
}

/** A stop condition of the runbook holds. */
export class Halted extends Error {
  override readonly name = 'Halted';
  readonly errorClass = 'rejected';
}

/** The run was told to stop, by a signal from outside. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
