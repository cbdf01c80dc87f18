/** The balancer has no target that answers: none is registered, all are unhealthy, or their connections fail. */
import { evidence, quantity, type Balance } from '../../evidence.ts';
import { pointsIn } from '../../shift.ts';
import { weighZone } from './network-az.ts';
import type { ErrorCause } from '../cause.ts';
import { beforeText } from '../cause.ts';
import type { Signals } from '../signals.ts';

export const targetsUnreachable: ErrorCause = {
  id: 'targets-unreachable',
  component: ({ picture }) => picture.names.service,
  weigh: (signals, balance) => {
    const { symptom, picture, connectionErrors, crashed } = signals;
    const share = symptom.balancerShare ?? 0;
    if (picture.traffic.known) {
      const { source } = picture.traffic.value.balancerServerErrors;
      const seen = evidence(source, `the balancer answered ${quantity(share, 'ratio')} of the failures itself`);
      if (share >= 0.5) balance.favour(3.5, seen);
      else balance.oppose(4, seen);
    }
    weighHosts(signals, balance);
    if (connectionErrors !== undefined && connectionErrors.score >= 4 && connectionErrors.during > 1) {
      const { before, during, series } = connectionErrors;
      const text = `connection errors to targets a minute ${quantity(before, 'count')} → ${quantity(during, 'count')}`;
      balance.favour(1, evidence(series.source, text));
    }
    if (crashed.length > 0) {
      const source = { operation: 'ecs:DescribeTasks', region: picture.region };
      balance.favour(0.5, evidence(source, `${crashed.length} tasks ended by themselves in the incident`));
    }
    const change = networkChange(signals);
    if (change !== undefined && picture.changes.known) {
      const what = `${change.call}${change.about === undefined ? '' : ` ${change.about}`} by ${change.who}`;
      balance.favour(1, evidence(picture.changes.value.source, `${what}, ${beforeText(signals, change.at)}`));
    }
    weighZone(signals, balance, 'against');
  },
  summary: (signals, component) => {
    const { connectionErrors, crashed } = signals;
    const change = networkChange(signals);
    const why =
      change !== undefined
        ? `, since ${change.call} by ${change.who}`
        : crashed.length > 0
          ? ', and its tasks end by themselves'
          : '';
    const how = connectionErrors !== undefined && connectionErrors.during > 1 ? 'cannot reach' : 'has no healthy';
    return `the balancer ${how} target${how === 'cannot reach' ? 's' : ''} of ${component}${why}`;
  },
};

/** How many targets were healthy at the worst of the incident. */
function weighHosts({ picture, symptom }: Signals, balance: Balance): void {
  if (!picture.traffic.known) return;
  const { healthyHosts, unhealthyHosts } = picture.traffic.value;
  const fewest = Math.min(...pointsIn(healthyHosts, symptom.during).map(({ value }) => value));
  const most = Math.max(...pointsIn(unhealthyHosts, symptom.during).map(({ value }) => value));
  if (!Number.isFinite(fewest)) return;
  const seen = evidence(
    healthyHosts.source,
    `at worst ${fewest} targets were healthy, and ${Math.max(0, most)} were not`,
  );
  if (fewest === 0) balance.favour(2, seen);
  else if (most > 0) balance.favour(0.5, seen);
  else balance.oppose(1, seen);
}

/** A change to who may reach whom, near the onset. */
function networkChange({ picture, symptom }: Signals) {
  if (!picture.changes.known) return undefined;
  const onset = symptom.firstBadAt ?? symptom.onset;
  if (onset === undefined) return undefined;
  return picture.changes.value.changes.find(
    ({ call, at }) =>
      /^ec2:.*(?:SecurityGroup|NetworkAcl|Route)|^elasticloadbalancing:/.test(call) && at <= onset + 120_000,
  );
}
