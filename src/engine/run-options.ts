/** What a run is given: its runbook, what its steps may use, and what they may act with. */
import type { Approver } from './approval.ts';
import type { Digest } from './change.ts';
import type { Clock, Random } from './clock.ts';
import type { Basis, RunEvent, RunMode } from './events.ts';
import type { Journal } from './journal.ts';
import type { LeaseKeeper } from './leases.ts';
import type { Plain } from './plain.ts';
import type { Conclusion, Runbook } from './runbook.ts';

/** What a run that may act is given. */
export interface Acting<Act> {
  readonly ports: Act;
  readonly journal: Journal;
  /** Absent in a dry run, which needs nobody's leave. */
  readonly leases?: LeaseKeeper;
  readonly approver: Approver;
  readonly digest: Digest;
  /** Who runs it: `ana@laptop`. */
  readonly by: string;
  /** What whoever resumes needs to open the same stack again. */
  readonly context: Plain;
  /** Milliseconds after which the request of a change is given up. */
  readonly requestMs: number;
  /** What resuming and the like are typed as. */
  readonly nextSteps: { readonly resume: string; readonly abort: string; readonly locks: string };
}

export interface RunOptions<Outcome extends Conclusion, Ports, Settings, Act = never> {
  readonly runbook: Runbook<Outcome, Ports, Settings, Act>;
  readonly runId: string;
  readonly mode: RunMode;
  readonly environment: string;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the run: steps that look are aborted, a change under way is finished, no other step is started. */
  readonly signal: AbortSignal;
  /** Milliseconds that the whole run may take; unlimited when absent. */
  readonly timeoutMs?: number;
  readonly emit: (event: RunEvent) => void;
  /** Without it the run only looks, and its acting steps are left out. */
  readonly acting?: Acting<Act>;
  /** The events of a run that is taken up again. */
  readonly past?: readonly RunEvent[];
  /** `abort`: nothing is started any more, and what was changed is put back. */
  readonly purpose?: 'continue' | 'abort';
  /**
   * Carries out one step and no more, of a run whose steps are carried out each by a process of its own; what it needs has
   * ended before. Without a step the run is begun, and nothing is carried out. A step that makes the run fail takes the run
   * to its end: what was changed is put back at once.
   */
  readonly stepwise?: { readonly stepId?: string };
  /** In a dry run: what a step's detail rests on. */
  readonly basisOf?: (stepId: string) => Basis;
  /** The ports for one step, where each has its own. */
  readonly portsFor?: (stepId: string) => Ports;
}
