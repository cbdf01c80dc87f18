/** Simulated AWS Health: what is open with AWS's own services. Its API is in one region. AWS Health API Reference. */
import {
  DescribeEvents$,
  type DescribeEventsRequest,
  type DescribeEventsResponse,
  type Event,
} from '@aws-sdk/client-health';
import { lasts } from '../world/faults.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const MOST_RESULTS = 100;

export function healthService(world: World): SimulatedService {
  return {
    service: 'health',
    signingName: 'health',
    protocol: 'json-1.1',
    target: 'AWSHealth_20160804',
    homeRegion: 'us-east-1',
    operations: [
      operation<DescribeEventsRequest, DescribeEventsResponse>(DescribeEvents$, (input) =>
        describeEvents(world, input),
      ),
    ],
  };
}

function describeEvents(
  world: World,
  { filter, maxResults, nextToken }: DescribeEventsRequest,
): DescribeEventsResponse {
  const now = world.now();
  if (world.inventory.faults.some((fault) => fault.effect === 'basic-support' && lasts(fault, now))) {
    throw new ServiceFault(
      'SubscriptionRequiredException',
      'AWS Premium Support Subscription is required to use this service.',
    );
  }
  const found = eventsOf(world).filter(
    (event) =>
      isAmong(event.region, filter?.regions) &&
      isAmong(event.service, filter?.services) &&
      isAmong(event.statusCode, filter?.eventStatusCodes) &&
      isAmong(event.eventTypeCategory, filter?.eventTypeCategories),
  );
  const page = pageOf(found, maxResults ?? MOST_RESULTS, nextToken);
  if (page === undefined)
    throw new ServiceFault('InvalidPaginationToken', 'The specified pagination token is not valid.');
  return { events: [...page.items], ...(page.next !== undefined && { nextToken: page.next }) };
}

function isAmong(value: string | undefined, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(value ?? '');
}

function eventsOf(world: World): readonly Event[] {
  const { inventory } = world;
  const now = world.now();
  return inventory.faults.flatMap((fault, index): Event[] => {
    if (fault.effect !== 'service-issue' || fault.from > now) return [];
    const { region } = inventory[fault.region];
    const isOpen = lasts(fault, now);
    const eventTypeCode = `AWS_${fault.service}_OPERATIONAL_ISSUE`;
    return [
      {
        arn: `arn:aws:health:${region}::event/${fault.service}/${eventTypeCode}/${eventTypeCode}_${index}`,
        service: fault.service,
        eventTypeCode,
        eventTypeCategory: 'issue',
        eventScopeCode: 'PUBLIC',
        region,
        startTime: new Date(fault.from),
        lastUpdatedTime: new Date(isOpen ? now : (fault.to ?? now)),
        statusCode: isOpen ? 'open' : 'closed',
        ...(!isOpen && fault.to !== undefined && { endTime: new Date(fault.to) }),
      },
    ];
  });
}
