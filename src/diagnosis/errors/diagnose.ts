/** Ranks the causes of failing requests. Deterministic; no cause is named that the evidence does not make likely. */
import { Balance, evidence } from '../evidence.ts';
import { likely, ranked, weighCauses, weighedCause, type RankedCause, type WeighedCause } from '../known-causes.ts';
import { linesText, type ErrorCause } from './cause.ts';
import { badDeploy } from './causes/bad-deploy.ts';
import { cacheFailing } from './causes/cache-failing.ts';
import { connectionPoolExhausted } from './causes/connection-pool-exhausted.ts';
import { databaseFailing } from './causes/database-failing.ts';
import { dependencyFailing } from './causes/dependency-failing.ts';
import { memoryPressure } from './causes/memory-pressure.ts';
import { networkAz } from './causes/network-az.ts';
import { serviceOverloaded } from './causes/service-overloaded.ts';
import { storageThrottled } from './causes/storage-throttled.ts';
import { targetsUnreachable } from './causes/targets-unreachable.ts';
import type { ErrorsPicture } from './picture.ts';
import { signalsOf, type Signals } from './signals.ts';

const errorCauses: readonly ErrorCause[] = [
  badDeploy,
  cacheFailing,
  connectionPoolExhausted,
  databaseFailing,
  dependencyFailing,
  memoryPressure,
  networkAz,
  serviceOverloaded,
  storageThrottled,
  targetsUnreachable,
];

/** The causes that the evidence makes likely, most likely first; none where no more fails than usual. */
export function diagnoseErrors(picture: ErrorsPicture): readonly RankedCause[] {
  const { state } = picture.symptom;
  if (state === 'none' || state === 'unknown') return [];
  const signals = signalsOf(picture);
  const known = likely(weighCauses(errorCauses, signals));
  return ranked(known.length > 0 ? known : located(signals));
}

/** Where no known cause fits, the component in which most faults begin: what is wrong with it is for a person. */
function located(signals: Signals): readonly WeighedCause[] {
  const { origins, traceSource, picture, messages, logSource } = signals;
  const balance = new Balance(-1.5);
  const [top] = origins?.origins ?? [];
  if (top !== undefined && origins !== undefined && traceSource !== undefined && top.share >= 0.5) {
    const words = top.example === undefined ? '' : ` (${top.example})`;
    balance.favour(
      2,
      evidence(
        traceSource,
        `${top.count} of ${origins.failed} failed requests that were traced fail first there${words}`,
      ),
    );
  }
  const graph =
    picture.callGraph.known && picture.callGraph.value.status === 'found' ? picture.callGraph.value : undefined;
  const component = top?.component.name ?? graph?.suspects[0].component.name;
  if (component === undefined) return [];
  if (graph !== undefined) {
    const [first] = graph.suspects;
    const seen = evidence(graph.source, first.for.join(' '));
    if (first.component.name === component) balance.favour(1.5, seen);
    else balance.oppose(1.5, seen);
  }
  const [message] = messages?.risen ?? [];
  if (message !== undefined && messages !== undefined && logSource !== undefined) {
    balance.favour(0.3, evidence(logSource, `${linesText(messages, message.during)}: ${message.example}`));
  }
  const summary = `faults begin at ${component}; none of the known causes fits what was seen of it`;
  return likely([weighedCause(balance, { component, cause: 'faults-begin-here', summary })]);
}
