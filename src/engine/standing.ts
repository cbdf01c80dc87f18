/** How a journal's changes stand in the world: less than the journal tells of them. */
import type { ChangeRecord } from './history.ts';

/** What there is of a change, as far as anybody saw it. */
export type Standing = 'applied' | 'failed' | 'reverted' | 'unknown';

const standings = {
  // Begun, and nothing more is known.
  intended: 'unknown',
  unknown: 'unknown',
  applied: 'applied',
  failed: 'failed',
  // What is being put back is still there, until it is seen to be gone.
  reverting: 'applied',
  reverted: 'reverted',
  'taken-back': 'reverted',
} as const satisfies Record<ChangeRecord['status'], Standing>;

/** A change as documents and screens tell it: what it is, where, and how it stands. */
export function standingOf({ stepId, change, status }: ChangeRecord) {
  const { operation, region, resource, summary, before, after } = change;
  const told = { stepId, operation, region, resource, summary, before: { ...before }, after: { ...after } };
  return { ...told, status: standings[status] };
}
