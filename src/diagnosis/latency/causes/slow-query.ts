/** The database takes longer for its statements, and not because it gets more of them. */
import { evidence, missingEvidence, quantity } from '../../evidence.ts';
import type { SlowStatement } from '../../slow-log.ts';
import { change, opposeSurge, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingMetric } from '../signals.ts';

export const slowQuery: LatencyCause = {
  id: 'slow-query',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const {
      selectLatency,
      dmlLatency,
      databaseCpu,
      slowStatements,
      newlySlow,
      isSlowLogComparable,
      hitRatio,
      picture,
    } = signals;
    weighTraces(signals, balance, 'database', 'spent in database statements');
    const latency =
      dmlLatency !== undefined && dmlLatency.ratio > (selectLatency?.ratio ?? 0) ? dmlLatency : selectLatency;
    if (latency === undefined) {
      const failed = missingMetric(picture.databaseLoad, 'statement latency', picture.region);
      if (failed !== undefined) balance.miss(failed);
    } else if (latency.ratio >= 2 && latency.score >= 4) {
      balance.favour(2, change('statement latency', latency));
    } else if (latency.ratio < 1.5) {
      balance.oppose(2, change('statement latency', latency));
    }
    if (databaseCpu !== undefined && databaseCpu.ratio >= 1.3 && databaseCpu.score >= 4) {
      balance.favour(0.7, change('database CPU', databaseCpu));
    }
    if (picture.slowQueries.known) {
      const { source, truncated } = picture.slowQueries.value;
      const [worst] = slowStatements.during;
      if (newlySlow !== undefined) {
        balance.favour(2.5, evidence(source, slowLogDetail(newlySlow)));
      } else if (worst !== undefined && !isSlowLogComparable) {
        balance.favour(1, evidence(source, `${slowLogDetail(worst)} (too many entries to see whether that is new)`));
      } else if (worst === undefined && truncated) {
        balance.miss(evidence(source, 'the slow query log was too long to be read to its end'));
      } else if (worst === undefined) {
        balance.oppose(0.5, evidence(source, 'the slow query log has no entry for this time'));
      }
    } else {
      const failed = missingEvidence(picture.slowQueries, 'logs:FilterLogEvents', picture.region);
      if (failed !== undefined) balance.miss(failed);
    }
    if (hitRatio !== undefined && hitRatio.before - hitRatio.during >= 0.2) {
      balance.oppose(3, change('the cache sends its load here: hit rate', hitRatio));
    }
    opposeSurge(signals, balance, 2);
    opposeZone(signals, balance, 3);
  },
  summary: ({ newlySlow, selectLatency }, component) => {
    if (newlySlow !== undefined) {
      const { count, meanSeconds } = newlySlow;
      return `${component} answers slowly: ${count} slow statements of ${quantity(meanSeconds, 's')} on average`;
    }
    return `${component} answers slowly${selectLatency ? ` (${quantity(selectLatency.during, 'ms')} a SELECT)` : ''}`;
  },
};

function slowLogDetail({ count, meanSeconds, shape }: SlowStatement): string {
  return `${count} times ${quantity(meanSeconds, 's')} on average: ${shape}`;
}
