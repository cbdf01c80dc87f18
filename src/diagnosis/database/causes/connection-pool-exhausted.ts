/** The service's own pool has no connection left; the database would take more. Never a reason to fail over. */
import { evidence, quantity } from '../../evidence.ts';
import { reads, seen, weighLines, type DatabaseCause } from '../cause.ts';
import { haveConnectionsGone, isAtLimit, shareOfKinds } from '../signals.ts';

export const connectionPoolExhausted: DatabaseCause = {
  id: 'connection-pool-exhausted',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { connections, condition, failovers } = signals;
    weighLines(signals, balance, 'pool-exhausted', { many: 5, none: 5 });
    const others = shareOfKinds(signals, 'unreachable', 'too-many-connections', 'credentials');
    if (others >= 0.2) {
      const share = `${quantity(others, 'ratio')} of the lines tell of the database itself: pools run empty then`;
      balance.oppose(3, seen(signals, reads.log, share));
    }
    if (condition !== undefined && condition !== 'serving') {
      balance.oppose(3, seen(signals, reads.cluster, 'the database is not available: pools run empty then'));
    } else if (failovers?.isUnderWay === true) {
      balance.oppose(3, seen(signals, reads.events, 'a failover is under way: pools run empty then'));
    } else if (condition === 'serving') {
      balance.favour(0.5, seen(signals, reads.cluster, 'cluster and writer are available'));
    }
    if (connections === undefined) return;
    if (haveConnectionsGone(connections)) {
      balance.oppose(3, evidence(connections.source, 'the writer has no connections left'));
    } else if (isAtLimit(connections)) {
      balance.oppose(2, evidence(connections.source, 'the database itself is at its limit of connections'));
    }
  },
  summary: (_signals, component) =>
    `${component} has no free database connection in its own pool; the database is not to blame, and a failover would not help`,
};
