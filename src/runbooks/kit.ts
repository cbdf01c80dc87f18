/** What every runbook is made with: the step constructors, bound to what a runbook may ask, do and is told. */
import type { Cloud } from '../cloud/cloud.ts';
import type { NamedDeeds, NamedLooks } from '../cloud/named.ts';
import type { Notifier, Severity } from '../cloud/notifier.ts';
import type { Hooks, Outside } from '../cloud/outside.ts';
import type { Window } from '../cloud/series.ts';
import type { DatabaseRef, RegionalStack, ServiceRef, TrafficSwitch } from '../cloud/stack.ts';
import type { Runbook, Conclusion } from '../engine/runbook.ts';
import type { Needs, NeedValues } from '../engine/step.ts';
import { stepsFor } from '../engine/steps-for.ts';
import type { Evidence } from '../diagnosis/evidence.ts';
import type { RankedCause } from '../diagnosis/known-causes.ts';
import type { Escalation } from './grounds.ts';
import type { MonitoringPlan } from './monitoring.ts';

/** What a runbook's steps may look at. */
export interface RunbookPorts extends Pick<Cloud, 'facts'> {
  readonly outside: Outside;
}

/** What its acting steps may do. */
export interface ActPorts extends Pick<Cloud, 'changes'> {
  readonly notifier: Notifier;
  readonly hooks: Hooks;
}

/** What the steps of a team's own runbooks may look at besides. */
export interface OwnPorts extends RunbookPorts {
  /** Calls, programs and addresses that the team names itself. */
  readonly named: NamedLooks;
}

/** What they may do besides. */
export interface OwnActPorts extends ActPorts {
  readonly named: NamedDeeds;
}

/** Plain data: a run that is taken up again has the settings that it began with. */
export interface RunbookSettings {
  readonly runId: string;
  readonly runbook: string;
  readonly environment: string;
  /** The region's half of the stack that the run is about. */
  readonly site: RegionalStack;
  readonly service: string;
  /** When the run began to look: as of then it judges what is told at once, however long the telling takes. Epoch milliseconds. */
  readonly lookedAt: number;
  /** The span looked at; it ends at the last complete minute, or where the operator said. */
  readonly window: Window;
  /** Where the operator says that the incident began, in epoch milliseconds. */
  readonly since?: number;
  /** What a suggested `aws` command needs to reach the same account: `--profile`, `--endpoint-url`. */
  readonly awsOptions: readonly string[];
  /** What a suggested `nanoops` command needs to look at the same stack: each option and its value. Absent where that needs nothing. */
  readonly ownOptions?: readonly (readonly [name: string, value: string])[];
  readonly objectives: {
    /** Seconds. */
    readonly apiLatencyP99: { readonly target: number; readonly alert: number };
    readonly apiLatencyP95: { readonly target: number; readonly alert: number };
    /** Shares of all requests, between 0 and 1. */
    readonly apiServerErrors: { readonly target: number; readonly alert: number };
  };
  /** Of a run that moves the stack to another region. */
  readonly move?: MoveSettings;
  /** Of a run that makes what watches the stack. */
  readonly monitoring?: MonitoringPlan;
}

/** How long a step took in past runs, milliseconds. */
export interface StepPrediction {
  readonly medianMs: number;
  /** Absent where too few runs are known. */
  readonly p95Ms?: number;
  readonly runs: number;
  /** True where the runs were on the simulated AWS. */
  readonly simulated: boolean;
}

/** What past moves took: by phase of RTO, and as a whole. */
export interface PastMoves {
  readonly phases: Readonly<Partial<Record<RtoPhase, StepPrediction>>>;
  readonly rto?: StepPrediction;
}

export type PastWays = Readonly<Record<'switchover' | 'failover', PastMoves>>;

