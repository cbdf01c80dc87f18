/** The Aurora cluster: its writer, its volume, its copies. */
import type { DatabaseLoad, TraceSpan } from '../../cloud/facts.ts';
import type { Series } from '../../cloud/series.ts';
import type { ReplicationLag } from '../../cloud/recovery-facts.ts';
import { evidence, quantity } from '../../diagnosis/evidence.ts';
import type { Known } from '../../diagnosis/known.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { check, type CheckTold } from '../check.ts';
import { notConfigured, unknown, type Judged } from '../judged.ts';
import { amount, limitTexts, type Limit } from '../limits.ts';
import { judged, noData, seriesEvidence, sustained, unseenOf, whenKnown, worst } from '../measures.ts';
import { recent, seen } from '../observations.ts';
import { metricsIn } from './api.ts';
import { windowOf, hourMs } from '../kit.ts';

const area = 'database';
const diagnose = 'nanoops diagnose database';

export const cpu = check('database-cpu', {
  title: 'CPU',
  area,
  severity: 'warning',
  window: '5m',
  needs: { load: seen.databaseLoad },
  judge: ({ load }, told, limit) =>
    whenKnown(load, limit, metricsIn(told), (found) =>
      sustained({
        series: found.cpu,
        window: recent(told),
        limit,
        what: 'CPU of the writer',
        nextStep: 'nanoops diagnose latency',
      }),
    ),
});

/** Used of used and left: how much a volume may hold differs by version, and AWS says what is left of it. */
export const storage = check('database-storage', {
  title: 'Storage',
  area,
  severity: 'warning',
  needs: { storage: seen.databaseStorage },
  judge: ({ storage: volume }, told, limit) =>
    whenKnown(volume, limit, metricsIn(told), ({ usedBytes, leftBytes, freeLocalBytes }) => {
      const window = windowOf(told, hourMs);
      const [used, left] = [pointsIn(usedBytes, window).at(-1), pointsIn(leftBytes, window).at(-1)];
      if (used === undefined)
        return noData(limit, 'how much the volume holds was not reported within the last hour', usedBytes);
      if (left === undefined)
        return noData(
          limit,
          'how much is left of the volume was not reported (Aurora MySQL alone reports it)',
          leftBytes,
        );
      const share = (used.value / (used.value + left.value)) * 100;
      const local = pointsIn(freeLocalBytes, window).at(-1);
      return judged(
        limit,
        { value: share, window: { from: used.at, to: used.at + usedBytes.periodMs }, atMs: used.at },
        `${amount(share, 'percent')} of the volume used: ${bytesText(used.value)}${local === undefined ? '' : `; ${bytesText(local.value)} of local storage are free`}`,
        [
          seriesEvidence(usedBytes, bytesText(used.value)),
          seriesEvidence(leftBytes, bytesText(left.value)),
          ...(local === undefined ? [] : [seriesEvidence(freeLocalBytes, bytesText(local.value))]),
        ],
        'find the greatest tables (information_schema.tables), and archive or delete what is not needed',
      );
    }),
});

function bytesText(value: number): string {
  return quantity(value, 'bytes');
}

export const connections = check('database-connections', {
  title: 'Connections',
  area,
  severity: 'critical',
  window: '5m',
  needs: { load: seen.databaseLoad, most: seen.connectionLimit },
  judge: ({ load, most }, told, limit) => {
    if (!load.known) return unseenOf(limit, load, metricsIn(told));
    const origin = { operation: 'rds:DescribeDBParameters', region: told.site.region };
    if (!most.known) return unseenOf(limit, most, origin);
    const allowed = most.value;
    if (allowed === null) {
      const text =
        'max_connections of the writer cannot be told: its parameter group holds a formula, or its class is not known';
      return unknown(text, [evidence(origin, text)], limitTexts(limit));
    }
    const open = load.value.connections;
    const found = worst({
      // Multiplied first: a count at the threshold's share is at it, to the last bit.
      series: { ...open, points: open.points.map(({ at, value }) => ({ at, value: (value * 100) / allowed })) },
      window: recent(told),
      limit,
      what: 'connections',
      nextStep: diagnose,
    });
    const { observed } = found;
    if (observed === undefined) return found;
    const count = Math.round((observed.value * allowed) / 100);
    return {
      ...found,
      summary: `${amount(count, 'count')} of ${amount(allowed, 'count')} connections over 5m, ${amount(observed.value, 'percent')}`,
      evidence: [...found.evidence, evidence(origin, `max_connections ${amount(allowed, 'count')}`)],
    };
  },
});

