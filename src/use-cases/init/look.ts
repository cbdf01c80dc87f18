/** One look through an account for a stack: what is wanted of it, and where what it finds gathers. */
import type { Inventory } from '../../cloud/inventory.ts';
import type { Ask } from './desk.ts';
import type { Gathering } from './gathering.ts';

export interface DiscoverWanted {
  readonly inventory: Inventory;
  readonly region: string;
  readonly nowMs: number;
  readonly ask?: Ask | undefined;
  readonly recoveryRegion?: string | undefined;
  readonly cluster?: string | undefined;
  /** What somebody said on the command line, by key: `database.cluster`. */
  readonly said: ReadonlyMap<string, string>;
}

export interface Look {
  readonly wanted: DiscoverWanted;
  readonly gathered: Gathering;
}
