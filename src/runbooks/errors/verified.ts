/** Did it help? Failed requests, counted anew after a change. */
import { pointsIn } from '../../diagnosis/shift.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { sum } from '../../diagnosis/statistics.ts';
import type { ObserveContext, Polled } from '../../engine/step.ts';
import { part } from '../configured.ts';
import type { RunbookPorts, RunbookSettings } from '../kit.ts';

const minuteMs = 60_000;
/** What is settled after a change: the minute in which it happened does not count, nor does the one after. */
const settlingMs = 2 * minuteMs;
/** So many minutes, together, must be well. */
const calmMinutes = 3;
/** What has not come down by then was not helped. */
export const helpsWithinMs = 12 * minuteMs;
/** CloudWatch holds a minute two minutes after its end. */
const lateMs = 2 * minuteMs;

export interface Verified {
  /** 5xx of all requests, between 0 and 1. */
  readonly share: number;
  /** True in a dry run, which cannot count what has not happened. */
  readonly assumed: boolean;
}

/** 5xx at the balancer since `changedAt`: reached when three whole minutes together are within the target. */
export async function pollErrors(
  changedAt: number,
  { ports, settings, clock }: ObserveContext<RunbookPorts, RunbookSettings>,
): Promise<Polled<Verified>> {
  const from = Math.ceil((changedAt + settlingMs) / minuteMs) * minuteMs;
  const to = Math.floor((clock.now() - lateMs) / minuteMs) * minuteMs;
  const { target } = settings.objectives.apiServerErrors;
  if (to - from < calmMinutes * minuteMs) {
    const countedAt = new Date(from + calmMinutes * minuteMs + lateMs).toISOString().slice(11, 16);
    return {
      state: 'waiting',
      detail: `${calmMinutes} whole minutes after the change are counted by ${countedAt} UTC`,
    };
  }
  const window = { from: to - calmMinutes * minuteMs, to };
  const outcomes = await ports.facts.apiOutcomes(part(settings.site.api), window);
  const total = (series: typeof outcomes.requests): number => sum(pointsIn(series, window).map(({ value }) => value));
  const failed = total(outcomes.targetServerErrors) + total(outcomes.balancerServerErrors);
  const all = Math.max(failed, total(outcomes.requests) + total(outcomes.balancerUnavailable));
  if (all === 0) return { state: 'waiting', detail: 'nobody asked in the last minutes: nothing to judge by' };
  const share = failed / all;
  const limit = quantity(target, 'ratio');
  const detail = `5xx ${quantity(share, 'ratio')} of ${quantity(all, 'count')} requests over the last ${calmMinutes} minutes, target ${limit}`;
  return share <= target
    ? { state: 'reached', output: { share, assumed: false }, detail }
    : { state: 'waiting', detail };
}
