/** Costs by day and service. Cost Explorer charges a cent for every page (AWS Cost Management User Guide, "Pricing"). */
import type { Expression } from '@aws-sdk/client-cost-explorer';
import type { AccountRef, DailyCosts, DaySpan } from '../../cloud/cost-facts.ts';
import { globalRegion } from '../global-region.ts';
import { followPages } from '../pages.ts';
import type { FactTools } from './tools.ts';

const metric = 'UnblendedCost';
/** Two months of some dozen services take one or two; what takes more costs more than it tells. */
const mostPages = 10;

/** What is booked once a month, or is no use of anything: in a comparison of weeks it would look like a rise and a fall. */
const notOfUse = ['Credit', 'Refund', 'Tax', 'Support', 'RIFee', 'SavingsPlanUpfrontFee'];

const dateOf = (day: number): string => new Date(day).toISOString().slice(0, 10);

export async function dailyCosts(
  { wiring, clients }: FactTools,
  { region, account }: AccountRef,
  { fromDay, toDay }: DaySpan,
): Promise<DailyCosts> {
  const api = await clients.costExplorer(region);
  const call = { service: 'ce', operation: 'GetCostAndUsage', region: globalRegion, resource: account };
  const malformed = (what: string) => wiring.failure('malformed-answer', call, what);
  // An organisation's first account is told of all accounts, unless it asks for one.
  const ofAccount: Expression = { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [account] } };
  const ofUse: Expression = { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: [...notOfUse] } } };
  let pages = 0;
  const { items, truncated } = await followPages({ pages: mostPages }, async (NextPageToken) => {
    pages += 1;
    const answer = await api.getCostAndUsage({
      TimePeriod: { Start: dateOf(fromDay), End: dateOf(toDay) },
      Granularity: 'DAILY',
      Metrics: [metric],
      GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
      Filter: { And: [ofAccount, ofUse] },
      NextPageToken,
    });
    return { items: answer.ResultsByTime ?? [], next: answer.NextPageToken };
  });
  if (truncated) throw malformed(`it goes on after ${mostPages} pages, and every page costs a cent`);

  const days = new Map<number, Record<string, number>>();
  const currencies = new Set<string>();
  for (const { TimePeriod, Groups = [] } of items) {
    const day = Date.parse(`${TimePeriod?.Start ?? ''}T00:00:00Z`);
    if (Number.isNaN(day)) throw malformed('a day has no date');
    // A day's services may be spread over pages.
    const byService = days.get(day) ?? {};
    days.set(day, byService);
    for (const { Keys: [service] = [], Metrics } of Groups) {
      const { Amount, Unit } = Metrics?.[metric] ?? {};
      const amount = Number(Amount ?? Number.NaN);
      if (service === undefined || !Number.isFinite(amount)) throw malformed('a service has no name or no amount');
      if (Unit !== undefined) currencies.add(Unit);
      byService[service] = (byService[service] ?? 0) + amount;
    }
  }
  if (currencies.size > 1) throw malformed(`it is in several currencies: ${[...currencies].join(', ')}`);
  return {
    currency: [...currencies][0] ?? 'USD',
    days: [...days].map(([day, byService]) => ({ day, byService })).toSorted((a, b) => a.day - b.day),
    readAt: wiring.clock.now(),
    pages,
    source: { operation: 'ce:GetCostAndUsage', region: globalRegion, detail: `account ${account} by day and service` },
  };
}
