/** The flags of `nanoops init`. */
import type { StackFlags } from './flags.ts';

export interface InitFlags extends StackFlags {
  readonly to?: string;
  readonly force?: boolean;
  readonly service?: string;
  readonly cluster?: string;
  readonly recoveryRegion?: string;
  /** `key=name`. */
  readonly choose?: readonly string[];
  /** False with `--no-check`. */
  readonly check?: boolean;
}
