/** Requests wait for a connection from the service's own pool while the database has nothing to complain of. */
import { evidence, missingEvidence } from '../../evidence.ts';
import { change, opposeSurge, opposeZone, weighTraces, type LatencyCause } from '../cause.ts';
import { logsBefore } from '../../incident.ts';

/** Fewer may be chance. */
const fewestLines = 3;

export const connectionPoolExhausted: LatencyCause = {
  id: 'connection-pool-exhausted',
  component: ({ picture }) => picture.names.service,
  // Much else makes a service wait for nothing that can be seen: without a log that says so, it is not named.
  prior: -5,
  weigh: (signals, balance) => {
    const { selectLatency, databaseConnections, picture, symptom } = signals;
    const lines = signals.lines('pool-exhausted');
    if (picture.errorLines.known && lines !== undefined) {
      const { source, truncated } = picture.errorLines.value;
      const before = logsBefore(symptom);
      const isNew =
        lines.during * (before.to - before.from) > 2 * lines.before * (symptom.during.to - symptom.during.from);
      const many = `${lines.during} log lines`;
      if (lines.during === 0 && truncated) balance.miss(evidence(source, 'not all of the log was read'));
      else if (lines.during === 0) balance.oppose(2.5, evidence(source, 'no log line speaks of an exhausted pool'));
      else if (lines.during < fewestLines)
        balance.oppose(1, evidence(source, `only ${lines.during} of an exhausted pool`));
      else if (isNew) balance.favour(6, evidence(source, `${many}: ${lines.example?.message ?? ''}`));
      else balance.oppose(1, evidence(source, `${many} of an exhausted pool, but there were as many before`));
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
