/** What every domain's facts are read with. */
import type { Clients } from '../clients.ts';
import type { Metric } from '../../cloud/metrics.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { HeavyReads } from '../heavy-reads.ts';
import type { MetricReader } from '../metric-reader.ts';
import { followPages, type Page } from '../pages.ts';
import type { Wiring } from '../wiring.ts';

export interface FactTools {
  readonly wiring: Wiring;
  readonly clients: Clients;
  readonly metrics: MetricReader;
  readonly heavy: HeavyReads;
}

/** Metrics of one region over one span, by their names. */
export async function readMetrics<Name extends string>(
  { metrics }: Pick<FactTools, 'metrics'>,
  region: string,
  wanted: Readonly<Record<Name, Metric>>,
  window: Window,
): Promise<Readonly<Record<Name, Series>>> {
  const named: readonly (readonly [string, Metric])[] = Object.entries(wanted);
  const read = await Promise.all(
    named.map(async ([name, metric]) => [name, await metrics.read({ region, window, ...metric })] as const),
  );
  // The names are those of `wanted`, which `Object.entries` cannot express.
  return Object.fromEntries(read) as Record<Name, Series>;
}

/** For operations that take so many names at once. */
export function inGroups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** More pages than any list that nanoops asks for in full can have. */
const mostPages = 100;

/** All items of a list. Rejects where it does not end: a part would pass for the whole. */
export async function allPages<T>(
  wiring: Wiring,
  call: { readonly service: string; readonly operation: string; readonly region: string },
  fetch: (token: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const { items, truncated } = await followPages({ pages: mostPages }, fetch);
  if (truncated) throw wiring.failure('malformed-answer', call, 'the list goes on without an end');
  return items;
}
