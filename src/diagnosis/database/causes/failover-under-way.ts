/** A reader is becoming the writer: connections fail until it is, and nothing must be added to it. */
import { minutesBefore, reads, seen, weighLines, weighStatusMissing, type DatabaseCause } from '../cause.ts';
import { countOfKind, missing } from '../signals.ts';

export const failoverUnderWay: DatabaseCause = {
  id: 'failover-under-way',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture, condition, failovers } = signals;
    const isFailingOver = condition === 'failing-over';
    weighStatusMissing(signals, balance);
    if (isFailingOver) balance.favour(6, seen(signals, reads.cluster, 'the cluster is failing-over'));
    if (failovers?.isUnderWay === true && failovers.startedAt !== undefined) {
      const when = minutesBefore(signals, failovers.startedAt);
      balance.favour(5, seen(signals, reads.events, `a failover started ${when}, and has not ended`));
    } else if (failovers?.completedAt !== undefined && failovers.completedAt >= picture.window.from) {
      const when = minutesBefore(signals, failovers.completedAt);
      balance.oppose(2, seen(signals, reads.events, `the last failover was completed ${when}`));
    } else if (failovers !== undefined && !isFailingOver) {
      balance.oppose(4, seen(signals, reads.events, 'RDS tells of no failover that is under way'));
    }
    for (const each of missing(picture.events, reads.events, picture.region)) balance.miss(each);
    const isToldOf = countOfKind(signals, 'unreachable') ?? countOfKind(signals, 'read-only');
    if (isToldOf !== undefined) weighLines(signals, balance, isToldOf.kind, { many: 1, none: 0 });
  },
  summary: ({ failovers, picture }, component) => {
    const since = failovers?.isUnderWay === true ? failovers.startedAt : undefined;
    const age = since === undefined ? '' : `, for ${Math.max(0, Math.round((picture.window.to - since) / 60_000))} min`;
    return `${component} is failing over to another instance${age}; it usually takes less than a minute`;
  },
};
