/** Reports of checks as `status` gives them, for tests of whatever shows them. */
import type { ReportCheck } from '../../src/report/report-text.ts';
import type { ReportDocument } from '../../src/report/schemas.ts';

export const reportedAt = Date.parse('2026-11-23T11:03:30.500Z');

function metric(check: Pick<ReportCheck, 'id' | 'title' | 'area'> & Partial<ReportCheck>): ReportCheck {
  return { severity: 'warning', status: 'ok', summary: `${check.title}, as it was found`, evidence: [], ...check };
}

function latencies(last: number): readonly number[] {
  return Array.from({ length: 60 }, (_, index) => (index < 52 ? 400 : last));
}

/** One metric of each kind: a breach, a warning, well, unknown, not configured, for information; wide characters, too. */
export const metrics: readonly ReportCheck[] = [
  metric({
    id: 'api-availability',
    title: 'Availability',
    area: 'api',
    severity: 'critical',
    status: 'warning',
    observed: { value: 99.84, unit: '%', window: '1h', recent: [100, 99.9, 99.2, 98.9] },
    target: '≥99.95 %',
    alert: '<99 %',
    nextStep: 'nanoops logs errors',
  }),
  metric({
    id: 'api-latency-p99',
    title: 'Latency p99',
    area: 'api',
    severity: 'critical',
    status: 'breach',
    observed: { value: 4140, unit: 'ms', window: '5m', recent: latencies(4140) },
    target: '<2 s',
    alert: '>3 s',
    summary: 'p99 4.14 s to 4.88 s over 5m, newest 4.18 s',
    nextStep: 'nanoops diagnose latency',
  }),
  metric({
    id: 'database-cpu',
    title: 'CPU',
    area: 'database',
    observed: { value: 41.2, unit: '%', window: '5m', recent: [40, 41, 41.2] },
    target: '<70 %',
    alert: '>80 %',
  }),
  metric({
    id: 'database-query-latency',
    title: 'Query latency p95',
    area: 'database',
    status: 'unknown',
    target: '<100 ms',
    alert: '>200 ms',
    summary: 'xray:BatchGetTraces in us-west-2: not allowed',
    nextStep: 'allow xray:BatchGetTraces',
  }),
  metric({ id: 'alb-latency', title: 'Latency of the balancer itself', area: 'api', status: 'not-configured' }),
  metric({
    id: 'ecs-cpu',
    title: '日本語の\u001b[31mタスク',
    area: 'compute',
    observed: { value: 47.2, unit: '%', window: '5m', recent: [47, 47.2] },
    target: '<70 %',
    alert: '>75 %',
  }),
  metric({
    id: 'daily-active-users',
    title: 'Daily active users',
    area: 'business',
    severity: 'info',
    observed: { value: 9505, unit: 'count', recent: [9400, 9450, 9505] },
    target: '>100',
    alert: '<50',
  }),
];

export function statusReport(
  checks: readonly ReportCheck[] = metrics,
  more: Partial<ReportDocument> = {},
): ReportDocument {
  return {
    schema: 'nanoops/report@1',
    command: 'status',
    environment: 'prod',
    generatedAt: new Date(reportedAt).toISOString(),
    until: '2026-11-23T11:01:00.000Z',
    verdict: 'attention',
    exitCode: 1,
    summary:
      '1 beyond the alert threshold: API latency p99; 1 off target: API availability; 1 unknown: database query latency p95',
    checks: [...checks],
    api: { calls: 20, mutations: 0, byOperation: {} },
    ...more,
  };
}

/** The report with one check changed, half a minute later. */
export function laterReport(id: string, change: Partial<ReportCheck>, afterMs = 30_000): ReportDocument {
  return statusReport(
    metrics.map((check) => (check.id === id ? { ...check, ...change } : check)),
    { generatedAt: new Date(reportedAt + afterMs).toISOString() },
  );
}
