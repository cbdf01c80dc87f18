/**
 * The service writes to an instance that is read-only: since a failover, connections that were open before it may lead to
 * what was the writer.
 */
import { minutesBefore, reads, seen, weighLines, type DatabaseCause } from '../cause.ts';
import { countOfKind, missing, type DatabaseSignals } from '../signals.ts';
import { tasksSince } from '../task-ages.ts';

export const readOnlyWriter: DatabaseCause = {
  id: 'read-only-writer',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { picture, failovers, condition } = signals;
    weighLines(signals, balance, 'read-only', { many: 4, none: 5 });
    for (const each of missing(picture.events, reads.events, picture.region)) balance.miss(each);
    const completedAt = failovers?.completedAt;
    const lines = countOfKind(signals, 'read-only');
    if (failovers?.isUnderWay === true || condition === 'failing-over') {
      balance.oppose(2, seen(signals, reads.events, 'a failover is still under way'));
    } else if (completedAt !== undefined && lines !== undefined && completedAt <= lines.lastAt) {
      const when = minutesBefore(signals, completedAt);
      balance.favour(2.5, seen(signals, reads.events, `a failover was completed ${when}`));
      weighAges(signals, balance, completedAt, lines.streams);
    } else if (failovers !== undefined) {
      balance.oppose(0.7, seen(signals, reads.events, 'RDS tells of no failover that came before'));
    }
  },
  summary: (signals) => {
    const completedAt = signals.failovers?.completedAt;
    const { service } = signals.picture.names;
    if (completedAt === undefined) return `${service} writes to an instance that is read-only`;
    const when = minutesBefore(signals, completedAt);
    return `${service} still writes to what was the writer until the failover ${when}: its connections must be made anew`;
  },
};

function weighAges(
  signals: DatabaseSignals,
  balance: Parameters<DatabaseCause['weigh']>[1],
  failoverAt: number,
  streams: readonly string[],
): void {
  const { picture, service } = signals;
  for (const each of missing(picture.service, reads.service, picture.region)) balance.miss(each);
  if (service === undefined) return;
  const { failing, well } = tasksSince(service, streams, failoverAt);
  const since = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'} started since the failover`;
  if (failing > 0) {
    const what = `${since(failing)} cannot write either: old connections do not explain that`;
    balance.oppose(2.5, seen(signals, reads.service, what));
  } else if (well > 0) {
    balance.favour(1.5, seen(signals, reads.service, `only older tasks fail; ${since(well)}, and can write`));
  } else if (streams.length < service.running) {
    const some = `${streams.length} of ${service.running} tasks fail, all of them older than the failover`;
    balance.favour(0.5, seen(signals, reads.service, some));
  }
}
