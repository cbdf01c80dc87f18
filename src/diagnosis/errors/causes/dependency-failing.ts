/** A service that the API calls, and that is not part of the stack, refuses calls or does not answer in time. */
import { opposeBalancer, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';
import { topOrigin, type Signals } from '../signals.ts';

export const dependencyFailing: ErrorCause = {
  id: 'dependency-failing',
  component: (signals) => topOrigin(signals, 'dependency')?.component.name ?? suspect(signals),
  weigh: (signals, balance) => {
    weighOrigins(signals, balance, 'dependency');
    weighMessages(signals, balance, 1.5, 'dependency');
    opposeBalancer(signals, balance, 3);
  },
  summary: (signals, component) => {
    const example = topOrigin(signals, 'dependency')?.example;
    return `${component} fails when the API calls it${example === undefined ? '' : ` (${example})`}`;
  },
};

/** By the counts of all calls, where no failed request was read. */
function suspect({ picture: { callGraph } }: Signals): string | undefined {
  if (!callGraph.known || callGraph.value.status !== 'found') return undefined;
  const [{ component }] = callGraph.value.suspects;
  return component.kind === 'dependency' ? component.name : undefined;
}
