/** Nobody gets through to the writer, and nothing else explains it: the one case that a failover is for. */
import { quantity } from '../../evidence.ts';
import {
  minutesBefore,
  reads,
  seen,
  weighConnections,
  weighLines,
  weighStatusMissing,
  type DatabaseCause,
} from '../cause.ts';
import { countOfKind, missing } from '../signals.ts';
import { isOwnTrouble } from '../statuses.ts';

/** Clients need a while after a failover: the endpoint's name is cached, and pools reconnect one by one. */
const settleMs = 5 * 60_000;

export const writerUnreachable: DatabaseCause = {
  id: 'writer-unreachable',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture, state, writer, condition, failovers, admission, serverErrorShare, service, outage } = signals;
    weighLines(signals, balance, 'unreachable', { many: 3.2, none: 3 });
    const streams = countOfKind(signals, 'unreachable')?.streams.length;
    if (streams === 1 && service !== undefined && service.running >= 3) {
      balance.oppose(1.5, seen(signals, reads.service, `only 1 of ${service.running} tasks tells of it`));
    }
    weighStatusMissing(signals, balance);
    if (state !== undefined && writer !== undefined && isOwnTrouble(writer)) {
      balance.favour(3.5, seen(signals, reads.cluster, `the writer ${writer.id} is ${writer.status}`));
    } else if (condition === 'down' || condition === 'interrupted') {
      balance.oppose(4, seen(signals, reads.cluster, `the cluster is ${state?.status ?? ''}: that is nearer`));
    } else if (condition === 'serving') {
      balance.oppose(0.7, seen(signals, reads.cluster, 'cluster and writer call themselves available'));
    }
    if (condition === 'failing-over' || failovers?.isUnderWay === true) {
      balance.oppose(5, seen(signals, reads.events, 'a failover is under way'));
    } else if (failovers?.completedAt !== undefined && failovers.completedAt >= picture.window.to - settleMs) {
      const when = minutesBefore(signals, failovers.completedAt);
      balance.oppose(2, seen(signals, reads.events, `a failover was completed ${when}: clients may still reconnect`));
    } else if (failovers?.failedAt !== undefined && failovers.failedAt >= picture.window.from) {
      const when = minutesBefore(signals, failovers.failedAt);
      balance.favour(1.5, seen(signals, reads.events, `a failover failed ${when}`));
    } else if (failovers !== undefined) {
      balance.favour(0.3, seen(signals, reads.events, 'no failover is under way, nor was one just completed'));
    }
    if (outage !== undefined) {
      const when = minutesBefore(signals, outage.at);
      balance.favour(1.5, seen(signals, reads.events, `${outage.about}, ${when}: ${outage.message}`));
    }
    for (const each of missing(picture.events, reads.events, picture.region)) balance.miss(each);
    weighConnections(signals, balance, { gone: 1, there: 3 });
    if (admission?.verdict === 'refused') balance.oppose(5, seen(signals, reads.rules, admission.detail));
    else if (admission?.verdict === 'admitted') balance.favour(1, seen(signals, reads.rules, admission.detail));
    else if (admission !== undefined) balance.miss(seen(signals, reads.rules, admission.detail));
    for (const each of missing(picture.ingress, reads.rules, picture.region)) balance.miss(each);
    for (const each of missing(picture.service, reads.service, picture.region)) balance.miss(each);
    if (serverErrorShare !== undefined) {
      const share = `${quantity(serverErrorShare, 'ratio')} of requests are answered with 5xx`;
      if (serverErrorShare >= 0.05) balance.favour(0.5, seen(signals, reads.metrics, share));
      else if (serverErrorShare < 0.005) balance.oppose(1.5, seen(signals, reads.metrics, share));
    }
  },
  summary: ({ writer }, component) =>
    `the writer of ${component}${writer === undefined ? '' : `, ${writer.id},`} cannot be reached`,
};
