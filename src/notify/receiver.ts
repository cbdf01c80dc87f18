/** The port of one receiver of notifications: a webhook, a topic. What several receivers share is not its business. */
import type { Delivery, Notification } from '../cloud/notifier.ts';

export interface Receiver {
  /** As the configuration calls it: `sns`, `webhook`. */
  readonly name: string;

  /**
   * Tells it, with whatever attempts it takes. What was not taken resolves as well, with `delivered: false` and the
   * reason. When the signal aborts it ends soon, and says how far it came.
   */
  send(notification: Notification, signal: AbortSignal): Promise<Delivery>;

  /** Sends a test, where that is not just another notification: whatever it opens it closes. */
  test?(notification: Notification, signal: AbortSignal): Promise<Delivery>;
}
