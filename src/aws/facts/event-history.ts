/**
 * CloudTrail's own event history. It is asked by one attribute at a time, fifty events a page, the newest first (CloudTrail API
 * Reference, LookupEvents), so that each look-up has a bound, and says how far back it came.
 */
import type { Event, LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import type { AccessEvent, AccessLog, AccountChange, ChangeLog, Coverage } from '../../cloud/security-facts.ts';
import type { Window } from '../../cloud/series.ts';
import { globalRegion } from '../global-region.ts';
import { followPages } from '../pages.ts';
import { accessEventFrom, changeFrom } from './trail-event.ts';
import type { FactTools } from './tools.ts';

const eventsPerPage = 50;

interface LookUp {
  readonly what: string;
  readonly attribute: LookupAttributeKey;
  readonly value: string;
  readonly pages: number;
}

// Of the calls that were denied only those that would have changed something: the rest drowns in what is read.
const changes: LookUp = { what: 'changes', attribute: 'ReadOnly', value: 'false', pages: 10 };
const byRoot: LookUp = { what: 'what root did', attribute: 'Username', value: 'root', pages: 4 };
/** They count as changes (CloudTrail User Guide, "AWS Management Console sign-in events"). */
const logins: LookUp = { what: 'console logins', attribute: 'EventName', value: 'ConsoleLogin', pages: 4 };

export function recentAccess(tools: FactTools, region: string, window: Window): Promise<AccessLog> {
  return accessLog(tools.clients.cloudTrail(region), region, window);
}

export function globalAccess(tools: FactTools, region: string, window: Window): Promise<AccessLog> {
  return accessLog(tools.clients.cloudTrailOfGlobal(region), globalRegion, window);
}

/** So many pages hold what is changed in an hour. */
const changePages = 3;

export async function recentChanges(tools: FactTools, region: string, window: Window): Promise<ChangeLog> {
  const api = await tools.clients.cloudTrail(region);
  const { items, truncated } = await followPages<AccountChange>({ pages: changePages }, async (NextToken) => {
    const answer = await api.lookupEvents({
      LookupAttributes: [{ AttributeKey: changes.attribute, AttributeValue: changes.value }],
      StartTime: new Date(window.from),
      EndTime: new Date(window.to),
      MaxResults: eventsPerPage,
      NextToken,
    });
    const found = (answer.Events ?? []).flatMap(({ CloudTrailEvent = '' }) => changeFrom(CloudTrailEvent) ?? []);
    return { items: found, next: answer.NextToken };
  });
  return {
    changes: items.toSorted((a, b) => b.at - a.at),
    truncated,
    source: { operation: 'cloudtrail:LookupEvents', region, detail: 'changes in the event history' },
  };
}

type Api = Awaited<ReturnType<FactTools['clients']['cloudTrail']>>;

async function accessLog(connecting: Promise<Api>, region: string, window: Window): Promise<AccessLog> {
  const api = await connecting;
  // The same event may be found by two attributes.
  const events = new Map<string, AccessEvent>();
  const unreadable = new Set<string>();
  const lookUp = async ({ what, attribute, value, pages }: LookUp): Promise<Coverage> => {
    let oldest = window.to;
    let read = 0;
    const { truncated } = await followPages<never>({ pages }, async (NextToken) => {
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
    return { what, from: truncated ? oldest : window.from, read, truncated };
  };
  const [ofChanges, ofRoot] = await Promise.all([lookUp(changes), lookUp(byRoot)]);
  // Among all changes all logins are; among the newest ones perhaps none.
  const ofLogins = ofChanges.truncated ? [await lookUp(logins)] : [];
  return {
    events: [...events.values()].toSorted((a, b) => b.at - a.at),
    coverage: [...ofLogins, ofRoot, ofChanges],
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
