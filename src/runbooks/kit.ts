/** What every runbook is made with: the step constructors, bound to what a runbook may ask and what it is told. */
import type { Cloud } from '../cloud/cloud.ts';
import type { Window } from '../cloud/series.ts';
import type { RegionalStack } from '../cloud/stack.ts';
import type { Runbook, Conclusion } from '../engine/runbook.ts';
import { stepsFor } from '../engine/step.ts';
import type { Evidence } from '../diagnosis/evidence.ts';
import type { RankedCause } from '../diagnosis/latency/diagnose.ts';

/** What a runbook's steps may look at. */
export type RunbookPorts = Pick<Cloud, 'facts'>;

export interface RunbookSettings {
  /** The region's half of the stack that the run is about. */
  readonly site: RegionalStack;
  readonly service: string;
  /** The span looked at; it ends at the last complete minute, or where the operator said. */
  readonly window: Window;
  /** Where the operator says that the incident began, in epoch milliseconds. */
  readonly since?: number;
  /** What a suggested `aws` command needs to reach the same account: `--profile`, `--endpoint-url`. */
  readonly awsOptions: readonly string[];
  readonly objectives: {
    /** Seconds. */
    readonly apiLatencyP99: { readonly target: number; readonly alert: number };
    readonly apiLatencyP95: { readonly target: number; readonly alert: number };
  };
}

export const { observe, decide } = stepsFor<RunbookPorts, RunbookSettings>();

/** What to do about a cause: by the step that would do it, or in words; with the command that does it today. */
export interface Remediation {
  readonly stepId: string;
  readonly summary: string;
  /** A command line that would act, complete. Absent where there is nothing to type. */
  readonly command?: string;
}

export interface DiagnosedCause extends RankedCause {
  readonly remediation?: Remediation;
}

/** What a diagnosing runbook concludes. */
export interface DiagnosisConclusion extends Conclusion {
  readonly symptom: {
    readonly state: 'ongoing' | 'over' | 'none' | 'unknown';
    readonly onset?: number;
    readonly endedAt?: number;
    readonly summary: string;
  };
  readonly causes: readonly DiagnosedCause[];
  readonly escalation?: { readonly due: boolean; readonly summary: string };
  /** What could not be looked at, and what else a reader must know. */
  readonly notes: readonly string[];
  /** What to do or type to know more, besides what failed steps say themselves. */
  readonly nextSteps: readonly string[];
}

export type DiagnosisRunbook = Runbook<DiagnosisConclusion, RunbookPorts, RunbookSettings>;

export type { Evidence };
