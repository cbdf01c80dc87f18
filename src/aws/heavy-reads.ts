/**
 * Reads that take much memory until they are judged, traces for one. For a fleet they begin when the metrics of all are there,
 * so that whoever has its traces has everything and is soon done, and a few have theirs at a time.
 */
import { limited } from './limited.ts';
import type { MetricReader } from './metric-reader.ts';

export type HeavyReads = <T>(read: () => Promise<T>) => Promise<T>;

const atATime = 8;

export function createHeavyReads(
  metrics: Pick<MetricReader, 'settled'>,
  { fillsCalls = false }: { readonly fillsCalls?: boolean },
): HeavyReads {
  if (!fillsCalls) return (read) => read();
  const inTurn = limited(atATime);
  return async (read) => {
    await metrics.settled();
    return inTurn(read);
  };
}
