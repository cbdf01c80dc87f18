/** Both regions: which half of the stack is looked at, and one judgement made of one for each. */
import type { RegionalStack } from '../../cloud/stack.ts';
import type { CheckStatus } from '../check.ts';
import { inTurn, listed, notConfigured, type Judged } from '../judged.ts';
import type { CheckSettings } from '../kit.ts';

export type Side = 'primary' | 'recovery';

type Halves = Pick<CheckSettings, 'stack' | 'site' | 'standby'>;

/** A half of the stack; undefined where there is none, or where the operator looks at the other one only. */
export function halfOf({ stack, site, standby }: Halves, side: Side): RegionalStack | undefined {
  const half = stack[side];
  return half !== undefined && [site.region, standby?.region].includes(half.region) ? half : undefined;
}

/** Why there is no half to look at; undefined where there is one. */
export function unlessLookedAt(halves: Halves, side: Side): string | undefined {
  if (halves.stack[side] === undefined) return `regions.${side} is not configured`;
  return halfOf(halves, side) === undefined ? `${halves.stack[side].region} is not looked at` : undefined;
}

/** The worst first. */
const order: readonly CheckStatus[] = ['breach', 'warning', 'unknown', 'ok', 'not-configured'];

export function worstOf<T extends { readonly status: CheckStatus }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
}

export interface Regional {
  readonly region: string;
  readonly judged: Judged;
}

/** One judgement of one for each region: as bad as the worst, and with what was found in each. */
export function together(regional: readonly Regional[]): Judged {
  const seen = regional.filter(({ judged }) => judged.status !== 'not-configured');
  // Of what is measured in each region (days that something is kept), less is worse.
  const least = ({ observed }: Judged): number => observed?.value ?? Infinity;
  const sorted = worstOf(
    seen.map(({ region, judged }) => ({ region, ...judged })).toSorted((a, b) => (least(a) < least(b) ? -1 : 0)),
  );
  const [worst] = sorted;
  if (worst === undefined) return notConfigured([...new Set(regional.map(({ judged }) => judged.summary))].join('; '));
  const { region: _region, ...rest } = worst;
  const told = sorted.filter((each, index) => !isLikeEarlier(each, sorted.slice(0, index)));
  const likewise = sorted.filter((each) => !told.includes(each)).map(({ region }) => region);
  const summaries = [...new Set(told.map(({ summary }) => summary))];
  const summary = summaries
    .map((text) => {
      const regions = told.flatMap((each) => (each.summary === text ? [each.region] : []));
      if (regions.every((region) => text.includes(region))) return text;
      return summaries.length === 1 ? `${text} in ${listed(regions)}` : `${listed(regions)}: ${text}`;
    })
    .join('; ');
  const more = likewise.length === 0 ? '' : `; likewise in ${listed(likewise)}`;
  const nextStep = inTurn(
    told.flatMap(({ status, nextStep: step }) => (status === worst.status && step !== undefined ? [step] : [])),
  );
  return {
    ...rest,
    ...(nextStep === undefined ? {} : { nextStep }),
    summary: `${summary}${more}`,
    evidence: seen.flatMap(({ judged }) => judged.evidence),
  };
}

/** What could not be seen for the same reason, and takes the same to be seen, is told once. */
function isLikeEarlier({ status, nextStep }: Judged, earlier: readonly Judged[]): boolean {
  return (
    status === 'unknown' &&
    nextStep !== undefined &&
    earlier.some((each) => each.status === 'unknown' && each.nextStep === nextStep)
  );
}
