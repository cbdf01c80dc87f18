/** Under which names a stack writes logs, traces and metrics. */
import type { Service } from '@aws-sdk/client-xray';
import type { FoundTracedService } from '../../cloud/inventory.ts';
import type { Window } from '../../cloud/series.ts';
import { followPages } from '../pages.ts';
import type { FactTools } from '../facts/tools.ts';

/** Enough for the groups of one cluster or service. */
const mostGroups = 50;
/** A graph is read for its names alone: what is not on these pages is no service of any weight. */
const mostGraphPages = 10;

export async function logGroups({ clients }: FactTools, region: string, prefix: string): Promise<readonly string[]> {
  const logs = await clients.logs(region);
  const answer = await logs.describeLogGroups({ logGroupNamePrefix: prefix, limit: mostGroups });
  return (answer.logGroups ?? []).flatMap(({ logGroupName }) => logGroupName ?? []);
}

export async function tracedServices(
  { clients }: FactTools,
  region: string,
  { from, to }: Window,
): Promise<readonly FoundTracedService[]> {
  const xray = await clients.xray(region);
  const { items } = await followPages<Service>({ pages: mostGraphPages }, async (NextToken) => {
    const answer = await xray.getServiceGraph({ StartTime: new Date(from), EndTime: new Date(to), NextToken });
    return { items: answer.Services ?? [], next: answer.NextToken };
  });
  return items.flatMap(({ Name, Type }) =>
    Name === undefined ? [] : [{ service: Name, ...(Type === undefined ? {} : { type: Type }) }],
  );
}

/** A metric of one name is seldom in many namespaces; the first page holds five hundred. */
export async function namespacesOf({ clients }: FactTools, region: string, metric: string): Promise<readonly string[]> {
  const cloudWatch = await clients.cloudWatch(region);
  const { Metrics } = await cloudWatch.listMetrics({ MetricName: metric });
  const names = (Metrics ?? []).flatMap(({ Namespace }) => Namespace ?? []);
  return [...new Set(names)].filter((name) => !name.startsWith('AWS/'));
}
