/** Requests wait for a connection from the service's own pool while the database has nothing to complain of. */
import { evidence } from '../../evidence.ts';
import { change, opposeSurge, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { missingEvidence } from '../signals.ts';

export const connectionPoolExhausted: LatencyCause = {
  id: 'connection-pool-exhausted',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { selectLatency, databaseConnections, picture } = signals;
    const lines = signals.lines('pool-exhausted');
    if (picture.errorLines.known && lines !== undefined) {
      const { source } = picture.errorLines.value;
      if (lines.during >= 3)
        balance.favour(4, evidence(source, `${lines.during} log lines: ${lines.example?.message ?? ''}`));
      else balance.oppose(2.5, evidence(source, 'no log line speaks of an exhausted pool'));
    } else {
      const failed = missingEvidence(picture.errorLines, 'logs:FilterLogEvents', picture.region);
      if (failed !== undefined) balance.miss(failed);
    }
    weighTraces(signals, balance, 'service', 'spent in the service itself, waiting included');
    if (selectLatency !== undefined && selectLatency.ratio < 1.5) {
      balance.favour(1, change('the database itself is calm: SELECT latency', selectLatency));
    } else if (selectLatency !== undefined && selectLatency.ratio >= 2) {
      balance.oppose(3.5, change('slow statements hold connections: SELECT latency', selectLatency));
    }
    if (databaseConnections !== undefined && databaseConnections.ratio >= 1.2) {
      balance.favour(0.5, change('database connections', databaseConnections));
    }
    opposeSurge(signals, balance, 1);
    opposeZone(signals, balance, 3);
  },
  summary: (_signals, component) =>
    `${component} has no free database connection in its own pool; requests wait for one`,
};
