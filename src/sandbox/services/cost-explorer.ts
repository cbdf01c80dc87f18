/** Simulated Cost Explorer: daily costs by service. Its API is in one region. AWS Cost Explorer API Reference. */
import {
  GetCostAndUsage$,
  type Expression,
  type GetCostAndUsageRequest,
  type GetCostAndUsageResponse,
  type ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { costsOf } from '../world/costs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation, pageOf } from './operation.ts';

const DAY_MS = 86_400_000;
/** Of a page; what AWS has is not published. */
const DAYS_PER_PAGE = 100;
const MOST_DAYS = 426;

export function costExplorerService(world: World): SimulatedService {
  return {
    service: 'ce',
    signingName: 'ce',
    protocol: 'json-1.1',
    target: 'AWSInsightsIndexService',
    homeRegion: 'us-east-1',
    operations: [
      operation<GetCostAndUsageRequest, GetCostAndUsageResponse>(GetCostAndUsage$, (input) =>
        getCostAndUsage(world, input),
      ),
    ],
  };
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('ValidationException', message);
}

function getCostAndUsage(world: World, input: GetCostAndUsageRequest): GetCostAndUsageResponse {
  const { TimePeriod, Granularity, Metrics = [], GroupBy = [], Filter, NextPageToken } = input;
  const [from, to] = [dayOf(TimePeriod?.Start), dayOf(TimePeriod?.End)];
  if (!(from < to)) throw invalid('Start date (and hour) should be before end date (and hour)');
  if ((to - from) / DAY_MS > MOST_DAYS) throw invalid('The requested time period is too long');
  const isSimulated =
    Granularity === 'DAILY' &&
    Metrics.length > 0 &&
    Metrics.every((metric) => metric === 'UnblendedCost') &&
    GroupBy.every(({ Type, Key }) => Type === 'DIMENSION' && Key === 'SERVICE') &&
    GroupBy.length === 1;
  if (!isSimulated) throw invalid('Only unblended costs by day and service are simulated.');
  const isAsked = accountsOf(Filter).every((accounts) => accounts.includes(world.inventory.names.account));
  const now = world.now();
  const days = Array.from({ length: (to - from) / DAY_MS }, (_, index): ResultByTime => {
    const day = from + index * DAY_MS;
    return {
      TimePeriod: { Start: dateOf(day), End: dateOf(day + DAY_MS) },
      Total: {},
      Groups: (isAsked ? costsOf(world.inventory, day, now) : []).map(({ service, amount }) => ({
        Keys: [service],
        Metrics: { UnblendedCost: { Amount: amount.toFixed(10), Unit: 'USD' } },
      })),
      // The whole of a month whose bill is not closed.
      Estimated: dateOf(day).slice(0, 7) === dateOf(now).slice(0, 7),
    };
  });
  const page = pageOf(days, DAYS_PER_PAGE, NextPageToken);
  if (page === undefined) throw new ServiceFault('InvalidNextTokenException', 'Invalid token.');
  return {
    GroupDefinitions: [...GroupBy],
    ResultsByTime: [...page.items],
    DimensionValueAttributes: [],
    ...(page.next !== undefined && { NextPageToken: page.next }),
  };
}

/** The accounts that each part of a filter leaves; the world books nothing but use, so that record types leave all. */
function accountsOf(filter: Expression | undefined): readonly (readonly string[])[] {
  if (filter === undefined) return [];
  if (filter.And !== undefined) return filter.And.flatMap((each) => accountsOf(each));
  if (filter.Not?.Dimensions?.Key === 'RECORD_TYPE') return [];
  if (filter.Dimensions?.Key === 'LINKED_ACCOUNT') return [filter.Dimensions.Values ?? []];
  throw invalid('This filter is not simulated.');
}

function dayOf(date: string | undefined): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date ?? '') ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(day)) throw invalid(`${date ?? 'nothing'} is not a date`);
  return day;
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