/** A percentile of fewer statements than these says little. */
const fewestStatements = 20;

/**
 * CloudWatch holds averages of statements only, and percentiles are never made of averages: it is taken from the statements
 * of traced requests, which are a sample.
 */
export const queryLatency = check('database-query-latency', {
  title: 'Query latency p95',
  area,
  severity: 'warning',
  window: '5m',
  needs: { statements: seen.statements },
  judge: ({ statements }, told, limit) => {
    const origin = { operation: 'xray:BatchGetTraces', region: told.site.region };
    if (!statements.known) {
      return statements.because === 'skipped'
        ? { ...notConfigured('no metric holds it, and tracing.service is not configured'), ...limitTexts(limit) }
        : unseenOf(limit, statements, origin);
    }
    const { traces, matched } = statements.value;
    const durations = traces
      .flatMap(({ spans }) => spans)
      .filter(isStatement)
      .map(({ start, end }) => end - start)
      .toSorted((a, b) => a - b);
    const sample = `${durations.length} statements in ${traces.length} of ${matched} traces`;
    if (durations.length < fewestStatements) {
      const text = `too few statements were traced to tell: ${sample} over 5m`;
      return unknown(text, [evidence(origin, text)], limitTexts(limit));
    }
    const value = durations[Math.ceil(durations.length * 0.95) - 1] ?? 0;
    const text = `p95 ${amount(value, 'ms')} over 5m, of ${sample}`;
    return judged(limit, { value, window: recent(told) }, text, [evidence(origin, text)], 'nanoops logs slow-queries');
  },
});

function isStatement({ sql, inProgress, segment }: TraceSpan): boolean {
  return sql !== undefined && !inProgress && !segment;
}

/** The copy in another region where there is one: only it says what a failover would lose. Else the readers beside the writer. */
export const replicationLag = check('database-replication-lag', {
  title: 'Replication lag',
  area,
  severity: 'critical',
  window: '5m',
  needs: { there: seen.lagThere, here: seen.lagHere, load: seen.databaseLoad },
  judge: judgeReplicationLag,
});

interface LagSeen {
  readonly there: Known<ReplicationLag>;
  readonly here: Known<ReplicationLag>;
  readonly load: Known<Pick<DatabaseLoad, 'replicaLag'>>;
}

/** The greatest lag of the last minutes. */
export function judgeReplicationLag({ there, here, load }: LagSeen, told: CheckTold, limit: Limit): Judged {
  const copy = lagOfCopy({ there, here });
  if (copy !== undefined) return judgeLag(copy, told, limit, 'the copy is behind by');
  if (told.standby?.database !== undefined) {
    if (!there.known) return unseenOf(limit, there, { ...metricsIn(told), region: told.standby.region });
    return noData(
      limit,
      'no lag of the copy was reported: nothing is copied, or its metrics do not arrive',
      there.value.lag,
    );
  }
  return whenKnown(load, limit, metricsIn(told), ({ replicaLag }) =>
    judgeLag(replicaLag, told, limit, 'the readers are behind by'),
  );
}

/** The series whose points are newest: after a failover the lag is published in the other region. */
export function lagOfCopy({ there, here }: Pick<LagSeen, 'there' | 'here'>): Series | undefined {
  const newest = (series: Series): number => series.points.at(-1)?.at ?? -Infinity;
  const series = [there, here].flatMap((known) => (known.known ? [known.value.lag] : []));
  const [first] = series.toSorted((a, b) => newest(b) - newest(a));
  return first === undefined || first.points.length === 0 ? undefined : first;
}

function judgeLag(series: Series, told: CheckTold, limit: Limit, what: string): Judged {
  return worst({ series, window: recent(told), limit, what, nextStep: diagnose });
}
