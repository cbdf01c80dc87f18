/** Ranks the causes of latency. Deterministic; no cause is named that the evidence does not make likely. */
import { evidence, type Evidence } from '../evidence.ts';
import { likely, ranked, weighCauses, type RankedCause, type WeighedCause } from '../known-causes.ts';
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
import type { LatencyPicture } from './picture.ts';
import { signalsOf } from './signals.ts';

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

/**
 * The causes that the evidence makes likely, most likely first; none where latency is not high. What is over is let be, unless the
 * operator asks about that very time: then its cause is wanted still.
 */
export function diagnoseLatency(picture: LatencyPicture): readonly RankedCause[] {
  const { symptom } = picture;
  if (symptom.state === 'none' || symptom.state === 'unknown') return [];
  if (symptom.state === 'over' && !symptom.onsetGiven) return [transient(picture)];
  const known = likely(weighCauses(latencyCauses, signalsOf(picture)));
  const named = known.length > 0 ? known : located(picture);
  return named.length === 0 && symptom.state === 'over' ? [transient(picture)] : ranked(named);
}

/** Above this share of all that got worse, a component is named though no known cause fits. */
const leastExplained = 0.5;

/** Where no known cause fits, the component in which it began: what is wrong with it is for a person. */
function located({ callGraph }: LatencyPicture): readonly WeighedCause[] {
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
export function weighAll(picture: LatencyPicture): readonly WeighedCause[] {
  return weighCauses(latencyCauses, signalsOf(picture));
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
