/** Health checks in Route 53's shapes, and what its checkers say that they saw last. */
import type {
  HealthCheck as HealthCheckShape,
  HealthCheckConfig,
  HealthCheckObservation,
  HealthCheckRegion,
  HealthCheckType,
} from '@aws-sdk/client-route-53';
import { bucketHostOf } from '../world/hosts.ts';
import { observedAt } from '../world/resolution.ts';
import type { HealthCheck } from '../world/traffic-state.ts';
import type { World } from '../world/world.ts';

const CHECKERS: readonly HealthCheckRegion[] = ['us-east-1', 'eu-west-1', 'ap-southeast-1'];

export function healthCheckOf(world: World, check: HealthCheck): HealthCheckShape {
  return {
    Id: check.id,
    CallerReference: `${world.inventory.names.service}-${check.watches.kind === 'name' ? 'health' : check.id}`,
    HealthCheckConfig: configOf(world, check),
    HealthCheckVersion: 1,
  };
}

function configOf(
  world: World,
  { type, disabled, inverted, intervalSeconds, watches }: HealthCheck,
): HealthCheckConfig {
  // Types are Route 53's own words, whichever a captured check had.
  const own = { Type: type as HealthCheckType, Inverted: inverted, Disabled: disabled };
  if (watches.kind === 'control') return { ...own, RoutingControlArn: watches.arn };
  return {
    Type: own.Type,
    ...watchedHost(world, watches),
    RequestInterval: intervalSeconds,
    FailureThreshold: 3,
    MeasureLatency: false,
    Inverted: inverted,
    Disabled: disabled,
    EnableSNI: true,
  };
}

function watchedHost(world: World, watches: Exclude<HealthCheck['watches'], { kind: 'control' }>) {
  const { inventory } = world;
  const port = { Port: 443 };
  switch (watches.kind) {
    case 'name':
      return { FullyQualifiedDomainName: inventory.names.record, ...port, ResourcePath: '/healthz' };
    case 'balancer':
      return {
        FullyQualifiedDomainName: inventory[watches.side].balancerDnsName,
        ...port,
        ResourcePath: '/healthz',
      };
    case 'object': {
      const { bucket = '', key = '' } = inventory.traffic.switchObject ?? {};
      return {
        FullyQualifiedDomainName: bucketHostOf(bucket, inventory.recovery.region),
        ...port,
        ResourcePath: `/${key}`,
      };
    }
  }
}

/** Checkers tell what they saw, before it is inverted. Of a routing control, or of a check that is off, there is nothing to see. */
export function observationsOf(world: World, check: HealthCheck): HealthCheckObservation[] {
  if (check.watches.kind === 'control' || check.disabled) return [];
  const now = world.now();
  const well = observedAt(world.inventory, check, now);
  const failure =
    check.watches.kind === 'object' ? 'Failure: HTTP Status Code 403, Forbidden' : 'Failure: Connection timed out.';
  return CHECKERS.map((Region, index) => ({
    Region,
    IPAddress: `15.177.${index}.12`,
    StatusReport: {
      Status: well ? 'Success: HTTP Status Code 200, OK' : failure,
      CheckedTime: new Date(now - 5_000 - index * 7_000),
    },
  }));
}