/** What a move between regions is told beside what every run is told. The other direction is `reversed`. */
export interface MoveSettings {
  /** The region that is left, and the one that takes over. */
  readonly from: RegionalStack;
  readonly to: RegionalStack;
  readonly globalCluster?: string;
  readonly traffic?: TrafficSwitch;
  readonly sessionsTable?: string;
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** What is wanted where the region that is left is alive: nothing is lost, or what a real outage would do. */
  readonly mode: 'switchover' | 'failover';
  /** True where the outage is declared for a drill, and the region that is left may be well. */
  readonly isDrill: boolean;
  /** True on the way there of a drill, whose way back follows in the same run. */
  readonly comesBack: boolean;
  /** True in a dry run, which predicts and measures nothing. */
  readonly isRehearsal: boolean;
  readonly isSimulated: boolean;
  /** When the outage began, where the operator says so; epoch milliseconds. */
  readonly outageAt?: number;
  /** The newest failover of this stack that is known of, epoch milliseconds, and how long it must stand. */
  readonly lastFailoverAt?: number;
  readonly holdMs: number;
  /** What of the past runs could not be read, a line each: a failover may be among them. */
  readonly historyGaps: readonly string[];
  /** Why no drill may be held today. */
  readonly blackout?: string;
  readonly stopAlarms: readonly string[];
  readonly healthyAlarms: readonly string[];
  readonly restartsApplication: boolean;
  /** Tasks that carry all of the load, where the region that is left cannot be asked how many it runs. */
  readonly neededTasks?: number;
  /** Which of the outside's programs are configured. */
  readonly outside: {
    readonly probe: boolean;
    readonly heartbeat: boolean;
    readonly write: boolean;
    /** The programs of `drill.consistency`, as they are typed. */
    readonly consistency: readonly string[];
    readonly inject: boolean;
    readonly end: boolean;
    readonly warm: boolean;
  };
  /** What past runs took, by step id. */
  readonly predictions: Readonly<Record<string, StepPrediction>>;
  /** What past moves this way took, by what is done to the database; and those of the other way, for a run that comes back. */
  readonly past: PastWays;
  readonly pastBack: PastWays;
  /** Where runs and leases are kept. */
  readonly stateRegion?: string;
}

export const rtoPhases = ['detect', 'decide', 'execute', 'verify', 'clients'] as const;
export type RtoPhase = (typeof rtoPhases)[number];

const { tell, ...steps } = stepsFor<RunbookPorts, RunbookSettings, ActPorts>();
export const { hook } = steps;
export const { observe, decide, approve, manual, act, wait, verify, verifyMeasured } = steps;

/** What a telling step says. */
export interface Message {
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  readonly lines: readonly string[];
}

interface NotifyOptions<N extends Needs> {
  readonly title: string;
  readonly needs?: N;
  readonly skip?: (needs: NeedValues<N>, settings: RunbookSettings) => string | undefined;
  readonly message: (needs: NeedValues<N>, settings: RunbookSettings) => Message;
}

/** A step that tells the on-call team, by whatever the configuration's `notify` names. */
export function notify<const Id extends string, const N extends Needs = Record<never, never>>(
  id: Id,
  { title, needs, skip, message }: NotifyOptions<N>,
) {
  return tell(id, {
    title,
    ...(needs === undefined ? {} : { needs }),
    ...(skip === undefined ? {} : { skip }),
    message: (values: NeedValues<N>, { settings }) => message(values, settings),
    summary: (told) => told.title,
    send: async (told, { ports, settings, clock }) => {
      const { runId, runbook, environment, service } = settings;
      const deliveries = await ports.notifier.notify({
        key: `${runId}/${id}`,
        severity: told.severity,
        title: told.title,
        text: told.lines.join('\n'),
        service,
        environment,
        runId,
        runbook,
        at: clock.now(),
      });
      if (deliveries.length === 0) {
        return { delivered: false, isOff: true, detail: `nobody is configured to be told (notify): ${told.title}` };
      }
      const detail = `${told.title} (${deliveries.map((each) => `${each.receiver}: ${each.detail}`).join('; ')})`;
      const isOff = deliveries.every(({ simulated }) => simulated === true);
      return { delivered: deliveries.some(({ delivered }) => delivered), isOff, detail };
    },
  });
}

