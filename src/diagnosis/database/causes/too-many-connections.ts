/** The server refuses further connections: its limit is reached. */
import { evidence, quantity } from '../../evidence.ts';
import { minutesBefore, reads, seen, weighLines, type DatabaseCause } from '../cause.ts';
import { countOfKind, isAtLimit, missing } from '../signals.ts';

export const tooManyConnections: DatabaseCause = {
  id: 'too-many-connections',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture, connections, parameterChanges, state, service, serverErrorShare } = signals;
    weighLines(signals, balance, 'too-many-connections', { many: 4.5, none: 3 });
    for (const each of missing(picture.databaseLoad, reads.metrics, picture.region)) balance.miss(each);
    for (const each of missing(picture.connectionLimit, reads.parameters, picture.region)) balance.miss(each);
    if (picture.connectionLimit.known && picture.connectionLimit.value === undefined) {
      balance.miss(seen(signals, reads.parameters, 'max_connections cannot be told'));
    }
    if (connections?.shareOfLimit !== undefined) {
      const { peak, limit = 0, shareOfLimit } = connections;
      const used = `${quantity(peak, 'count')} connections of ${quantity(limit, 'count')}`;
      if (isAtLimit(connections)) balance.favour(3, evidence(connections.source, used));
      else if (shareOfLimit >= 0.85) balance.favour(1, evidence(connections.source, used));
      else if (shareOfLimit < 0.7) balance.oppose(2, evidence(connections.source, `only ${used}`));
    }
    // What follows may explain a reached limit; it does not show one.
    if (countOfKind(signals, 'too-many-connections') === undefined && !isAtLimit(connections)) return;
    for (const change of parameterChanges.slice(0, 3)) {
      const when = minutesBefore(signals, change.at);
      balance.favour(
        0.5,
        seen(signals, reads.events, `parameters of ${change.about} changed ${when}: ${change.message}`),
      );
    }
    const waiting = (state?.instances ?? []).filter(({ parameterStatus }) => parameterStatus === 'pending-reboot');
    for (const { id } of waiting) {
      balance.favour(0.3, seen(signals, reads.cluster, `${id} waits for a reboot to take up changed parameters`));
    }
    if (service !== undefined && service.running > service.desired) {
      const tasks = `${service.running} tasks run where ${service.desired} are wanted, each with its own pool`;
      balance.favour(0.5, seen(signals, reads.service, tasks));
    }
    if (serverErrorShare !== undefined && serverErrorShare >= 0.05) {
      const share = `${quantity(serverErrorShare, 'ratio')} of requests are answered with 5xx`;
      balance.favour(0.5, seen(signals, reads.metrics, share));
    }
  },
  summary: ({ connections }, component) => {
    const used =
      connections?.limit === undefined
        ? ''
        : ` (${quantity(connections.peak, 'count')} of ${quantity(connections.limit, 'count')})`;
    return `${component} refuses further connections${used}`;
  },
};
