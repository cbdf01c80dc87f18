/** Telling people: the port behind which SNS, webhooks and the like stand. Telling never ends a run. */

export type Severity = 'critical' | 'warning' | 'info';

/** How bad an incident is: SEV-1 is a service that is down, SEV-4 is for the backlog. */
export type IncidentSeverity = 'SEV-1' | 'SEV-2' | 'SEV-3' | 'SEV-4';

/** The incident of which a notification tells, for receivers that open, answer and close it on their side. */
export interface NotifiedIncident {
  readonly id: string;
  readonly severity: IncidentSeverity;
  readonly change: 'opened' | 'acknowledged' | 'updated' | 'resolved';
  /** What customers may read: no names, hosts or ids. Absent where nothing was said to them. */
  readonly publicText?: string;
}

/** What is told. Free of secrets: it leaves the account. */
export interface Notification {
  /** The same for every attempt to tell the same thing, so that a receiver can drop a second one. */
  readonly key: string;
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  /** What happened, what it means, what to do: lines of plain text. */
  readonly text: string;
  readonly service: string;
  readonly environment: string;
  /** Both absent where no run tells it. */
  readonly runId?: string;
  readonly runbook?: string;
  /** Absent where it is of no incident. */
  readonly incident?: NotifiedIncident;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What became of a notification at one receiver. */
export interface Delivery {
  /** As the configuration calls it: `sns`, `webhook`. */
  readonly receiver: string;
  readonly delivered: boolean;
  /** True where nothing is ever sent: in the sandbox. */
  readonly simulated?: boolean;
  /** True where it had nothing to be told of this: a status page of which nothing public was said. */
  readonly skipped?: boolean;
  /** True where it was not taken, but may be when it is sent again, and cannot come twice by that. */
  readonly mayBeTakenLater?: boolean;
  /** In one line: an id that the receiver gave, or why it did not take it. Free of secrets. */
  readonly detail: string;
}

export interface Notifier {
  /** Tells every configured receiver. Never rejects. Empty where none is configured. */
  notify(notification: Notification): Promise<readonly Delivery[]>;
}
