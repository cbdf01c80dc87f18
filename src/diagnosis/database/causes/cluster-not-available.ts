/** The cluster takes no connections, by its own account: stopped, in maintenance, out of storage, without an instance. */
import { reads, seen, weighConnections, weighLines, weighStatusMissing, type DatabaseCause } from '../cause.ts';
import { countOfKind, type DatabaseSignals } from '../signals.ts';
import { isOwnTrouble, servingOf } from '../statuses.ts';

export const clusterNotAvailable: DatabaseCause = {
  id: 'cluster-not-available',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { condition, state, writer } = signals;
    weighStatusMissing(signals, balance);
    if (state === undefined) return;
    const status = seen(signals, reads.cluster, statusText(signals));
    const isWriterAlone = servingOf(state.status) === 'serving' && writer !== undefined && isOwnTrouble(writer);
    if (condition === 'down') balance.favour(6, status);
    else if (condition === 'interrupted' && !isWriterAlone) balance.favour(3.5, status);
    else balance.oppose(5, status);
    if (countOfKind(signals, 'unreachable') !== undefined) {
      weighLines(signals, balance, 'unreachable', { many: 1.5, none: 0 });
    }
    weighConnections(signals, balance, { gone: 1, there: 2 });
  },
  summary: (signals, component) => `${component} takes no connections: ${statusText(signals)}`,
};

function statusText({ state, writer }: DatabaseSignals): string {
  if (state === undefined) return 'its status is not known';
  if (state.instances.length === 0) return `the cluster is ${state.status}, and has no instance`;
  return `the cluster is ${state.status}${writer === undefined ? '' : `, its writer ${writer.id} ${writer.status}`}`;
}
