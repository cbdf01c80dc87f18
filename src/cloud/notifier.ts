/** Telling people: the port behind which SNS, webhooks and the like stand. Telling never ends a run. */

export type Severity = 'critical' | 'warning' | 'info';

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
  readonly runId: string;
  readonly runbook: string;
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
  /** In one line: an id that the receiver gave, or why it did not take it. Free of secrets. */
  readonly detail: string;
}

export interface Notifier {
  /** Tells every configured receiver. Never rejects. Empty where none is configured. */
  notify(notification: Notification): Promise<readonly Delivery[]>;
}
