/** What explains the latency: everything that was looked at, put before the diagnosis. */
import { confidenceText } from '../../cloud/quantity.ts';
import { diagnoseLatency } from '../../diagnosis/latency/diagnose.ts';
import type { LatencyPicture } from '../../diagnosis/latency/picture.ts';
import { settled } from '../../engine/step.ts';
import { componentNames } from '../component-names.ts';
import { decide, type DiagnosedCause } from '../kit.ts';
import {
  apiTraffic,
  symptom,
  zones,
  utilisation,
  serviceState,
  deployments,
  stoppedTasks,
  databaseState,
  databaseLoad,
  cacheLoad,
  storageLoad,
  errorLines,
  slowQueries,
  slowTraces,
  normalTraces,
  callGraph,
} from './observations.ts';

function isUnjudged({ symptom: { state } }: LatencyPicture): boolean {
  return state === 'unknown';
}

export const diagnosis = decide('diagnosis', {
  title: 'What explains it',
  needs: {
    symptom,
    traffic: settled(apiTraffic),
    zones: settled(zones),
    utilisation: settled(utilisation),
    service: settled(serviceState),
    deployments: settled(deployments),
    stoppedTasks: settled(stoppedTasks),
    database: settled(databaseState),
    databaseLoad: settled(databaseLoad),
    cacheLoad: settled(cacheLoad),
    bucketLoad: settled(storageLoad),
    errorLines: settled(errorLines),
    slowQueries: settled(slowQueries),
    slowTraces: settled(slowTraces),
    normalTraces: settled(normalTraces),
    callGraph: settled(callGraph),
  },
  run: (seen, { settings }) => {
    const picture: LatencyPicture = { ...seen, region: settings.site.region, names: componentNames(settings) };
    return { picture, causes: diagnoseLatency(picture) };
  },
  detail: ({ causes, picture }) => {
    const [first] = causes;
    if (first !== undefined) return `${first.summary} (${confidenceText(first.confidence)})`;
    if (isUnjudged(picture)) return 'it cannot be judged: whether the API is slow is unknown';
    return picture.symptom.state === 'ongoing' ? 'nothing found that explains it' : 'nothing to explain';
  },
  isUnknown: ({ picture }) => isUnjudged(picture),
});

/** Tells causes of these ids from others. */
export const isCause =
  (...ids: readonly string[]) =>
  (cause: DiagnosedCause): boolean =>
    ids.includes(cause.cause);
