/**
 * CloudTrail's own event history. It is asked by one attribute at a time, twice a second, fifty events a page, the newest
 * first (CloudTrail API Reference, LookupEvents), so that each look-up has a bound, and says how far back it came.
 */
import type { Event, LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import type { AccessEvent, AccessLog, Coverage } from '../../cloud/security-facts.ts';
import type { Window } from '../../cloud/series.ts';
import { globalRegion } from '../global-region.ts';
import { followPages } from '../pages.ts';
import type { Wiring } from '../wiring.ts';
import { accessEventFrom } from './trail-event.ts';
import type { FactTools } from './tools.ts';

const eventsPerPage = 50;
const callsPerSecond = 2;

interface LookUp {
  readonly what: string;
  readonly attribute: LookupAttributeKey;
  readonly value: string;
  readonly pages: number;
}

const lookUps: readonly LookUp[] = [
  { what: 'console logins', attribute: 'EventName', value: 'ConsoleLogin', pages: 4 },
  { what: 'what root did', attribute: 'Username', value: 'root', pages: 4 },
  // Of the calls that were denied only those that would have changed something: the rest drowns in what is read.
  { what: 'changes', attribute: 'ReadOnly', value: 'false', pages: 10 },
];

export function recentAccess(tools: FactTools, region: string, window: Window): Promise<AccessLog> {
  return accessLog(tools, tools.clients.cloudTrail(region), region, window);
}

export function globalAccess(tools: FactTools, region: string, window: Window): Promise<AccessLog> {
  return accessLog(tools, tools.clients.cloudTrailOfGlobal(region), globalRegion, window);
}

type Api = Awaited<ReturnType<FactTools['clients']['cloudTrail']>>;

async function accessLog(
  { wiring }: FactTools,
  connecting: Promise<Api>,
  region: string,
  window: Window,
): Promise<AccessLog> {
  const api = await connecting;
  const inTurn = paced(wiring);
  // The same event may be found by two attributes.
  const events = new Map<string, AccessEvent>();
  const unreadable = new Set<string>();
  const coverage: Coverage[] = [];
  for (const { what, attribute, value, pages } of lookUps) {
    let oldest = window.to;
    let read = 0;
    const { truncated } = await followPages<never>({ pages }, async (NextToken) => {
      await inTurn();
      const answer = await api.lookupEvents({
        LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
        StartTime: new Date(window.from),
        EndTime: new Date(window.to),
        MaxResults: eventsPerPage,
        NextToken,
      });
      for (const event of answer.Events ?? []) {
        read += 1;
        oldest = Math.min(oldest, event.EventTime?.getTime() ?? oldest);
        keep(event, events, unreadable);
      }
      return { items: [], next: answer.NextToken };
    });
    coverage.push({ what, from: truncated ? oldest : window.from, read, truncated });
  }
  return {
    events: [...events.values()].toSorted((a, b) => b.at - a.at),
    coverage,
    unreadable: unreadable.size,
    source: { operation: 'cloudtrail:LookupEvents', region, detail: 'event history' },
  };
}

function keep(
  { EventId = '', CloudTrailEvent = '' }: Event,
  events: Map<string, AccessEvent>,
  unreadable: Set<string>,
): void {
  const found = accessEventFrom(CloudTrailEvent);
  if (found === undefined) return;
  const key = EventId === '' ? CloudTrailEvent : EventId;
  if (found === 'unreadable') unreadable.add(key);
  else events.set(key, found);
}

/** Resolves when the next call may be made. */
function paced({ clock, signal }: Wiring): () => Promise<void> {
  const made: number[] = [];
  return async () => {
    const due = (made.at(-callsPerSecond) ?? -Infinity) + 1000 * (clock.pace ?? 1);
    const now = clock.now();
    if (due > now) await clock.sleep(due - now, signal);
    made.push(clock.now());
  };
}
