/** Simulated CloudTrail: the event history of 90 days, by one attribute. CloudTrail API Reference, LookupEvents. */
import {
  LookupEvents$,
  type LookupAttribute,
  type LookupAttributeKey,
  type LookupEventsRequest,
  type LookupEventsResponse,
} from '@aws-sdk/client-cloudtrail';
import { accountEventsOf, EVENT_DAY_MS, type AccountEvent } from '../world/account-events.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const KEPT_MS = 90 * EVENT_DAY_MS;
/** How long it takes until an event is in the history. */
const RECORDED_MS = 5 * 60_000;
const MOST_RESULTS = 50;

export function cloudtrailService(world: World): SimulatedService {
  return {
    service: 'cloudtrail',
    signingName: 'cloudtrail',
    protocol: 'json-1.1',
    target: 'CloudTrail_20131101',
    operations: [
      operation<LookupEventsRequest, LookupEventsResponse>(LookupEvents$, (input, call) =>
        lookupEvents(world, call, input),
      ),
    ],
  };
}

function lookupEvents(world: World, call: CallContext, input: LookupEventsRequest): LookupEventsResponse {
  const { LookupAttributes: wanted = [], MaxResults = MOST_RESULTS, NextToken } = input;
  if (wanted.length > 1) {
    throw new ServiceFault('InvalidLookupAttributesException', 'You may specify only one lookup attribute.');
  }
  if (MaxResults < 1 || MaxResults > MOST_RESULTS) {
    throw new ServiceFault('InvalidMaxResultsException', `A maximum of ${MOST_RESULTS} results can be requested.`);
  }
  const now = world.now();
  const from = Math.max(input.StartTime?.getTime() ?? 0, now - KEPT_MS);
  const to = Math.min(input.EndTime?.getTime() ?? now, now - RECORDED_MS);
  const matching = matcherOf(wanted[0]);
  const found: AccountEvent[] = [];
  for (let day = Math.floor(from / EVENT_DAY_MS) * EVENT_DAY_MS; day <= to; day += EVENT_DAY_MS) {
    const events = accountEventsOf(world.inventory, day);
    found.push(
      ...events.filter(
        (event) => event.region === call.region && event.at >= from && event.at <= to && matching(event),
      ),
    );
  }
  const page = pageOf(found.toReversed(), MaxResults, NextToken);
  if (page === undefined) throw new ServiceFault('InvalidNextTokenException', 'Invalid token.');
  return {
    Events: page.items.map((event) => ({
      EventId: event.id,
      EventName: event.name,
      ReadOnly: String(event.readOnly),
      EventTime: new Date(event.at),
      EventSource: event.source,
      Username: event.username,
      Resources: [],
      CloudTrailEvent: event.document,
    })),
    ...(page.next !== undefined && { NextToken: page.next }),
  };
}

const attributes: Partial<Record<LookupAttributeKey, (event: AccountEvent) => string>> = {
  EventId: ({ id }) => id,
  EventName: ({ name }) => name,
  EventSource: ({ source }) => source,
  ReadOnly: ({ readOnly }) => String(readOnly),
  Username: ({ username }) => username,
};

function matcherOf(wanted: LookupAttribute | undefined): (event: AccountEvent) => boolean {
  if (wanted === undefined) return () => true;
  const { AttributeKey: key, AttributeValue: value } = wanted;
  const read = key === undefined ? undefined : attributes[key];
  if (read === undefined) {
    throw new ServiceFault('InvalidLookupAttributesException', `${key ?? 'nothing'} is not simulated as an attribute.`);
  }
  return (event) => read(event) === value;
}
