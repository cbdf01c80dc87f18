/** Judges one check by what its observations are told to have seen, with the thresholds that hold unless somebody sets others. */
import type { Check } from '../../src/checks/check.ts';
import type { Judged } from '../../src/checks/judged.ts';
import type { CheckTold } from '../../src/checks/check.ts';
import type { ApiOutcomes } from '../../src/cloud/facts.ts';
import type { Series } from '../../src/cloud/series.ts';
import type { Known } from '../../src/diagnosis/known.ts';
import { sandboxStack } from '../../src/sandbox/world/names.ts';
import { limitsOf } from '../../src/use-cases/check-report.ts';
import { endMs, minutesAgo, seriesOf } from '../diagnosis/series.ts';

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export const skipped = {
  known: false,
  because: 'skipped',
  reason: 'database is not in nanoops.yaml',
} as const satisfies Known<never>;

export const denied = {
  known: false,
  because: 'unknown',
  reason: 'cloudwatch:GetMetricData in us-west-2: not allowed',
  errorClass: 'permission',
  nextStep: 'allow cloudwatch:GetMetricData',
} as const satisfies Known<never>;

export function toldOf(more: Partial<CheckTold> = {}): CheckTold {
  const { primary, recovery } = sandboxStack;
  const base: CheckTold = {
    stack: sandboxStack,
    site: primary,
    ...(recovery === undefined ? {} : { standby: recovery }),
    until: endMs,
    nowMs: endMs + 150_000,
    limits: limitsOf(),
    rpoMs: 900_000,
    awsOptions: [],
    cost: { review: true, leastRise: 10 },
    tiers: [],
  };
  const { standby: _standby, ...rest } = base;
  // What is set to nothing is not there.
  const given = 'standby' in more && more.standby === undefined ? rest : base;
  return Object.assign(given, more);
}

/** `seen`: by the ids of the observations; one that is needed and not told is a defect of the test. */
export function judge(
  check: Check,
  seen: Readonly<Record<string, Known<unknown>>>,
  more: Partial<CheckTold> = {},
): Judged {
  const needed = new Set(check.observations.map(({ id }) => id));
  const stray = Object.keys(seen).filter((id) => !needed.has(id));
  if (stray.length > 0) throw new Error(`${check.id} does not look at ${stray.join(', ')}`);
  return check.judge((step) => {
    const found = seen[step.id];
    if (found === undefined) throw new Error(`the test does not say what ${step.id} saw`);
    return found;
  }, toldOf(more));
}

/** Half of the stack alone: nobody copies anything. */
export const alone: Partial<CheckTold> = { standby: undefined };

export const nothing = seriesOf([]);

/** Counts by the minute; what is left out was not reported. */
export function outcomes(
  counts: Partial<Record<keyof ApiOutcomes, readonly (number | undefined)[]>>,
): Known<ApiOutcomes> {
  const of = (name: keyof ApiOutcomes): Series => seriesOf(counts[name] ?? []);
  return known({
    requests: of('requests'),
    targetServerErrors: of('targetServerErrors'),
    balancerServerErrors: of('balancerServerErrors'),
    balancerUnavailable: of('balancerUnavailable'),
    targetClientErrors: of('targetClientErrors'),
    balancerClientErrors: of('balancerClientErrors'),
  });
}

/** One value a period, the last of them for the last whole one. */
export function everyPeriod(
  periodMs: number,
  values: readonly (number | undefined)[],
  unit: Series['unit'] = 'count',
): Series {
  const points = values.flatMap((value, index) =>
    value === undefined ? [] : [{ at: endMs - (values.length - index) * periodMs, value }],
  );
  return { ...seriesOf([], unit), periodMs, points };
}

export { endMs, minutesAgo };
