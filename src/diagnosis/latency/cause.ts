/** What a cause of latency is to the diagnosis: whom it accuses, and how it weighs what was seen. */
import { evidence, missingEvidence, quantity, type Balance, type Evidence } from '../evidence.ts';
import type { KnownCause } from '../known-causes.ts';
import type { Excess, ComponentKind } from '../self-time.ts';
import type { Shift } from '../shift.ts';
import { oddZone, shareOf, type Signals } from './signals.ts';

export type LatencyCause = KnownCause<Signals>;

/** What all traced calls say is less than what the slow ones themselves say: they tell where, and of a sample. */
const graphWeight = 0.7;

/** Weighs where all traced calls say that it began to be slow. */
function weighGraph({ picture }: Signals, balance: Balance, kinds: readonly ComponentKind[]): void {
  const { callGraph, region } = picture;
  if (!callGraph.known) {
    const failed = missingEvidence(callGraph, 'xray:GetServiceGraph', region);
    if (failed !== undefined) balance.miss(failed);
    return;
  }
  const located = callGraph.value;
  if (located.status === 'could-not-tell') balance.miss(evidence(located.source, located.summary));
  if (located.status !== 'found') return;
  const [first] = located.suspects;
  const share = `${Math.round(first.score * 100)} %`;
  const seen = evidence(
    located.source,
    `by all traced calls, ${first.component.name} explains ${share}. ${first.for[0] ?? ''}`,
  );
  if (kinds.includes(first.component.kind)) balance.favour(graphWeight, seen);
  else balance.oppose(graphWeight, seen);
}

/** Weighs where slow requests spend their added time, the strongest single sign of which component is to blame. */
export function weighTraces(
  signals: Signals,
  balance: Balance,
  kinds: ComponentKind | readonly ComponentKind[],
  what: string,
): void {
  const accused = typeof kinds === 'string' ? [kinds] : kinds;
  weighSlowTraces(signals, balance, accused, what);
  weighGraph(signals, balance, accused);
}

function weighSlowTraces(signals: Signals, balance: Balance, accused: readonly ComponentKind[], what: string): void {
  const { picture, traceSource } = signals;
  const share = shareOf(signals, accused);
  if (share === undefined || traceSource === undefined) {
    const failed = missingEvidence(picture.slowTraces, 'xray:GetTraceSummaries', picture.region);
    if (failed !== undefined) balance.miss(failed);
    else if (traceSource !== undefined) balance.miss(evidence(traceSource, untold(signals)));
    return;
  }
  const seen = evidence(traceSource, `${Math.round(share * 100)} % of what slow requests take longer is ${what}`);
  if (share >= 0.5) balance.favour(2.5, seen);
  else if (share >= 0.25) balance.favour(1, seen);
  else balance.oppose(share < 0.1 ? 2 : 1, seen);
}

function untold({ excess }: Signals): string {
  return excess.length === 0 ? 'no slow request was traced' : 'the requests that were traced took no longer than usual';
}

/** The component of a kind that slow requests lose most time in. */
export function slowest(signals: Signals, kind: ComponentKind): Excess | undefined {
  return signals.excess.find((each) => each.component.kind === kind && each.excessMs > 0);
}

/** `ECS CPU 44 % → 97 %`. */
export function change(what: string, shift: Shift): Evidence {
  const { before, during, series } = shift;
  return evidence(series.source, `${what} ${quantity(before, series.unit)} → ${quantity(during, series.unit)}`);
}

/** More requests explain much of what looks like a fault. */
export function opposeSurge(signals: Signals, balance: Balance, weight: number): void {
  const { requests } = signals;
  if (requests !== undefined && requests.ratio >= 1.5 && requests.score >= 4) {
    balance.oppose(weight, change('requests a minute', requests));
  }
}

/** A single slow zone speaks against whatever all zones share. */
export function opposeZone(signals: Signals, balance: Balance, weight: number): void {
  const zone = oddZone(signals);
  if (zone !== undefined) {
    balance.oppose(weight, change(`only ${zone.odd.zone} is slow: p99`, zone.odd.latency));
  }
}

/** A rollout right before the onset is a nearer explanation of what the service itself does. */
export function opposeDeployment(signals: Signals, balance: Balance, weight: number): void {
  const { suspectDeployment: deployment, picture } = signals;
  if (deployment !== undefined) {
    const source = { operation: 'ecs:ListServiceDeployments', region: picture.region };
    balance.oppose(weight, evidence(source, `deployment ${deployment.id.split('/').at(-1)} began shortly before`));
  }
}
