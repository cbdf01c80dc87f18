/** From a picture to an answer: is the database unavailable to the service, and why. */
import { evidence, type Evidence } from '../evidence.ts';
import { likely, ranked, weighCauses, type RankedCause, type WeighedCause } from '../known-causes.ts';
import { minutesBefore, reads, seen, type DatabaseCause } from './cause.ts';
import { clusterNotAvailable } from './causes/cluster-not-available.ts';
import { connectionPoolExhausted } from './causes/connection-pool-exhausted.ts';
import { databaseCredentials } from './causes/database-credentials.ts';
import { failoverUnderWay } from './causes/failover-under-way.ts';
import { readOnlyWriter } from './causes/read-only-writer.ts';
import { securityGroupChanged } from './causes/security-group-changed.ts';
import { tooManyConnections } from './causes/too-many-connections.ts';
import { writerUnreachable } from './causes/writer-unreachable.ts';
import { connectionSymptom, type ConnectionSymptom } from './connection-symptom.ts';
import type { DatabasePicture } from './picture.ts';
import { databaseSignalsOf, type DatabaseSignals } from './signals.ts';

export const databaseCauses: readonly DatabaseCause[] = [
  clusterNotAvailable,
  connectionPoolExhausted,
  databaseCredentials,
  failoverUnderWay,
  readOnlyWriter,
  securityGroupChanged,
  tooManyConnections,
  writerUnreachable,
];

export interface DatabaseDiagnosis {
  readonly symptom: ConnectionSymptom;
  /** Those that the evidence makes likely, most likely first; none where there is nothing to explain. */
  readonly causes: readonly RankedCause[];
}

export function diagnoseDatabase(picture: DatabasePicture): DatabaseDiagnosis {
  const signals = databaseSignalsOf(picture);
  const symptom = connectionSymptom(signals);
  if (symptom.state === 'none' || symptom.state === 'unknown') return { symptom, causes: [] };
  if (symptom.state === 'over') return { symptom, causes: [transient(signals, symptom)] };
  return { symptom, causes: ranked(likely(weighCauses(databaseCauses, signals))) };
}

/** Every cause with its confidence, likely or not: for tests, and for those who want to see why not. */
export function weighDatabaseCauses(picture: DatabasePicture): readonly WeighedCause[] {
  return weighCauses(databaseCauses, databaseSignalsOf(picture));
}

/** Connections failed, and are made again: what happened meanwhile explains it, if anything did. */
function transient(signals: DatabaseSignals, symptom: ConnectionSymptom): RankedCause {
  const { errors, failovers, picture } = signals;
  const { onset = -Infinity, endedAt = Infinity } = symptom;
  const nearMs = 10 * 60_000;
  const completedAt = failovers?.completedAt;
  const isExplained = completedAt !== undefined && completedAt >= onset - nearMs && completedAt <= endedAt + nearMs;
  const failover = isExplained
    ? [seen(signals, reads.events, `a failover was completed ${minutesBefore(signals, completedAt)}`)]
    : [];
  const lines: readonly Evidence[] = errors === undefined ? [] : [evidence(errors.source, symptom.summary)];
  const why = isExplained ? `, around the failover ${minutesBefore(signals, completedAt)}` : '';
  return {
    rank: 1,
    component: picture.names.database,
    cause: 'transient',
    confidence: 0.95,
    summary: `connections to ${picture.names.database} failed${why}, and are made again`,
    for: [...lines, ...failover],
    against: [],
    missing:
      picture.events.known || picture.events.because === 'skipped'
        ? []
        : [seen(signals, reads.events, picture.events.reason)],
  };
}
