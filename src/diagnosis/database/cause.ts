/** What a cause of an unavailable database is to the diagnosis, and what several causes weigh in the same way. */
import { evidence, quantity, type Balance } from '../evidence.ts';
import type { KnownCause } from '../known-causes.ts';
import type { ConnectionErrorKind } from './connection-errors.ts';
import {
  countOfKind,
  fewestLines,
  haveConnectionsGone,
  isWriterSilent,
  missing,
  shareOfKinds,
  type DatabaseSignals,
} from './signals.ts';

export type DatabaseCause = KnownCause<DatabaseSignals>;

export const reads = {
  log: 'logs:FilterLogEvents',
  cluster: 'rds:DescribeDBClusters',
  events: 'rds:DescribeEvents',
  rules: 'ec2:DescribeSecurityGroups',
  service: 'ecs:DescribeServices',
  metrics: 'cloudwatch:GetMetricData',
  parameters: 'rds:DescribeDBClusterParameters',
} as const;

export function seen({ picture }: DatabaseSignals, operation: string, detail: string) {
  return evidence({ operation, region: picture.region }, detail);
}

/** Whether the log tells of this kind, and how much of it: most of the lines, some, or hardly any. */
export function weighLines(
  signals: DatabaseSignals,
  balance: Balance,
  kind: ConnectionErrorKind,
  weights: { readonly many: number; readonly none: number },
): void {
  const { errors, picture } = signals;
  if (errors === undefined) {
    for (const each of missing(picture.errorLines, reads.log, picture.region)) balance.miss(each);
    return;
  }
  const count = countOfKind(signals, kind);
  if (count === undefined || count.count < fewestLines) {
    if (errors.truncated) balance.miss(evidence(errors.source, 'not all of the log was read'));
    else balance.oppose(weights.none, evidence(errors.source, `${count?.count ?? 'no'} lines of ${kind}`));
    return;
  }
  const share = shareOfKinds(signals, kind);
  const from = count.streams.length === 1 ? '1 task' : `${count.streams.length} tasks`;
  const rate = `${count.count} lines of ${kind} from ${from}, ${quantity(count.perMinute, 'count')} a minute`;
  const weight = share >= 0.5 ? weights.many : share >= 0.2 ? weights.many - 1.5 : weights.many - 3;
  const line = evidence(errors.source, `${rate}: ${count.example}`);
  if (weight > 0) balance.favour(weight, line);
  else balance.oppose(-weight, line);
}

/** A cluster and a writer that are available speak against what would show in their status. */
export function weighStatusMissing({ picture }: DatabaseSignals, balance: Balance): void {
  for (const each of missing(picture.database, reads.cluster, picture.region)) balance.miss(each);
}

/** Connections that are gone, or still there. */
export function weighConnections(
  { connections, picture }: DatabaseSignals,
  balance: Balance,
  weights: { readonly gone: number; readonly there: number },
): void {
  if (connections === undefined) {
    for (const each of missing(picture.databaseLoad, reads.metrics, picture.region)) balance.miss(each);
    return;
  }
  const { before, now, source } = connections;
  if (haveConnectionsGone(connections)) {
    const fell = `the writer\u2019s connections fell ${quantity(before ?? 0, 'count')} → ${quantity(now ?? 0, 'count')}`;
    balance.favour(weights.gone, evidence(source, fell));
  } else if (isWriterSilent(connections)) {
    balance.favour(weights.gone / 2, evidence(source, 'the writer reports no connections since: it may be down'));
  } else if (before !== undefined && now !== undefined && now >= 0.7 * before) {
    const kept = `the writer has its connections: ${quantity(before, 'count')} → ${quantity(now, 'count')}`;
    balance.oppose(weights.there, evidence(source, kept));
  }
}

/** Minutes before the end of what was looked at, for people. */
export function minutesBefore({ picture }: DatabaseSignals, at: number): string {
  return `${Math.max(0, Math.round((picture.window.to - at) / 60_000))} min ago`;
}
