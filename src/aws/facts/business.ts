/** The product's own metrics, as its services publish them. */
import type { BusinessMetrics } from '../../cloud/facts.ts';
import { businessMetricsOf } from '../../cloud/metrics.ts';
import type { Window } from '../../cloud/series.ts';
import type { BusinessRef } from '../../cloud/stack.ts';
import { readMetrics, type FactTools } from './tools.ts';

export function businessMetrics(tools: FactTools, business: BusinessRef, window: Window): Promise<BusinessMetrics> {
  return readMetrics(tools, business.region, businessMetricsOf(business), window);
}
