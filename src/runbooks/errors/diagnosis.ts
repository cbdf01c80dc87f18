/** Everything that was looked at, put before the diagnosis; what comes out is short, and all that later steps know of it. */
import { confidenceText } from '../../cloud/quantity.ts';
import { aroundOnset } from '../../diagnosis/errors/around-onset.ts';
import { diagnoseErrors } from '../../diagnosis/errors/diagnose.ts';
import { faultsAreOwn } from '../../diagnosis/errors/own-faults.ts';
import { signalsOf } from '../../diagnosis/errors/signals.ts';
import type { ErrorsPicture } from '../../diagnosis/errors/picture.ts';
import type { ErrorSymptom } from '../../diagnosis/errors/symptom.ts';
import type { RankedCause } from '../../diagnosis/known-causes.ts';
import type { SuspectDeployment } from '../../diagnosis/happenings.ts';
import { settled } from '../../engine/step.ts';
import { componentNames } from '../component-names.ts';
import { gapsIn, rootOf } from '../gaps.ts';
import { decide } from '../kit.ts';
import {
  apiOutcomes,
  apiTraffic,
  callGraph,
  changes,
  databaseEvents,
  databaseState,
  deployments,
  errorLines,
  failedTraces,
  serviceState,
  stoppedTasks,
  storageLoad,
  symptom,
  targets,
  utilisation,
  zones,
} from './observations.ts';

const looked = {
  traffic: settled(apiTraffic),
  zones: settled(zones),
  targets: settled(targets),
  utilisation: settled(utilisation),
  service: settled(serviceState),
  deployments: settled(deployments),
  stoppedTasks: settled(stoppedTasks),
  database: settled(databaseState),
  databaseEvents: settled(databaseEvents),
  bucketLoad: settled(storageLoad),
  errorLines: settled(errorLines),
  failedTraces: settled(failedTraces),
  callGraph: settled(callGraph),
  changes: settled(changes),
};

const titles = Object.fromEntries(Object.entries(looked).map(([name, need]) => [name, need.settled.title]));

/**
 * What only adds evidence: a diagnosis without it is none the less one, so that it is told as missing and makes no verdict
 * unknown. X-Ray and CloudTrail are not everybody's, nor everybody's to read.
 */
const aside: readonly string[] = ['failedTraces', 'callGraph', 'changes'];

export interface Diagnosis {
  readonly symptom: ErrorSymptom;
  readonly causes: readonly RankedCause[];
  /** The deployment to go back from, where one began shortly before the onset. */
  readonly suspect?: SuspectDeployment;
  /** Whether the faults begin at the service itself; undefined where nothing tells. */
  readonly faultsAreOwn?: boolean;
  /** What changed around the onset. */
  readonly changed: readonly string[];
  /** What could not be looked at: the first keeps nobody from a verdict, the second does. */
  readonly missing: readonly string[];
  readonly gaps: readonly string[];
}

export const diagnosis = decide('diagnosis', {
  title: 'What explains it',
  needs: { symptom, outcomes: settled(apiOutcomes), ...looked },
  run: ({ symptom: found, outcomes: _counted, ...seen }, { settings }): Diagnosis => {
    const picture: ErrorsPicture = {
      ...seen,
      symptom: found,
      region: settings.site.region,
      names: componentNames(settings),
    };
    const signals = signalsOf(picture);
    const entries = Object.entries(seen);
    const pick = (isAside: boolean) => Object.fromEntries(entries.filter(([name]) => aside.includes(name) === isAside));
    const own = faultsAreOwn(signals);
    return {
      symptom: found,
      causes: diagnoseErrors(picture),
      ...(signals.suspectDeployment === undefined ? {} : { suspect: signals.suspectDeployment }),
      ...(own === undefined ? {} : { faultsAreOwn: own }),
      changed: aroundOnset(picture),
      missing: gapsIn(pick(true), titles).map(rootOf),
      gaps: gapsIn(pick(false), titles),
    };
  },
  detail: ({ causes: [first], symptom: found }) => {
    if (first !== undefined) return `${first.summary} (${confidenceText(first.confidence)})`;
    if (found.state === 'unknown') return 'it cannot be judged: whether requests fail is unknown';
    return found.state === 'ongoing' ? 'nothing found that explains it' : 'nothing to explain';
  },
  isUnknown: ({ symptom: found }) => found.state === 'unknown',
});
