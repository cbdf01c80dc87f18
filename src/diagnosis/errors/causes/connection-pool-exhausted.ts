/** Requests wait for a connection from the service's own pool, and give up. */
import { opposeBalancer, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';

export const connectionPoolExhausted: ErrorCause = {
  id: 'connection-pool-exhausted',
  component: ({ picture }) => picture.names.service,
  // Without a log that says so it is not named: much else fails in the service itself.
  prior: -6,
  weigh: (signals, balance) => {
    weighMessages(signals, balance, 5, 'pool');
    weighOrigins(signals, balance, 'service');
    opposeBalancer(signals, balance, 3);
  },
  summary: (_signals, component) => `${component} has no free database connection in its own pool; requests give up`,
};
