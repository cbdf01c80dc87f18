/** What AWS Health tells of AWS's own troubles. */
import type { Event } from '@aws-sdk/client-health';
import { CloudError } from '../../cloud/errors.ts';
import type { ServiceIssue, ServiceIssues } from '../../cloud/security-facts.ts';
import { globalRegion } from '../global-region.ts';
import { allPages, type FactTools } from './tools.ts';

/** Only the plans from Business Support on have it (AWS Health User Guide, "Accessing the AWS Health API"). */
const noPlan = 'SubscriptionRequiredException';
const eventsPerPage = 100;

export async function serviceIssues(
  { wiring, clients }: FactTools,
  region: string,
  regions: readonly string[],
): Promise<ServiceIssues | undefined> {
  const api = await clients.health(region);
  const call = { service: 'health', operation: 'DescribeEvents', region: globalRegion };
  const issueOf = ({ service, eventTypeCode, region: where, startTime }: Event): ServiceIssue => {
    if (service === undefined || startTime === undefined) {
      throw wiring.failure('malformed-answer', call, 'an event has no service or no beginning');
    }
    return { service, type: eventTypeCode ?? service, region: where ?? 'global', since: startTime.getTime() };
  };
  try {
    const events = await allPages(wiring, call, async (nextToken) => {
      const answer = await api.describeEvents({
        filter: {
          regions: [...regions, 'global'],
          eventTypeCategories: ['issue'],
          eventStatusCodes: ['open'],
        },
        maxResults: eventsPerPage,
        nextToken,
      });
      return { items: answer.events ?? [], next: answer.nextToken };
    });
    return {
      issues: events.map(issueOf).toSorted((a, b) => b.since - a.since),
      source: {
        operation: 'health:DescribeEvents',
        region: globalRegion,
        detail: `open issues in ${regions.join(', ')}`,
      },
    };
  } catch (error) {
    if (error instanceof CloudError && error.details.awsCode === noPlan) return undefined;
    throw error;
  }
}
