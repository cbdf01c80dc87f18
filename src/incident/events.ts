/**
 * What happens to an incident, as events: everything that is shown of one is drawn from them, and whoever takes it over
 * reads the same. Past tense, plain data, in order of `seq`. Texts are free of secrets before they come here.
 */
import type { IncidentSeverity } from '../cloud/notifier.ts';
import type { Evidence } from './evidence.ts';
import type { RunBrief } from './runs.ts';

export const roles = ['commander', 'communications', 'operations'] as const;

/** Who decides, who speaks, who does. */
export type Role = (typeof roles)[number];

/** What let somebody open it. */
export type Trigger =
  | { readonly kind: 'hand' }
  | {
      /** A check or alerting rule that was not met. */
      readonly kind: 'alert';
      readonly checkId: string;
      /** What it said, in one line. */
      readonly summary: string;
    }
  | { readonly kind: 'run'; readonly runId: string; readonly runbook: string };

/** The simulated world that it is of. */
export interface SimulatedWorld {
  readonly scenario: string;
  readonly seed: string;
}

/** What somebody found out of what it meant; a member that is absent says nothing new. */
export interface StatedImpact {
  readonly summary?: string;
  /** How many users felt it. */
  readonly users?: number;
  /** What was lost, in words. */
  readonly dataLost?: string;
}

/** What is to be done so that it does not happen again. */
export interface ActionItem {
  readonly text: string;
  readonly owner?: string;
  /** A day, `2026-12-01`. */
  readonly due?: string;
}

export interface Told {
  readonly receiver: string;
  readonly delivered: boolean;
  /** True where nothing is ever sent: in the sandbox. */
  readonly simulated?: boolean;
  readonly detail: string;
}

export type IncidentEventBody =
  | {
      readonly type: 'incident.opened';
      readonly id: string;
      readonly title: string;
      readonly severity: IncidentSeverity;
      readonly service: string;
      readonly environment: string;
      readonly trigger: Trigger;
      /** T+0: when somebody or something noticed. Epoch milliseconds. */
      readonly detectedAt: number;
      /** When the trouble began, where that is known. */
      readonly beganAt?: number;
      /** What customers may read. */
      readonly publicText?: string;
      /** What the stack's parts are called, so that no public text names them. */
      readonly names: readonly string[];
      readonly simulated?: SimulatedWorld;
    }
  | { readonly type: 'incident.acknowledged' }
  | { readonly type: 'incident.assigned'; readonly role: Role; readonly who: string }
  | { readonly type: 'incident.noted'; readonly text: string }
  | {
      /** How it stands, for those who wait for it; each counts as a status update. */
      readonly type: 'incident.updated';
      readonly text?: string;
      readonly publicText?: string;
    }
  | { readonly type: 'severity.changed'; readonly from: IncidentSeverity; readonly to: IncidentSeverity }
  | { readonly type: 'beginning.found'; readonly beganAt: number; readonly basis: string }
  | {
      /** A hypothesis until somebody confirms it. */
      readonly type: 'cause.named';
      readonly summary: string;
      readonly confirmed: boolean;
      /** `a person` or the run that named it. */
      readonly basis: string;
    }
  | { readonly type: 'impact.stated'; readonly impact: StatedImpact }
  | { readonly type: 'action.added'; readonly action: ActionItem }
  /** Its effects are over, its cause may be not. */
  | { readonly type: 'incident.mitigated'; readonly text?: string }
  | { readonly type: 'incident.resolved'; readonly text?: string; readonly publicText?: string }
  | { readonly type: 'incident.reopened'; readonly reason: string }
  /** A run that looked or acted for it. One that goes on is linked again, with what it has come to. */
  | { readonly type: 'run.linked'; readonly run: RunBrief }
  /** What will not be there for ever: lines of logs, states of alarms, deployments, metrics. */
  | { readonly type: 'evidence.kept'; readonly evidence: Evidence }
  | {
      readonly type: 'people.told';
      readonly change: 'opened' | 'acknowledged' | 'updated' | 'resolved';
      readonly told: readonly Told[];
    }
  | { readonly type: 'postmortem.written'; readonly path: string };

/**
 * `at` is when it was written, on the incident's clock; `happenedAt` where somebody wrote it down later. `wallAt` is the
 * wall's time where the incident's clock is a simulated one.
 */
export type IncidentEvent = IncidentEventBody & {
  readonly seq: number;
  readonly at: number;
  readonly happenedAt?: number;
  readonly wallAt?: number;
  readonly by: string;
};
