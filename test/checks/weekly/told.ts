/** A check judged by itself: what was seen is said by the test, and whatever is not said was not to be looked at. */
import type { Check, CheckTold } from '../../../src/checks/check.ts';
import type { Judged } from '../../../src/checks/judged.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import { limitsOf } from '../../../src/use-cases/check-report.ts';

export const nowMs = Date.UTC(2026, 10, 23, 11, 3);
export const dayMs = 86_400_000;

export const told: CheckTold = {
  stack: {
    service: 'nano-api',
    environment: 'prod',
    primary: { region: 'us-west-2' },
    recovery: { region: 'eu-west-1' },
  },
  site: { region: 'us-west-2', database: { region: 'us-west-2', cluster: 'nano-db' } },
  standby: { region: 'eu-west-1' },
  until: nowMs - 2 * 60_000,
  nowMs,
  limits: limitsOf(),
  rpoMs: 900_000,
  cost: { review: true, leastRise: 10 },
  tiers: [],
  awsOptions: ['--profile', 'ops'],
};

export const is = <T>(value: T): Known<T> => ({ known: true, value });
export const skipped: Known<never> = { known: false, because: 'skipped', reason: 'there is none' };
export const denied = (action: string): Known<never> => ({
  known: false,
  because: 'unknown',
  reason: `the caller may not ${action}`,
  errorClass: 'denied',
  nextStep: `allow ${action}`,
});

export function judged(
  check: Check,
  seen: Readonly<Record<string, Known<unknown>>>,
  settings: Partial<CheckTold> = {},
): Judged {
  const ids = check.observations.map(({ id }) => id);
  const unasked = Object.keys(seen).filter((id) => !ids.includes(id));
  if (unasked.length > 0) throw new TypeError(`${check.id} does not look at ${unasked.join(', ')}`);
  return check.judge((step) => seen[step.id] ?? skipped, { ...told, ...settings });
}

/** All that is shown as evidence, a line each. */
export function lines({ evidence }: Judged): readonly string[] {
  return evidence.map(({ source, region, detail }) => `${source} ${region} ${detail}`);
}
