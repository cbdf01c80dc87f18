/** What stands in for all receivers in the sandbox and in dry runs: it keeps what would have been told, and tells nobody. */
import type { Delivery, Notification, Notifier } from '../cloud/notifier.ts';

export interface Nobody extends Notifier {
  /** What would have been told, in order, each key once. */
  kept(): readonly Notification[];
}

/** `receivers`: the names of those that are configured, and would have been told. */
export function createNobody(receivers: readonly string[]): Nobody {
  const byKey = new Map<string, Notification>();
  return {
    async notify(notification) {
      if (!byKey.has(notification.key)) byKey.set(notification.key, notification);
      return receivers.map((receiver): Delivery => ({
        receiver,
        delivered: false,
        simulated: true,
        detail: 'not sent: simulated',
      }));
    },
    kept: () => [...byKey.values()],
  };
}
