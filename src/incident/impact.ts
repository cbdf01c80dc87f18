/** What an incident meant, as far as it was measured. What was not is null, and never zero. */
import type { Evidence, KeptSeries } from './evidence.ts';
import type { StoreLoss } from './runs.ts';
import type { Standing } from './standing.ts';

export interface Impact {
  readonly summary: string | null;
  readonly users: number | null;
  readonly usersBasis: string | null;
  /** Of the daily active users. */
  readonly usersShare: number | null;
  readonly requests: number | null;
  readonly requestsFailed: number | null;
  readonly failedShare: number | null;
  readonly dataLost: string | null;
  readonly dataLoss: readonly (StoreLoss & { readonly runId: string })[];
}

export function impactOf({ incident, runs, beganAt, mitigatedAt, now }: Standing): Impact {
  const { impact, evidence } = incident;
  const from = Math.min(beganAt ?? incident.detectedAt, incident.detectedAt);
  const to = mitigatedAt ?? incident.resolvedAt ?? now;
  const requests = sumOf(evidence, 'requests', from, to);
  const requestsFailed = requests === null ? null : sumOf(evidence, 'server-errors', from, to);
  const failedShare =
    requests === null || requests === 0 || requestsFailed === null ? null : Math.min(1, requestsFailed / requests);
  return {
    summary: impact.summary ?? null,
    ...usersOf(impact.users, evidence?.dailyActiveUsers, failedShare),
    requests,
    requestsFailed,
    failedShare,
    dataLost: impact.dataLost ?? null,
    dataLoss: runs.flatMap(({ runId, recovery }) => (recovery?.stores ?? []).map((store) => ({ ...store, runId }))),
  };
}

/** Null where nothing was reported in that span. */
function sumOf(evidence: Evidence | undefined, id: KeptSeries['id'], from: number, to: number): number | null {
  const points =
    evidence?.series.find((each) => each.id === id)?.points.filter(({ at }) => at >= from && at < to) ?? [];
  return points.length === 0 ? null : points.reduce((sum, { value }) => sum + value, 0);
}

/** Users whose requests failed are estimated; how many were kept waiting only is known by nobody but who counts them. */
function usersOf(stated: number | undefined, active: number | undefined, failedShare: number | null) {
  const shareOf = (users: number): number | null =>
    active === undefined || active <= 0 ? null : Math.min(1, users / active);
  if (stated !== undefined) return { users: stated, usersBasis: 'stated', usersShare: shareOf(stated) };
  if (active === undefined || failedShare === null || failedShare === 0) {
    return { users: null, usersBasis: null, usersShare: null };
  }
  return {
    users: Math.round(active * failedShare),
    usersBasis: `estimated: the share of requests that failed, of ${Math.round(active)} daily active users`,
    usersShare: failedShare,
  };
}
