/** What a cause of failing requests is to the diagnosis: whom it accuses, and how it weighs what was seen. */
import { evidence, missingEvidence, quantity, type Balance } from '../evidence.ts';
import type { KnownCause } from '../known-causes.ts';
import type { ComponentKind } from '../self-time.ts';
import type { Blamed, Messages } from './messages.ts';
import { minutesBefore, originShare, risenMessages, topOrigin, type Signals } from './signals.ts';

export type ErrorCause = KnownCause<Signals>;

const kindWords: Readonly<Record<ComponentKind, string>> = {
  service: 'the service itself',
  database: 'the database',
  cache: 'the cache',
  storage: 'S3',
  aws: 'another AWS service',
  dependency: 'a service that it calls',
};

/**
 * Weighs where faults begin: in traces of failed requests, the strongest single sign of whose they are, and in the counts of all
 * traced calls. What the balancer answers itself is in no trace, and traces of the rest say nothing of it.
 */
export function weighOrigins(signals: Signals, balance: Balance, kind: ComponentKind): void {
  const { picture, traceSource, origins } = signals;
  const share = originShare(signals, kind);
  if (share === undefined || origins === undefined || traceSource === undefined) {
    const failed = missingEvidence(picture.failedTraces, 'xray:GetTraceSummaries', picture.region);
    if (failed !== undefined) balance.miss(failed);
    else if (traceSource !== undefined) balance.miss(evidence(traceSource, 'no failed request was traced'));
  } else {
    const top = topOrigin(signals, kind);
    const count = Math.round(share * origins.failed);
    const words = top?.example === undefined ? '' : ` (${top.example})`;
    const where = kind === 'service' || top === undefined ? kindWords[kind] : top.component.name;
    const seen = evidence(
      traceSource,
      `${count} of ${origins.failed} failed requests that were traced fail first at ${where}${words}`,
    );
    if (share >= 0.5) balance.favour(3.5, seen);
    else if (share >= 0.25) balance.favour(1, seen);
    else balance.oppose(share < 0.1 ? 3 : 1.5, seen);
  }
  weighGraph(signals, balance, kind);
}

/** The counts of all traced calls: faults that begin at a component against faults that it passes on. */
function weighGraph({ picture, origins }: Signals, balance: Balance, kind: ComponentKind): void {
  const { callGraph, region } = picture;
  if (!callGraph.known) {
    const failed = missingEvidence(callGraph, 'xray:GetServiceGraph', region);
    if (failed !== undefined) balance.miss(failed);
    return;
  }
  const located = callGraph.value;
  if (located.status !== 'found') {
    if (located.status === 'could-not-tell') balance.miss(evidence(located.source, located.summary));
    return;
  }
  const [first] = located.suspects;
  const isIt = first.component.kind === kind;
  const words = first.for[0] ?? '';
  const seen = evidence(located.source, `by all traced calls, faults begin at ${first.component.name}. ${words}`);
  // Without a failed request to look into, the counts are all there is.
  const weight = origins === undefined ? 2.5 : 1;
  if (isIt) balance.favour(weight, seen);
  else balance.oppose(weight, seen);
}

/** Error messages that the incident brought. Fewer lines than `fewest` may be chance. */
export function weighMessages(
  signals: Signals,
  balance: Balance,
  weight: number,
  ...blamed: readonly Blamed[]
): boolean {
  const { picture, logSource, messages } = signals;
  const risen = risenMessages(signals, ...blamed);
  if (logSource === undefined || messages === undefined) {
    const failed = missingEvidence(picture.errorLines, 'logs:FilterLogEvents', picture.region);
    if (failed !== undefined) balance.miss(failed);
    return false;
  }
  if (risen === undefined || risen.during < fewestLines) return false;
  const seen = evidence(logSource, `${linesText(messages, risen.during)}: ${risen.example}`);
  // What few of the lines say explains few of the failures.
  balance.favour(risen.share >= 0.3 ? weight : weight / 3, seen);
  return true;
}

/** `1,498 or more new log lines` */
export function linesText({ truncated, isComparable }: Messages, count: number): string {
  return `${quantity(count, 'count')}${truncated ? ' or more' : ''} ${isComparable ? 'new ' : ''}log lines`;
}

const fewestLines = 3;

/** What the balancer answered in a target's place never reached the service, nor what it calls. */
export function opposeBalancer({ symptom, picture }: Signals, balance: Balance, weight: number): void {
  const share = symptom.balancerShare ?? 0;
  if (share < 0.5 || !picture.traffic.known) return;
  const { source } = picture.traffic.value.balancerServerErrors;
  balance.oppose(weight, evidence(source, `the balancer answered ${quantity(share, 'ratio')} of the failures itself`));
}

/** A rollout right before the onset is a nearer explanation of what the service itself does. */
export function opposeDeployment(signals: Signals, balance: Balance, weight: number): void {
  const { suspectDeployment: deployment, picture } = signals;
  if (deployment === undefined) return;
  const source = { operation: 'ecs:ListServiceDeployments', region: picture.region };
  balance.oppose(weight, evidence(source, `a deployment began ${beforeText(signals, deployment.startedAt)}`));
}

/** `6 min before the onset` */
export function beforeText(signals: Signals, at: number): string {
  const minutes = minutesBefore(signals, at);
  if (minutes === undefined) return 'around the onset';
  if (minutes === 0) return 'at the onset';
  return minutes > 0 ? `${minutes} min before the onset` : `${-minutes} min after the onset`;
}

/** The last part of an ARN. */
export function tail(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}
