/**
 * Slow statements that become more. Statements that took longer than the threshold are counted from the slow query log in
 * the twelve five-minute windows of the last hour. They increase where all of this holds:
 *
 * - at least ten of them are in the hour: two after none are no trend;
 * - the newest quarter of the hour holds so many of them as chance would put there once in a thousand times, were each as
 *   likely at any time of the hour (a binomial tail of the hour's count and a quarter);
 * - two of its three windows each hold more than any window before: a burst within one of them, as a report makes, is
 *   none.
 *
 * A step to a new level is told from its second window to its third or fourth. That statements are many and stay so is no
 * increase any more: latency, and the rules for it, tell that.
 */
import type { LogSearch } from '../../cloud/facts.ts';
import { evidence } from '../../diagnosis/evidence.ts';
import { slowStatements, slowTimes } from '../../diagnosis/slow-log.ts';
import { binomialTail, sum } from '../../diagnosis/statistics.ts';
import { valueOf, type Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { hourMs, minuteMs, windowOf } from '../kit.ts';
import { amount, limitTexts, type Limit } from '../limits.ts';
import { unknown } from '../judged.ts';
import { unseenOf } from '../measures.ts';
import { seenForAlerts } from './observations.ts';

const bucketMs = 5 * minuteMs;
const buckets = hourMs / bucketMs;
const newestBuckets = 3;
const fewestStatements = 10;
const onceInAThousand = 0.001;
/** `long_query_time` where nobody sets it (MySQL Reference Manual, "Server System Variables"). */
const defaultLongQueryMs = 10_000;

export const slowQueriesAlert = check('alert-slow-queries', {
  title: 'Slow queries',
  area: 'database',
  severity: 'warning',
  window: '1h',
  needs: { log: seenForAlerts.slowLog, parameters: seenForAlerts.parameters },
  judge: ({ log, parameters }, told, limit) => {
    const texts = textsOf(limit);
    const origin = { operation: 'logs:FilterLogEvents', region: told.site.region };
    if (!log.known) return { ...unseenOf(limit, log, origin), ...texts };
    const { lines, truncated, source } = log.value;
    const blind = whyBlind(log.value, parameters, limit);
    if (blind !== undefined)
      return unknown(blind.summary, [evidence(source, blind.summary)], { ...texts, nextStep: blind.nextStep });
    const counts = countsOf(log.value, told, limit);
    const total = sum(counts);
    const shown = `${counts.join(' ')} in five minutes each`;
    if (truncated) {
      const text = `the slow query log holds more than could be read of one hour, ${lines.length} entries and more: whether they increase cannot be told`;
      return unknown(text, [evidence(source, text)], { ...texts, nextStep: 'nanoops logs slow-queries' });
    }
    const rise = isRising(counts);
    const found = `${total} statements took longer than ${amount(limit.alert ?? 0, 'ms')} over 1h`;
    const text = rise ? `${found}, and they increase: ${shown}` : `${found}; they do not increase`;
    const [worst] = slowStatements(lines);
    return {
      status: rise ? 'breach' : 'ok',
      summary: text,
      ...texts,
      observed: { value: counts.at(-1) ?? 0, unit: 'count', window: '5m', recent: counts },
      evidence: [
        evidence(source, `${source.detail}: ${shown}`),
        ...(worst === undefined
          ? []
          : [
              evidence(
                source,
                `most time: ${worst.shape}, ${worst.count} times, ${amount(worst.meanSeconds * 1000, 'ms')} on average`,
              ),
            ]),
      ],
      ...(rise ? { nextStep: 'nanoops logs slow-queries' } : {}),
    };
  },
});

function textsOf(limit: Limit): { readonly alert?: string } {
  const { alert } = limitTexts(limit);
  return alert === undefined ? {} : { alert: `${alert}, increasing` };
}

/** Why the log may be silent about statements that are slow by the rule, though not by what the database writes down. */
function whyBlind(
  { lines }: LogSearch,
  parameters: Known<Readonly<Record<string, string>>>,
  { alert = 0 }: Limit,
): { readonly summary: string; readonly nextStep: string } | undefined {
  const shortest = Math.min(...slowTimes(lines).map(({ seconds }) => seconds * 1000));
  // An entry of so short a time proves that such entries are written, whoever set that.
  if (shortest <= alert) return undefined;
  if (!parameters.known && lines.length === 0) {
    return {
      summary: 'the slow query log is empty, and whether it is kept at all could not be seen',
      nextStep:
        parameters.because === 'skipped'
          ? 'name the cluster in nanoops.yaml: database.cluster'
          : (parameters.nextStep ?? 'allow rds:DescribeDBClusterParameters'),
    };
  }
  const set = valueOf(parameters) ?? {};
  const isOn = lines.length > 0 || ['1', 'on'].includes((set['slow_query_log'] ?? '0').toLowerCase());
  const given = set['long_query_time'];
  // An instance's own group may set what the cluster's does not; the shortest entry is then near to it.
  const fromMs = given === undefined ? Math.min(defaultLongQueryMs, shortest / 2) : Number(given) * 1000;
  if (isOn && fromMs <= alert) return undefined;
  return {
    summary: isOn
      ? `the slow query log leaves out what takes less than ${amount(given === undefined ? Math.min(defaultLongQueryMs, shortest) : fromMs, 'ms')}: how many statements take longer than ${amount(alert, 'ms')} cannot be told`
      : 'the slow query log is off by the cluster’s parameter group: slow statements cannot be counted',
    nextStep: `set slow_query_log = 1 and long_query_time = ${alert / 1000} in the cluster’s parameter group`,
  };
}

/** Oldest first. */
function countsOf({ lines }: LogSearch, told: CheckTold, { alert = 0 }: Limit): readonly number[] {
  const { from } = windowOf(told, hourMs);
  const slow = slowTimes(lines).filter(({ seconds }) => seconds * 1000 > alert);
  return Array.from({ length: buckets }, (_, index) => {
    const start = from + index * bucketMs;
    return slow.filter(({ at }) => at >= start && at < start + bucketMs).length;
  });
}

function isRising(counts: readonly number[]): boolean {
  const [earlier, newest] = [counts.slice(0, -newestBuckets), counts.slice(-newestBuckets)];
  const total = sum(counts);
  if (total < fewestStatements) return false;
  const most = Math.max(...earlier);
  const isRare = binomialTail(total, sum(newest), newestBuckets / buckets) <= onceInAThousand;
  return isRare && newest.filter((count) => count > most).length >= 2;
}
