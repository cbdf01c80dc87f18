/** AWS/ApplicationELB: the load balancer's metrics, as a whole, by target group and by zone. */
import type { Dynamics } from '../dynamics.ts';
import type { RegionInventory } from '../inventory.ts';
import { isUnserved, unhealthyTasks } from '../health.ts';
import { distribution, events, gauge, type Datum, type MetricSource, type MetricUnit } from './datum.ts';

const NAMESPACE = 'AWS/ApplicationELB';

export function balancerMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  const { loadBalancer, targetGroup } = region.names;
  const whole = { LoadBalancer: loadBalancer };
  const group = { LoadBalancer: loadBalancer, TargetGroup: targetGroup };
  const metric = (
    name: string,
    unit: MetricUnit,
    dimensions: Readonly<Record<string, string>>,
    at: (minute: number) => Datum | undefined,
  ): MetricSource => ({ namespace: NAMESPACE, name, dimensions, unit, at });
  /** Error counts are published only when they are not zero. */
  const nonZero = (count: number) => (count > 0 ? events(count) : undefined);
  const counts = (minute: number) => dynamics.counts(region, minute);
  /** Those that were sent to a target: the balancer counts no others. */
  const requests = (minute: number) => {
    const came = dynamics.demand(region, minute).requests;
    return came === 0 || (!dynamics.isQuiet(minute) && isUnserved(region, dynamics.state(region, minute))) ? 0 : came;
  };
  const reached = (minute: number) => Math.max(0, requests(minute) - counts(minute).balancerServerErrors);
  /** What it answered without a target, and what it answered for want of an answer. */
  const unrouted = (minute: number) => (requests(minute) === 0 ? counts(minute).balancerServerErrors : 0);
  /** Closed targets do not answer, others refuse as well. */
  const refused = (minute: number) =>
    dynamics.state(region, minute).effects.closedTargets > 0 ? 0 : Math.ceil(unanswered(minute) / 2);
  const unanswered = (minute: number) => counts(minute).balancerServerErrors - unrouted(minute);

  const times = (minute: number) =>
    distribution(dynamics.latencies(region, minute).all, Math.max(1, reached(minute)), 1 / 1000);
  const perTarget = [whole, group].flatMap((dimensions) => [
    metric('TargetResponseTime', 'Seconds', dimensions, (minute) => (requests(minute) > 0 ? times(minute) : undefined)),
    metric('RequestCount', 'Count', dimensions, (minute) => nonZero(requests(minute))),
    metric('HTTPCode_Target_2XX_Count', 'Count', dimensions, (minute) =>
      nonZero(reached(minute) - counts(minute).targetServerErrors - counts(minute).clientErrors),
    ),
    metric('HTTPCode_Target_4XX_Count', 'Count', dimensions, (minute) => nonZero(counts(minute).clientErrors)),
    metric('HTTPCode_Target_5XX_Count', 'Count', dimensions, (minute) => nonZero(counts(minute).targetServerErrors)),
    metric('TargetConnectionErrorCount', 'Count', dimensions, (minute) =>
      nonZero(counts(minute).targetConnectionErrors),
    ),
  ]);
  const balancerErrors = [
    metric('HTTPCode_ELB_5XX_Count', 'Count', whole, (minute) => nonZero(counts(minute).balancerServerErrors)),
    metric('HTTPCode_ELB_502_Count', 'Count', whole, (minute) => nonZero(refused(minute))),
    metric('HTTPCode_ELB_503_Count', 'Count', whole, (minute) => nonZero(unrouted(minute))),
    metric('HTTPCode_ELB_504_Count', 'Count', whole, (minute) => nonZero(unanswered(minute) - refused(minute))),
    metric('ActiveConnectionCount', 'Count', whole, (minute) =>
      nonZero(Math.round(dynamics.state(region, minute).arrivalsPerSecond * 9)),
    ),
    metric('RequestCountPerTarget', 'Count', { TargetGroup: targetGroup }, (minute) => {
      const state = dynamics.state(region, minute);
      return state.tasks.length === 0 ? undefined : nonZero(state.requests / state.tasks.length);
    }),
  ];
  const hosts = [
    metric('HealthyHostCount', 'Count', group, (minute) => {
      const state = dynamics.state(region, minute);
      return gauge(state.tasks.length - unhealthyTasks(dynamics.world, region, state).length);
    }),
    metric('UnHealthyHostCount', 'Count', group, (minute) =>
      gauge(unhealthyTasks(dynamics.world, region, dynamics.state(region, minute)).length),
    ),
  ];
  const zoned = region.zones.flatMap((zone, index) => {
    const share = (minute: number) => {
      const state = dynamics.state(region, minute);
      const own = state.tasks.filter((task) => task.zoneIndex === index).length;
      return state.tasks.length === 0 ? 0 : own / state.tasks.length;
    };
    // Which zone's targets cannot be reached, the fault says; elsewhere there are no connection errors.
    const unreached = (minute: number) => {
      const { zone: struck, closedTargets } = dynamics.state(region, minute).effects;
      const all = counts(minute).targetConnectionErrors;
      if (struck === undefined && closedTargets > 0) return Math.round(all * share(minute));
      return struck?.zone === index ? all : 0;
    };
    const zoneTimes = (minute: number) =>
      distribution(
        dynamics.latencies(region, minute).zone(index),
        Math.max(1, Math.round(requests(minute) * share(minute))),
        1 / 1000,
      );
    const inZone = { LoadBalancer: loadBalancer, AvailabilityZone: zone };
    const variants: readonly Readonly<Record<string, string>>[] = [inZone, { ...inZone, TargetGroup: targetGroup }];
    return variants.flatMap((dimensions) => [
      metric('TargetResponseTime', 'Seconds', dimensions, zoneTimes),
      metric('RequestCount', 'Count', dimensions, (minute) => nonZero(Math.round(requests(minute) * share(minute)))),
      metric('TargetConnectionErrorCount', 'Count', dimensions, (minute) => nonZero(unreached(minute))),
      metric('HTTPCode_Target_5XX_Count', 'Count', dimensions, (minute) =>
        nonZero(Math.round(counts(minute).targetServerErrors * share(minute))),
      ),
    ]);
  });
  return [...perTarget, ...balancerErrors, ...hosts, ...zoned];
}
