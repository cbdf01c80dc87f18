/** What came of making a change, or of putting it back. */
import type { ErrorClass } from './errors.ts';
import type { PlainRecord } from './plain.ts';

/** What the run is to do when a change was not made. */
export type Consequence =
  /** It failed: put back what was changed. */
  | 'undo'
  /** The world is not as it was shown to whoever approved. */
  | 'ask-again'
  /** Neither going on nor putting back is possible now: wait for somebody. */
  | 'suspend'
  /** Whether it was made cannot be told. */
  | 'unknown'
  /** It was not sent, because the run does not go on: for a reason that is not this step's. */
  | 'halt'
  | 'defect';

export interface ChangeFailure {
  readonly kind: 'not-made';
  readonly consequence: Consequence;
  readonly detail: string;
  readonly attempts: number;
  readonly errorClass?: ErrorClass;
  readonly nextStep?: string;
  readonly error?: unknown;
}

export type ChangeEnd =
  | {
      readonly kind: 'made';
      /** False where the world was so already, and nothing was sent. */
      readonly made: boolean;
      /** True where nothing was sent since it was on its way already: whether it arrives is another question. */
      readonly isUnderWay?: boolean;
      readonly detail: string;
      readonly attempts: number;
      /** What the answer gave, where one came. */
      readonly receipt?: PlainRecord;
    }
  | ChangeFailure;
