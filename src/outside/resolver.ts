/**
 * Where a name leads, asked of the name servers that this machine is set to. Asks anew each time, past `/etc/hosts`;
 * what those servers have in store is not told apart from what is so.
 */
import { Resolver } from 'node:dns/promises';
import type { Clock } from '../engine/clock.ts';
import { limited, TimeIsUp } from './time-limit.ts';

export interface ResolveOptions {
  readonly record: string;
  readonly clock: Clock;
  /** Any of them ends it. */
  readonly signals: readonly AbortSignal[];
  /** 3 s unless given. */
  readonly limitMs?: number;
  /** `address:port` of the name servers, instead of the machine's. */
  readonly servers?: readonly string[];
}

const defaultLimitMs = 3_000;

/**
 * The name that it is an alias of and its addresses, in lower case, without the final dot, sorted; what did not come in
 * time is not in it.
 *
 * @throws the reason of a signal that aborted.
 */
export async function resolveName(options: ResolveOptions): Promise<readonly string[]> {
  const { record, clock, signals, servers, limitMs = defaultLimitMs } = options;
  return limited(clock, limitMs, signals, async (signal) => {
    const resolver = new Resolver();
    if (servers !== undefined) resolver.setServers(servers);
    const stop = (): void => resolver.cancel();
    signal.addEventListener('abort', stop, { once: true });
    const answers = await Promise.allSettled([
      resolver.resolveCname(record),
      resolver.resolve4(record),
      resolver.resolve6(record),
    ]);
    signal.removeEventListener('abort', stop);
    if (signal.aborted && !(signal.reason instanceof TimeIsUp)) throw signal.reason;
    // Most names lack one of the three: that is no fault, and neither is a name that leads nowhere.
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const places = new Set(found.map((place) => place.toLowerCase().replace(/\.$/, '')));
    return [...places].toSorted((a, b) => (a < b ? -1 : 1));
  });
}
