/**
 * Where requests arrive: clients follow what is answered as their caches run out, some stay on connections that are open,
 * and what is sent to a region that nobody reaches is lost. Functions of the world and the time alone.
 */
import { noise } from '../random.ts';
import type { WorldInventory } from './inventory.ts';
import { regionOutageAt, type Side } from './region-outage.ts';
import { answerSpans, type AnswerSpan, type Target } from './resolution.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const PIECE_MS = 5 * SECOND_MS;
/** Of those whose cache has run out: who goes on over a connection that is open, and for how long on average. */
const KEPT_SHARE = 0.03;
const KEPT_MS = 75 * SECOND_MS;

/** What a minute brings to a region. */
export interface Arrivals {
  /** Of the world's requests, those that reach its load balancer. */
  readonly share: number;
  /** Of these, the share that gets no answer for what is wrong with the region. */
  readonly failing: number;
}

/** By side: the share of the world's clients that send their requests there at `at`, whether anybody is there or not. */
export function clientsAt(
  world: WorldInventory,
  at: number,
  spans: readonly AnswerSpan[] = answerSpans(world),
): Readonly<Record<Side, number>> {
  const shares = { primary: 0, recovery: 0 };
  const add = (targets: readonly Target[], weight: number): void => {
    for (const { side, share } of targets) if (side !== undefined) shares[side] += share * weight;
  };
  const begun = spans.filter((span) => span.from <= at);
  const holders: number[] = [];
  for (const [index, span] of begun.entries()) {
    const next = begun[index + 1];
    const until = next?.from ?? at;
    let free = 1;
    for (const [earlier, { targets }] of begun.slice(0, index).entries()) {
      free -= holding(begun, holders, earlier, until).cached;
      if (next === undefined) {
        const { cached, released } = holding(begun, holders, earlier, at);
        add(targets, cached);
        for (const target of targets) {
          if (target.side === undefined || isDown(world, target.side, at)) continue;
          const kept = released * target.share;
          shares[target.side] += kept;
          free -= kept;
        }
      }
    }
    holders.push(free);
    if (next === undefined) add(span.targets, free);
  }
  return shares;
}

/** Of all clients: who still goes by an answer that is not given any more, from a cache and over an open connection. */
function holding(
  spans: readonly AnswerSpan[],
  holders: readonly number[],
  index: number,
  at: number,
): { readonly cached: number; readonly released: number } {
  const ttlMs = spans[index]?.ttlMs ?? 0;
  const elapsedMs = at - (spans[index + 1]?.from ?? at);
  const had = holders[index] ?? 0;
  const left = ttlMs === 0 ? 0 : Math.max(0, 1 - elapsedMs / ttlMs);
  return { cached: had * left, released: had * (1 - left) * KEPT_SHARE * Math.exp(-elapsedMs / KEPT_MS) };
}

function isDown(world: WorldInventory, side: Side, at: number): boolean {
  return regionOutageAt(world, side, at)?.kind === 'down';
}

/** What a minute, counted from the epoch, brings to a region's load balancer. */
export function arrivalsIn(
  world: WorldInventory,
  side: Side,
  minute: number,
  spans: readonly AnswerSpan[] = answerSpans(world),
): Arrivals {
  const start = minute * MINUTE_MS;
  const end = start + MINUTE_MS;
  const troubled = world.faults.some(
    ({ effect, from, to = Infinity }) =>
      (effect === 'region-down' || effect === 'region-impaired' || effect === 'writer-cut-off') &&
      from < end &&
      to > start,
  );
  if (!troubled && spans.length === 1) return { share: clientsAt(world, start, spans)[side], failing: 0 };
  let reaching = 0;
  let failing = 0;
  const pieces = MINUTE_MS / PIECE_MS;
  for (let piece = 0; piece < pieces; piece += 1) {
    const at = start + (piece + 0.5) * PIECE_MS;
    const outage = regionOutageAt(world, side, at);
    if (outage?.kind === 'down') continue;
    const share = clientsAt(world, at, spans)[side] / pieces;
    reaching += share;
    failing += share * (outage?.share ?? 0);
  }
  return { share: reaching, failing: reaching === 0 ? 0 : failing / reaching };
}

/** What a resolver that caches answers for as long as they may be cached answers at `at`; undefined where there is nothing. */
export function resolvedAt(world: WorldInventory, at: number): Target | undefined {
  const spans = answerSpans(world);
  const first = spans[0];
  if (first === undefined) return undefined;
  // It asks anew whenever its answer runs out. Until the first change that is at every multiple of the TTL.
  const phaseMs = noise(world.seed, 'resolver') * first.ttlMs;
  const turn = Math.min(spans[1]?.from ?? at, at);
  let askedAt = first.ttlMs === 0 ? at : turn - ((((turn - phaseMs) % first.ttlMs) + first.ttlMs) % first.ttlMs);
  let span = spanAt(spans, askedAt);
  while (askedAt < at) {
    const again = askedAt + Math.max(SECOND_MS, span.ttlMs);
    if (again > at) break;
    askedAt = again;
    span = spanAt(spans, askedAt);
  }
  return drawnTarget(span.targets, noise(world.seed, 'resolver', Math.round(askedAt)));
}

function spanAt(spans: readonly AnswerSpan[], at: number): AnswerSpan {
  const found = spans.findLast((span) => span.from <= at) ?? spans[0];
  if (found === undefined) throw new RangeError('a name without an answer at any time');
  return found;
}

function drawnTarget(targets: readonly Target[], luck: number): Target | undefined {
  let sum = 0;
  return targets.find(({ share }) => (sum += share) > luck) ?? targets.at(-1);
}
