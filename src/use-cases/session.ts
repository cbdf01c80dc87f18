/** What a use case works with: one configured stack, one cloud, one clock. Composed in one place, handed down. */
import type { Capture } from '../capture/capture.ts';
import type { Changes } from '../cloud/changes.ts';
import type { ApiUsage, Cloud } from '../cloud/cloud.ts';
import type { Facts } from '../cloud/facts.ts';
import type { Inspection } from '../cloud/inspection.ts';
import type { NamedDeeds, NamedLooks } from '../cloud/named.ts';
import type { Notifier } from '../cloud/notifier.ts';
import type { Hooks, Outside } from '../cloud/outside.ts';
import type { Stack } from '../cloud/stack.ts';
import type { Config } from '../config/schema.ts';
import type { Approver } from '../engine/approval.ts';
import type { Digest } from '../engine/change.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { Basis, RunEvent } from '../engine/events.ts';
import type { JournalStore } from '../engine/journal-store.ts';
import type { Holder, LeaseStore } from '../engine/lease-store.ts';
import type { PlainRecord } from '../engine/plain.ts';
import type { OwnOption } from './own-command.ts';

export interface Session {
  readonly config: Config;
  readonly stack: Stack;
  readonly cloud: Cloud;
  /** The stack as its users see it, and the operator's own programs that look. */
  readonly outside: Outside;
  /** Calls, programs and addresses that a team's own runbooks and checks name. */
  readonly named: NamedLooks;
  /** The database, the cache and the site, for whoever connects to them. */
  readonly inspection: Inspection;
  /** True on the simulated AWS, of this process or served on this machine. */
  readonly isSimulated: boolean;
  /**
   * Finds the credentials, and makes sure that they are of the configured account: before anything else is asked of the
   * cloud, and after everything that can be wrong without asking it.
   */
  verify(region: string): Promise<void>;
  /** What an `aws` command needs to reach the same account: `--profile`, `--endpoint-url`. */
  readonly awsOptions: readonly string[];
  /** What a `nanoops` command needs to look at the same stack; absent where that needs nothing. */
  readonly ownOptions?: readonly OwnOption[];
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the process is told to end. */
  readonly signal: AbortSignal;
  /** Where a run's events go as they happen. */
  readonly emit: (event: RunEvent) => void;
  /** The configuration as it was written; absent in sessions of which nothing is captured. */
  readonly written?: unknown;
  /** Where nothing is contacted: whose answers these are, and how they were asked for. */
  readonly replayed?: Replayed;
  /** What checks keep between runs; absent where nothing is kept. */
  readonly kept?: KeptStore;
  /** Absent where a run may only look. */
  readonly acting?: ActingSession;
}

export interface Replayed {
  /** The id of the runbook whose steps looked. */
  readonly runbook: string;
  /** As it is looked at: without what was left out of it. */
  readonly capture: Capture;
  readonly lookedAt: { readonly region?: string; readonly since?: number; readonly until?: number };
}

/** What checks keep between runs of one stack, by the id of the check. Throws a StateError where it cannot. */
export interface KeptStore {
  load(): Promise<Readonly<Record<string, unknown>>>;
  save(kept: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What a run that acts is given beside what it looks with. */
export interface ActingSession {
  readonly changes: Changes;
  /** What its changes asked of the cloud's API. */
  usage(): ApiUsage;
  readonly notifier: Notifier;
  /** The operator's own programs that change something. */
  readonly hooks: Hooks;
  /** What a team's own runbooks name that changes something. */
  readonly named: NamedDeeds;
  readonly journals: JournalStore;
  /** True where journals and leases are in a team's table, which only its configuration leads to. */
  readonly isShared?: boolean;
  /** Where a run's leases are kept; absent in a dry run. */
  readonly leases?: (runId: string) => LeaseStore;
  readonly approver: (runId: string) => Approver;
  readonly digest: Digest;
  /** Who runs it, on which host, as which process. */
  readonly holder: Pick<Holder, 'who' | 'host' | 'pid'>;
  readonly isGone: (holder: Holder) => boolean;
  /** The id of a new run: never the same twice and in order of the wall's time, in a simulation too, since runs are kept. */
  readonly newRunId: (runbook: string) => string;
  /** The flags by which the same stack is opened again. */
  readonly reopen: PlainRecord;
  /** Told the run's id before it is begun or gone on with, where a simulated world is to be kept with it. */
  readonly begun: (runId: string) => void;
  /** A dry run's model, made once the live state is read. */
  readonly rehearse?: (facts: Facts) => Promise<Rehearsal>;
}

/** What a dry run looks at and acts on, in the place of the stack itself. */
export interface Rehearsal {
  readonly clock: Clock;
  /** The facts for one step, which remember what they rest on. */
  readonly factsFor: (stepId: string) => Facts;
  readonly outsideFor: (stepId: string) => Outside;
  readonly basisOf: (stepId: string) => Basis;
  readonly changes: Changes;
}
