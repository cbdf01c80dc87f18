/** Under which dimensions a metric is published, where nobody can know them beforehand. */
import { allPages, type FactTools } from './tools.ts';

export interface MetricPlace {
  readonly region: string;
  readonly namespace: string;
  readonly metric: string;
  /** Those that are known; there may be more. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Of what had points in the last two weeks (CloudWatch API Reference, ListMetrics). */
export async function publishedDimensions(
  { wiring, clients }: FactTools,
  { region, namespace, metric, dimensions }: MetricPlace,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const api = await clients.cloudWatch(region);
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const call = { service: 'cloudwatch', operation: 'ListMetrics', region };
  const listed = await allPages(wiring, call, async (NextToken) => {
    const answer = await api.listMetrics({ Namespace: namespace, MetricName: metric, Dimensions, NextToken });
    return { items: answer.Metrics ?? [], next: answer.NextToken };
  });
  return listed.map(({ Dimensions: found = [] }) =>
    Object.fromEntries(
      found.flatMap(({ Name, Value }) => (Name === undefined || Value === undefined ? [] : [[Name, Value] as const])),
    ),
  );
}
