/**
 * When a budget ends, if it goes on burning as it does now. The window slides: as new failures come in, those of a month ago
 * leave, and both are followed hour by hour, so that a burn of less than 1 never ends a budget, and a budget that is spent
 * comes back when the outage that spent it leaves the window.
 *
 * "Now" is the shortest of the burn windows that holds enough bad events to be a rate: of an hour where it does, since what
 * began an hour ago is not seen in three days' mean; of longer where failures are rare. Pure.
 */
import { burnOver, burnPairs, type WindowBurn } from './burn.ts';
import { sumOver, type Tallies } from './tally.ts';

const hourMs = 3_600_000;

export interface Forecast {
  /** The window whose burn is taken for the present one. */
  readonly basis: { readonly id: string; readonly burn: WindowBurn };
  readonly isSpent: boolean;
  /** When the budget ends; undefined where it is spent already, or does not end within a window's length. */
  readonly endsAt?: number;
  /** When a budget that is spent is there again; undefined where it is not within a window's length. */
  readonly returnsAt?: number;
}

export interface ForecastInput {
  /** The objective's window, in periods of an hour or less. */
  readonly month: Tallies;
  /** The same at the finest resolution, for the last days. */
  readonly recent: Tallies;
  readonly allowed: number;
  readonly until: number;
  readonly windowMs: number;
  readonly fewest: number;
}

/** Undefined where nothing tells how it burns now. */
export function forecastOf(input: ForecastInput): Forecast | undefined {
  const { month, recent, allowed, until, windowMs, fewest } = input;
  const burns = burnPairs.map(({ id, longMs }) => ({ id, burn: burnOver(recent, allowed, until, longMs) }));
  const basis = burns.find(({ burn }) => burn.bad >= fewest) ?? burns.findLast(({ burn }) => burn.rate !== undefined);
  if (basis === undefined) return undefined;
  const { window, all, bad } = basis.burn;
  // Where periods are counted, those of the month are longer and so fewer.
  const scale = month.perPeriod === undefined ? 1 : recent.periodMs / month.periodMs;
  const perHour = (all * scale) / ((window.to - window.from) / hourMs);
  const arriving = { all: perHour, bad: all === 0 ? 0 : perHour * (bad / all) };
  /** How many bad events there are beyond what is allowed, so many hours from now. */
  const excess = excessAfter(month, { allowed, until, windowMs, arriving });
  const isSpent = excess(0) > 0;
  const crossing = firstCrossing(excess, Math.ceil(windowMs / hourMs), isSpent);
  const at = crossing === undefined ? undefined : until + crossing * hourMs;
  return {
    basis,
    isSpent,
    ...(at === undefined ? {} : isSpent ? { returnsAt: at } : { endsAt: at }),
  };
}

function excessAfter(
  month: Tallies,
  told: Pick<ForecastInput, 'allowed' | 'until' | 'windowMs'> & {
    readonly arriving: { readonly all: number; readonly bad: number };
  },
): (hours: number) => number {
  const { allowed, until, windowMs, arriving } = told;
  return (hours) => {
    const left = sumOver(month, { from: until - windowMs + hours * hourMs, to: until });
    const all = left.all + hours * arriving.all;
    const bad = left.bad + hours * arriving.bad;
    return bad - allowed * all;
  };
}

/** The hour, with its fraction, in which the excess changes sides. */
function firstCrossing(excess: (hours: number) => number, most: number, isSpent: boolean): number | undefined {
  let before = excess(0);
  for (let hour = 1; hour <= most; hour += 1) {
    const now = excess(hour);
    const hasCrossed = isSpent ? now <= 0 : now > 0;
    if (hasCrossed) return hour - 1 + (before === now ? 1 : before / (before - now));
    before = now;
  }
  return undefined;
}
