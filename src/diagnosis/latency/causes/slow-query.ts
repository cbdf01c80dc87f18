/** The database takes longer for its statements, and not because it gets more of them. */
import { evidence, quantity } from '../../evidence.ts';
import { change, opposeSurge, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingEvidence } from '../signals.ts';

export const slowQuery: LatencyCause = {
  id: 'slow-query',
  component: ({ picture }) => picture.names.database,
  weigh: (signals, balance) => {
    const { selectLatency, dmlLatency, databaseCpu, slowStatements, hitRatio, picture } = signals;
    weighTraces(signals, balance, 'database', 'spent in database statements');
    const latency =
      dmlLatency !== undefined && dmlLatency.ratio > (selectLatency?.ratio ?? 0) ? dmlLatency : selectLatency;
    if (latency === undefined) {
      const failed = missingEvidence(picture.databaseLoad, 'cloudwatch:GetMetricData', picture.region);
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
      const { source } = picture.slowQueries.value;
      const [worst] = slowStatements.during;
      const known = slowStatements.before.find((each) => each.shape === worst?.shape);
      if (worst !== undefined && worst.count >= 3 && worst.count > 3 * (known?.count ?? 0)) {
        balance.favour(2.5, evidence(source, slowLogDetail(worst.count, worst.meanSeconds, worst.shape)));
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
  summary: ({ slowStatements, selectLatency }, component) => {
    const [worst] = slowStatements.during;
    if (worst !== undefined) {
      return `${component} answers slowly: ${worst.count} slow statements of ${quantity(worst.meanSeconds, 's')} on average`;
    }
    return `${component} answers slowly${selectLatency ? ` (${quantity(selectLatency.during, 'ms')} a SELECT)` : ''}`;
  },
};

function slowLogDetail(count: number, meanSeconds: number, shape: string): string {
  return `${count} times ${quantity(meanSeconds, 's')} on average: ${shape}`;
}
