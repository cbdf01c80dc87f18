/** What `init` works with: the account, a person where there is one, and the place of the file. */
import type { Inventory } from '../../cloud/inventory.ts';
import type { ApiUsage } from '../../cloud/cloud.ts';
import type { ReadinessDocument } from '../readiness.ts';

/** Of several things that could be meant, which one is it? */
export interface Question {
  /** The key of the configuration that is decided. */
  readonly key: string;
  readonly text: string;
  /** The likeliest first. */
  readonly choices: readonly { readonly name: string; readonly why: string }[];
  /** What it is to answer with none of them; absent where one has to be meant. */
  readonly none?: string;
}

/** The name of a choice; undefined for none of them. */
export type Ask = (question: Question) => Promise<string | undefined>;

export interface InitDesk {
  readonly inventory: Inventory;
  /** The region that is looked at first. */
  readonly region: string;
  /** Epoch milliseconds, of the account's clock. */
  readonly nowMs: number;
  /** True on a simulated AWS. */
  readonly isSimulated: boolean;
  /** Words of a command that looks at the same account: `--sandbox`, `--profile shop`. */
  readonly accountWords: readonly string[];
  /** Absent where nobody can be asked, or is to be. */
  readonly ask?: Ask;
  /** What people are told meanwhile, beside the result. */
  tell(text: string): void;
  usage(): ApiUsage;
  /** Before anything is contacted. @throws NanoopsError `FileExists`, `FileNotWritten` */
  checkPlace(): Promise<void>;
  /** Where the file is, or would be, as somebody would name it here. */
  readonly place: string;
  /** Gives where the file of before was put, where there was one. */
  write(text: string): Promise<{ readonly backup?: string }>;
  /** Reads the text as the configuration that it is to be. */
  check(text: string): void;
  /** `dr readiness` on the file that was written. */
  readiness(): Promise<ReadinessDocument>;
}
