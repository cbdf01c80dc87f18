/** The 99th percentile of the time that targets take to answer, as the load balancer sees it. */
import type { Check } from './check.ts';

export const apiLatencyP99: Check = {
  id: 'api-latency-p99',
  title: 'API latency p99',
  area: 'api',
  severity: 'critical',
  judge: (value, { target, alert }) => {
    if (value === undefined || Number.isNaN(value)) return 'unknown';
    if (value > alert) return 'breach';
    return value >= target ? 'warning' : 'ok';
  },
};
