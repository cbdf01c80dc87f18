/** Ranks the causes of latency. Deterministic; no cause is named that the evidence does not make likely. */
import { Balance, evidence, type Evidence } from '../evidence.ts';
import type { LatencyCause } from './cause.ts';
import { badDeploy } from './causes/bad-deploy.ts';
import { cacheCold } from './causes/cache-cold.ts';
import { connectionPoolExhausted } from './causes/connection-pool-exhausted.ts';
import { cpuSaturated } from './causes/cpu-saturated.ts';
import { downstreamDependency } from './causes/downstream-dependency.ts';
import { memoryPressure } from './causes/memory-pressure.ts';
import { networkAz } from './causes/network-az.ts';
import { s3Slow } from './causes/s3-slow.ts';
import { slowQuery } from './causes/slow-query.ts';
import { trafficSurge } from './causes/traffic-surge.ts';
import { byCodeUnit } from '../statistics.ts';
import type { LatencyPicture } from './picture.ts';
import { signalsOf, type Signals } from './signals.ts';

export const latencyCauses: readonly LatencyCause[] = [
  badDeploy,
  cacheCold,
  connectionPoolExhausted,
  cpuSaturated,
  downstreamDependency,
  memoryPressure,
  networkAz,
  s3Slow,
  slowQuery,
  trafficSurge,
];

export interface RankedCause {
  /** From 1. */
  readonly rank: number;
  readonly component: string;
  readonly cause: string;
  /** Between 0 and 1. */
  readonly confidence: number;
  readonly summary: string;
  readonly for: readonly Evidence[];
  readonly against: readonly Evidence[];
  readonly missing: readonly Evidence[];
}

/** Less likely than this is not named. */
const leastConfidence = 0.5;

/**
 * The causes that the evidence makes likely, most likely first; none where latency is not high. What is over is let be, unless the
 * operator asks about that very time: then its cause is wanted still.
 */
export function diagnoseLatency(picture: LatencyPicture): readonly RankedCause[] {
  const { symptom } = picture;
  if (symptom.state === 'none' || symptom.state === 'unknown') return [];
  if (symptom.state === 'over' && !symptom.onsetGiven) return [transient(picture)];
  const signals = signalsOf(picture);
  const likely = latencyCauses
    .flatMap((cause) => weighed(cause, signals))
    .filter((each) => each.confidence >= leastConfidence)
    .toSorted((a, b) => b.confidence - a.confidence || byCodeUnit(a.cause, b.cause));
  const named = likely.length > 0 ? likely : located(picture);
  if (named.length === 0 && symptom.state === 'over') return [transient(picture)];
  return named.map((each, index) => ({ rank: index + 1, ...each }));
}

/** Above this share of all that got worse, a component is named though no known cause fits. */
const leastExplained = 0.5;

/** Where no known cause fits, the component in which it began: what is wrong with it is for a person. */
function located({ callGraph }: LatencyPicture): readonly Omit<RankedCause, 'rank'>[] {
  if (!callGraph.known || callGraph.value.status !== 'found') return [];
  const { suspects, source } = callGraph.value;
  const [first] = suspects;
  if (first.score < leastExplained) return [];
  const told = (texts: readonly string[]): Evidence[] => texts.map((text) => evidence(source, text));
  return [
    {
      component: first.component.name,
      cause: 'slowness-begins-here',
      // Where it began is told; what is wrong there is not.
      confidence: Number(Math.min(0.8, first.score).toFixed(3)),
      summary: `it began to be slow at ${first.component.name}; none of the known causes fits what was seen of it`,
      for: told(first.for),
      against: told(first.against),
      missing: told(first.missing),
    },
  ];
}

/** Every cause with its confidence, likely or not, for tests and for those who want to see why not. */
export function weighAll(picture: LatencyPicture): readonly Omit<RankedCause, 'rank'>[] {
  const signals = signalsOf(picture);
  return latencyCauses.flatMap((cause) => weighed(cause, signals));
}

function weighed(cause: LatencyCause, signals: Signals): Omit<RankedCause, 'rank'>[] {
  const component = cause.component(signals);
  if (component === undefined) return [];
  const balance = new Balance(cause.prior);
  cause.weigh(signals, balance);
  return [
    {
      component,
      cause: cause.id,
      confidence: Number(balance.confidence.toFixed(3)),
      summary: cause.summary(signals, component),
      for: balance.for,
      against: balance.against,
      missing: balance.missing,
    },
  ];
}

/** Latency rose and came down again by itself. */
function transient({ symptom, names, traffic }: LatencyPicture): RankedCause {
  const source = traffic.known ? traffic.value.latencyP99.source : undefined;
  const seen: Evidence[] =
    source === undefined ? [] : [{ source: source.operation, region: source.region, detail: symptom.summary }];
  return {
    rank: 1,
    component: names.service,
    cause: 'transient',
    confidence: 0.95,
    summary: `latency at ${names.service} rose and settled by itself: ${symptom.summary}`,
    for: seen,
    against: [],
    missing: [],
  };
}
