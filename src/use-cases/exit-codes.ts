/** The exit code of each verdict. The same in every output format. */
import type { Verdict } from '../engine/events.ts';

export const exitCodes = {
  ok: 0,
  attention: 1,
  unknown: 3,
  'awaiting-approval': 4,
  failed: 5,
  locked: 6,
  interrupted: 130,
} as const satisfies Record<Verdict, number>;