/** A service, as leases and operators name it. */
export function serviceResource({ region, cluster, service }: ServiceRef): string {
  return `ecs:${region}:${cluster}/${service}`;
}

/** A database, as leases and operators name it. */
export function databaseResource({ region, cluster }: DatabaseRef): string {
  return `aurora:${region}:${cluster}`;
}

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

/** What a runbook concludes. A diagnosis has a symptom, a move between regions has objectives. */
export interface RunbookConclusion extends Conclusion {
  readonly symptom?: {
    readonly state: 'ongoing' | 'over' | 'none' | 'unknown';
    readonly onset?: number;
    readonly endedAt?: number;
    readonly summary: string;
  };
  readonly causes: readonly DiagnosedCause[];
  readonly escalation?: Escalation;
  /** What came of acting; absent where nothing was done. `helped`: it was seen that it did. */
  readonly outcome?: { readonly helped: boolean; readonly summary: string };
  readonly objectives?: Objectives;
  readonly recovery?: RecoveryRecord;
  /** The way back of a drill. */
  readonly failback?: { readonly objectives: Objectives; readonly recovery: RecoveryRecord };
  /** What could not be looked at, and what else a reader must know. */
  readonly notes: readonly string[];
  /** What to do or type to know more, besides what failed steps say themselves. */
  readonly nextSteps: readonly string[];
}

/** What a diagnosing runbook concludes. */
export type DiagnosisConclusion = RunbookConclusion & Required<Pick<RunbookConclusion, 'symptom'>>;

/** Measured or predicted against what is aimed for; milliseconds, null where it was not measured. */
export interface Objectives {
  readonly rto: Objective & { readonly phases: Readonly<Record<RtoPhase, number | null>> };
  readonly rpo: Objective & {
    readonly stores: readonly { readonly store: string; readonly lossMs: number | null; readonly basis: string }[];
  };
}

export interface Objective {
  readonly targetMs: number;
  readonly measuredMs: number | null;
  readonly met: boolean | null;
  readonly predictedMs: number | null;
  readonly wouldMeet: boolean | null;
  /** What 95 of 100 past moves stayed below. */
  readonly predictedP95Ms?: number;
  /** What the prediction rests on: past runs, the model of a dry run, or the plan of minutes. */
  readonly predictedFrom?: 'runs' | 'simulated-runs' | 'model' | 'plan';
  readonly predictedRuns?: number;
}

/** What a move between regions came to. Times are ISO 8601 in UTC, as in the run's document. */
export interface RecoveryRecord {
  readonly kind: 'failover' | 'failback' | 'drill';
  readonly mode: 'switchover' | 'failover' | 'promotion' | 'detach' | 'none';
  readonly from: string;
  readonly to: string;
  readonly isSimulated: boolean;
  readonly outageAt: string | null;
  readonly outageBasis: 'declared' | 'given' | 'probe' | 'unknown';
  readonly decideBy: string | null;
  readonly splitBrain: 'excluded' | 'possible';
  readonly budget: readonly {
    readonly id: string;
    readonly title: string;
    readonly plannedMs: number;
    readonly measuredMs: number | null;
    readonly predictedMs: number | null;
  }[];
  readonly consistency: readonly { readonly program: string; readonly ok: boolean | null; readonly detail: string }[];
  readonly blockers: readonly string[];
  readonly lessons: readonly string[];
}

/** Any runbook: a built-in one makes do with less than a team's own may use. */
export interface AnyRunbook extends Runbook<RunbookConclusion, OwnPorts, RunbookSettings, OwnActPorts> {
  /** The scenarios in which it is tried, where they do not name it themselves; the first is what `--sandbox` simulates for it. */
  readonly scenarios?: readonly string[];
  /** Of a team's own in code: how something is told that its code threw. */
  readonly faultText?: (error: unknown) => string;
}
export type DiagnosisRunbook = Runbook<DiagnosisConclusion, RunbookPorts, RunbookSettings, ActPorts>;

export type { Evidence };
