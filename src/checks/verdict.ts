/** The verdict over some checks. */
import type { CheckResult } from './judged.ts';

export type ReportVerdict = 'ok' | 'attention' | 'unknown';

/** `failOn`: from what on something needs attention. What is not configured never counts. */
export function verdictOf(
  results: readonly Pick<CheckResult, 'status'>[],
  failOn: 'warning' | 'breach',
): ReportVerdict {
  const has = (status: CheckResult['status']): boolean => results.some((each) => each.status === status);
  if (has('breach') || (failOn === 'warning' && has('warning'))) return 'attention';
  return has('unknown') ? 'unknown' : 'ok';
}
