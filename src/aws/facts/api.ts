/**
 * The API as its load balancer sees it: traffic, errors, latency, zones, hosts. Metric names and dimensions are those of
 * "CloudWatch metrics for your Application Load Balancer" (Elastic Load Balancing User Guide).
 */
import type { ApiLatency, ApiOutcomes, ApiTraffic, TargetHealth, ZoneTraffic } from '../../cloud/facts.ts';
import { apiLatencyMetrics, apiOutcomeMetrics } from '../../cloud/metrics.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { LoadBalancerRef } from '../../cloud/stack.ts';
import { metricSpan } from '../periods.ts';
import { findLoadBalancer, findTargetGroups } from './load-balancer.ts';
import { readMetrics, type FactTools } from './tools.ts';

const namespace = 'AWS/ApplicationELB';

const targetStates = ['initial', 'healthy', 'unhealthy', 'unused', 'draining', 'unavailable'] as const;

type Read = (metric: string, statistic: string, unit: Series['unit']) => Promise<Series>;

function reader({ metrics }: FactTools, region: string, window: Window, dimensions: Record<string, string>): Read {
  return (metric, statistic, unit) => metrics.read({ region, namespace, metric, dimensions, statistic, unit, window });
}

export async function apiTraffic(tools: FactTools, api: LoadBalancerRef, window: Window): Promise<ApiTraffic> {
  const balancer = { LoadBalancer: api.loadBalancer };
  const ofBalancer = reader(tools, api.region, window, balancer);
  const ofTargets =
    api.targetGroup === undefined
      ? ofBalancer
      : reader(tools, api.region, window, { ...balancer, TargetGroup: api.targetGroup });
  // Host counts are only published for a target group.
  const hosts: Read = (metric, statistic, unit) =>
    api.targetGroup === undefined
      ? Promise.resolve(noHosts(tools, api, window, `${metric} ${statistic}`, unit))
      : ofTargets(metric, statistic, unit);
  const [
    latencyP50,
    latencyP95,
    latencyP99,
    requests,
    targetServerErrors,
    balancerServerErrors,
    targetClientErrors,
    targetConnectionErrors,
    healthyHosts,
    unhealthyHosts,
  ] = await Promise.all([
    ofBalancer('TargetResponseTime', 'p50', 's'),
    ofBalancer('TargetResponseTime', 'p95', 's'),
    ofBalancer('TargetResponseTime', 'p99', 's'),
    ofBalancer('RequestCount', 'Sum', 'count'),
    ofTargets('HTTPCode_Target_5XX_Count', 'Sum', 'count'),
    ofBalancer('HTTPCode_ELB_5XX_Count', 'Sum', 'count'),
    ofTargets('HTTPCode_Target_4XX_Count', 'Sum', 'count'),
    ofTargets('TargetConnectionErrorCount', 'Sum', 'count'),
    hosts('HealthyHostCount', 'Minimum', 'count'),
    hosts('UnHealthyHostCount', 'Maximum', 'count'),
  ]);
  return {
    latencyP50,
    latencyP95,
    latencyP99,
    requests,
    targetServerErrors,
    balancerServerErrors,
    targetClientErrors,
    targetConnectionErrors,
    healthyHosts,
    unhealthyHosts,
  };
}

export function apiOutcomes(tools: FactTools, api: LoadBalancerRef, window: Window): Promise<ApiOutcomes> {
  return readMetrics(tools, api.region, apiOutcomeMetrics(api), window);
}

export function apiLatency(tools: FactTools, api: LoadBalancerRef, window: Window): Promise<ApiLatency> {
  return readMetrics(tools, api.region, apiLatencyMetrics(api), window);
}

function noHosts(
  { wiring }: FactTools,
  api: LoadBalancerRef,
  window: Window,
  label: string,
  unit: Series['unit'],
): Series {
  const { periodMs } = metricSpan(window, wiring.clock.now());
  const detail = `${namespace} ${label} ${api.loadBalancer}: published by target group, and api.targetGroup is not set`;
  return {
    label,
    unit,
    periodMs,
    points: [],
    source: { operation: 'cloudwatch:GetMetricData', region: api.region, detail },
  };
}

export async function zoneTraffic(
  tools: FactTools,
  api: LoadBalancerRef,
  window: Window,
): Promise<readonly ZoneTraffic[]> {
  const { AvailabilityZones } = await tools.metrics.after(api.region, () => findLoadBalancer(tools, api));
  const zones = (AvailabilityZones ?? []).flatMap(({ ZoneName }) => (ZoneName === undefined ? [] : [ZoneName]));
  return Promise.all(
    zones.toSorted().map(async (zone) => {
      const read = reader(tools, api.region, window, { LoadBalancer: api.loadBalancer, AvailabilityZone: zone });
      const [latencyP99, requests, targetConnectionErrors] = await Promise.all([
        read('TargetResponseTime', 'p99', 's'),
        read('RequestCount', 'Sum', 'count'),
        read('TargetConnectionErrorCount', 'Sum', 'count'),
      ]);
      return { zone, latencyP99, requests, targetConnectionErrors };
    }),
  );
}

export async function targetHealth(tools: FactTools, api: LoadBalancerRef): Promise<readonly TargetHealth[]> {
  const elb = await tools.clients.elasticLoadBalancing(api.region);
  const groups = await findTargetGroups(tools, api);
  const answers = await Promise.all(groups.map(({ TargetGroupArn }) => elb.describeTargetHealth({ TargetGroupArn })));
  return answers
    .flatMap(({ TargetHealthDescriptions }) => TargetHealthDescriptions ?? [])
    .map(({ Target, TargetHealth: health }) => ({
      id: Target?.Port === undefined ? (Target?.Id ?? 'unknown') : `${Target.Id}:${Target.Port}`,
      zone: Target?.AvailabilityZone,
      state: targetStates.find((state) => state === health?.State) ?? 'unknown',
      reason: health?.Description ?? health?.Reason,
    }));
}
