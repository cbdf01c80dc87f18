/** Whether faults begin at the service itself: what going back to another version of it could mend. Pure. */
import { originShare, type Signals } from './signals.ts';

/** By traces of failed requests, else by counts of all calls, else by what the log says; undefined where nothing tells. */
export function faultsAreOwn(signals: Signals): boolean | undefined {
  const share = originShare(signals, 'service');
  if (share !== undefined) return share >= 0.5;
  const { callGraph } = signals.picture;
  if (callGraph.known && callGraph.value.status === 'found') {
    return callGraph.value.suspects[0].component.kind === 'service';
  }
  const { messages } = signals;
  if (messages === undefined || messages.risen.length === 0) return undefined;
  const own = messages.risen.filter(({ blames }) => blames === 'unnamed' || blames === 'pool' || blames === 'memory');
  const count = (groups: typeof messages.risen): number => groups.reduce((total, { during }) => total + during, 0);
  return count(own) * 2 >= count(messages.risen);
}
