/** The product's own metrics, as its services publish them. */
import type { BusinessMetrics } from '../../cloud/facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { BusinessRef } from '../../cloud/stack.ts';
import type { FactTools } from './tools.ts';

export async function businessMetrics(
  { metrics }: FactTools,
  { region, namespace }: BusinessRef,
  window: Window,
): Promise<BusinessMetrics> {
  const read = (metric: string, statistic: string): Promise<Series> =>
    metrics.read({ region, namespace, metric, dimensions: {}, statistic, unit: 'count', window });
  const [dailyActiveUsers, newNanos, chatResponse, moderationAge, moderationLength] = await Promise.all([
    read('DailyActiveUsers', 'Maximum'),
    read('NewNanos', 'Sum'),
    read('ChatResponseHours', 'Average'),
    read('ModerationQueueAgeHours', 'Maximum'),
    read('ModerationQueueLength', 'Maximum'),
  ]);
  return { dailyActiveUsers, newNanos, chatResponse, moderationAge, moderationLength };
}
